/**
 * Cuts a byte stream into lines of bounded length. What does not end within the bound is refused
 * once, before it is kept; the reader is of no use afterwards.
 */
import { LINE_BYTES_MAX, requestError } from "./protocol.ts";

export class LineReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  readonly #bytesMax: number;

  constructor(bytesMax = LINE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes the next chunk (kept until its last line ends) and yields the lines it completes,
   * without their newline; empty lines are skipped.
   * @throws MeshError MESH_CONTROL_REQUEST when a line exceeds the bound.
   */
  *push(chunk: Buffer): Generator<string, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = Buffer.concat(this.#parts).toString("utf8").trim();
      this.#parts = [];
      this.#bytes = 0;
      if (line !== "") yield line;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) {
      this.#parts = [];
      throw requestError(`a line holds at most ${this.#bytesMax} bytes`, { max: this.#bytesMax });
    }
    this.#parts.push(part);
  }
}

const NEWLINE = 0x0a;
