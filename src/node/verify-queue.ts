/**
 * Verifies the signatures that a core asks about, a slice at a time and peers in turn, so that one
 * peer's full frame of signatures does not hold the event loop, nor the frames of the others.
 *
 * A frame whose signatures fail again and again is given up: what is left of it counts as bad,
 * unread. Its sender has handed on what it cannot have verified; what was good in it comes back by
 * repair. What this node tries again in its own name came from anybody, and is read to its end.
 */
import type { SignatureCheck, VerifyRequest } from "../core/outputs.ts";

/** Signatures verified before others get their turn: 2.5 ms with libsodium. */
export const VERIFY_SLICE_CHECKS = 64;
/** Bad signatures after which the rest of a frame is not verified. */
export const BAD_PER_FRAME_MAX = 8;

export interface VerifyQueueOptions {
  readonly self: string;
  holds(check: SignatureCheck): boolean;
  verified(ticket: number, verdicts: Uint8Array): void;
  /** Calls back when the event loop has had its turn. */
  later(resume: () => void): void;
}

interface Waiting {
  readonly request: VerifyRequest;
  readonly verdicts: Uint8Array;
  next: number;
  bad: number;
}

export class VerifyQueue {
  readonly #options: VerifyQueueOptions;
  /** Frames that wait, by peer; peers in the order of their turns. Bounded by the core's tickets. */
  readonly #waiting = new Map<string, Waiting[]>();
  #isScheduled = false;
  #isStopped = false;

  constructor(options: VerifyQueueOptions) {
    this.#options = options;
  }

  /** Answers at once when the frame is small and nothing of its peer waits, else in turns. */
  add(request: VerifyRequest): void {
    const verdicts = new Uint8Array(request.checks.length);
    const frame: Waiting = { request, verdicts, next: 0, bad: 0 };
    const held = this.#waiting.get(request.peer);
    if (held !== undefined) {
      held.push(frame);
      return;
    }
    if (this.#advance(frame)) return this.#options.verified(request.ticket, verdicts);
    this.#waiting.set(request.peer, [frame]);
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
  }

  /** Verifies up to a slice; true when the frame is done. */
  #advance(frame: Waiting): boolean {
    const { checks, peer } = frame.request;
    const end = Math.min(checks.length, frame.next + VERIFY_SLICE_CHECKS);
    for (; frame.next < end; frame.next++) {
      const check = checks[frame.next];
      if (check !== undefined && this.#options.holds(check)) frame.verdicts[frame.next] = 1;
      else frame.bad += 1;
      if (frame.bad >= BAD_PER_FRAME_MAX && peer !== this.#options.self) return true;
    }
    return frame.next >= checks.length;
  }

  /** One slice for the peer whose turn it is, then the next peer's turn comes. */
  #turn(): void {
    this.#isScheduled = false;
    if (this.#isStopped) return;
    for (const [peer, frames] of this.#waiting) {
      const [frame] = frames;
      if (frame !== undefined && this.#advance(frame)) {
        frames.shift();
        this.#requeue(peer, frames);
        this.#options.verified(frame.request.ticket, frame.verdicts);
      } else {
        this.#requeue(peer, frames);
      }
      break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }

  #requeue(peer: string, frames: Waiting[]): void {
    this.#waiting.delete(peer);
    if (frames.length > 0) this.#waiting.set(peer, frames);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.later(() => this.#turn());
  }
}
