/**
 * Frames that wait for their signatures, by ticket. Bounded per peer: a frame above the bound is
 * refused, counted, and comes back by repair.
 */
import type { NodeId } from "../node-id.ts";
import type { Work } from "./verify.ts";

export const TICKETS_PER_PEER_MAX = 256;
/** Signatures that a peer may have waiting: two frames full of the smallest deltas. */
const CHECKS_PER_PEER_MAX = 8_192;
/** Bytes of deltas that a peer may have waiting: eight of the largest frames. */
const WAITING_BYTES_PER_PEER_MAX = 8_388_608;

interface Waiting {
  frames: number;
  checks: number;
  bytes: number;
}

export class Tickets {
  readonly #waiting = new Map<number, Work>();
  readonly #perPeer = new Map<NodeId, Waiting>();
  #next = 1;

  /** Keeps a frame; undefined when its peer has too many waiting. */
  issue(work: Work): number | undefined {
    const waiting = this.#perPeer.get(work.peer) ?? { frames: 0, checks: 0, bytes: 0 };
    const frames = waiting.frames + 1;
    const checks = waiting.checks + work.checks.length;
    const bytes = waiting.bytes + deltaBytesOf(work);
    if (frames > TICKETS_PER_PEER_MAX || checks > CHECKS_PER_PEER_MAX) return undefined;
    if (bytes > WAITING_BYTES_PER_PEER_MAX) return undefined;
    this.#perPeer.set(work.peer, { frames, checks, bytes });
    const ticket = this.#next++;
    this.#waiting.set(ticket, work);
    return ticket;
  }

  /** Takes a frame back; undefined for a ticket never issued or already answered. */
  redeem(ticket: number): Work | undefined {
    const work = this.#waiting.get(ticket);
    if (work === undefined) return undefined;
    this.#waiting.delete(ticket);
    const waiting = this.#perPeer.get(work.peer);
    if (waiting === undefined) return work;
    waiting.frames -= 1;
    waiting.checks -= work.checks.length;
    waiting.bytes -= deltaBytesOf(work);
    if (waiting.frames <= 0) this.#perPeer.delete(work.peer);
    return work;
  }
}

/** What is not deltas is bounded by its signatures. */
function deltaBytesOf({ frame }: Work): number {
  return "deltas" in frame ? frame.deltas.length : 0;
}
