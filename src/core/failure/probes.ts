/**
 * Probes: whose turn is next, and which stamps wait for their echo. Bounded by the links, and by
 * the members whose link has just broken.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Random } from "../random.ts";

/** Probes of one check, the first included: at 20 % loss 0.6 % of checks lose all their echoes. */
export const ATTEMPTS_MAX = 5;
/** Peers that are told when a check on their behalf succeeds. */
const ASKERS_MAX = 4;

/** What is known of one peer's echoes. */
export class PeerProbe {
  readonly peer: NodeId;
  /** The probes of the check under way; a stamp of 0 could not be sent. */
  readonly sent: { readonly stamp: number; readonly monoMs: number }[] = [];
  /** The check has had its silence: the first probe went unanswered, or the link broke. */
  silent = false;
  /** When any frame of the peer last came, and when it last echoed an own stamp. */
  signMonoMs = Number.NEGATIVE_INFINITY;
  echoMonoMs = Number.NEGATIVE_INFINITY;
  /** Who asked for the check. */
  readonly askers: NodeId[] = [];
  /** Checks in a row that ended on another's word alone. */
  dismissals = 0;
  /** When it last got the certificate of a departure, and was last told that it is held for gone. */
  certificateMonoMs = Number.NEGATIVE_INFINITY;
  toldMonoMs = Number.NEGATIVE_INFINITY;
  readonly #checking: Set<PeerProbe>;
  #dueMonoMs = Number.POSITIVE_INFINITY;

  /** @param checking holds this probe while a check is under way. */
  constructor(peer: NodeId, checking: Set<PeerProbe>) {
    this.peer = peer;
    this.#checking = checking;
  }

  /** When the newest probe sent is given up; infinity when no check is under way. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  set dueMonoMs(monoMs: number) {
    this.#dueMonoMs = monoMs;
    if (monoMs === Number.POSITIVE_INFINITY) this.#checking.delete(this);
    else this.#checking.add(this);
  }
}

/**
 * So many lost within this time, and not all of one peer: frames count as being lost. Those that a short cut
 * swallowed show together when it heals, and count as one.
 */
const LOST_MIN = 3;
const LOST_APART_MS = 500;
const LOSSY_MS = 10_000;

export class Probes {
  readonly #peers = new Map<NodeId, PeerProbe>();
  /** Those of #peers whose check is under way: few, and all that is ever due. */
  readonly #checking = new Set<PeerProbe>();
  readonly #random: Random;
  #order: NodeId[] = [];
  #turnMonoMs: number;
  /** The last probes that were lost, LOST_MIN at most. */
  readonly #lost: { readonly peer: NodeId; readonly monoMs: number }[] = [];

  constructor(random: Random, startMonoMs: number) {
    this.#random = random;
    this.#turnMonoMs = startMonoMs;
  }

  get(peer: NodeId): PeerProbe | undefined {
    return this.#peers.get(peer);
  }

  /** The peer's state, begun when there is none. */
  of(peer: NodeId): PeerProbe {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const probe = new PeerProbe(peer, this.#checking);
    this.#peers.set(peer, probe);
    return probe;
  }

  delete(peer: NodeId): void {
    const probe = this.#peers.get(peer);
    if (probe !== undefined) this.#checking.delete(probe);
    this.#peers.delete(peer);
  }

  /** When the next link has its turn. */
  get turnMonoMs(): number {
    return this.#turnMonoMs;
  }

  /** When a turn or a wait is next over. */
  get dueMonoMs(): number {
    let dueMonoMs = this.#turnMonoMs;
    for (const probe of this.#checking) dueMonoMs = Math.min(dueMonoMs, probe.dueMonoMs);
    return dueMonoMs;
  }

  /** Checks whose newest probe has been waited for long enough. */
  overdue(now: Now): PeerProbe[] {
    return [...this.#checking].filter((probe) => probe.dueMonoMs <= now.monoMs);
  }

  /** Begins the next turn; `intervalMs` after this one comes another. */
  takeTurn(intervalMs: number, now: Now): void {
    // The first turn comes anywhere within an interval, so that nodes started together spread out.
    const first = this.#turnMonoMs === Number.NEGATIVE_INFINITY;
    const waitMs = first ? this.#random.float() * intervalMs : intervalMs;
    this.#turnMonoMs = now.monoMs + waitMs;
  }

  /** The next of `linked` in a shuffled round robin that `wants` a probe. */
  next(linked: readonly NodeId[], wants: (peer: NodeId) => boolean): NodeId | undefined {
    for (let rounds = 0; rounds < 2; rounds++) {
      for (let peer = this.#order.pop(); peer !== undefined; peer = this.#order.pop()) {
        if (linked.includes(peer) && wants(peer)) return peer;
      }
      this.#order = this.#random.shuffle([...linked]);
    }
    return undefined;
  }

  /** A probe was echoed after one before it, on the same link, went unanswered. */
  noteLoss(peer: NodeId, now: Now): void {
    const last = this.#lost.at(-1);
    if (last !== undefined && now.monoMs - last.monoMs < LOST_APART_MS) return;
    this.#lost.push({ peer, monoMs: now.monoMs });
    if (this.#lost.length > LOST_MIN) this.#lost.shift();
  }

  /** Whether frames are being lost. */
  isLossy(now: Now): boolean {
    const [first] = this.#lost;
    if (first === undefined || this.#lost.length < LOST_MIN) return false;
    return (
      now.monoMs - first.monoMs < LOSSY_MS && this.#lost.some(({ peer }) => peer !== first.peer)
    );
  }

  /** Own silence proves nothing about anybody: what waits is asked afresh. */
  voidAll(now: Now): void {
    for (const probe of this.#checking) {
      probe.sent.length = 0;
      probe.dueMonoMs = now.monoMs;
    }
  }
}

/** Ends a check, whatever came of it. */
export function endCheck(probe: PeerProbe): void {
  probe.sent.length = 0;
  probe.silent = false;
  probe.askers.length = 0;
  probe.dueMonoMs = Number.POSITIVE_INFINITY;
}

export function isChecking(probe: PeerProbe): boolean {
  return probe.dueMonoMs !== Number.POSITIVE_INFINITY;
}

/** Remembers who wants to know how a check ends. */
export function addAsker(probe: PeerProbe, asker: NodeId): void {
  if (probe.askers.length < ASKERS_MAX && !probe.askers.includes(asker)) probe.askers.push(asker);
}
