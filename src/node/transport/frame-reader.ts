/**
 * Cuts a byte stream into frames: u32 little-endian length, then that many bytes.
 *
 * 1. A length of 0 or above frameBytesMax is refused before anything is allocated for it.
 * 2. Memory grows with the bytes that arrived (doubling), never with the length that was announced.
 * 3. After a refusal the reader takes no more bytes: a stream that lost its framing is worthless.
 */

export type FrameRefusal = "frame_empty" | "frame_too_large" | "certificate_missing";

/**
 * Where a first frame's length would be: the peer's mesh admits by certificate (greeting.ts), and
 * this one is open. "KNM" and 0xff, above every length a frame may have.
 */
export const GREETING_MARK = 0xff4d4e4b;

/** Bytes of the length prefix. */
export const FRAME_PREFIX_BYTES = 4;

export class FrameReader {
  readonly #frameBytesMax: number;
  readonly #emit: (frame: Uint8Array) => void;
  #prefix = 0;
  #prefixCount = 0;
  #frameBytes = 0;
  #filled = 0;
  #buffer: Uint8Array = EMPTY;
  #refused: FrameRefusal | undefined;
  #stopped = false;
  #hasEmitted = false;

  /** @param emit gets each whole frame; the bytes are its own from then on. */
  constructor(frameBytesMax: number, emit: (frame: Uint8Array) => void) {
    this.#frameBytesMax = frameBytesMax;
    this.#emit = emit;
  }

  /** True when the stream may end here: no frame has been begun. */
  get atBoundary(): boolean {
    return this.#prefixCount === 0;
  }

  /** Emits nothing more, even from the chunk being read. */
  stop(): void {
    this.#stopped = true;
    this.#buffer = EMPTY;
  }

  /**
   * Reads one chunk, emitting every frame it completes.
   * @param chunk borrowed; frames are copies.
   * @returns why the stream was refused, or undefined while it is sound.
   */
  push(chunk: Uint8Array): FrameRefusal | undefined {
    let at = 0;
    while (at < chunk.length && !this.#stopped && this.#refused === undefined) {
      at =
        this.#prefixCount < FRAME_PREFIX_BYTES
          ? this.#readPrefix(chunk, at)
          : this.#readBody(chunk, at);
    }
    return this.#refused;
  }

  #readPrefix(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#prefixCount < FRAME_PREFIX_BYTES) {
      this.#prefix += (chunk[at] ?? 0) * 2 ** (8 * this.#prefixCount);
      this.#prefixCount += 1;
      at += 1;
    }
    if (this.#prefixCount < FRAME_PREFIX_BYTES) return at;
    this.#frameBytes = this.#prefix;
    if (this.#frameBytes === 0) this.#refused = "frame_empty";
    if (this.#frameBytes > this.#frameBytesMax) this.#refused = "frame_too_large";
    if (this.#frameBytes === GREETING_MARK && !this.#hasEmitted) {
      this.#refused = "certificate_missing";
    }
    return at;
  }

  #readBody(chunk: Uint8Array, from: number): number {
    const missing = this.#frameBytes - this.#filled;
    const end = Math.min(chunk.length, from + missing);
    if (this.#filled === 0 && end - from === missing) {
      // The usual case: the frame lies whole in one chunk. The copy frees the chunk it came in,
      // and is made without `slice`, which copies nothing when the chunk is a Buffer.
      this.#finish(new Uint8Array(chunk.subarray(from, end)));
      return end;
    }
    this.#grow(this.#filled + (end - from));
    this.#buffer.set(chunk.subarray(from, end), this.#filled);
    this.#filled += end - from;
    if (this.#filled === this.#frameBytes) this.#finish(this.#buffer.subarray(0, this.#frameBytes));
    return end;
  }

  #grow(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const capacity = Math.min(
      this.#frameBytes,
      Math.max(needed, this.#buffer.length * 2, GROW_BYTES_MIN),
    );
    const grown = new Uint8Array(capacity);
    grown.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = grown;
  }

  #finish(frame: Uint8Array): void {
    this.#prefix = 0;
    this.#prefixCount = 0;
    this.#filled = 0;
    this.#buffer = EMPTY;
    this.#hasEmitted = true;
    this.#emit(frame);
  }
}

const EMPTY = new Uint8Array(0);
/** Half of what a decoder may allocate beyond eight times its input (test/slow/decoders.test.ts). */
const GROW_BYTES_MIN = 32_768;
