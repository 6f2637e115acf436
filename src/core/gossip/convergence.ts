/**
 * Observed convergence (C4): converged when the configured share of the active view, and of
 * the last 32 peers heard since the own root changed, showed the own root. Nothing is inferred
 * from elapsed rounds.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { isAt } from "../wire/bytes-at.ts";
import { bytesEqual } from "../wire/member.ts";

export interface Converged {
  /** From the own root's last change to the observation. */
  readonly elapsedMs: number;
  /** Rounds run meanwhile. */
  readonly rounds: number;
}

export class Convergence {
  readonly #threshold: number;
  /** Whether each linked peer's newest root since the own root changed equals it; oldest first. */
  readonly #heard = new Map<NodeId, boolean>();
  #root: Uint8Array = new Uint8Array(0);
  #changedMs = 0;
  #rounds = 0;
  #converged = false;
  /** The view of the last check, while another would come to the same. */
  #checked: readonly NodeId[] | undefined;
  /** Told once per root, however often peers come and go. */
  #announced = false;

  /** @param threshold share in (0, 1] of peers that must show the own root. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  get converged(): boolean {
    return this.#converged;
  }

  /** Tells the own root; a new one starts the observation afresh. */
  rootIs(root: Uint8Array, now: Now): boolean {
    if (root === this.#root || bytesEqual(root, this.#root)) return false;
    this.#root = root;
    this.#heard.clear();
    this.#checked = undefined;
    this.#changedMs = now.monoMs;
    this.#rounds = 0;
    this.#converged = false;
    this.#announced = false;
    return true;
  }

  /** A peer showed its root, or the first bytes of it. Returns whether it equals the own. */
  shown(peer: NodeId, root: Uint8Array): boolean {
    const same = root.length <= this.#root.length && isAt(this.#root, 0, root);
    // Who was heard last matters only among more than are looked at.
    if (this.#heard.get(peer) !== same || this.#heard.size > RECENT_MAX) this.#checked = undefined;
    this.#heard.delete(peer);
    if (this.#heard.size >= HEARD_MAX) {
      const oldest = this.#heard.keys().next();
      if (oldest.done !== true) this.#heard.delete(oldest.value);
    }
    this.#heard.set(peer, same);
    return same;
  }

  /** Whether the newest root that a peer showed since the own root changed equals it. */
  agrees(peer: NodeId): boolean {
    return this.#heard.get(peer) === true;
  }

  /** Whether a peer, when last heard, showed another root than the own one now. */
  get differs(): boolean {
    for (const same of this.#heard.values()) if (!same) return true;
    return false;
  }

  /** Whether the own root has stood for so long that a peer's other one is no push under way. */
  differsFor(ms: number, now: Now): boolean {
    return now.monoMs - this.#changedMs >= ms && this.differs;
  }

  forget(peer: NodeId): void {
    this.#checked = undefined;
    this.#heard.delete(peer);
  }

  round(): void {
    this.#rounds += 1;
  }

  /** Checks against the active view, which is another array when it has changed; a result only when it has just become true. */
  check(view: readonly NodeId[], now: Now): Converged | undefined {
    if (view === this.#checked) return undefined;
    this.#checked = view;
    this.#converged = this.#holds(view);
    if (!this.#converged || this.#announced) return undefined;
    this.#announced = true;
    return { elapsedMs: now.monoMs - this.#changedMs, rounds: this.#rounds };
  }

  #holds(view: readonly NodeId[]): boolean {
    if (view.length === 0) return false;
    let agreeing = 0;
    for (const peer of view) if (this.#heard.get(peer) === true) agreeing += 1;
    // The quotient rounds to the threshold's own double; a product may land just above the count.
    if (agreeing / view.length < this.#threshold) return false;
    const recent = Math.min(RECENT_MAX, this.#heard.size);
    let older = this.#heard.size - recent;
    let recentAgreeing = 0;
    for (const same of this.#heard.values()) if (older-- <= 0 && same) recentAgreeing += 1;
    return recentAgreeing / recent >= this.#threshold;
  }
}

/** The peers heard last, in the view or not, that must agree as well: docs/ARCHITECTURE.md. */
const RECENT_MAX = 32;
/** Peers remembered per root: as many as there can be links, or a large view could never agree. */
const HEARD_MAX = 2_048;
