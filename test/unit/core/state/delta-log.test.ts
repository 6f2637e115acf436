import { describe, expect, it } from "vitest";
import {
  DELTA_COUNT_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
} from "../../../../assembly/layout.ts";
import { DeltaLog } from "../../../../src/core/state/delta-log.ts";
import { lastSeqOf } from "../../../../src/core/wire/delta.ts";

const ALL = 1_000_000;

/** A header that ends at a seq, and `more` bytes of body. */
function delta(lastSeq: number, more = 0): Uint8Array {
  const bytes = new Uint8Array(DELTA_HEADER_BYTES + more);
  const view = new DataView(bytes.buffer);
  view.setUint32(DELTA_COUNT_OFFSET, 1, true);
  view.setBigUint64(DELTA_FIRST_SEQ_OFFSET, BigInt(lastSeq), true);
  return bytes;
}

function stamped(lastSeq: number, hlc: bigint): Uint8Array {
  const bytes = delta(lastSeq);
  new DataView(bytes.buffer).setBigUint64(DELTA_HLC_OFFSET, hlc, true);
  return bytes;
}

/** Row 0 holds deltas that end at seq 0, 3, 4 and 9, of a header each. */
function filled(bytesMax?: number): DeltaLog {
  const log = new DeltaLog(bytesMax);
  for (const lastSeq of [0, 3, 4, 9]) log.append(0, delta(lastSeq));
  return log;
}

function ends(log: DeltaLog, after: number, row = 0): number[] {
  return log.above(row, after, ALL).deltas.map(lastSeqOf);
}

describe("delta log (C4, C5)", () => {
  it("serves what it keeps of a chain that was shortened while it grew", () => {
    const log = filled(4 * DELTA_HEADER_BYTES);
    expect(log.fits(1)).toBe(false);
    const [chain] = log.chains();
    const [first, , , last] = log.above(0, -1, ALL).deltas;
    log.shorten(chain!, [first!, last!], 2 * DELTA_HEADER_BYTES);
    expect(ends(log, -1)).toEqual([0, 9]);
    expect(ends(log, 0)).toEqual([9]);
    expect([log.count, log.held, log.bytes]).toEqual([4, 2, 2 * DELTA_HEADER_BYTES]);
    const [shorter] = log.chains();
    log.append(0, delta(12));
    log.shorten(shorter!, [first!], DELTA_HEADER_BYTES);
    expect(ends(log, -1)).toEqual([0, 12]);
    expect([log.held, log.bytes]).toEqual([2, 2 * DELTA_HEADER_BYTES]);
  });

  it.each([
    [-1, [0, 3, 4, 9]],
    [0, [3, 4, 9]],
    [2, [3, 4, 9]],
    [3, [4, 9]],
    [8, [9]],
    [9, []],
    [100, []],
  ])("gives whole deltas that end above seq %i, in chain order", (after, expected) => {
    expect(ends(filled(), after)).toEqual(expected);
  });

  it("gives what fits into the room and says that there is more", () => {
    const { deltas, complete } = filled().above(0, -1, 3 * DELTA_HEADER_BYTES - 1);
    expect(deltas).toHaveLength(2);
    expect(complete).toBe(false);
    expect(filled().above(0, -1, 4 * DELTA_HEADER_BYTES)).toMatchObject({ complete: true });
  });

  it("never passes over a delta that does not fit in favour of a later one", () => {
    const log = new DeltaLog();
    log.append(0, delta(1, 50));
    log.append(0, delta(2));
    expect(log.above(0, 0, DELTA_HEADER_BYTES)).toEqual({ deltas: [], complete: false });
  });

  it("has nothing of a row that was never written", () => {
    expect(filled().above(7, -1, ALL)).toEqual({ deltas: [], complete: true });
  });

  it("keeps rows apart, in whatever order they are first written", () => {
    const log = new DeltaLog();
    log.append(5, delta(51));
    log.append(2, delta(21));
    expect(ends(log, 0, 2)).toEqual([21]);
    expect(ends(log, 0, 5)).toEqual([51]);
  });

  it("counts what it holds and what still fits, to the byte", () => {
    const log = filled(4 * DELTA_HEADER_BYTES + 10);
    expect([log.bytes, log.count]).toEqual([4 * DELTA_HEADER_BYTES, 4]);
    expect(log.fits(10)).toBe(true);
    expect(log.fits(11)).toBe(false);
  });

  it("gives everything by stamp, whatever its row, and anew once cleared", () => {
    const log = new DeltaLog();
    const [one, two, three] = [stamped(1, 7n), stamped(1, 8n), stamped(2, 9n)];
    log.append(5, two);
    log.append(2, one);
    log.append(5, three);
    expect(log.inOrder()).toEqual([one, two, three]);
    log.clear();
    log.reappend(2, three);
    expect(log.inOrder()).toEqual([three]);
    expect([log.held, log.count]).toEqual([1, 3]);
  });
});
