/**
 * A version vector whose lanes live in linear memory.
 *
 * The host keeps address, capacity and lanes in use; single lanes are read and written through
 * the memory's view without a call, whole vectors are compared and merged in SIMD. An empty
 * vector holds no memory. A lane is two u32, low word first.
 */
import { VV_LANES_MAX } from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import { assertLane } from "../arguments.ts";
import type { VersionVector, VvRelation } from "../kernels.ts";
import { type CoreMemory, memoryFull } from "./memory.ts";

const CAPACITY_MIN = 8; // lanes; even, as a SIMD row holds two
const WORD = 2 ** 32;

export class WasmVersionVector implements VersionVector {
  readonly #memory: CoreMemory;
  readonly #u32: Uint32Array;
  #data = 0;
  #capacity = 0;
  #lanes = 0;
  #freed = false;

  constructor(memory: CoreMemory) {
    this.#memory = memory;
    this.#u32 = memory.u32;
  }

  get lanes(): number {
    return this.#lanes;
  }

  get(lane: number): number {
    if (!(lane >= 0 && lane < this.#lanes)) return 0;
    const at = (this.#data >>> 2) + lane * 2;
    return (this.#u32[at] ?? 0) + (this.#u32[at + 1] ?? 0) * WORD;
  }

  set(lane: number, value: number): void {
    assertLane(lane, value);
    if (lane >= this.#capacity) this.#grow(lane + 1);
    const at = (this.#data >>> 2) + lane * 2;
    this.#u32[at] = value; // modulo 2^32
    this.#u32[at + 1] = value / WORD;
    if (lane >= this.#lanes) this.#lanes = lane + 1;
  }

  clear(): void {
    const at = this.#data >>> 2;
    this.#u32.fill(0, at, at + this.#lanes * 2);
    this.#lanes = 0;
  }

  free(): void {
    if (this.#capacity > 0) this.#memory.functions.vectorRelease(this.#data, this.#capacity);
    this.#data = 0;
    this.#capacity = 0;
    this.#lanes = 0;
    this.#freed = true;
  }

  /** The relation's bits are the module's: 1 = a has a lane above, 2 = b has. */
  static compare(memory: CoreMemory, a: VersionVector, b: VersionVector): VvRelation {
    const [left, right] = [owned(memory, a), owned(memory, b)];
    const { vectorCompare } = memory.functions;
    return vectorCompare(left.#data, left.#lanes, right.#data, right.#lanes) as VvRelation;
  }

  static merge(memory: CoreMemory, into: VersionVector, from: VersionVector): number {
    const [target, source] = [owned(memory, into), owned(memory, from)];
    if (source.#lanes > target.#capacity) target.#grow(source.#lanes);
    const rose = memory.functions.vectorMerge(target.#data, source.#data, source.#lanes);
    target.#lanes = Math.max(target.#lanes, source.#lanes);
    return rose;
  }

  static isOf(memory: CoreMemory, vector: WasmVersionVector): boolean {
    return vector.#memory === memory;
  }

  /** Doubles until `lanes` fit; at full memory nothing has changed. */
  #grow(lanes: number): void {
    assertInvariant(!this.#freed, "version vector used after free");
    let capacity = Math.max(CAPACITY_MIN, this.#capacity * 2);
    while (capacity < lanes) capacity *= 2;
    capacity = Math.min(capacity, VV_LANES_MAX);
    const data = this.#memory.functions.vectorGrow(this.#data, this.#capacity, capacity);
    if (data === 0) throw memoryFull(this.#memory, `a version vector of ${lanes} lanes`);
    this.#data = data;
    this.#capacity = capacity;
  }
}

function owned(memory: CoreMemory, vector: VersionVector): WasmVersionVector {
  assertInvariant(
    vector instanceof WasmVersionVector && WasmVersionVector.isOf(memory, vector),
    "version vector of another instance",
  );
  return vector;
}
