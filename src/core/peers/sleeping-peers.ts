/**
 * Members that a registry counts, but has not yet made records of its own for: those of a table that
 * it shares with others, and those it has been told of one by one.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { MemberRecord } from "../wire/member.ts";
import type { MemberTable } from "./member-table.ts";

export class SleepingPeers {
  #table: MemberTable | undefined;
  #selfId: NodeId = "";
  #ofTable = 0;
  /** Members of the table that do not sleep as it has them any more. */
  readonly #taken = new Set<NodeId>();
  readonly #single = new Map<NodeId, MemberRecord>();
  /** When the table became known. */
  sinceMonoMs = 0;

  get size(): number {
    return this.#ofTable + this.#single.size;
  }

  begin(table: MemberTable, selfId: NodeId, now: Now): void {
    this.#table = table;
    this.#selfId = selfId;
    this.sinceMonoMs = now.monoMs;
    for (const [, count] of this.byRegion()) this.#ofTable += count;
  }

  /** How many of the table sleep in each region, before any was taken. */
  byRegion(): Map<string, number> {
    const counts = new Map(this.#table?.peersByRegion);
    const own = this.#table?.peer(this.#selfId);
    if (own !== undefined) counts.set(own.region, (counts.get(own.region) ?? 0) - 1);
    return counts;
  }

  add(record: MemberRecord): void {
    this.#single.set(record.id, record);
  }

  /** Takes one; undefined when it does not sleep. */
  take(id: NodeId): MemberRecord | undefined {
    const single = this.#single.get(id);
    if (single !== undefined) {
      this.#single.delete(id);
      return single;
    }
    if (this.#ofTable === 0 || id === this.#selfId || this.#taken.has(id)) return undefined;
    const record = this.#table?.peer(id);
    if (record === undefined) return undefined;
    this.#taken.add(id);
    this.#ofTable -= 1;
    return record;
  }

  /** Of the table, ascending; then the others, as they came. */
  *ids(): Generator<NodeId> {
    if (this.#ofTable > 0) yield* this.#table?.present ?? [];
    yield* [...this.#single.keys()];
  }
}
