import { describe, expect, it } from "vitest";
import { LineReader } from "../../../../src/cli/control/line-reader.ts";
import { isMeshError } from "../../../../src/errors.ts";

function read(reader: LineReader, text: string): string[] {
  return [...reader.push(Buffer.from(text))];
}

describe("LineReader", () => {
  it("yields the lines of one chunk", () => {
    expect(read(new LineReader(), "one\ntwo\n")).toEqual(["one", "two"]);
  });

  it("keeps a partial line until it ends", () => {
    const reader = new LineReader();
    expect(read(reader, "o")).toEqual([]);
    expect(read(reader, "ne\ntw")).toEqual(["one"]);
    expect(read(reader, "o\n")).toEqual(["two"]);
  });

  it("puts a character together that was cut between chunks", () => {
    const bytes = Buffer.from("é\n");
    const reader = new LineReader();
    expect([...reader.push(bytes.subarray(0, 1))]).toEqual([]);
    expect([...reader.push(bytes.subarray(1))]).toEqual(["é"]);
  });

  it("skips empty lines and carriage returns", () => {
    expect(read(new LineReader(), "\r\n\none\r\n")).toEqual(["one"]);
  });

  it("takes a line of exactly the bound", () => {
    expect(read(new LineReader(4), "four\n")).toEqual(["four"]);
  });

  it("refuses a line beyond the bound before it ends", () => {
    const reader = new LineReader(4);
    expect(read(reader, "four")).toEqual([]);
    expect(() => read(reader, "5")).toThrow(
      expect.toSatisfy((error) => isMeshError(error, "MESH_CONTROL_REQUEST")),
    );
  });
});
