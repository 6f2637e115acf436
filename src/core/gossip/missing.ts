/**
 * What was announced and has not come: by incarnation, who announced it, and when to ask.
 *
 * The wait is learnt like a retransmission timeout (RFC 6298): the smoothed time by which pushes
 * come behind their announcements, plus four times its variation. On a calm mesh that is short, on
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
}

export class MissingHeads {
  readonly #missing = new Map<string, Missing>();
  #nextMonoMs = Number.POSITIVE_INFINITY;
  #smoothedMs = 0;
  #variationMs = GRAFT_DELAY_MS_MIN / 4;

  /** When something is to be asked for; infinity when nothing is missing. */
  get dueMonoMs(): number {
    return this.#nextMonoMs;
  }

  /** How long an announced delta may take to come by the tree. */
  get delayMs(): number {
    const delay = this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(GRAFT_DELAY_MS_MAX, Math.max(GRAFT_DELAY_MS_MIN, delay));
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
    this.#missing.set(name, { head, announcers: [peer], heardMonoMs: now.monoMs, dueMonoMs });
    this.#nextMonoMs = Math.min(this.#nextMonoMs, dueMonoMs);
  }

  /** A delta has come up to `seq`; `pushed`: by the tree, which tells how late that may be. */
  came(head: AnnouncedHead, pushed: boolean, now: Now): void {
    const held = this.#missing.get(nameOf(head));
    if (held === undefined) return;
    if (pushed) this.#learn(now.monoMs - held.heardMonoMs);
    if (head.seq >= held.head.seq) this.#missing.delete(nameOf(head));
  }

  /** What is to be asked for now, and of whom; without a peer when all announcers were asked. */
  due(now: Now): { readonly head: AnnouncedHead; readonly peer: NodeId | undefined }[] {
    const due: { head: AnnouncedHead; peer: NodeId | undefined }[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [name, missing] of this.#missing) {
      if (missing.dueMonoMs <= now.monoMs) {
        const peer = missing.announcers.shift();
        due.push({ head: missing.head, peer });
        if (peer === undefined) {
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

  #learn(lateMs: number): void {
    this.#variationMs += (Math.abs(lateMs - this.#smoothedMs) - this.#variationMs) / 4;
    this.#smoothedMs += (lateMs - this.#smoothedMs) / 8;
  }
}

/** One name per incarnation. */
export function nameOf({ author, epoch, nonce }: Omit<AnnouncedHead, "seq">): string {
  return `${author}${epoch}.${nonce}`;
}

/** The next announcer is asked after so many delays and ms more: an answer takes a round trip. */
const ASK_AGAIN_FACTOR = 2;
const ASK_AGAIN_MS = 50;
