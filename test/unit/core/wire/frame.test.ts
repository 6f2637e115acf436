import { describe, expect, it } from "vitest";
import { DELTA_PREFIX_BYTES } from "../../../../assembly/layout.ts";
import { nodeIdToBytes } from "../../../../src/core/node-id.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FRAME_MEMBERS,
  FRAME_SYNC,
  FRAME_WANT,
  type Frame,
  MEMBERS_RECORDS_MAX,
  SYNC_ENTRIES_MAX,
  SYNC_RANGES_MAX,
  type SyncFrame,
  WANT_ENTRIES_MAX,
} from "../../../../src/core/wire/frame.ts";
import { FRAME_FILL } from "../../../../src/core/wire/gap-frames.ts";
import { MEMBER_BYTES_MAX } from "../../../../src/core/wire/member.ts";
import { Writer } from "../../../../src/core/wire/writer.ts";
import { FRAMES, joined, NODE, run, WALL_MS } from "../../../support/wire-samples.ts";

const NAME = { author: NODE, epoch: 1n, nonce: 2n };
const ENTRY = { ...NAME, seq: 1, hash: run(0, 32) };
const LEAF = { kind: "leaf", nibbles: 0, prefix: run(0, 32) } as const;
const SYNC = FRAMES["sync equal"] as SyncFrame;
const EACH = Object.entries(FRAMES);

function head(type: number): Writer {
  return new Writer().u8(1).u8(type).u16(0).safe(WALL_MS);
}

function refusal(bytes: Uint8Array): string | undefined {
  const decoded = decodeFrame(bytes);
  return decoded.kind === "refused" ? decoded.reason : undefined;
}

function refusalOf(frame: Frame): string | undefined {
  return refusal(encodeFrame(frame, WALL_MS));
}

/** The frame's bytes with one byte changed. */
function withByte(frame: Frame, at: number, value: number): Uint8Array {
  const bytes = encodeFrame(frame, WALL_MS);
  bytes[at] = value;
  return bytes;
}

/** Bytes of its open end that a frame must have. */
function leastTail(frame: Frame): number {
  if (frame.type === FRAME_FILL) return DELTA_PREFIX_BYTES;
  if (frame.type === FRAME_DELTA) return frame.stubs === undefined ? 0 : DELTA_PREFIX_BYTES;
  return 1;
}

describe("frame (C3)", () => {
  it.each(EACH)("decodes what it encoded: %s", (_, frame) => {
    const decoded = decodeFrame(encodeFrame(frame, WALL_MS));
    expect(decoded).toEqual({ kind: "frame", frame, wallMs: WALL_MS });
  });

  it.each(EACH)("begins with version, type, no flags and the sender's time: %s", (_, frame) => {
    const bytes = encodeFrame(frame, 0x0102_0304_0506);
    expect([...bytes.subarray(0, FRAME_HEAD_BYTES)]).toEqual([
      ...[1, frame.type, 0, 0],
      ...[6, 5, 4, 3, 2, 1, 0, 0],
    ]);
  });

  it.each(EACH)("never yields a frame when cut short, at any offset: %s", (_, frame) => {
    const bytes = encodeFrame(frame, WALL_MS);
    // Some frames end in bytes whose end is the frame's: a cut there is theirs to see.
    const tail = "deltas" in frame ? frame.deltas : "message" in frame ? frame.message : undefined;
    const fixed = bytes.length - (tail?.length ?? 0);
    const openEnd = fixed + leastTail(frame);
    for (let end = 0; end < bytes.length; end++) {
      const reason = refusal(bytes.subarray(0, end));
      expect(reason).toBe(tail === undefined || end < openEnd ? "malformed" : undefined);
    }
  });

  it.each(EACH.filter(([, frame]) => !("deltas" in frame || "message" in frame)))(
    "refuses a byte after the end as trailing: %s",
    (_, frame) => {
      expect(refusal(joined(encodeFrame(frame, WALL_MS), Uint8Array.of(0)))).toBe("trailing");
    },
  );

  it("takes a frame of the largest size and refuses one byte more as oversized", () => {
    const push = { ...FRAMES.push, deltas: new Uint8Array(FRAME_BYTES_MAX - 46) } as Frame;
    expect(refusalOf(push)).toBeUndefined();
    expect(refusal(new Uint8Array(FRAME_BYTES_MAX + 1).fill(1))).toBe("oversized");
  });

  it.each([0, 2, 255])("refuses version %i as another version, not as malformed", (version) => {
    expect(refusal(withByte(FRAMES.pull as Frame, 0, version))).toBe("version");
  });

  it("knows another version by its first byte, whatever that version's head looks like", () => {
    expect(refusal(Uint8Array.of(2))).toBe("version");
    expect(refusal(new Uint8Array(40).fill(255))).toBe("version");
  });

  it("refuses an empty frame, an unknown type and set flags as malformed", () => {
    expect(refusal(new Uint8Array(0))).toBe("malformed");
    for (const type of [0, 10, 255]) expect(refusal(head(type).finish())).toBe("malformed");
    expect(refusal(withByte(FRAMES.pull as Frame, 2, 1))).toBe("malformed");
    expect(refusal(withByte(FRAMES.pull as Frame, 3, 0x80))).toBe("malformed");
  });

  it("refuses a time above 2^53 - 1 ms", () => {
    expect(refusal(withByte(FRAMES.pull as Frame, 10, 0x20))).toBe("malformed");
  });

  it("refuses flags it does not know and a boolean other than 0 and 1", () => {
    expect(refusal(withByte(FRAMES.hello as Frame, 12 + 16, 4))).toBe("malformed");
    expect(refusal(withByte(FRAMES.delta as Frame, 12, 8))).toBe("malformed");
    // More to be asked for, and another frame on its way: one of them.
    expect(refusal(withByte(FRAMES.delta as Frame, 12, 5))).toBe("malformed");
  });

  it("refuses an unknown message result", () => {
    expect(refusal(withByte(FRAMES["message accepted"] as Frame, 20, 4))).toBe("malformed");
  });

  it("refuses a Push without a byte of deltas and takes such a Delta", () => {
    expect(refusalOf({ ...FRAMES.push, deltas: new Uint8Array(0) } as Frame)).toBe("malformed");
    expect(refusalOf(FRAMES["delta empty"] as Frame)).toBeUndefined();
  });

  it("refuses a member record longer than the largest", () => {
    const largest = new Uint8Array(MEMBER_BYTES_MAX);
    const larger = new Uint8Array(MEMBER_BYTES_MAX + 1);
    expect(refusalOf({ type: FRAME_MEMBERS, members: [largest] })).toBeUndefined();
    expect(refusalOf({ type: FRAME_MEMBERS, members: [larger] })).toBe("malformed");
  });
});

