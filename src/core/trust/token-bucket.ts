/**
 * A token bucket that goes into debt: a charge passes while anything is left, however much it costs,
 * and what is refused is charged as well. So a single large frame passes and is paid for afterwards,
 * and whoever keeps sending beyond the rate digs itself in.
 */
import type { Rate } from "./rate-limits.ts";

/** `over`: refuse this; `flood`: owing the most that can be owed, the sender does not let up. */
export type Charge = "within" | "over" | "flood";

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #monoMs: number;

  constructor(rate: Rate, monoMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#monoMs = monoMs;
  }

  /** Takes `cost` tokens at `monoMs`, which does not decrease. */
  charge(cost: number, monoMs: number): Charge {
    const within = this.#hasAny(monoMs);
    const { debtMax } = this.#rate;
    this.#tokens = Math.max(-debtMax, this.#tokens - cost);
    if (within) return "within";
    return this.#tokens <= -debtMax ? "flood" : "over";
  }

  /** The same, but what is refused costs nothing. False when refused. */
  take(cost: number, monoMs: number): boolean {
    if (!this.#hasAny(monoMs)) return false;
    this.#tokens = Math.max(-this.#rate.debtMax, this.#tokens - cost);
    return true;
  }

  /** Gives back what turned out to be worth its cost. */
  refund(cost: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + cost);
  }

  /** Whether a whole token is there at `monoMs`. */
  #hasAny(monoMs: number): boolean {
    const { perSecond, burst } = this.#rate;
    const seconds = (monoMs - this.#monoMs) / 1_000;
    this.#monoMs = monoMs;
    this.#tokens = Math.min(burst, this.#tokens + seconds * perSecond);
    return this.#tokens >= 1;
  }
}
