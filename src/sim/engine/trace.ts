/** The fingerprint of a run: BLAKE3 chained over blocks of everything that happened, in order. */
import type { Kernels } from "../../kernels/kernels.ts";

const BLOCK_BYTES = 65_536;
const HEAD_BYTES = 18;

export class BlockTrace {
  readonly #kernels: Pick<Kernels, "blake3">;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #view = new DataView(this.#block.buffer);
  #length = 32;
  #events = 0;

  constructor(kernels: Pick<Kernels, "blake3">) {
    this.#kernels = kernels;
  }

  get events(): number {
    return this.#events;
  }

  /** Of everything so far, hex. */
  get hash(): string {
    this.#close();
    return Buffer.from(this.#block.subarray(0, 32)).toString("hex");
  }

  add(atMs: number, node: number, kind: number, bytes: Uint8Array = NOTHING): void {
    this.#events += 1;
    if (this.#length + HEAD_BYTES > BLOCK_BYTES) this.#close();
    const at = this.#length;
    this.#view.setFloat64(at, atMs, true);
    this.#view.setUint32(at + 8, node, true);
    this.#view.setUint16(at + 12, kind, true);
    this.#view.setUint32(at + 14, bytes.length, true);
    this.#length += HEAD_BYTES;
    for (let from = 0; from < bytes.length; ) {
      if (this.#length === BLOCK_BYTES) this.#close();
      const part = bytes.subarray(from, from + BLOCK_BYTES - this.#length);
      this.#block.set(part, this.#length);
      this.#length += part.length;
      from += part.length;
    }
  }

  #close(): void {
    if (this.#length === 32) return;
    this.#block.set(this.#kernels.blake3(this.#block.subarray(0, this.#length)));
    this.#length = 32;
  }
}

const NOTHING = new Uint8Array(0);
