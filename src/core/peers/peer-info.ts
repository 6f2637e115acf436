/**
 * A peer as this node's registry knows it: the readonly view others get, and the record behind it.
 *
 * A view is live: it follows the registry until the peer is removed and then stays as it was.
 * The record adds what the registry's indexes need, so that each of them is O(1) per change and
 * none keeps a map of its own.
 */

import type { NodeId } from "../node-id.ts";
import { NOWHERE, type Placed } from "./dense-set.ts";
import type { RecencyNode } from "./recency-list.ts";
import type { Rtt, RttView } from "./rtt.ts";

/** Place of a node in the hierarchy; `member` where there is none. */
export type PeerRole = "member" | "edge" | "aggregator" | "coordinator";

/** Another node, as read by the rest of the core. */
export interface PeerInfo {
  readonly id: NodeId;
  /** Multiaddrs to dial, best first; may be empty for a peer that only dials. */
  readonly addresses: readonly string[];
  readonly region: string;
  /** "" where the topology has no zones. */
  readonly zone: string;
  readonly role: PeerRole;
  /** Whether it counts in n: its certificate was accepted, or the mesh is open. */
  readonly admitted: boolean;
  /** 0.0 to 1.0. */
  readonly reputation: number;
  /** Undefined before the first sample. */
  readonly rtt: RttView | undefined;
  /** monoMs of the last authenticated frame; undefined while only heard of. */
  readonly lastSeenMs: number | undefined;
}

/** The registry's own record of a peer; mutable, never handed out as such. */
export class PeerRecord implements PeerInfo, Placed, RecencyNode<PeerRecord> {
  readonly id: NodeId;
  addresses: readonly string[] = [];
  region: string;
  zone = "";
  role: PeerRole = "member";
  admitted = false;
  reputation = 1;
  rtt: Rtt | undefined = undefined;
  lastSeenMs: number | undefined = undefined;

  /** Known from unsigned talk of others alone. */
  hearsay = true;
  /** Orders peers of equal round-trip time, differently on every node. */
  readonly tieBreak: number;
  /** Equals the running number of the selection that last took this peer. */
  takenBy = 0;

  eligiblePlace = NOWHERE;
  regionPlace = NOWHERE;
  rttPlace = NOWHERE;
  rttBucket = NOWHERE;

  freshMs = 0;
  active = false;
  older: PeerRecord | undefined = undefined;
  newer: PeerRecord | undefined = undefined;

  constructor(id: NodeId, region: string, tieBreak: number) {
    this.id = id;
    this.region = region;
    this.tieBreak = tieBreak;
  }
}
