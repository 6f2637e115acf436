/**
 * A version vector whose lanes live in linear memory.
 *
 * The handle there holds address, capacity and lanes in use, so that a replica in Wasm and the host
 * share one vector. Single lanes are read and written through the memory's view without a call,
 * whole vectors are compared and merged in SIMD. An empty vector holds no lanes. A lane is two u32,
 * low word first.
 */
import {
  VECTOR_CAPACITY_OFFSET,
  VECTOR_DATA_OFFSET,
  VECTOR_LANES_OFFSET,
} from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import { assertLane } from "../arguments.ts";
import type { VersionVector, VvRelation } from "../kernels.ts";
import { type CoreMemory, memoryFull } from "./memory.ts";

const WORD = 2 ** 32;

export class WasmVersionVector implements VersionVector {
  readonly #memory: CoreMemory;
  readonly #u32: Uint32Array;
  readonly #isOwned: boolean;
  #vector: number;

  /**
   * @param vector the handle of a vector that somebody else owns and frees; absent: a fresh one.
   * @throws MeshError MESH_STATE_FULL when the memory is full.
   */
  constructor(memory: CoreMemory, vector?: number) {
    this.#memory = memory;
    this.#u32 = memory.u32;
    this.#isOwned = vector === undefined;
    this.#vector = vector ?? memory.functions.vectorCreate();
    if (this.#vector === 0) throw memoryFull(memory, "a version vector");
  }

  get lanes(): number {
    return this.#vector === 0 ? 0 : this.#field(VECTOR_LANES_OFFSET);
  }

  get(lane: number): number {
    if (!(lane >= 0 && lane < this.lanes)) return 0;
    const at = (this.#field(VECTOR_DATA_OFFSET) >>> 2) + lane * 2;
    return (this.#u32[at] ?? 0) + (this.#u32[at + 1] ?? 0) * WORD;
  }

  set(lane: number, value: number): void {
    assertLane(lane, value);
    const vector = this.#live();
    if (lane >= this.#field(VECTOR_CAPACITY_OFFSET)) {
      const reserved = this.#memory.functions.vectorReserve(vector, lane + 1);
      if (reserved === 0) throw memoryFull(this.#memory, `a version vector of ${lane + 1} lanes`);
    }
    const at = (this.#field(VECTOR_DATA_OFFSET) >>> 2) + lane * 2;
    this.#u32[at] = value; // modulo 2^32
    this.#u32[at + 1] = value / WORD;
    if (lane >= this.lanes) this.#u32[(vector + VECTOR_LANES_OFFSET) >>> 2] = lane + 1;
  }

  clear(): void {
    if (this.#vector === 0) return;
    const at = this.#field(VECTOR_DATA_OFFSET) >>> 2;
    this.#u32.fill(0, at, at + this.lanes * 2);
    this.#u32[(this.#vector + VECTOR_LANES_OFFSET) >>> 2] = 0;
  }

  free(): void {
    if (this.#isOwned && this.#vector !== 0) this.#memory.functions.vectorFree(this.#vector);
    this.#vector = 0;
  }

  /** The relation's bits are the module's: 1 = a has a lane above, 2 = b has. */
  static compare(memory: CoreMemory, a: VersionVector, b: VersionVector): VvRelation {
    const [left, right] = [owned(memory, a), owned(memory, b)];
    return memory.functions.vectorCompare(left.#live(), right.#live()) as VvRelation;
  }

  static merge(memory: CoreMemory, into: VersionVector, from: VersionVector): number {
    const [target, source] = [owned(memory, into), owned(memory, from)];
    const rose = memory.functions.vectorMerge(target.#live(), source.#live());
    if (rose < 0) throw memoryFull(memory, `a version vector of ${source.lanes} lanes`);
    return rose;
  }

  static isOf(memory: CoreMemory, vector: WasmVersionVector): boolean {
    return vector.#memory === memory;
  }

  #field(offset: number): number {
    return this.#u32[(this.#vector + offset) >>> 2] ?? 0;
  }

  #live(): number {
    assertInvariant(this.#vector !== 0, "version vector used after free");
    return this.#vector;
  }
}

function owned(memory: CoreMemory, vector: VersionVector): WasmVersionVector {
  assertInvariant(
    vector instanceof WasmVersionVector && WasmVersionVector.isOf(memory, vector),
    "version vector of another instance",
  );
  return vector;
}
