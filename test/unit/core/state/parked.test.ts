import { describe, expect, it } from "vitest";
import {
  PARKED_AUTHORS_MAX,
  PARKED_BYTES_MAX,
  PARKED_DELTAS_MAX,
  PARKED_MS_MAX,
  PARKED_SENDER_BYTES_MAX,
  Parked,
} from "../../../../src/core/state/parked.ts";
import { concat } from "../../../../src/core/wire/concat.ts";
import { peerId } from "../../../support/peers.ts";

const AUTHOR = peerId(1);
const ORPHAN = 0;
const BY = { from: peerId(900), monoMs: 0 };

/** A delta's bytes that carry `mark` in header and signature. */
function delta(mark: number, length = 300): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(88, mark);
  view.setUint32(160, mark);
  return bytes;
}

function parked(...firstSeqs: number[]): Parked {
  const held = new Parked();
  for (const firstSeq of firstSeqs) {
    held.park(AUTHOR, { bytes: delta(firstSeq), firstSeq, dueMs: ORPHAN, ...BY });
  }
  return held;
}

describe("parked deltas (C4)", () => {
  it("gives an author's deltas back lowest seq first, and then no more", () => {
    const held = parked(9, 2, 5);
    expect(held.take(AUTHOR, 0)).toEqual(concat([delta(2), delta(5), delta(9)]));
    expect(held.take(AUTHOR, 0)).toBeUndefined();
    expect(held.count).toBe(0);
  });

  it("has nothing of an author that parked nothing", () => {
    expect(parked(1).take(peerId(2), 0)).toBeUndefined();
  });

  it("keeps a copy, since the frame's bytes are not its own", () => {
    const bytes = delta(1);
    const held = new Parked();
    held.park(AUTHOR, { bytes, firstSeq: 1, dueMs: ORPHAN, ...BY });
    bytes.fill(0xff);
    expect(held.take(AUTHOR, 0)).toEqual(delta(1));
  });

  it("keeps the same delta once", () => {
    const held = parked(1, 1);
    expect(held.count).toBe(1);
    expect(held.dropped).toBe(0);
  });

  it("keeps two headers that claim one signature, since neither has been verified", () => {
    const forged = delta(1);
    forged[90] = 0x77; // another time, the true delta's signature
    const held = new Parked();
    held.park(AUTHOR, { bytes: forged, firstSeq: 1, dueMs: ORPHAN, ...BY });
    expect(held.park(AUTHOR, { bytes: delta(1), firstSeq: 1, dueMs: ORPHAN, ...BY })).toBe(true);
    expect(held.take(AUTHOR, 0)).toEqual(concat([forged, delta(1)]));
  });

  it("holds a future delta until its time, beside an orphan that may be tried at once", () => {
    const held = parked(4);
    held.park(AUTHOR, { bytes: delta(1), firstSeq: 1, dueMs: 1_000, ...BY });
    expect(held.take(AUTHOR, 999)).toEqual(delta(4));
    expect(held.take(AUTHOR, 999)).toBeUndefined();
    expect(held.take(AUTHOR, 1_000)).toEqual(delta(1));
  });

  it("names authors whose future deltas have come due, and none for orphans", () => {
    const held = parked(4);
    held.park(peerId(2), { bytes: delta(1), firstSeq: 1, dueMs: 1_000, ...BY });
    held.park(peerId(3), { bytes: delta(1), firstSeq: 1, dueMs: 1_001, ...BY });
    expect(held.due(999)).toEqual([]);
    expect(held.due(1_000)).toEqual([peerId(2)]);
  });

  it("refuses more deltas of an author than its bound, and counts them", () => {
    const held = parked(...Array.from({ length: PARKED_DELTAS_MAX }, (_, i) => i));
    expect(held.park(AUTHOR, { bytes: delta(999), firstSeq: 999, dueMs: ORPHAN, ...BY })).toBe(
      false,
    );
    expect(held.count).toBe(PARKED_DELTAS_MAX);
    expect(held.dropped).toBe(1);
    expect(held.park(peerId(2), { bytes: delta(1), firstSeq: 1, dueMs: ORPHAN, ...BY })).toBe(true);
  });

  it("refuses more bytes of an author than its bound", () => {
    const held = new Parked();
    const half = PARKED_BYTES_MAX / 2;
    expect(held.park(AUTHOR, { bytes: delta(1, half), firstSeq: 1, dueMs: 0, ...BY })).toBe(true);
    expect(held.park(AUTHOR, { bytes: delta(2, half), firstSeq: 2, dueMs: 0, ...BY })).toBe(true);
    expect(held.park(AUTHOR, { bytes: delta(3), firstSeq: 3, dueMs: 0, ...BY })).toBe(false);
  });

  it("refuses more authors of one sender than its bound, until one has been taken out", () => {
    const held = new Parked();
    for (let i = 0; i < PARKED_AUTHORS_MAX; i++) held.park(peerId(i), orphan());
    expect(held.park(peerId(PARKED_AUTHORS_MAX), orphan())).toBe(false);
    held.take(peerId(0), 0);
    expect(held.park(peerId(PARKED_AUTHORS_MAX), orphan())).toBe(true);
  });

  it("makes room for another sender at the cost of the one with the most authors", () => {
    const held = new Parked();
    const [hostile, honest] = [peerId(901), peerId(902)];
    for (let i = 0; i < PARKED_AUTHORS_MAX; i++) held.park(peerId(i), orphan(hostile));
    for (let i = 300; i < 300 + PARKED_AUTHORS_MAX / 2; i++) {
      expect(held.park(peerId(i), orphan(honest))).toBe(true);
    }
    expect(held.park(peerId(600), orphan(honest))).toBe(false);
    expect(held.take(peerId(0), 0)).toBeUndefined();
    expect(held.take(peerId(300), 0)).toEqual(delta(1));
    expect(held.dropped).toBe(PARKED_AUTHORS_MAX / 2 + 1);
  });

  it("refuses more bytes of one sender than its bound, whoever the authors are", () => {
    const held = new Parked();
    const count = PARKED_SENDER_BYTES_MAX / PARKED_BYTES_MAX;
    for (let i = 0; i < count; i++) {
      expect(held.park(peerId(i), { ...orphan(), bytes: delta(1, PARKED_BYTES_MAX) })).toBe(true);
    }
    expect(held.park(peerId(count), orphan())).toBe(false);
    expect(held.park(peerId(count), orphan(peerId(901)))).toBe(true);
    held.take(peerId(0), 0);
    expect(held.park(peerId(count + 1), orphan())).toBe(true);
  });

  it("gives up what has waited for a minute, be it an orphan or far in the future", () => {
    const held = new Parked();
    held.park(AUTHOR, orphan());
    held.park(AUTHOR, { ...orphan(), bytes: delta(2), dueMs: 9e15 });
    held.park(AUTHOR, { ...orphan(), bytes: delta(3), monoMs: 1 });
    held.expire(PARKED_MS_MAX);
    expect(held.count).toBe(3);
    held.expire(PARKED_MS_MAX + 1);
    expect(held.count).toBe(1);
    expect(held.dropped).toBe(2);
  });
});

function orphan(from = BY.from) {
  return { bytes: delta(1), firstSeq: 1, dueMs: ORPHAN, from, monoMs: 0 };
}
