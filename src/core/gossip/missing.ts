/**
 * What was announced and has not come: by incarnation, who announced it, and when to ask.
 *
 * The wait is learnt like a retransmission timeout (RFC 6298): the smoothed time by which pushes
 * come behind their announcements, plus twice its variation. On a calm mesh that is short, on
 * a busy host it grows, so that load is not answered with more load.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { AnnouncedHead } from "../wire/frame.ts";

/** Incarnations with something missing. */
export const MISSING_MAX = 1_024;
/** Announcers remembered for each; they are asked one after another. */
const ANNOUNCERS_MAX = 4;
export const GRAFT_DELAY_MS_MIN = 10;
const GRAFT_DELAY_MS_MAX = 1_000;

interface Missing {
  head: AnnouncedHead;
  readonly announcers: NodeId[];
  readonly heardMonoMs: number;
  dueMonoMs: number;
  /** Questions sent, and whom the next one goes to. */
  asked: number;
}

export class MissingHeads {
  readonly #missing = new Map<string, Missing>();
  #nextMonoMs = Number.POSITIVE_INFINITY;
  #smoothedMs = 0;
  #variationMs = GRAFT_DELAY_MS_MIN / 4;
  #unansweredMonoMs = Number.NEGATIVE_INFINITY;

  /** When something is to be asked for; infinity when nothing is missing. */
  get dueMonoMs(): number {
    return this.#nextMonoMs;
  }

  /** How long an announced delta may take to come by the tree. */
  get delayMs(): number {
    const delay = this.#smoothedMs + VARIATIONS * this.#variationMs;
    return Math.min(GRAFT_DELAY_MS_MAX, Math.max(GRAFT_DELAY_MS_MIN, delay));
  }

  /** Whether questions have gone unanswered of late: frames are being lost. */
  isLossy(now: Now): boolean {
    return now.monoMs - this.#unansweredMonoMs < LOSSY_MS;
  }

  get isEmpty(): boolean {
    return this.#missing.size === 0;
  }

  /** A peer has announced what this node lacks; the tree has at least `leastMs` to bring it. */
  note(head: AnnouncedHead, peer: NodeId, leastMs: number, now: Now): void {
    const name = nameOf(head);
    const held = this.#missing.get(name);
    if (held !== undefined) {
      if (head.seq > held.head.seq) held.head = head;
      if (held.announcers.length < ANNOUNCERS_MAX && !held.announcers.includes(peer)) {
        held.announcers.push(peer);
      }
      return;
    }
    if (this.#missing.size >= MISSING_MAX) return;
    const dueMonoMs = now.monoMs + Math.max(leastMs, this.delayMs);
    const announcers = [peer];
    this.#missing.set(name, { head, announcers, heardMonoMs: now.monoMs, dueMonoMs, asked: 0 });
    this.#nextMonoMs = Math.min(this.#nextMonoMs, dueMonoMs);
  }

  /** A delta has come up to `seq`; `pushed`: by the tree, which tells how late that may be. */
  came(head: AnnouncedHead, pushed: boolean, now: Now): void {
    const held = this.#missing.get(nameOf(head));
    if (held === undefined) return;
    // As with retransmissions: what was asked for meanwhile tells nothing about the tree.
    if (pushed && held.asked === 0) this.#learn(now.monoMs - held.heardMonoMs);
    if (head.seq >= held.head.seq) this.#missing.delete(nameOf(head));
  }

  /**
   * What is to be asked for now, and of whom: of one announcer first, then of two at once, since
   * question or answer was lost; without a peer when all were asked often enough.
   */
  due(now: Now): { readonly head: AnnouncedHead; readonly peer: NodeId | undefined }[] {
    const due: { head: AnnouncedHead; peer: NodeId | undefined }[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [name, missing] of this.#missing) {
      if (missing.dueMonoMs <= now.monoMs) {
        const peers = this.#nextAsked(missing, now);
        for (const peer of peers) due.push({ head: missing.head, peer });
        if (peers.length === 0) {
          due.push({ head: missing.head, peer: undefined });
          this.#missing.delete(name);
          continue;
        }
        missing.dueMonoMs = now.monoMs + ASK_AGAIN_FACTOR * this.delayMs + ASK_AGAIN_MS;
      }
      next = Math.min(next, missing.dueMonoMs);
    }
    this.#nextMonoMs = next;
    return due;
  }

  #nextAsked(missing: Missing, now: Now): string[] {
    const { announcers } = missing;
    if (missing.asked > 0) this.#unansweredMonoMs = now.monoMs;
    const left = ASKS_A_HEAD - missing.asked;
    const count = Math.min(left, announcers.length, missing.asked === 0 ? 1 : ASKED_AT_ONCE);
    const peers: string[] = [];
    for (let i = 0; i < count; i++) {
      const peer = announcers[missing.asked++ % announcers.length];
      if (peer !== undefined) peers.push(peer);
    }
    return peers;
  }

  #learn(lateMs: number): void {
    this.#variationMs += (Math.abs(lateMs - this.#smoothedMs) - this.#variationMs) / 4;
    this.#smoothedMs += (lateMs - this.#smoothedMs) / 8;
  }
}

/** A question too many costs a copy, one too late costs a write its time: TCP's four would be late. */
const VARIATIONS = 2;

/** One name per incarnation. */
export function nameOf({ author, epoch, nonce }: Omit<AnnouncedHead, "seq">): string {
  return `${author}${epoch}.${nonce}`;
}

/** The next announcer is asked after so many delays and ms more: an answer takes a round trip. */
const ASK_AGAIN_FACTOR = 2;
const ASK_AGAIN_MS = 50;
/** Questions for one head, over all announcers: half of them are answered at 30 % loss. */
const ASKS_A_HEAD = 10;
const ASKED_AT_ONCE = 2;
/** One question unanswered in this time, and the mesh counts as lossy. */
const LOSSY_MS = 5_000;
