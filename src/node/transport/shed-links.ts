/**
 * Which links go when the process is short of memory: a quarter of those that nobody here wants, the
 * least recently used first, and the wanted one with the longest queue.
 */
import type { PoolPeer } from "./pool-peer.ts";

/** @param retire closes a peer's link in good order. */
export function shedLinks(peers: readonly PoolPeer[], retire: (peer: PoolPeer) => void): void {
  const linked = peers.filter((peer) => peer.link !== undefined);
  const unwanted = linked.filter((peer) => peer.addresses === undefined);
  unwanted.sort((left, right) => left.activeMs - right.activeMs);
  for (const peer of unwanted.slice(0, Math.ceil(unwanted.length / SHED_SHARE))) retire(peer);
  const slow = linked.filter((peer) => queuedBytes(peer) >= SHED_QUEUE_BYTES_MIN);
  // What waits in its queue is what holds the memory: no good order for it.
  slow.sort((left, right) => queuedBytes(right) - queuedBytes(left))[0]?.link?.abort();
}

function queuedBytes({ link }: PoolPeer): number {
  return link?.stats.queuedBytes ?? 0;
}

/** One in so many unwanted links is shed at a time. */
const SHED_SHARE = 4;
/** A queue as long as this holds memory worth a link. */
const SHED_QUEUE_BYTES_MIN = 1024 * 1024;