describe("frame limits", () => {
  it("takes as many wants as the limit says and refuses one more", () => {
    const wants = Array.from({ length: WANT_ENTRIES_MAX }, () => ({ ...NAME, after: 3 }));
    expect(refusalOf({ type: FRAME_WANT, wants })).toBeUndefined();
    const more = [...wants, { ...NAME, after: 3 }];
    expect(refusalOf({ type: FRAME_WANT, wants: more })).toBe("malformed");
  });

  it("takes as many member records as the limit says and refuses one more", () => {
    const members = Array.from({ length: MEMBERS_RECORDS_MAX }, () => run(0, 64));
    expect(refusalOf({ type: FRAME_MEMBERS, members })).toBeUndefined();
    const more = [...members, run(0, 64)];
    expect(refusalOf({ type: FRAME_MEMBERS, members: more })).toBe("malformed");
  });

  it("takes as many ranges as the limit says and refuses one more", () => {
    const ranges = Array.from({ length: SYNC_RANGES_MAX }, () => ({ ...LEAF, entries: [] }));
    expect(refusalOf({ ...SYNC, ranges })).toBeUndefined();
    expect(refusalOf({ ...SYNC, ranges: [...ranges, { ...LEAF, entries: [] }] })).toBe("malformed");
  });

  it("spends one budget of entries over all ranges of a Sync", () => {
    const half = Array.from({ length: SYNC_ENTRIES_MAX / 2 }, () => ENTRY);
    const ranges = [
      { ...LEAF, entries: half },
      { ...LEAF, entries: half },
    ];
    expect(refusalOf({ ...SYNC, ranges })).toBeUndefined();
    const more = [...ranges, { ...LEAF, entries: [ENTRY] }];
    expect(refusalOf({ ...SYNC, ranges: more })).toBe("malformed");
  });

  it("refuses a prefix of more than 63 half-bytes and a range of an unknown kind", () => {
    const leaf = encodeFrame({ ...SYNC, ranges: [{ ...LEAF, entries: [] }] }, WALL_MS);
    const kindAt = FRAME_HEAD_BYTES + 4 + 32 + 32 + 2;
    const deep = leaf.slice();
    deep[kindAt + 1] = 64;
    expect(refusal(deep)).toBe("malformed");
    const unknown = leaf.slice();
    unknown[kindAt] = 2;
    expect(refusal(unknown)).toBe("malformed");
  });

  it("refuses a seq and a want above 2^53 - 1", () => {
    const name = joined(nodeIdToBytes(NODE), new Uint8Array(16));
    const want = head(FRAME_WANT).u16(1).bytes(name);
    expect(refusal(want.u64(2n ** 53n).finish())).toBe("malformed");
    const sync = head(FRAME_SYNC).u32(0).bytes(run(0, 64)).u16(1).u8(1).u8(0).bytes(run(0, 32));
    sync
      .u16(1)
      .bytes(name)
      .u64(2n ** 53n)
      .bytes(run(0, 32));
    expect(refusal(sync.finish())).toBe("malformed");
  });

  it.each([
    ["wants", head(FRAME_WANT).u16(0xffff)],
    ["members", head(FRAME_MEMBERS).u16(0xffff)],
    ["ranges", head(FRAME_SYNC).u32(0).bytes(run(0, 64)).u16(0xffff)],
  ])("refuses a count of %s above its limit before reading an element", (_, writer) => {
    // Enough bytes follow for every element that was announced: only the count can be at fault.
    const bytes = joined(writer.finish(), new Uint8Array(60_000));
    expect(refusal(bytes)).toBe("malformed");
  });

  it("yields views into the frame instead of copies sized by a length from the peer", () => {
    const bytes = encodeFrame(FRAMES.push as Frame, WALL_MS);
    const decoded = decodeFrame(bytes);
    expect(decoded).toHaveProperty("frame.deltas.buffer", bytes.buffer);
  });
});
