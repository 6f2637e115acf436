/**
 * The members that a roll call names, as places in the sorted member list, and since when each is
 * known. A new list gives a new roster; since when members are known goes along.
 */
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import type { Now } from "../now.ts";
import { concat } from "../state/parked.ts";
import { ROSTER_DIGEST_BYTES } from "../wire/roll-call.ts";

export class Roster {
  /** Sorted; the membership's own list, so that a change of it shows as another object. */
  readonly ids: readonly NodeId[];
  readonly #kernels: Pick<Kernels, "blake3">;
  readonly #places = new Map<NodeId, number>();
  readonly #sinceMonoMs: Float64Array;
  readonly #counts: Uint8Array;
  #prefixes: Uint32Array | undefined;
  #digest: Uint8Array | undefined;

  /** @param counts whether a member is of the own region, so counts in n. */
  constructor(
    ids: readonly NodeId[],
    options: {
      readonly kernels: Pick<Kernels, "blake3">;
      readonly counts: (id: NodeId) => boolean;
      readonly before: Roster | undefined;
      readonly now: Now;
    },
  ) {
    const { kernels, counts, before, now } = options;
    this.ids = ids;
    this.#kernels = kernels;
    this.#sinceMonoMs = new Float64Array(ids.length);
    this.#counts = new Uint8Array(ids.length);
    for (const [place, id] of ids.entries()) {
      this.#places.set(id, place);
      this.#sinceMonoMs[place] = before?.sinceOf(id) ?? now.monoMs;
      this.#counts[place] = counts(id) ? 1 : 0;
    }
  }

  placeOf(id: NodeId): number | undefined {
    return this.#places.get(id);
  }

  sinceOf(id: NodeId): number | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#sinceMonoMs[place];
  }

  /** Members that count in n and have been known since `sinceMonoMs`; how many of `bits` too. */
  tally(bits: Uint8Array, sinceMonoMs: number): { members: number; answered: number } {
    let members = 0;
    let answered = 0;
    for (let place = 0; place < this.ids.length; place++) {
      if (this.#counts[place] === 0 || (this.#sinceMonoMs[place] ?? 0) > sinceMonoMs) continue;
      members += 1;
      answered += ((bits[place >> 3] ?? 0) >> (place & 7)) & 1;
    }
    return { members, answered };
  }

  /** First bytes of BLAKE3 over the ids: equal when the lists are. */
  get digest(): Uint8Array {
    this.#digest ??= this.#kernels
      .blake3(concat(this.ids.map(nodeIdToBytes)))
      .slice(0, ROSTER_DIGEST_BYTES);
    return this.#digest;
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
