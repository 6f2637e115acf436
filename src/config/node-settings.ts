/**
 * What one node of a flat mesh is started with: the plain values of its configuration.
 *
 * `node` does not import `config`, so this is data without types of either; the CLI joins the two.
 */
import type { HostPort } from "./notation.ts";
import type { FlatMeshConfig } from "./schema.ts";

/** Plain settings of one node. */
export interface NodeSettings {
  /** Nodes of another mesh name do not talk to this one. */
  readonly meshName: string;
  readonly transport: "tcp" | "quic";
  /** The first free port of these is taken; both ends included. */
  readonly portMin: number;
  readonly portMax: number;
  /** Listen and dial on loopback only (network.tls: false). */
  readonly loopbackOnly: boolean;
  readonly fanout: number;
  readonly roundIntervalMs: number;
  readonly convergenceThreshold: number;
  readonly seeds: readonly HostPort[];
  readonly region: string;
  /** The region's first zone; the region's name when the file gives none. */
  readonly zone: string;
  /** Frames a second taken from one peer; undefined: the node's default. */
  readonly rateLimitPerPeer: number | undefined;
  /** Writes stay possible without a quorum: flat_mesh's partition mode (docs/ARCHITECTURE.md). */
  readonly available: true;
}

/** 003's files give no mesh name; every flat mesh has this one unless its starter says otherwise. */
const FLAT_MESH_NAME = "flat-mesh";

/** Settings of a node of `config`; frozen. */
export function toNodeSettings(
  config: FlatMeshConfig,
  options: { readonly meshName?: string; readonly zone?: string } = {},
): NodeSettings {
  const { network, gossip, bootstrap } = config;
  const [region] = config.regions;
  const name = region?.name ?? "local";
  return Object.freeze({
    meshName: options.meshName ?? FLAT_MESH_NAME,
    transport: network.transport === "TCP" ? "tcp" : "quic",
    portMin: network.portRange.min,
    portMax: network.portRange.max,
    loopbackOnly: !network.tls,
    fanout: gossip.fanout,
    roundIntervalMs: gossip.intervalMs,
    convergenceThreshold: gossip.convergenceThreshold,
    seeds: bootstrap.seeds,
    region: name,
    zone: options.zone ?? region?.zones?.[0] ?? name,
    rateLimitPerPeer: network.rateLimitPerPeer,
    available: true,
  });
}
