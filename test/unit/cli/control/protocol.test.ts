import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeLine,
  fromWireError,
  LINE_BYTES_MAX,
  parseRequest,
  parseResponse,
  textParam,
  toWireError,
} from "../../../../src/cli/control/protocol.ts";
import { isMeshError, MeshError, type MeshErrorCode } from "../../../../src/errors.ts";

const throwing = (code: MeshErrorCode) => expect.toSatisfy((error) => isMeshError(error, code));

describe("requests", () => {
  it("come back as they were sent", () => {
    const request = {
      id: 7,
      method: "set",
      params: { collection: "a", key: "b", value: [1, "ü"] },
    };
    expect(parseRequest(encodeLine(request))).toEqual(request);
  });

  it("have no parameters when none are given", () => {
    expect(parseRequest('{"id":1,"method":"status"}').params).toEqual({});
  });

  it.each([
    ["no JSON", "status"],
    ["no object", "[1]"],
    ["null", "null"],
    ["no id", '{"method":"status"}'],
    ["a broken id", '{"id":1.5,"method":"status"}'],
    ["no method", '{"id":1}'],
    ["parameters that are a list", '{"id":1,"method":"status","params":[]}'],
  ])("are refused with %s", (_, line) => {
    expect(() => parseRequest(line)).toThrow(throwing("MESH_CONTROL_REQUEST"));
  });

  it("refuse whatever a client may write with a typed error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        try {
          parseRequest(line);
        } catch (error) {
          expect(isMeshError(error, "MESH_CONTROL_REQUEST")).toBe(true);
        }
      }),
    );
  });

  it("name the parameter that is not text", () => {
    expect(() => textParam({ key: 5 }, "key")).toThrow(/key must be text/);
  });
});

describe("responses", () => {
  it.each([
    [{ id: 1, result: { found: false } }],
    [{ id: 1, item: { key: "a" } }],
    [{ id: 1, end: true as const }],
  ])("come back as they were sent: %j", (response) => {
    expect(parseResponse(encodeLine(response))).toEqual(response);
  });

  it.each(["", "hello", "{}", '{"id":1}'])("refuse %j, which no node says", (line) => {
    expect(() => parseResponse(line)).toThrow(throwing("MESH_CONTROL_UNAVAILABLE"));
  });

  it("carry a typed error across", () => {
    const sent = new MeshError("MESH_AGENT_UNKNOWN", "nobody", { details: { agent: "x" } });
    const got = parseResponse(encodeLine({ id: 3, error: toWireError(sent) }));
    if (!("error" in got)) expect.fail("not an error");
    expect(fromWireError(got.error)).toMatchObject({
      code: "MESH_AGENT_UNKNOWN",
      message: "nobody",
      details: { agent: "x" },
    });
  });

  it("turn a code of a newer node into one that is known", () => {
    const got = parseResponse('{"id":1,"error":{"code":"MESH_NEW","message":"later"}}');
    expect(got).toMatchObject({ error: { code: "MESH_INVARIANT", message: "later", details: {} } });
  });

  it("call whatever else was thrown a defect", () => {
    expect(toWireError(new TypeError("oops"))).toMatchObject({
      code: "MESH_INVARIANT",
      message: "oops",
    });
  });
});

describe("lines", () => {
  it("are refused beyond their bound", () => {
    const value = "x".repeat(LINE_BYTES_MAX);
    expect(() => encodeLine({ id: 1, result: value })).toThrow(throwing("MESH_VALUE_TOO_LARGE"));
  });

  it("hold the largest value in its worst JSON", () => {
    const value = "\u0001".repeat(60 * 1024);
    expect(() => encodeLine({ id: 1, item: { encoding: "json", value } })).not.toThrow();
  });
});
