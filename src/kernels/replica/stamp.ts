/** The total order of last-writer-wins: (hlc, author, epoch, nonce, seq, hash). */
import type { Stamp } from "../kernels.ts";

/** Whether `a` wins over `b`. */
export function isAbove(a: Stamp, b: Stamp): boolean {
  if (a.hlc !== b.hlc) return a.hlc > b.hlc;
  if (a.author !== b.author) return a.author > b.author;
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.nonce !== b.nonce) return a.nonce > b.nonce;
  if (a.seq !== b.seq) return a.seq > b.seq;
  return a.hash > b.hash;
}
