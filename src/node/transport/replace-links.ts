/**
 * Replacing links: a second link to a peer is dialled, takes over by the pool's own rule (the newer
 * one wins), and then the first is flushed and closed. Frames are not lost, and nobody is told.
 */
import { withPeer } from "./dial-address.ts";
import type { PoolPeer } from "./pool-peer.ts";
import type { NodeId } from "./transport.ts";

export interface ReplaceOptions {
  /** Asked with the age of a link, ms. */
  isDue(peer: NodeId, ageMs: number): boolean;
  /** Links that are replaced at most. */
  readonly max: number;
  /** A younger link and its successor would be taken for both ends dialling at once. */
  readonly minAgeMs: number;
  dial(address: string): Promise<unknown>;
}

/** Begins to replace links that this node has dialled. One that cannot be dialled stays, still due. */
export function replaceLinks(peers: Iterable<PoolPeer>, options: ReplaceOptions): void {
  let left = options.max;
  for (const peer of peers) {
    if (left === 0) return;
    const ageMs = performance.now() - peer.linkSinceMs;
    if (peer.link?.inbound !== false || ageMs < options.minAgeMs) continue;
    if (peer.isReplacing || peer.spares.length > 0 || !options.isDue(peer.id, ageMs)) continue;
    left -= 1;
    peer.isReplacing = true;
    const done = (): void => {
      peer.isReplacing = false;
    };
    options.dial(withPeer(peer.link.remoteAddress, peer.id)).then(done, done);
  }
}
