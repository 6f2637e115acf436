/**
 * The members that a roll call names, as places in the sorted member list, and since when each is
 * known. A new list gives a new roster; since when members are known goes along.
 */
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { lowerBound } from "../peers/membership.ts";
import { concat } from "../wire/concat.ts";
import { ROSTER_DIGEST_BYTES } from "../wire/roll-call.ts";

export class Roster {
  /** Sorted; the membership's own list, so that a change of it shows as another object. */
  readonly ids: readonly NodeId[];
  readonly #kernels: Pick<Kernels, "blake3">;
  /** Since when each place is known, or all of them. */
  readonly #sinceMonoMs: Float64Array | number;
  /** 1 for a place that counts; undefined where all do. */
  readonly #counts: Uint8Array | undefined;
  #prefixes: Uint32Array | undefined;

  /**
   * @param options.counts whether a member is of the own region, so counts in n.
   * @param options.sinceMonoMs since when those are known that are not in `before`.
   */
  constructor(
    ids: readonly NodeId[],
    options: {
      readonly kernels: Pick<Kernels, "blake3">;
      readonly counts: (id: NodeId) => boolean;
      readonly before: Roster | undefined;
      readonly sinceMonoMs: number;
    },
  ) {
    const { kernels, counts, before, sinceMonoMs } = options;
    this.ids = ids;
    this.#kernels = kernels;
    this.#counts = ids.every(counts) ? undefined : Uint8Array.from(ids, (id) => +counts(id));
    this.#sinceMonoMs =
      before === undefined
        ? sinceMonoMs
        : Float64Array.from(ids, (id) => before.sinceOf(id) ?? sinceMonoMs);
  }

  placeOf(id: NodeId): number | undefined {
    const place = lowerBound(this.ids, id);
    return this.ids[place] === id ? place : undefined;
  }

  sinceOf(id: NodeId): number | undefined {
    const place = this.placeOf(id);
    if (place === undefined || typeof this.#sinceMonoMs === "number") {
      return place === undefined ? undefined : (this.#sinceMonoMs as number);
    }
    return this.#sinceMonoMs[place];
  }

  /** Members that count in n and have been known since `sinceMonoMs`; how many of `bits` too. */
  tally(bits: Uint8Array, sinceMonoMs: number): { members: number; answered: number } {
    const since = this.#sinceMonoMs;
    const isAge = typeof since !== "number" && sinceMonoMs !== Number.POSITIVE_INFINITY;
    if (typeof since === "number" && since > sinceMonoMs) return { members: 0, answered: 0 };
    if (!isAge && this.#counts === undefined) {
      return { members: this.ids.length, answered: ones(bits) };
    }
    let members = 0;
    let answered = 0;
    for (let place = 0; place < this.ids.length; place++) {
      if (this.#counts?.[place] === 0) continue;
      if (isAge && (since[place] ?? 0) > sinceMonoMs) continue;
      members += 1;
      answered += ((bits[place >> 3] ?? 0) >> (place & 7)) & 1;
    }
    return { members, answered };
  }

  /** Members that count in n and are not in `bits`. */
  missing(bits: Uint8Array): NodeId[] {
    return this.ids.filter((_, place) => {
      if (this.#counts?.[place] === 0) return false;
      return (((bits[place >> 3] ?? 0) >> (place & 7)) & 1) === 0;
    });
  }

  /** First bytes of BLAKE3 over the ids: equal when the lists are. */
  get digest(): Uint8Array {
    let digest = DIGESTS.get(this.ids);
    if (digest === undefined) {
      const ids = concat(this.ids.map(nodeIdToBytes));
      digest = this.#kernels.blake3(ids).slice(0, ROSTER_DIGEST_BYTES);
      DIGESTS.set(this.ids, digest);
    }
    return digest;
  }

  /** First four bytes of every id; ascending, as the ids are. */
  get prefixes(): Uint32Array {
    this.#prefixes ??= Uint32Array.from(this.ids, (id) => Number.parseInt(id.slice(0, 8), 16));
    return this.#prefixes;
  }

  /** The first member with these first four bytes. */
  placeOfPrefix(prefix: number): number | undefined {
    const { prefixes } = this;
    let low = 0;
    let high = prefixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((prefixes[middle] ?? 0) < prefix) low = middle + 1;
      else high = middle;
    }
    return prefixes[low] === prefix ? low : undefined;
  }
}

/** Bits set; those beyond the last place never are. */
function ones(bits: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += ONES[bits[i] ?? 0] ?? 0;
  return count;
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** By the list itself, which cores of one process may share. */
const DIGESTS = new WeakMap<readonly NodeId[], Uint8Array>();
