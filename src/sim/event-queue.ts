/**
 * Events of a world in virtual time: earliest first, of equals the one scheduled first. A binary
 * heap whose times and orders lie in arrays of numbers: comparing them follows no pointer, and a
 * large world has hundreds of thousands waiting.
 */
export class EventQueue<T> {
  #times = new Float64Array(CAPACITY_START);
  #orders = new Float64Array(CAPACITY_START);
  readonly #events: (T | undefined)[] = [];
  #size = 0;
  #order = 0;

  get size(): number {
    return this.#size;
  }

  push(atMs: number, event: T): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#rise(this.#size++, atMs, this.#order++, event);
  }

  /** Takes the next event; undefined when none is left. */
  pop(): { readonly atMs: number; readonly event: T } | undefined {
    if (this.#size === 0) return undefined;
    const atMs = this.#times[0] ?? 0;
    const event = this.#events[0] as T;
    const last = --this.#size;
    const [time, order] = [this.#times[last] ?? 0, this.#orders[last] ?? 0];
    const moved = this.#events[last] as T;
    this.#events[last] = undefined;
    if (last > 0) this.#sink(time, order, moved);
    return { atMs, event };
  }

  /** Moves the hole at `child` up to where the event belongs. */
  #rise(from: number, atMs: number, order: number, event: T): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      // A new event comes after all that wait for the same instant.
      if ((this.#times[parent] ?? 0) <= atMs) break;
      this.#move(parent, child);
      child = parent;
    }
    this.#put(child, atMs, order, event);
  }

  /** Moves the hole at the root down to where the event belongs. */
  #sink(atMs: number, order: number, event: T): void {
    let parent = 0;
    for (let child = 1; child < this.#size; child = 2 * parent + 1) {
      if (child + 1 < this.#size && this.#isBefore(child + 1, child)) child += 1;
      const time = this.#times[child] ?? 0;
      if (time > atMs || (time === atMs && (this.#orders[child] ?? 0) > order)) break;
      this.#move(child, parent);
      parent = child;
    }
    this.#put(parent, atMs, order, event);
  }

  #isBefore(i: number, j: number): boolean {
    const [a, b] = [this.#times[i] ?? 0, this.#times[j] ?? 0];
    return a < b || (a === b && (this.#orders[i] ?? 0) < (this.#orders[j] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, this.#events[from] as T);
  }

  #put(at: number, atMs: number, order: number, event: T): void {
    this.#times[at] = atMs;
    this.#orders[at] = order;
    this.#events[at] = event;
  }

  #grow(): void {
    const grown = (numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(2 * numbers.length);
      larger.set(numbers);
      return larger;
    };
    this.#times = grown(this.#times);
    this.#orders = grown(this.#orders);
  }
}

const CAPACITY_START = 1_024;
