/**
 * Takes the deltas that can go out of one chain: what is left of a run of them is a stub. A record whose
 * credential can go is cut.
 */
import { firstSeqOf } from "../wire/delta.ts";
import { cutRecordOf, isStub, stubOf } from "../wire/stub.ts";
import type { Chain } from "./delta-log.ts";

/** A chain without what can go. */
export interface Shortened {
  /** What stays, in order: whole deltas, and a stub for each run between them. */
  readonly kept: Uint8Array[];
  /** Deltas and stubs that have gone without a trace. */
  readonly dropped: Uint8Array[];
  /** The stubs that are new, and the cut records. */
  readonly stubs: Uint8Array[];
  /** First seqs of all that has gone, stub or no stub: no more than a place is left of it. */
  readonly seqs: number[];
  /** How many whole deltas have gone. */
  whole: number;
  /** Bytes that have gone. */
  bytes: number;
}

/**
 * Shortens a chain, yielding after every `slice` deltas.
 * @param gone what can go, and records whose credential can.
 */
export function* shortenChain(
  { deltas, count }: Chain,
  gone: ReadonlySet<Uint8Array>,
  slice: number,
): Generator<void, Shortened> {
  const shortened: Shortened = { kept: [], dropped: [], stubs: [], seqs: [], whole: 0, bytes: 0 };
  let last: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    if (i % slice === slice - 1) yield;
    const delta = deltas[i];
    if (delta === undefined) break;
    if (firstSeqOf(delta) === 0) {
      shortened.kept.push(gone.has(delta) ? cut(shortened, delta) : delta);
      continue;
    }
    if (isStub(delta) || gone.has(delta)) {
      if (!isStub(delta)) shortened.whole += 1;
      // The head of a chain keeps its mark when it becomes a stub: it is forgotten later.
      if (!isStub(delta) || i + 1 < count) shortened.seqs.push(firstSeqOf(delta));
      if (last !== undefined) drop(shortened, last);
      last = delta;
      continue;
    }
    endRun(shortened, last);
    last = undefined;
    shortened.kept.push(delta);
  }
  endRun(shortened, last);
  return shortened;
}

function drop(shortened: Shortened, delta: Uint8Array): void {
  shortened.dropped.push(delta);
  shortened.bytes += delta.length;
}

/** A record without its credential. */
function cut(shortened: Shortened, record: Uint8Array): Uint8Array {
  const left = cutRecordOf(record);
  shortened.stubs.push(left);
  shortened.bytes += record.length - left.length;
  return left;
}

/** Leaves the stub of a run's last delta. */
function endRun(shortened: Shortened, last: Uint8Array | undefined): void {
  if (last === undefined) return;
  const stub = isStub(last) ? last : stubOf(last);
  shortened.kept.push(stub);
  if (stub === last) return;
  shortened.stubs.push(stub);
  shortened.bytes += last.length - stub.length;
}
