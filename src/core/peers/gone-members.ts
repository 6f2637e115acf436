/**
 * Which of the members that are gone (left, or departed by a quorum) make room when the list is full,
 * and what is remembered of them, so that an old record does not bring them back.
 *
 * The one with the earliest life goes first: a rule over the records alone, so that full lists that
 * have seen the same records stay equal.
 */
import type { NodeId } from "../node-id.ts";
import { isNewerMember, type MemberRecord } from "../wire/member.ts";

/** Members remembered that have given up their place; beyond, the first is forgotten. */
const BURIED_MAX = 8_192;

type Life = Pick<MemberRecord, "epoch" | "counter">;

export class GoneMembers {
  readonly #buried = new Map<NodeId, Life>();

  /** Whether a record says nothing newer than what was given up. */
  holds(record: MemberRecord): boolean {
    const buried = this.#buried.get(record.id);
    return buried !== undefined && !isNewerMember(record, { ...record, ...buried });
  }

  bury({ id, epoch, counter }: MemberRecord): void {
    this.#buried.delete(id);
    if (this.#buried.size >= BURIED_MAX) {
      const [first] = this.#buried.keys();
      if (first !== undefined) this.#buried.delete(first);
    }
    this.#buried.set(id, { epoch, counter });
  }
}

/** The record that goes first; undefined when there is none. */
export function firstToGo(gone: Iterable<MemberRecord>): MemberRecord | undefined {
  let first: MemberRecord | undefined;
  for (const record of gone) {
    if (first === undefined || isEarlier(record, first)) first = record;
  }
  return first;
}

function isEarlier(a: MemberRecord, b: MemberRecord): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.id < b.id);
}
