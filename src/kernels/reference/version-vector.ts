/**
 * Version vectors in plain JavaScript: a growing Float64Array, exact because values are safe
 * integers. Lanes past the lanes in use read zero.
 */
import { VV_LANES_MAX } from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import { assertLane } from "../arguments.ts";
import {
  type VersionVector,
  VV_AHEAD,
  VV_BEHIND,
  VV_CONCURRENT,
  VV_EQUAL,
  type VvRelation,
} from "../kernels.ts";

const CAPACITY_MIN = 8; // lanes

export class ReferenceVersionVector implements VersionVector {
  #values = new Float64Array(0);
  #lanes = 0;
  #freed = false;

  get lanes(): number {
    return this.#lanes;
  }

  get(lane: number): number {
    return this.#values[lane] ?? 0;
  }

  set(lane: number, value: number): void {
    assertLane(lane, value);
    assertInvariant(!this.#freed, "version vector used after free");
    if (lane >= this.#values.length) this.#grow(lane + 1);
    this.#values[lane] = value;
    this.#lanes = Math.max(this.#lanes, lane + 1);
  }

  clear(): void {
    this.#values.fill(0);
    this.#lanes = 0;
  }

  free(): void {
    this.#values = new Float64Array(0);
    this.#lanes = 0;
    this.#freed = true;
  }

  #grow(lanes: number): void {
    const capacity = Math.max(CAPACITY_MIN, lanes, this.#values.length * 2);
    const grown = new Float64Array(Math.min(capacity, VV_LANES_MAX));
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** Compares lane by lane; missing lanes count as zero. */
export function vvCompare(a: VersionVector, b: VersionVector): VvRelation {
  let aAbove = false;
  let bAbove = false;
  const lanes = Math.max(owned(a).lanes, owned(b).lanes);
  for (let lane = 0; lane < lanes; lane++) {
    const [left, right] = [a.get(lane), b.get(lane)];
    if (left > right) aAbove = true;
    if (right > left) bAbove = true;
  }
  if (aAbove && bAbove) return VV_CONCURRENT;
  if (aAbove) return VV_AHEAD;
  return bAbove ? VV_BEHIND : VV_EQUAL;
}

/** into[i] = max(into[i], from[i]); how many lanes rose. `into` ends at least as long as `from`. */
export function vvMerge(into: VersionVector, from: VersionVector): number {
  let rose = 0;
  owned(into);
  for (let lane = owned(from).lanes - 1; lane >= 0; lane--) {
    const value = from.get(lane);
    if (value > into.get(lane)) rose++;
    into.set(lane, Math.max(value, into.get(lane)));
  }
  return rose;
}

function owned(vector: VersionVector): ReferenceVersionVector {
  assertInvariant(vector instanceof ReferenceVersionVector, "version vector of another instance");
  return vector;
}
