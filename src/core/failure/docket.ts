/**
 * When a suspicion next needs looking at. Kept, because every input asks for it and a cut makes
 * hundreds of suspects: never later than true, and worked out anew when it has come or when what
 * all suspicions depend on has changed.
 */
export class Docket {
  #dueMonoMs = Number.POSITIVE_INFINITY;
  #score = -1;
  #members = -1;

  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  /** Whether it was worked out with this local health and so many members. */
  isOf(score: number, members: number): boolean {
    return score === this.#score && members === this.#members;
  }

  set(dueMonoMs: number, score: number, members: number): void {
    this.#dueMonoMs = dueMonoMs;
    this.#score = score;
    this.#members = members;
  }

  /** One suspicion has begun or has become more urgent. */
  hurry(dueMonoMs: number): void {
    this.#dueMonoMs = Math.min(this.#dueMonoMs, dueMonoMs);
  }
}
