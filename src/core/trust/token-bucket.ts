/**
 * A token bucket that goes into debt: what is refused is charged as well, so that whoever keeps
 * sending beyond the rate digs itself in, and whoever overran it once soon climbs out.
 */
import type { Rate } from "./rate-limits.ts";

/** `over`: refuse this; `flood`: in debt by a whole burst, the sender does not let up. */
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
    this.#refill(monoMs);
    const within = this.#tokens >= cost;
    this.#tokens = Math.max(-this.#rate.burst, this.#tokens - cost);
    if (within) return "within";
    return this.#tokens <= -this.#rate.burst ? "flood" : "over";
  }

  /** The same, without debt: what is refused costs nothing. False when refused. */
  take(cost: number, monoMs: number): boolean {
    this.#refill(monoMs);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Gives back what turned out to be worth its cost. */
  refund(cost: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + cost);
  }

  #refill(monoMs: number): void {
    const seconds = (monoMs - this.#monoMs) / 1_000;
    this.#monoMs = monoMs;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + seconds * this.#rate.perSecond);
  }
}
