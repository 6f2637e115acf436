/**
 * How long a frame takes one way. Every pair of nodes has a base of its own, drawn from the seed, as
 * two hosts have a distance; each frame adds up to a millisecond, so frames seldom overtake.
 */
import type { Random } from "../../core/random.ts";
import { REGION_NAMES, regionLatencyMs } from "./regions.ts";

export interface LatencyOptions {
  readonly seed: number;
  readonly regions: number;
  /** Within a region, ms, jitter included. */
  readonly minMs: number;
  readonly maxMs: number;
}

const JITTER_MS = 1;

export class Latency {
  readonly #options: LatencyOptions;
  readonly #random: Random;

  constructor(options: LatencyOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** Nodes are dealt round robin to the regions of the table. */
  regionOf(node: number): number {
    return node % Math.min(this.#options.regions, REGION_NAMES.length);
  }

  regionName(node: number): string {
    return REGION_NAMES[this.regionOf(node)] ?? "";
  }

  /** One frame's way; a new draw each time. */
  sampleMs(from: number, to: number): number {
    return this.baseMs(from, to) + this.#random.float() * JITTER_MS;
  }

  baseMs(from: number, to: number): number {
    const { minMs, maxMs, seed } = this.#options;
    const spread = Math.max(0, maxMs - minMs - JITTER_MS);
    const local = minMs + pairFraction(seed, from, to) * spread;
    return local + regionLatencyMs(this.regionOf(from), this.regionOf(to));
  }
}

/** A number in [0, 1) that belongs to a seed and an unordered pair. */
function pairFraction(seed: number, a: number, b: number): number {
  let x = Math.imul(Math.min(a, b) + 1, 0x9e3779b1) ^ Math.imul(Math.max(a, b) + 1, 0x85ebca77);
  x ^= Math.imul(seed | 0, 0xc2b2ae3d);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}
