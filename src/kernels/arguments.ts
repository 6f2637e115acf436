/**
 * What both implementations ask of their arguments, so that they refuse alike.
 *
 * Kernels are called by this package only, never with a peer's numbers unchecked: a bad argument
 * is a defect (MESH_INVARIANT). Running out of room is not (MESH_STATE_FULL); neither changes state.
 */
import { HASH_BYTES, VV_LANES_MAX } from "../../assembly/layout.ts";
import { assertInvariant, MeshError } from "../errors.ts";
import type { RandomState } from "./kernels.ts";

/** Nibbles of a whole key. */
export const KEY_NIBBLES = 64;
/** Children of a prefix, one nibble below it. */
export const RANGE_FAN = 16;
export const RANGE_BYTES = RANGE_FAN * HASH_BYTES;

export function assertLane(lane: number, value: number): void {
  assertInvariant(Number.isInteger(lane) && lane >= 0, "lane must be a non-negative integer");
  assertInvariant(Number.isSafeInteger(value) && value >= 0, "lane value must be a safe integer");
  if (lane >= VV_LANES_MAX) {
    throw new MeshError("MESH_STATE_FULL", `lane ${lane} is past the last of ${VV_LANES_MAX}`, {
      details: { lane, lanesMax: VV_LANES_MAX },
    });
  }
}

export function assertHash(bytes: Uint8Array, name: string): void {
  assertInvariant(bytes.length === HASH_BYTES, `${name} must have ${HASH_BYTES} bytes`);
}

/** `nibblesMax`: 63 where children of the prefix are asked for, 64 where leaves are. */
export function assertPrefix(prefix: Uint8Array, nibbles: number, nibblesMax: number): void {
  const valid = Number.isInteger(nibbles) && nibbles >= 0 && nibbles <= nibblesMax;
  assertInvariant(valid, `nibbles must be 0 to ${nibblesMax}`);
  assertInvariant(prefix.length * 2 >= nibbles, "prefix is shorter than its nibbles");
}

export function assertRange(hashes: Uint8Array): void {
  assertInvariant(hashes.length >= RANGE_BYTES, `sixteen hashes take ${RANGE_BYTES} bytes`);
}

/** Checks a selection; how many to draw. An all-zero state would never leave zero. */
export function selectionCount(
  count: number,
  k: number,
  random: RandomState,
  into: Uint32Array,
): number {
  const valid = Number.isInteger(count) && count >= 0 && count <= 0xffffffff;
  assertInvariant(valid && k >= 0, "count must be a u32 and k not negative");
  assertInvariant(
    random.length === 4 && hasBits(random),
    "random state must be 4 u32, not all zero",
  );
  return Math.min(count, Math.floor(k), into.length);
}

function hasBits(random: RandomState): boolean {
  return ((random[0] ?? 0) | (random[1] ?? 0) | (random[2] ?? 0) | (random[3] ?? 0)) !== 0;
}
