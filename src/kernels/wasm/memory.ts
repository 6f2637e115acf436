/**
 * The owner of one linear memory: the only file that builds views on it.
 *
 * 1. The memory is created with initial = maximum and never grows, so the views, made once,
 *    never detach. Untouched pages cost address space, not memory.
 * 2. Every vector and tree of the process lives in it by default; the stage and result regions
 *    serve one call at a time and hold nothing between calls.
 * 3. Addresses stay below 2^31, so that they and the module's status codes never collide.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import { assertInvariant, MeshError } from "../../errors.ts";
import { type CoreFunctions, type CoreLayout, instantiateCore } from "./module.ts";
import { type LinearMemory, webAssembly } from "./web-assembly.ts";

const PAGE_BYTES = 65536;
/** 1 GiB: 7.4 million tree entries of 144 bytes. Lazily committed. */
const MEMORY_BYTES_DEFAULT = 1024 * 1024 * 1024;
const MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024 - PAGE_BYTES;
/** The regions below the arena, rounded up. */
const MEMORY_BYTES_MIN = 2 * PAGE_BYTES;

/** One memory, its views and the module's functions over it. */
export class CoreMemory {
  readonly functions: CoreFunctions;
  readonly layout: CoreLayout;
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;

  /**
   * @param bytes size of the memory, rounded down to 64 KiB pages.
   * @throws MeshError MESH_STATE_FULL when the host cannot reserve so much.
   */
  constructor(bytes: number = MEMORY_BYTES_DEFAULT) {
    const valid = bytes >= MEMORY_BYTES_MIN && bytes <= MEMORY_BYTES_MAX;
    assertInvariant(valid, `memory must have ${MEMORY_BYTES_MIN} to ${MEMORY_BYTES_MAX} bytes`);
    const memory = reserve(Math.floor(bytes / PAGE_BYTES));
    const { functions, layout } = instantiateCore(memory);
    this.functions = functions;
    this.layout = layout;
    this.u8 = new Uint8Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
  }

  /** Copies `bytes` to the stage, `offset` bytes in. */
  stage(bytes: Uint8Array, offset: number): void {
    this.u8.set(bytes, this.layout.stage + offset);
  }

  /** Copies the hash at RESULT. */
  resultHash(): Uint8Array {
    const { result } = this.layout;
    return this.u8.slice(result, result + HASH_BYTES);
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
