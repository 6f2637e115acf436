/**
 * Whether this node may judge others. Lifeguard's local health: a score raised by own missed
 * echoes, own lateness and having to refute, lowered by echoes that come; it stretches the own
 * timeouts. After a pause of its own a node convicts nobody until what waited has been heard.
 */
import type { Now } from "../now.ts";

const SCORE_WORST = 8;
/** An input this late costs health. */
const LATE_MS = 50;
/** An input this late, against the core's own deadline, shows a process that did not run. */
const PAUSE_MS = 100;
/** An echo within this shows that this node hears what is sent to it. */
const TIMELY_MS = 500;
/** Nobody is convicted for this long after a pause, and for as long as the pause was, up to a bound. */
const GRACE_MS = 500;
const GRACE_EXTRA_MAX_MS = 1_500;

export class LocalHealth {
  readonly #enabled: boolean;
  #score = 0;
  #graceMonoMs = Number.NEGATIVE_INFINITY;
  #timelyMonoMs = Number.NEGATIVE_INFINITY;
  /** The deadline that was last found missed: one pause counts once, however much had waited. */
  #missedDeadline = Number.NEGATIVE_INFINITY;
  /** When the last input was handled. */
  #inputMonoMs = Number.NEGATIVE_INFINITY;

  /** @param enabled false for plain SWIM: always healthy. */
  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** 0 (well) to 8. */
  get score(): number {
    return this.#score;
  }

  /** Factor on a probe's timeout. */
  get probeStretch(): number {
    return 1 + this.#score;
  }

  /** Factor on a suspicion. */
  get suspicionStretch(): number {
    return 1 + this.#score / SCORE_WORST;
  }

  /** End of the time in which nobody is convicted. */
  get graceMonoMs(): number {
    return this.#graceMonoMs;
  }

  /** Whether an own pause is too recent to judge anybody by silence. */
  isGuarded(now: Now): boolean {
    return now.monoMs < this.#graceMonoMs;
  }

  /** When an echo last came soon after its probe: frames do not wait here for long. */
  get timelyMonoMs(): number {
    return this.#timelyMonoMs;
  }

  /** An echo came; a late one shows either end to be slow. */
  answered(rttMs: number, now: Now): void {
    if (rttMs > TIMELY_MS) return this.missed();
    this.#timelyMonoMs = now.monoMs;
    this.#score = Math.max(0, this.#score - 1);
  }

  missed(): void {
    if (this.#enabled) this.#score = Math.min(SCORE_WORST, this.#score + 1);
  }

  /** Compares an input's instant with the deadline that stood before it; true after a new pause. */
  noteInput(deadline: number, now: Now): boolean {
    // What an input makes due in the past, a shorter suspicion for one, was nobody's to do earlier.
    const lateMs = now.monoMs - Math.max(deadline, this.#inputMonoMs);
    this.#inputMonoMs = now.monoMs;
    if (!this.#enabled || lateMs < LATE_MS || deadline === this.#missedDeadline) return false;
    this.#missedDeadline = deadline;
    this.missed();
    if (lateMs < PAUSE_MS) return false;
    const graceMs = GRACE_MS + Math.min(GRACE_EXTRA_MAX_MS, lateMs);
    this.#graceMonoMs = Math.max(this.#graceMonoMs, now.monoMs + graceMs);
    return true;
  }
}
