// Who writes and when, while a delta is applied: what all its operations have in common, and the
// seq of the present one.

/** The delta's life. */
export let writtenLife: usize = 0;
export let writtenHlc: u64 = 0;
/** First 8 bytes of the delta's hash. */
export let writtenHash: u64 = 0;
/** Last seq of the delta: its life is covered up to here. */
export let writtenLast: u64 = 0;
/** Seq of the operation. */
export let writtenSeq: u64 = 0;

/** Turns to a delta. */
export function beginDelta(life: usize, hlc: u64, hash: u64, last: u64): void {
  writtenLife = life;
  writtenHlc = hlc;
  writtenHash = hash;
  writtenLast = last;
}

/** Turns to an operation of it. */
export function beginOperation(seq: u64): void {
  writtenSeq = seq;
}
