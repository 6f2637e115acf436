/**
 * The first contacts (C1, C13): configured addresses whose node ids are learnt by dialling.
 *
 * Seeds are not peers: a reached one is registered under the id its handshake proved. They are never
 * pruned, and a lost one is dialled again. Which due seed is dialled first is drawn, so that nodes
 * sharing one configuration do not all fall on the same seed.
 */

import { isNodeId, type NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Random } from "../random.ts";
import { BACKOFF_DEFAULT, type BackoffPolicy, backoffDelayMs } from "./backoff.ts";
import { isAddress } from "./peer-contact.ts";

/** Seeds kept: five a region for the largest topology's ten regions, with room. */
export const SEEDS_MAX = 64;

/** A first contact; `id` is undefined unless configured: a seed may come back with a new key. */
export interface Seed {
  readonly address: string;
  readonly id: NodeId | undefined;
  /** Dials failed in a row. */
  readonly failures: number;
}

/** Outcome of {@link BootstrapSeeds.add}. */
export type SeedVerdict =
  | { readonly kind: "added" | "known" }
  | {
      readonly kind: "refused";
      readonly reason: "self" | "full" | "invalid_id" | "invalid_address";
    };

/** Outcome of {@link BootstrapSeeds.reached}. `self`: the address is this node's; it is dropped. */
export type ReachedVerdict = "reached" | "self" | "other_id" | "unknown_seed";

interface SeedState {
  readonly address: string;
  readonly id: NodeId | undefined;
  failures: number;
  /** monoMs of the next dial; Infinity while dialling or connected. */
  dueMs: number;
}

/** The configured seeds and when each is to be dialled. */
export class BootstrapSeeds {
  readonly #selfId: NodeId;
  readonly #random: Random;
  readonly #backoff: BackoffPolicy;
  readonly #seeds = new Map<string, SeedState>();

  constructor(selfId: NodeId, random: Random, backoff: BackoffPolicy = BACKOFF_DEFAULT) {
    this.#selfId = selfId;
    this.#random = random;
    this.#backoff = backoff;
  }

  /** Adds a seed, due at once. */
  add(address: string, id?: NodeId): SeedVerdict {
    if (!isAddress(address)) return { kind: "refused", reason: "invalid_address" };
    if (id !== undefined && !isNodeId(id)) return { kind: "refused", reason: "invalid_id" };
    if (id === this.#selfId) return { kind: "refused", reason: "self" };
    if (this.#seeds.has(address)) return { kind: "known" };
    if (this.#seeds.size >= SEEDS_MAX) return { kind: "refused", reason: "full" };
    this.#seeds.set(address, { address, id, failures: 0, dueMs: Number.NEGATIVE_INFINITY });
    return { kind: "added" };
  }

  get count(): number {
    return this.#seeds.size;
  }

  /** In the order of configuration. */
  list(): readonly Seed[] {
    return [...this.#seeds.values()];
  }

  /** Takes one due seed to dial, at random; answer with `reached` or `failed`. */
  takeDue(now: Now): Seed | undefined {
    const due = [...this.#seeds.values()].filter((seed) => seed.dueMs <= now.monoMs);
    if (due.length === 0) return undefined;
    const seed = due[this.#random.below(due.length)];
    if (seed !== undefined) seed.dueMs = Number.POSITIVE_INFINITY;
    return seed;
  }

  /** monoMs of the next dial: -Infinity when one is due since ever, undefined when none is. */
  nextDueMs(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const seed of this.#seeds.values()) next = Math.min(next, seed.dueMs);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** The handshake at a seed proved `id`; after `other_id` (another was configured) call `failed`. */
  reached(address: string, id: NodeId): ReachedVerdict {
    const seed = this.#seeds.get(address);
    if (seed === undefined) return "unknown_seed";
    if (id === this.#selfId) {
      this.#seeds.delete(address);
      return "self";
    }
    if (seed.id !== undefined && seed.id !== id) return "other_id";
    seed.failures = 0;
    seed.dueMs = Number.POSITIVE_INFINITY;
    return "reached";
  }

  /** A dial failed, or the link to a reached seed is down: due again after a backoff. */
  failed(address: string, now: Now): void {
    const seed = this.#seeds.get(address);
    if (seed === undefined) return;
    seed.dueMs = now.monoMs + backoffDelayMs(seed.failures, this.#backoff, this.#random);
    seed.failures++;
  }
}
