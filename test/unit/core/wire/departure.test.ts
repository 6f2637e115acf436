import { describe, expect, it } from "vitest";
import {
  decodeDeparture,
  encodeDeparture,
  STATEMENT_BYTES,
} from "../../../../src/core/wire/departure.ts";
import { DEPARTURE, MESH_ID, sealed } from "../../../support/wire-samples.ts";

const BYTES = sealed(encodeDeparture(DEPARTURE, MESH_ID));

describe("a departure statement", () => {
  it("is 160 bytes and decodes to what was encoded", () => {
    expect(BYTES.length).toBe(STATEMENT_BYTES);
    expect(STATEMENT_BYTES).toBe(160);
    expect(decodeDeparture(BYTES, MESH_ID)?.departure).toEqual(DEPARTURE);
  });

  it.each([
    ["version", 0],
    ["kind", 1],
    ["reserved byte", 2],
    ["reserved byte", 3],
    ["mesh", 16],
    ["mesh", 31],
  ])("of another %s is refused", (_what, at) => {
    const changed = BYTES.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(decodeDeparture(changed, MESH_ID)).toBeUndefined();
  });

  it("of another length is refused", () => {
    for (const length of [0, 1, 96, 159]) {
      expect(decodeDeparture(BYTES.slice(0, length), MESH_ID)).toBeUndefined();
    }
    expect(decodeDeparture(new Uint8Array(161), MESH_ID)).toBeUndefined();
  });
});
