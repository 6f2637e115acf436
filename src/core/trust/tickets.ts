/**
 * Frames that wait for their signatures, by ticket. Bounded per peer: a frame above the bound is
 * refused, counted, and comes back by repair.
 */
import type { NodeId } from "../node-id.ts";
import type { Work } from "./verify.ts";

const TICKETS_PER_PEER_MAX = 256;

export class Tickets {
  readonly #waiting = new Map<number, Work>();
  readonly #perPeer = new Map<NodeId, number>();
  #next = 1;

  /** Keeps a frame; undefined when its peer has too many waiting. */
  issue(work: Work): number | undefined {
    const waiting = this.#perPeer.get(work.peer) ?? 0;
    if (waiting >= TICKETS_PER_PEER_MAX) return undefined;
    this.#perPeer.set(work.peer, waiting + 1);
    const ticket = this.#next++;
    this.#waiting.set(ticket, work);
    return ticket;
  }

  /** Takes a frame back; undefined for a ticket never issued or already answered. */
  redeem(ticket: number): Work | undefined {
    const work = this.#waiting.get(ticket);
    if (work === undefined) return undefined;
    this.#waiting.delete(ticket);
    const waiting = (this.#perPeer.get(work.peer) ?? 1) - 1;
    if (waiting <= 0) this.#perPeer.delete(work.peer);
    else this.#perPeer.set(work.peer, waiting);
    return work;
  }
}
