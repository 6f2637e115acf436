/**
 * The owner of one linear memory: the only file that builds views on it.
 *
 * 1. The memory is created with initial = maximum and never grows, so the views, made once,
 *    never detach. Untouched pages cost address space, not memory.
 * 2. Every replica, vector and tree of the process lives in it by default; the stage and result
 *    regions serve one call at a time and hold nothing between calls.
 * 3. Addresses stay below 2^31, so that they and the module's status codes never collide.
 */
import { FRAME_BYTES, HASH_BYTES } from "../../../assembly/layout.ts";
import { assertInvariant, MeshError } from "../../errors.ts";
import { type CoreFunctions, type CoreLayout, instantiateCore } from "./module.ts";
import type { Columns, WasmScan } from "./scan.ts";
import { type LinearMemory, webAssembly } from "./web-assembly.ts";

const PAGE_BYTES = 65536;
/** 1 GiB: about 4.5 million small entries. Lazily committed. */
const MEMORY_BYTES_DEFAULT = 1024 * 1024 * 1024;
const MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024 - PAGE_BYTES;
/** The regions below the arena (a frame, its rows and its changes), rounded up. */
export const MEMORY_BYTES_MIN = 42 * PAGE_BYTES;

export interface MemoryOptions {
  /** Size, rounded down to 64 KiB pages; MEMORY_BYTES_MIN to 2 GiB less a page. Default 1 GiB. */
  readonly memoryBytes?: number | undefined;
  /**
   * 32 bytes that peers must not know, copied: they key the hash tables, so that nobody can choose
   * names that collide. Absent: zeros, for tests and simulations. No output depends on them.
   */
  readonly hashKey?: Uint8Array | undefined;
}

/** One memory, its views and the module's functions over it. */
export class CoreMemory {
  readonly functions: CoreFunctions;
  readonly layout: CoreLayout;
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  /** The same bytes; for text, which is written and read faster through it. */
  readonly buffer: Buffer;
  /** The scan whose frame and rows lie in the memory now. */
  scan: WasmScan | undefined;
  /** Views on its rows, those that were asked for. */
  columns: Columns | undefined;
  /** Where the frame that is scanned lies, and where its changes go. */
  frame = 0;
  changes = 0;
  #isLongFrame = true;

  /** @throws MeshError MESH_STATE_FULL when the host cannot reserve so much. */
  constructor({ memoryBytes: bytes = MEMORY_BYTES_DEFAULT, hashKey }: MemoryOptions = {}) {
    const valid = bytes >= MEMORY_BYTES_MIN && bytes <= MEMORY_BYTES_MAX;
    assertInvariant(valid, `memory must have ${MEMORY_BYTES_MIN} to ${MEMORY_BYTES_MAX} bytes`);
    const isKey = hashKey === undefined || hashKey.length === HASH_BYTES;
    assertInvariant(isKey, `hashKey must have ${HASH_BYTES} bytes`);
    const memory = reserve(Math.floor(bytes / PAGE_BYTES));
    const { functions, layout } = instantiateCore(memory);
    assertInvariant(layout.arena <= MEMORY_BYTES_MIN, "the regions do not fit the least memory");
    this.functions = functions;
    this.layout = layout;
    this.u8 = new Uint8Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.u64 = new BigUint64Array(memory.buffer);
    this.buffer = Buffer.from(memory.buffer);
    this.stage(hashKey ?? new Uint8Array(HASH_BYTES), 0);
    functions.hashSeed();
  }

  /** Copies `bytes` to the stage, `offset` bytes in. */
  stage(bytes: Uint8Array, offset: number): void {
    this.u8.set(bytes, this.layout.stage + offset);
  }

  /**
   * Copies a frame to where it is scanned.
   * @throws MeshError MESH_STATE_FULL for a frame above FRAME_BYTES that finds no room.
   */
  putFrame(bytes: Uint8Array): void {
    const isLong = bytes.length > FRAME_BYTES;
    if (isLong || this.#isLongFrame) this.#reserveFrame(bytes.length);
    this.#isLongFrame = isLong;
    this.u8.set(bytes, this.frame);
  }

  /** A long frame takes a block of the arena; the next one gives it back. */
  #reserveFrame(bytes: number): void {
    const frame = this.functions.frameReserve(bytes);
    if (frame === 0) throw memoryFull(this, `a frame of ${bytes} bytes`);
    this.frame = frame;
    this.changes = this.functions.frameChanges();
  }

  /** Copies the hash at RESULT. */
  resultHash(): Uint8Array {
    const { result } = this.layout;
    return this.u8.slice(result, result + HASH_BYTES);
  }

  /** The u32 at an address that is a multiple of 4. */
  word(address: number): number {
    return this.u32[address >>> 2] ?? 0;
  }

  /** The u64 at an address that is a multiple of 8. */
  wide(address: number): bigint {
    return this.u64[address >>> 3] ?? 0n;
  }
}

/** The error of every call that finds the arena full; state is as before the call. */
export function memoryFull(memory: CoreMemory, what: string): MeshError {
  return new MeshError("MESH_STATE_FULL", `no room in the kernel memory for ${what}`, {
    details: {
      memoryBytes: memory.u8.length,
      liveBytes: memory.functions.arenaLiveBytes(),
      touchedBytes: memory.functions.arenaTouchedBytes(),
    },
  });
}

function reserve(pages: number): LinearMemory {
  try {
    return new webAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new MeshError("MESH_STATE_FULL", `cannot reserve ${pages} pages of 64 KiB`, { cause });
  }
}
