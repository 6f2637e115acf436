/**
 * A scan whose rows lie in linear memory: columns are views, made when they are asked for and valid
 * until the next scan. A scan that was not applied by then takes its rows with it, so that it can
 * be applied later.
 */
import { HASH_BYTES, SCAN_ROWS_MAX } from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import type { Scan } from "../kernels.ts";
import type { CoreMemory } from "./memory.ts";

/** By REASON_* of assembly/layout. */
const REASONS = [
  "",
  "version",
  "body_bytes",
  "kind",
  "reserved",
  "mesh",
  "count",
  "seq",
  "body_hash",
  "record",
  "hlc",
] as const;

/** In the module's answer: the count of rows, whether the bytes were cut short, and whether any row
 * may be applied. */
const ROW_COUNT_MASK = 0xffff;
const INCOMPLETE = 0x10000;
const APPLICABLE = 0x20000;
/** What the module reads in a row's verdict before there is one. */
const MARKED_STUB = 2;

/** What a scan is of. */
export interface Scanned {
  readonly replica: number;
  /** State of the replica, as a count of what it applied. */
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly stubs: readonly number[];
}

/** Columns that were asked for: views on the rows in the memory, or copies of them. */
export interface Columns {
  readonly count: number;
  offsets?: Uint32Array;
  lengths?: Uint32Array;
  statuses?: Uint8Array;
  keys?: Uint8Array;
  hashes?: Uint8Array;
  /** REASON_* of each row: they are put into words when somebody asks. */
  codes?: Uint8Array;
}

export class WasmScan implements Scan {
  readonly count: number;
  readonly complete: boolean;
  /** The replica it is of. */
  readonly replica: number;
  /** Whether some row may be applied. */
  readonly isApplicable: boolean;
  readonly #memory: CoreMemory;
  readonly #version: number;
  readonly #length: number;
  readonly #stubs: readonly number[];
  /** How often it was handed out and not applied since. */
  #uses = 1;
  #isApplied = false;
  /** Whether other scans have followed: the columns are copies if there is anything to apply. */
  #isKept = false;
  /** Columns that were asked for; most scans that a bulk load makes are applied unread. */
  #columns: Columns | undefined;
  #reasons: readonly string[] | undefined;

  /**
   * Puts the frame into the memory and scans it there.
   * @throws MeshError MESH_STATE_FULL for a frame above 1 MiB that finds no room.
   */
  constructor(memory: CoreMemory, { replica, version, bytes, stubs }: Scanned) {
    memory.scan?.retire();
    memory.scan = this;
    this.#memory = memory;
    this.replica = replica;
    this.#version = version;
    this.#length = bytes.length;
    this.#stubs = stubs;
    memory.putFrame(bytes);
    markRows(memory, stubs, MARKED_STUB);
    const answer = memory.functions.frameScan(replica, bytes.length);
    markRows(memory, stubs, 0);
    this.count = answer & ROW_COUNT_MASK;
    this.complete = (answer & INCOMPLETE) === 0;
    this.isApplicable = (answer & APPLICABLE) !== 0;
  }

  /**
   * Whether scanning `bytes` would give this scan again: the core looks at a frame before and after
   * its signatures are checked, and most often nothing has happened between.
   */
  isOf({ replica, version, bytes, stubs }: Scanned): boolean {
    if (this.replica !== replica || this.#version !== version) return false;
    if (this.#isApplied || this.#length !== bytes.length) return false;
    if (this.#stubs.length !== stubs.length) return false;
    for (let i = 0; i < stubs.length; i++) if (this.#stubs[i] !== stubs[i]) return false;
    const { frame } = this.#memory;
    const end = frame + bytes.length;
    if (this.#memory.buffer.compare(bytes, 0, bytes.length, frame, end) !== 0) return false;
    this.#uses += 1;
    return true;
  }

  get offsets(): Uint32Array {
    const columns = this.#asked();
    columns.offsets ??= words(this.#memory, this.#memory.layout.rowOffsets, this.count);
    return columns.offsets;
  }

  get lengths(): Uint32Array {
    const columns = this.#asked();
    columns.lengths ??= words(this.#memory, this.#memory.layout.rowLengths, this.count);
    return columns.lengths;
  }

  get statuses(): Uint8Array {
    const columns = this.#asked();
    columns.statuses ??= bytesAt(this.#memory, this.#memory.layout.rowStatuses, this.count);
    return columns.statuses;
  }

  get keys(): Uint8Array {
    const columns = this.#asked();
    const bytes = this.count * HASH_BYTES;
    columns.keys ??= bytesAt(this.#memory, this.#memory.layout.rowKeys, bytes);
    return columns.keys;
  }

  get reasons(): readonly string[] {
    this.#reasons ??= Array.from(this.#codes(), (code) => REASONS[code] ?? "");
    return this.#reasons;
  }

  release(): void {
    this.#uses = Math.max(0, this.#uses - 1);
  }

  /** Makes way for another scan. */
  retire(): void {
    if (this.#uses === 0 || this.#isKept) return;
    this.#isKept = true;
    if (!this.isApplicable) return;
    const hashes = this.#memory.layout.rowHashes;
    this.#columns = {
      count: this.count,
      offsets: this.offsets.slice(),
      lengths: this.lengths.slice(),
      statuses: this.statuses.slice(),
      keys: this.keys.slice(),
      hashes: this.#memory.u8.slice(hashes, hashes + this.count * HASH_BYTES),
      codes: this.#codes().slice(),
    };
  }

  /** Puts frame and rows back if other scans have followed; from now on they are used up. */
  restore(bytes: Uint8Array): void {
    if (this.#memory.scan !== this && this.isApplicable) {
      assertInvariant(this.#isKept && this.#uses > 0, "a scan is applied once");
      this.#memory.scan?.retire();
      this.#memory.scan = this;
      this.#memory.putFrame(bytes);
      this.#putRows();
    }
    this.release();
    this.#isApplied = true;
  }

  /** Rows lie where those of the last scan lay: with as many of them, its views serve again. */
  #asked(): Columns {
    if (this.#columns === undefined) {
      const { columns } = this.#memory;
      this.#columns = columns?.count === this.count ? columns : { count: this.count };
      this.#memory.columns = this.#columns;
    }
    return this.#columns;
  }

  #codes(): Uint8Array {
    return (
      this.#columns?.codes ?? bytesAt(this.#memory, this.#memory.layout.rowReasons, this.count)
    );
  }

  #putRows(): void {
    const { u8, u32, layout } = this.#memory;
    u32.set(this.offsets, layout.rowOffsets >>> 2);
    u32.set(this.lengths, layout.rowLengths >>> 2);
    u8.set(this.statuses, layout.rowStatuses);
    u8.set(this.keys, layout.rowKeys);
    u8.set(this.#columns?.hashes ?? this.keys, layout.rowHashes);
  }
}

function markRows({ u8, layout }: CoreMemory, rows: readonly number[], mark: number): void {
  for (const row of rows) if (row < SCAN_ROWS_MAX) u8[layout.rowVerdicts + row] = mark;
}

function words(memory: CoreMemory, address: number, count: number): Uint32Array {
  return memory.u32.subarray(address >>> 2, (address >>> 2) + count);
}

function bytesAt(memory: CoreMemory, address: number, count: number): Uint8Array {
  return memory.u8.subarray(address, address + count);
}
