// The roll call frame (C8, docs/wire.md): what is refused.
import { describe, expect, it } from "vitest";
import { MEMBERS_MAX } from "../../../../src/core/peers/membership.ts";
import { decodeFrame, encodeFrame } from "../../../../src/core/wire/frame.ts";
import {
  type Answered,
  FRAME_ROLL_CALL,
  ROLL_CALL_MEMBERS_MAX,
  type RollCallFrame,
} from "../../../../src/core/wire/roll-call.ts";

const roster = new Uint8Array(8);

function frameOf(answered: Answered, fields: Partial<RollCallFrame> = {}): Uint8Array {
  const plain = { type: FRAME_ROLL_CALL, call: 256, stamp: 1, echo: 0, asks: true, roster };
  return encodeFrame({ ...plain, ...fields, answered } as RollCallFrame, 0);
}

function bitmap(members: number, ...bits: number[]): Answered {
  return { kind: "bitmap", members, bits: Uint8Array.from(bits) };
}

describe("a roll call frame", () => {
  it("names as many members as a member list holds", () => {
    expect(ROLL_CALL_MEMBERS_MAX).toBe(MEMBERS_MAX);
    const bits = new Array<number>(ROLL_CALL_MEMBERS_MAX / 8).fill(255);
    expect(decodeFrame(frameOf(bitmap(ROLL_CALL_MEMBERS_MAX, ...bits))).kind).toBe("frame");
  });

  it.each<[string, Uint8Array]>([
    ["has no stamp", frameOf(bitmap(8, 1), { stamp: 0 })],
    ["names more members than a list holds", frameOf(bitmap(2_001, ...new Array(251).fill(0)))],
    ["has a bit beyond its members", frameOf(bitmap(3, 0b1000))],
    ["has fewer bytes than its members need", frameOf(bitmap(9, 1))],
    [
      "lists more members than a list holds",
      frameOf({ kind: "list", prefixes: new Array(2_001).fill(7) }),
    ],
  ])("is malformed when it %s", (_, bytes) => {
    expect(decodeFrame(bytes)).toEqual({ kind: "refused", reason: "malformed" });
  });

  it("is malformed with a flag that means nothing", () => {
    const bytes = frameOf(bitmap(8, 1));
    bytes[24] = 4;
    expect(decodeFrame(bytes)).toEqual({ kind: "refused", reason: "malformed" });
  });
});
