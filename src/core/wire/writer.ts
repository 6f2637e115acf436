/**
 * A growing little-endian writer; the exact counterpart of {@link Reader}. Callers keep to the
 * limits of docs/LIMITS.md; the writer only lays bytes down.
 */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  /** Where in #bytes it began, and where it is. */
  #start: number;
  #end: number;

  constructor(bytesExpected = 256) {
    const { bytes, view, used } = takeScratch(bytesExpected);
    this.#bytes = bytes;
    this.#view = view;
    this.#start = used;
    this.#end = used;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  /** A safe integer as u64. */
  safe(value: number): this {
    return this.u32(value % 0x1_0000_0000).u32(Math.floor(value / 0x1_0000_0000));
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** UTF-8 text behind a u16 length. */
  text(value: string): this {
    const at = this.length;
    return this.u16(0).u16At(at, this.utf8(value));
  }

  /** UTF-8 text; how many bytes it took. */
  utf8(value: string): number {
    const at = this.#grow(value.length);
    // Short and ASCII, as names are: a call into the engine's encoder would take ten times as long.
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) {
        this.#end = at;
        const encoded = UTF8.encode(value);
        this.bytes(encoded);
        return encoded.length;
      }
      this.#bytes[at + i] = unit;
    }
    return value.length;
  }

  /** Sets a u16 that was written before at `at`. */
  u16At(at: number, value: number): this {
    this.#view.setUint16(this.#start + at, value, true);
    return this;
  }

  /** The same for a u32. */
  u32At(at: number, value: number): this {
    this.#view.setUint32(this.#start + at, value, true);
    return this;
  }

  /** The written bytes, of their exact length and in a buffer of their own. The writer begins anew. */
  finish(): Uint8Array {
    const isExact = this.length === this.#bytes.length;
    const written = isExact ? this.#bytes : this.#bytes.slice(this.#start, this.#end);
    this.#leave(isExact ? this.#end : this.#start);
    return written;
  }

  /**
   * The same where they lie: a buffer costs more than a short frame takes to write. For what is let
   * go soon, as what was written before and after in the same room stays as long.
   */
  cut(): Uint8Array {
    const written = this.#bytes.subarray(this.#start, this.#end);
    this.#leave(this.#end);
    return written;
  }

  /** Leaves the room to the next writer, from `used` on. */
  #leave(used: number): void {
    if (used < this.#bytes.length && this.#bytes.length <= SCRATCH_BYTES_KEPT) {
      scratch = { bytes: this.#bytes, view: this.#view, used };
    }
    this.#bytes = NOTHING;
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes room. Callers take the offset first: growing replaces buffer and view. */
  #grow(count: number): number {
    if (this.#end + count > this.#bytes.length) {
      const written = this.#bytes.subarray(this.#start, this.#end);
      const larger = new Uint8Array(Math.max(written.length + count, this.#bytes.length * 2));
      larger.set(written);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
      this.#start = 0;
      this.#end = written.length;
    }
    const at = this.#end;
    this.#end += count;
    return at;
  }
}

interface Scratch {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** What stays as it is: cut off before. */
  readonly used: number;
}

/** Room to write in: that of the last writer that has finished, if it suffices. */
function takeScratch(bytesExpected: number): Scratch {
  const spare = scratch;
  if (spare !== undefined && spare.bytes.length - spare.used >= bytesExpected) {
    scratch = undefined;
    return spare;
  }
  const bytes = new Uint8Array(Math.max(SCRATCH_BYTES, bytesExpected));
  return { bytes, view: new DataView(bytes.buffer), used: 0 };
}

/** One writer's room serves the next: nearly all write one frame after another. */
let scratch: Scratch | undefined;
const SCRATCH_BYTES = 4_096;
const SCRATCH_BYTES_KEPT = 65_536;
const NOTHING = new Uint8Array(0);
const UTF8 = new TextEncoder();
