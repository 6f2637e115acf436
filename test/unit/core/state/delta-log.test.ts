import { describe, expect, it } from "vitest";
import { DeltaLog } from "../../../../src/core/state/delta-log.ts";

const ALL = 1_000_000;

/** Row 0 holds deltas that end at seq 0, 3, 4 and 9, of 10 bytes each, told apart by content. */
function filled(bytesMax?: number): DeltaLog {
  const log = new DeltaLog(bytesMax);
  for (const lastSeq of [0, 3, 4, 9]) {
    log.append(0, { lastSeq, bytes: new Uint8Array(10).fill(lastSeq) });
  }
  return log;
}

function ends(log: DeltaLog, after: number, room = ALL): (number | undefined)[] {
  return log.above(0, after, room).deltas.map((delta) => delta[0]);
}

describe("delta log (C4, C5)", () => {
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
    const { deltas, complete } = filled().above(0, -1, 29);
    expect(deltas).toHaveLength(2);
    expect(complete).toBe(false);
    expect(filled().above(0, -1, 40)).toMatchObject({ complete: true });
  });

  it("never passes over a delta that does not fit in favour of a later one", () => {
    const log = new DeltaLog();
    log.append(0, { lastSeq: 1, bytes: new Uint8Array(50) });
    log.append(0, { lastSeq: 2, bytes: new Uint8Array(1) });
    expect(log.above(0, 0, 10)).toEqual({ deltas: [], complete: false });
  });

  it("has nothing of a row that was never written", () => {
    expect(filled().above(7, -1, ALL)).toEqual({ deltas: [], complete: true });
  });

  it("keeps rows apart, in whatever order they are first written", () => {
    const log = new DeltaLog();
    log.append(5, { lastSeq: 1, bytes: Uint8Array.of(5) });
    log.append(2, { lastSeq: 1, bytes: Uint8Array.of(2) });
    expect(log.above(2, 0, ALL).deltas).toEqual([Uint8Array.of(2)]);
    expect(log.above(5, 0, ALL).deltas).toEqual([Uint8Array.of(5)]);
  });

  it("counts what it holds and what still fits, to the byte", () => {
    const log = filled(50);
    expect([log.bytes, log.count]).toEqual([40, 4]);
    expect(log.fits(10)).toBe(true);
    expect(log.fits(11)).toBe(false);
  });
});
