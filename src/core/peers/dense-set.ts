/**
 * A set whose members lie at places 0 .. size - 1, so that a random index is a random member.
 *
 * Add and delete are O(1): the last member moves into the gap. Each member carries its own place
 * (one field per set it may be in), so no map is needed and a draw touches one cell per member.
 * The order is an accident of history; whoever needs another order imposes it.
 */

/** The fields of a member that may hold a place; -1 while it is not in that set. */
export type PlaceField = "eligiblePlace" | "regionPlace" | "rttPlace";

/** What a dense set asks of its members. */
export type Placed = Record<PlaceField, number>;

/** Members at consecutive places; one set per place field and member at a time. */
export class DenseSet<T extends Placed> {
  /** The members by place. Borrowed: only this class writes it. */
  readonly members: T[] = [];
  readonly #field: PlaceField;

  constructor(field: PlaceField) {
    this.#field = field;
  }

  get size(): number {
    return this.members.length;
  }

  /** Adds a member that is in no set of this field. */
  add(member: T): void {
    const placed: Placed = member;
    placed[this.#field] = this.members.length;
    this.members.push(member);
  }

  /** Removes a member of this set. */
  delete(member: T): void {
    const placed: Placed = member;
    const place = placed[this.#field];
    const last = this.members.pop();
    if (last !== undefined && last !== member) {
      const moved: Placed = last;
      this.members[place] = last;
      moved[this.#field] = place;
    }
    placed[this.#field] = NOWHERE;
  }
}

/** Place of a member that is in no set. */
export const NOWHERE = -1;
