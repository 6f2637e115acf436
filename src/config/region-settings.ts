/**
 * What one node of a single-region mesh is started with: the plain values of its configuration. Its
 * zone is not among them: a file lists the region's zones, and the node's certificate names its own.
 */
import type { HostPort } from "./notation.ts";
import type { TopologyConfig } from "./schema.ts";

export type SingleRegionConfig = Extract<TopologyConfig, { topology: "single_region_mesh" }>;

export interface RegionSettings {
  /** Nodes of another mesh name do not talk to this one; certificates are for this name. */
  readonly meshName: string;
  readonly port: number;
  readonly region: string;
  readonly fanout: number;
  readonly roundIntervalMs: number;
  readonly convergenceThreshold: number;
  readonly seeds: readonly HostPort[];
  /** Peers with a reputation below are ignored. */
  readonly reputationThreshold: number;
  /** Frames a second taken from one peer. */
  readonly rateLimitPerPeer: number;
  readonly certRotationHours: number;
  readonly keyRotationHours: number;
}

/** 003's files give no mesh name; a starter's own comes before it. */
const SINGLE_REGION_NAME = "single-region-mesh";

/** Settings of a node of `config`; frozen. */
export function toRegionSettings(config: SingleRegionConfig): RegionSettings {
  const { network, gossip, bootstrap, security, regions } = config;
  return Object.freeze({
    meshName: SINGLE_REGION_NAME,
    port: network.port,
    region: regions[0]?.name ?? "local",
    fanout: gossip.fanout,
    roundIntervalMs: gossip.intervalMs,
    convergenceThreshold: gossip.convergenceThreshold,
    seeds: bootstrap.seeds,
    reputationThreshold: security.byzantineThreshold,
    rateLimitPerPeer: security.rateLimitPerPeer,
    certRotationHours: network.certRotationHours,
    keyRotationHours: security.keyRotationHours,
  });
}
