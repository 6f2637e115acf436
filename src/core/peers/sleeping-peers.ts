/** Members of a shared table that a registry counts, but has not yet made records of its own for. */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { MemberRecord } from "../wire/member.ts";
import type { MemberTable } from "./member-table.ts";

export class SleepingPeers {
  #table: MemberTable | undefined;
  #selfId: NodeId = "";
  #size = 0;
  /** Members of the table that do not sleep any more. */
  readonly #taken = new Set<NodeId>();
  /** When they became known. */
  sinceMonoMs = 0;

  get size(): number {
    return this.#size;
  }

  begin(table: MemberTable, selfId: NodeId, now: Now): void {
    this.#table = table;
    this.#selfId = selfId;
    this.sinceMonoMs = now.monoMs;
    for (const [, count] of this.byRegion()) this.#size += count;
  }

  /** How many sleep in each region, before any was taken. */
  byRegion(): Map<string, number> {
    const counts = new Map(this.#table?.peersByRegion);
    const own = this.#table?.peer(this.#selfId);
    if (own !== undefined) counts.set(own.region, (counts.get(own.region) ?? 0) - 1);
    return counts;
  }

  /** Takes one; undefined when it does not sleep. */
  take(id: NodeId): MemberRecord | undefined {
    if (this.#size === 0 || id === this.#selfId || this.#taken.has(id)) return undefined;
    const record = this.#table?.peer(id);
    if (record === undefined) return undefined;
    this.#taken.add(id);
    this.#size -= 1;
    return record;
  }

  /** Ascending. */
  *ids(): Generator<NodeId> {
    if (this.#size > 0) yield* this.#table?.present ?? [];
  }
}
