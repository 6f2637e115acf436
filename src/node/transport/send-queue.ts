/**
 * The frames a link has still to send: one bounded queue per lane, lane 0 first.
 *
 * Writing costs far more per call than per byte (a QUIC write is a round trip between threads), so
 * frames leave in batches: all that wait, up to a byte bound, as one buffer with their prefixes.
 * A refused frame is counted and forgotten; the queue never drops what it has accepted.
 */
import { FRAME_PREFIX_BYTES } from "./frame-reader.ts";
import { LANE_COUNT, type Lane, type TransportLimits } from "./transport.ts";

export type QueueVerdict = "queued" | "full" | "too_large";

export class SendQueue {
  readonly #limits: TransportLimits;
  readonly #lanes: readonly LaneFifo[] = Array.from({ length: LANE_COUNT }, () => new LaneFifo());
  #frames = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(limits: TransportLimits) {
    this.#limits = limits;
  }

  /** Frames waiting, over all lanes. */
  get frames(): number {
    return this.#frames;
  }

  /** Bytes waiting, over all lanes, without prefixes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Frames refused because their lane was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Queues a frame (transferred), or says why not: "too_large" outside 1..frameBytesMax, "full"
   * (counted) when the lane's frames or bytes would exceed their bound.
   */
  push(frame: Uint8Array, lane: Lane): QueueVerdict {
    const { frameBytesMax, queueFramesMax, queueBytesMax } = this.#limits;
    if (frame.length === 0 || frame.length > frameBytesMax) return "too_large";
    const fifo = this.#lanes[lane];
    if (fifo === undefined) return "too_large";
    if (fifo.count >= queueFramesMax || fifo.bytes + frame.length > queueBytesMax) {
      this.#dropped += 1;
      return "full";
    }
    fifo.push(frame);
    this.#frames += 1;
    this.#bytes += frame.length;
    return "queued";
  }

  /**
   * Takes the next frames as one buffer of prefixed frames.
   * @param bytesMax bound on the buffer; a single frame beyond it leaves alone.
   * @returns undefined when nothing waits.
   */
  takeBatch(bytesMax: number): Batch | undefined {
    if (this.#frames === 0) return undefined;
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const fifo of this.#lanes) {
      while (fifo.count > 0) {
        const size = fifo.headBytes + FRAME_PREFIX_BYTES;
        if (taken.length > 0 && bytes + size > bytesMax) return this.#encode(taken, bytes);
        taken.push(fifo.shift());
        bytes += size;
      }
    }
    return this.#encode(taken, bytes);
  }

  /** Forgets everything that waits; returns how many frames that were. */
  clear(): number {
    const count = this.#frames;
    for (const fifo of this.#lanes) fifo.clear();
    this.#frames = 0;
    this.#bytes = 0;
    return count;
  }

  #encode(frames: readonly Uint8Array[], bytes: number): Batch {
    const buffer = new Uint8Array(bytes);
    let at = 0;
    for (const frame of frames) {
      const length = frame.length;
      buffer[at] = length;
      buffer[at + 1] = length >>> 8;
      buffer[at + 2] = length >>> 16;
      buffer[at + 3] = length >>> 24;
      buffer.set(frame, at + FRAME_PREFIX_BYTES);
      at += length + FRAME_PREFIX_BYTES;
    }
    this.#frames -= frames.length;
    this.#bytes -= bytes - frames.length * FRAME_PREFIX_BYTES;
    return { bytes: buffer, frameCount: frames.length };
  }
}

/** Prefixed frames, ready to write. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly frameCount: number;
}

/** First in, first out, without moving the rest on each shift. */
class LaneFifo {
  #items: (Uint8Array | undefined)[] = [];
  #head = 0;
  bytes = 0;

  get count(): number {
    return this.#items.length - this.#head;
  }

  get headBytes(): number {
    return this.#items[this.#head]?.length ?? 0;
  }

  push(frame: Uint8Array): void {
    this.#items.push(frame);
    this.bytes += frame.length;
  }

  shift(): Uint8Array {
    const frame = this.#items[this.#head] ?? EMPTY;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    this.bytes -= frame.length;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_COUNT) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return frame;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.bytes = 0;
  }
}

const EMPTY = new Uint8Array(0);
/** Shifts between compactions: bounds both the waste and the copying. */
const COMPACT_COUNT = 1024;
