/**
 * A bounded little-endian reader over bytes from a peer. It never throws and never reads past the
 * end: an underflow or a value out of range makes `ok` false for good and reads return zero values,
 * so a decoder reads straight through and checks `finished` once.
 */
import { NODE_ID_BYTES } from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes } from "../node-id.ts";

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;
  #ok = true;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  /** False once anything read was missing or out of range. */
  get ok(): boolean {
    return this.#ok;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** True when everything was well formed and nothing trails. */
  get finished(): boolean {
    return this.#ok && this.#offset === this.#bytes.length;
  }

  u8(): number {
    return this.#take(1) ? this.#view.getUint8(this.#offset - 1) : 0;
  }

  u16(): number {
    return this.#take(2) ? this.#view.getUint16(this.#offset - 2, true) : 0;
  }

  u32(): number {
    return this.#take(4) ? this.#view.getUint32(this.#offset - 4, true) : 0;
  }

  u64(): bigint {
    return this.#take(8) ? this.#view.getBigUint64(this.#offset - 8, true) : 0n;
  }

  /** A u64 that must be a safe integer. */
  safe(): number {
    const low = this.u32();
    const high = this.u32();
    if (high > 0x1fffff) this.#ok = false;
    return this.#ok ? high * 0x1_0000_0000 + low : 0;
  }

  /** A view of the next `count` bytes, valid as long as the input is. */
  view(count: number): Uint8Array {
    return this.#take(count)
      ? this.#bytes.subarray(this.#offset - count, this.#offset)
      : this.#bytes.subarray(0, 0);
  }

  /** The id in the next 32 bytes, read in place: lists of ids are most of what peers send. */
  nodeId(): NodeId {
    return this.#take(NODE_ID_BYTES)
      ? nodeIdFromBytes(this.#bytes, this.#offset - NODE_ID_BYTES)
      : "";
  }

  /** UTF-8 text with a u16 length, at most `bytesMax` bytes, strictly valid. */
  text(bytesMax: number): string {
    const count = this.u16();
    if (count > bytesMax) this.#ok = false;
    const bytes = this.view(this.#ok ? count : 0);
    return this.#ok ? this.#decodeText(bytes) : "";
  }

  /** A count that must not exceed `max`; a larger one fails the reader. */
  count(max: number): number {
    const value = this.u16();
    if (value > max) this.#ok = false;
    return this.#ok ? value : 0;
  }

  /** Fails the reader: for a rule that only the caller knows. */
  fail(): void {
    this.#ok = false;
  }

  #take(count: number): boolean {
    if (!this.#ok || this.#bytes.length - this.#offset < count) {
      this.#ok = false;
      return false;
    }
    this.#offset += count;
    return true;
  }

  #decodeText(bytes: Uint8Array): string {
    try {
      return UTF8.decode(bytes);
    } catch {
      this.#ok = false;
      return "";
    }
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
