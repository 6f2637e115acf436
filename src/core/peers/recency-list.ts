/**
 * Peers from the stalest to the freshest, as an intrusive list: a touch moves one peer to the end.
 *
 * Instants never decrease, so the list is sorted by `freshMs` without ever being sorted. A cursor
 * parts those whose activity was judged from the younger ones; counting the active moves it over
 * each peer at most once per touch, so the count is O(1) amortised.
 */

/** The links and times a member carries. */
export interface RecencyNode<T> {
  /** monoMs of the last touch, or of the first mention. */
  freshMs: number;
  /** Counts as active until the cursor passes it. */
  active: boolean;
  older: T | undefined;
  newer: T | undefined;
}

/** A list of members in order of their last touch. A member is in one list at a time. */
export class RecencyList<T extends RecencyNode<T>> {
  #oldest: T | undefined;
  #newest: T | undefined;
  #cursor: T | undefined;
  #size = 0;
  #activeCount = 0;

  get size(): number {
    return this.#size;
  }

  /** The stalest member; follow `newer` from there. */
  get oldest(): T | undefined {
    return this.#oldest;
  }

  /** Adds a member in no list as the freshest. An instant before the newest's is raised to it. */
  append(node: T, nowMs: number, active: boolean): void {
    node.freshMs = Math.max(nowMs, this.#newest?.freshMs ?? nowMs);
    node.active = active;
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.newer = node;
    this.#newest = node;
    this.#cursor ??= node;
    this.#size++;
    if (active) this.#activeCount++;
  }

  /** Removes a member of this list. */
  remove(node: T): void {
    if (this.#cursor === node) this.#cursor = node.newer;
    if (node.older === undefined) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === undefined) this.#newest = node.older;
    else node.newer.older = node.older;
    node.older = undefined;
    node.newer = undefined;
    this.#size--;
    if (node.active) this.#activeCount--;
    node.active = false;
  }

  /** How many active members were touched at or after `sinceMs`, which must not decrease. */
  countActive(sinceMs: number): number {
    let node = this.#cursor;
    while (node !== undefined && node.freshMs < sinceMs) {
      if (node.active) this.#activeCount--;
      node.active = false;
      node = node.newer;
    }
    this.#cursor = node;
    return this.#activeCount;
  }
}
