/**
 * C1 in rounds: once nothing goes wrong any more and nobody writes, the correct nodes are equal
 * within 4 * ceil(log2 n) + 12 rounds, whatever happened before.
 */
import type { Fault } from "../faults/fault.ts";
import type { Violation } from "../result.ts";

export function roundsToAgree(nodes: number): number {
  return 4 * Math.ceil(Math.log2(Math.max(2, nodes))) + 12;
}

/**
 * @param quietRounds from the last write until the correct nodes were equal; below 0: never.
 * @param run.quietMs when the last write could have been made, as the faults' times are.
 */
export function agreedInTime(
  quietRounds: number,
  run: {
    readonly nodes: number;
    readonly quietMs: number;
    readonly faults: readonly Fault[];
    readonly hasLiars: boolean;
  },
): Violation[] {
  const atMost = roundsToAgree(run.nodes);
  // Never: the end of the run says so. Liars may go on lying; whatever else lasts excuses the nodes.
  if (quietRounds <= atMost || run.faults.some((fault) => isOn(fault, run.quietMs))) return [];
  const detail = `equal ${quietRounds} rounds after the last write; ${atMost} are allowed`;
  return [{ invariant: run.hasLiars ? "C2" : "C1", at: run.quietMs, node: undefined, detail }];
}

/** Whether a fault lasts to an instant, or what it has done is still being got over. */
function isOn(fault: Fault, atMs: number): boolean {
  if (fault.do === "byz.behave" || fault.do.startsWith("op.")) return false;
  return fault.at + ("for" in fault ? fault.for : 0) + GET_OVER_MS > atMs;
}

/** A heal, or a start of a process (P3). */
const GET_OVER_MS = 5_000;
