import { describe, expect, it } from "vitest";
import {
  bytesFromHex,
  hexFromBytes,
  isNodeId,
  isNodeIdAt,
  nodeIdFromBytes,
  nodeIdToBytes,
} from "../../../src/core/node-id.ts";
import { isMeshError } from "../../../src/errors.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LOOSE = { code: "MESH_INVARIANT" };

describe("hexadecimal", () => {
  it("writes every byte as two lower-case digits, high half first", () => {
    const expected = [...EVERY_BYTE].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(hexFromBytes(EVERY_BYTE)).toBe(expected);
  });

  it.each([0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33])("reads back the %i bytes it wrote", (length) => {
    const bytes = EVERY_BYTE.subarray(100, 100 + length);
    const text = hexFromBytes(bytes);
    expect(text).toHaveLength(2 * length);
    expect(bytesFromHex(text)).toEqual(bytes.slice());
  });

  it.each(["0", "0g", "G0", "AB", "é0", "0€", " 0", "0x"])("refuses %j as bytes", (text) => {
    expect(bytesFromHex(text)).toBeUndefined();
  });
});

describe("node id", () => {
  it("reads 32 bytes at an offset", () => {
    expect(nodeIdFromBytes(EVERY_BYTE, 10)).toBe(hexFromBytes(EVERY_BYTE.subarray(10, 42)));
  });

  it("turns an id into its 32 bytes and back", () => {
    const id = nodeIdFromBytes(EVERY_BYTE);
    expect(nodeIdToBytes(id)).toEqual(EVERY_BYTE.slice(0, 32));
  });

  it("is found in bytes, or is not", () => {
    const id = nodeIdFromBytes(EVERY_BYTE, 10);
    expect(isNodeIdAt(EVERY_BYTE, 10, id)).toBe(true);
    expect(isNodeIdAt(EVERY_BYTE, 11, id)).toBe(false);
    expect(isNodeIdAt(EVERY_BYTE.subarray(0, 41), 10, id)).toBe(false);
  });

  it.each([-1, 225])("does not read past either end (offset %i)", (offset) => {
    expect(() => nodeIdFromBytes(EVERY_BYTE, offset)).toThrow(expect.objectContaining(LOOSE));
  });

  it("treats a malformed id handed to the encoder as a defect", () => {
    for (const bad of ["", "ab", "g".repeat(64)]) {
      let thrown: unknown;
      try {
        nodeIdToBytes(bad);
      } catch (error) {
        thrown = error;
      }
      expect(isMeshError(thrown, "MESH_INVARIANT")).toBe(true);
    }
  });

  it.each([
    ["64 digits", "0a".repeat(32), true],
    ["upper case", "0A".repeat(32), false],
    ["63 digits", "0".repeat(63), false],
    ["65 digits", "0".repeat(65), false],
    ["a letter past f", `${"0".repeat(63)}g`, false],
    ["a number", 12, false],
    ["nothing", undefined, false],
  ])("judges %s", (_, value, verdict) => {
    expect(isNodeId(value)).toBe(verdict);
  });
});
