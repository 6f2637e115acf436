/** What happens to a frame on its way: loss, copies, delay, damage; and what it costs. */
import type { Random } from "../../core/random.ts";
import { Cuts } from "./cuts.ts";
import type { Latency } from "./latency.ts";
import type { Nodes } from "./node-set.ts";
import type { Streams } from "./streams.ts";

/** IP, UDP and QUIC around a frame. */
export const DATAGRAM_BYTES = 60;
/** A reordered frame takes up to so much longer. */
const REORDER_MS = 50;
/** A round trip of twice this leaves a roll call no time for its hops. */
const SLUGGISH_MS = 50;

export type DisturbanceKind = "drop" | "duplicate" | "reorder" | "corrupt" | "delay";

/** A fault of the paths from some nodes to some nodes. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  readonly src: Nodes;
  readonly dst: Nodes;
  /** Probability a frame; 1 for a delay. */
  readonly p: number;
  /** Of a delay, ms. */
  readonly meanMs: number;
  readonly jitterMs: number;
}

export interface Delivery {
  readonly delayMs: number;
  readonly bytes: Uint8Array;
}

export interface NetworkCounts {
  frames: number;
  bytes: number;
  dropped: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  delayed: number;
  blocked: number;
}

export class Network {
  readonly cuts = new Cuts();
  readonly counts: NetworkCounts = {
    frames: 0,
    bytes: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    delayed: 0,
    blocked: 0,
  };
  readonly disturbances = new Set<Disturbance>();
  readonly latency: Latency;
  readonly #random: Random;
  readonly #loss: number;

  /** @param loss of every frame, for the whole run. */
  constructor(latency: Latency, streams: Streams, loss: number) {
    this.latency = latency;
    this.#random = streams.network;
    this.#loss = loss;
  }

  /** Whether some path is now slower than a roll call waits. */
  get isSluggish(): boolean {
    for (const { kind, meanMs, jitterMs } of this.disturbances) {
      if (kind === "delay" && meanMs + jitterMs > SLUGGISH_MS) return true;
    }
    return false;
  }

  /** What arrives of one frame, and when; nothing, once, or twice. Frames that arrive are shared. */
  carry(from: number, to: number, bytes: Uint8Array): readonly Delivery[] {
    this.counts.frames += 1;
    this.counts.bytes += bytes.length + DATAGRAM_BYTES;
    if (this.cuts.blocks(from, to)) {
      this.counts.blocked += 1;
      return [];
    }
    if (this.#loss > 0 && this.#random.float() < this.#loss) {
      this.counts.dropped += 1;
      return [];
    }
    const first = { delayMs: this.latency.sampleMs(from, to), bytes };
    if (this.disturbances.size === 0) return [first];
    return this.#disturb(from, to, first);
  }

  #disturb(from: number, to: number, whole: Delivery): readonly Delivery[] {
    let copies = [whole];
    for (const disturbance of this.disturbances) {
      const { src, dst, p } = disturbance;
      if (!src.has(from) || !dst.has(to) || this.#random.float() >= p) continue;
      copies = this.#apply(disturbance, copies);
    }
    return copies;
  }

  #apply({ kind, meanMs, jitterMs }: Disturbance, copies: Delivery[]): Delivery[] {
    const { counts } = this;
    switch (kind) {
      case "drop":
        counts.dropped += 1;
        return [];
      case "duplicate":
        counts.duplicated += 1;
        return [...copies, ...copies.slice(0, 1)];
      case "reorder":
        counts.reordered += 1;
        return copies.map((copy) => later(copy, this.#random.float() * REORDER_MS));
      case "corrupt":
        // The link's cipher finds damage on the way: what is delivered is what was sent, or nothing.
        counts.corrupted += 1;
        return [];
      case "delay": {
        counts.delayed += 1;
        const extraMs = Math.max(0, meanMs + (2 * this.#random.float() - 1) * jitterMs);
        return copies.map((copy) => later(copy, extraMs));
      }
    }
  }
}

function later(copy: Delivery, ms: number): Delivery {
  return { ...copy, delayMs: copy.delayMs + ms };
}

/** A copy with one byte changed. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const at = random.below(Math.max(1, copy.length));
  copy[at] = (copy[at] ?? 0) ^ (1 + random.below(255));
  return copy;
}
