/**
 * What the pool knows of one peer, and the rule that picks one of two links to it.
 */
import type { Link, NodeId } from "./transport.ts";

export interface PoolPeer {
  readonly id: NodeId;
  /** The link in use, since when, and when its frame counts last moved. */
  link: Link | undefined;
  /** Further links, oldest first: they lost a contest and are to be closed, here or by the peer. */
  spares: Link[];
  /** Frames that had come over each of the links when a spare was last added. */
  contestFrames: Map<Link, number>;
  /** When the spares that are for this end to close will be. */
  trim: NodeJS.Timeout | undefined;
  linkSinceMs: number;
  activeMs: number;
  activeFrames: number;
  /** Set while the peer is to be kept connected. */
  addresses: readonly string[] | undefined;
  /** Reconnects since the last stable link. */
  attempt: number;
  retry: NodeJS.Timeout | undefined;
  dial: PoolDial | undefined;
  /** A link that is to take the place of the one in use is being dialled. */
  isReplacing: boolean;
}

/** A dial under way; `link` settles with the peer's link, however that came about. */
export interface PoolDial {
  readonly controller: AbortController;
  readonly link: PromiseWithResolvers<Link>;
}

export function createPoolPeer(id: NodeId): PoolPeer {
  return {
    id,
    link: undefined,
    spares: [],
    contestFrames: new Map(),
    trim: undefined,
    linkSinceMs: 0,
    activeMs: 0,
    activeFrames: 0,
    addresses: undefined,
    attempt: 0,
    retry: undefined,
    dial: undefined,
    isReplacing: false,
  };
}

/** True when nothing is known of the peer that is worth keeping. */
export function isForgettable(peer: PoolPeer): boolean {
  return peer.link === undefined && peer.addresses === undefined && peer.dial === undefined;
}

export interface Contest {
  /** The link in use, and the one that has just come up. */
  readonly first: Link;
  readonly second: Link;
  readonly localId: NodeId;
  /** False when `first` is too old for both ends to have dialled at once. */
  readonly contested: boolean;
}

/**
 * Whether a second link to a peer replaces the one in use. When both ends dialled at once, the link
 * dialled by the lower node id wins; otherwise one end has lost its first link: the newer one wins.
 */
export function secondWins({ first, second, localId, contested }: Contest): boolean {
  if (!contested || second.inbound === first.inbound) return true;
  return diallerOf(second, localId) < diallerOf(first, localId);
}

/**
 * Whether it is for this end to close the loser. Exactly one end does, so that the two never close
 * one link each: of two links by one dialler, the dialler; of one by each, the lower node id. The
 * ends may see the two links come up in different orders, hence the other end keeps both.
 */
export function closesLoser(winner: Link, loser: Link, localId: NodeId): boolean {
  return winner.inbound === loser.inbound ? !loser.inbound : localId < loser.peer;
}

/** Notes what each link has brought so far. */
export function noteContest(peer: PoolPeer): void {
  peer.contestFrames = new Map(
    linksOf(peer).map((link) => [link, link.stats.framesReceived] as const),
  );
}

/**
 * The spare over which the peer speaks while the link in use is silent: a peer that was killed and
 * has come back knows nothing of the link of its last life, whichever of the two had won.
 */
export function spokenSpare(peer: PoolPeer): Link | undefined {
  const isSilent = (link: Link): boolean =>
    link.stats.framesReceived <= (peer.contestFrames.get(link) ?? 0);
  if (peer.link === undefined || !isSilent(peer.link)) return undefined;
  return peer.spares.find((spare) => !isSilent(spare));
}

function linksOf(peer: PoolPeer): Link[] {
  return peer.link === undefined ? peer.spares : [peer.link, ...peer.spares];
}

function diallerOf(link: Link, localId: NodeId): NodeId {
  return link.inbound ? link.peer : localId;
}
