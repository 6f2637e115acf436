/**
 * What this version lacks to run a configuration, key by key (C13).
 *
 * A key that changes what the mesh promises is either backed by a capability or refused at start:
 * none is accepted and ignored, least of all a security key. NEEDS names, for every key outside
 * flat_mesh, what it takes; a test holds it against the schema, so that a new key must be entered.
 */
import { MeshError } from "../errors.ts";
import { camelKey } from "./camel-case.ts";
import { type KeyPath, valueAt } from "./problem.ts";
import type { FlatMeshConfig, TopologyConfig } from "./schema.ts";

/** Something a build of the mesh can do. */
export type Capability =
  | "tcp"
  | "quic"
  | "ed25519"
  | "flat_gossip"
  | "reputation_threshold"
  | "mtls"
  | "cert_rotation"
  | "key_rotation"
  | "rate_limit_per_peer"
  | "encryption_at_rest"
  | "zones"
  | "raft_leaders"
  | "inter_region_gossip"
  | "hierarchy"
  | "compression_zstd"
  | "batching"
  | "global_accelerator"
  | "otlp"
  | "trace_sampling"
  | "metrics_export"
  | "telemetry_aggregation"
  | "dashboards";

/** What this version can do. */
export const CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>([
  "tcp",
  "quic",
  "ed25519",
  "flat_gossip",
  "mtls",
  "cert_rotation",
  "key_rotation",
  "reputation_threshold",
  "rate_limit_per_peer",
]);

/**
 * What a node may run without, if it says so at each start: none of it bears on who may join, on what
 * is merged or on what is kept.
 */
const DEFERRABLE: ReadonlySet<Capability> = new Set<Capability>([
  "zones",
  "otlp",
  "trace_sampling",
  "metrics_export",
]);

/** One key of a file that this version cannot honour. */
export interface MissingFeature {
  readonly feature: Capability;
  /** YAML path, e.g. `security.mtls`. */
  readonly key: string;
  readonly why: string;
}

/**
 * What `config` asks for and `capabilities` lack, in the order of NEEDS; empty when it can start.
 * Defaults count as asked for: an absent key has the meaning of its default.
 */
export function missingForStart(
  config: TopologyConfig,
  capabilities: ReadonlySet<Capability> = CAPABILITIES,
): readonly MissingFeature[] {
  return NEEDS.flatMap(({ key, feature, why, when }) => {
    const need = typeof feature === "function" ? feature(config) : feature;
    const value = valueAt(config, camelPath(key));
    const isAsked = when === undefined ? value !== undefined : when(value, config);
    return isAsked && !capabilities.has(need) ? [Object.freeze({ feature: need, key, why })] : [];
  });
}

/**
 * Narrows to what this version can run.
 * @throws MeshError MESH_CONFIG_UNSUPPORTED with `details.missing` ({@link MissingFeature}[]).
 */
export function assertStartable(
  config: TopologyConfig,
  capabilities: ReadonlySet<Capability> = CAPABILITIES,
): void {
  const missing = missingForStart(config, capabilities);
  if (missing.every(({ feature }) => DEFERRABLE.has(feature))) return;
  const lines = missing.map(({ key, feature, why }) => `  ${key} (${feature}): ${why}`);
  throw new MeshError(
    "MESH_CONFIG_UNSUPPORTED",
    `${config.topology}: this version lacks ${missing.length} of what the file asks for\n${lines.join("\n")}`,
    { details: { topology: config.topology, missing: Object.freeze([...missing]) } },
  );
}

/**
 * What a person should be told before `config` starts; empty when nothing.
 * @param certified whether a flat mesh is started by certificate all the same.
 */
export function startWarnings(config: TopologyConfig, certified = false): readonly string[] {
  if (config.topology !== "flat_mesh") {
    const missing = missingForStart(config);
    if (missing.length === 0) return [];
    const parts = missing.map(({ key, feature, why }) => `${key} (${feature}): ${why}`);
    return [`not yet in this version: ${parts.join("; ")}`];
  }
  const open = "flat_mesh has no membership certificates: whoever reaches the port may join";
  const warnings = certified ? [] : [open];
  if (config.network.tls) return warnings;
  return [
    ...warnings,
    "network.tls is false: loopback only, for development; links still run noise",
  ];
}

/** What one key asks for. */
export interface Need {
  readonly key: string;
  readonly feature: Capability | ((config: TopologyConfig) => Capability);
  readonly why: string;
  /** Whether the value asks for anything; absent: whenever the key has a value. */
  readonly when?: (value: unknown, config: TopologyConfig) => boolean;
}

const isTrue = (value: unknown) => value === true;
const isSecured = (config: TopologyConfig): config is Exclude<TopologyConfig, FlatMeshConfig> =>
  config.topology !== "flat_mesh";

/** Every key that asks for a capability, in the order in which they are reported. */
export const NEEDS: readonly Need[] = [
  {
    key: "topology",
    feature: "flat_gossip",
    why: "nodes gossip directly with one another",
    when: (value) => value === "flat_mesh" || value === "single_region_mesh",
  },
  {
    key: "regions[].zones",
    feature: "zones",
    why: "seeds, voters, leaders and random links must be spread over zones",
    when: (_, config) => isSecured(config) && "regions" in config && config.regions.some(hasZones),
  },
  {
    key: "regions[].leader_count",
    feature: "raft_leaders",
    why: "every region needs its certified leaders (leader_count)",
    when: (_, config) => config.topology === "multi_region_leaders",
  },
  {
    key: "hierarchy",
    feature: "hierarchy",
    why: "edges, aggregators and coordinators are not built",
  },
  {
    key: "gossip.inter_region",
    feature: "inter_region_gossip",
    why: "regions would not learn of one another",
  },
  {
    key: "gossip.edge_to_aggregator",
    feature: "hierarchy",
    why: "no aggregated state goes up or down",
  },
  {
    key: "network.transport",
    feature: (config) => (config.network.transport === "TCP" ? "tcp" : "quic"),
    why: "the links' transport",
  },
  {
    key: "network.cert_rotation_hours",
    feature: "cert_rotation",
    why: "membership certificates would never be renewed",
  },
  {
    key: "network.global_accelerator",
    feature: "global_accelerator",
    why: "the anycast address would not be announced",
    when: isTrue,
  },
  {
    key: "network.compression",
    feature: "compression_zstd",
    why: "frames would travel uncompressed",
    when: (value) => value === "zstd",
  },
  {
    key: "network.batching",
    feature: "batching",
    why: "deltas would not close at batch_size operations",
    when: isTrue,
  },
  {
    key: "leaders.election",
    feature: "raft_leaders",
    why: "no leader would be elected, and no failover would happen",
  },
  {
    key: "bootstrap.seeds_per_region",
    feature: "raft_leaders",
    why: "a region's seeds are its voters",
  },
  {
    key: "bootstrap.global_coordinators",
    feature: "hierarchy",
    why: "there is no level 1 to contact",
  },
  {
    key: "security.mtls",
    feature: "mtls",
    why: "any node could join: membership certificates are not checked",
  },
  {
    key: "security.admission",
    feature: "flat_gossip",
    why: "every node that reaches the port would have to be admitted",
  },
  {
    key: "security.signature_algo",
    feature: "ed25519",
    why: "what authors write would not be signed",
  },
  {
    key: "network.rate_limit_per_peer",
    feature: "rate_limit_per_peer",
    why: "one peer could flood this node",
  },
  {
    key: "security.rate_limit_per_peer",
    feature: "rate_limit_per_peer",
    why: "one peer could flood this node",
  },
  {
    key: "security.byzantine_threshold",
    feature: "reputation_threshold",
    why: "peers of bad reputation would not be ignored",
  },
  {
    key: "security.encryption",
    feature: "encryption_at_rest",
    why: "snapshots and the store would be readable on disk",
  },
  {
    key: "security.key_rotation_hours",
    feature: "key_rotation",
    why: "links would keep their session keys for ever",
  },
  { key: "observability.otel_endpoint", feature: "otlp", why: "nothing would be exported" },
  { key: "observability.otel_endpoints", feature: "otlp", why: "nothing would be exported" },
  {
    key: "observability.otel_collector_per_region",
    feature: "otlp",
    why: "nothing would be exported",
    when: isTrue,
  },
  {
    key: "observability.trace_sample_rate",
    feature: "trace_sampling",
    why: "rounds would not be traced",
    when: (value) => typeof value === "number" && value > 0,
  },
  {
    key: "observability.metrics_interval_sec",
    feature: "metrics_export",
    why: "metrics would not be exported",
  },
  {
    key: "observability.aggregation",
    feature: "telemetry_aggregation",
    why: "edges would not send metrics up",
    when: isTrue,
  },
  {
    key: "observability.dashboards",
    feature: "dashboards",
    why: "the dashboards do not exist in deploy/",
    when: (value) => Array.isArray(value) && value.length > 0,
  },
];

/** Keys that ask for nothing beyond the entries of NEEDS, with their reason. */
export const NEEDLESS: Readonly<Record<string, string>> = {
  agent_count: "a bound to watch, not a promise",
  "regions[].name": "a label",
  "regions[].location": "a label",
  "regions[].agents": "for the demo and the simulator",
  "gossip.fanout": "flat_gossip",
  "gossip.interval_ms": "flat_gossip",
  "gossip.convergence_threshold": "flat_gossip",
  "gossip.intra_region": "flat_gossip inside a region",
  "gossip.edge_to_edge": "flat_gossip inside an edge's region",
  "gossip.aggregator_to_coordinator": "see gossip.edge_to_aggregator",
  "gossip.intervals": "see gossip.edge_to_aggregator",
  "network.tls": "QUIC's TLS 1.3 is always on; false is checked at parsing",
  "network.port": "every transport listens on it",
  "network.port_range": "every transport listens on it",
  "network.batch_size": "see network.batching",
  "leaders.heartbeat_ms": "see leaders.election",
  "leaders.failover_timeout_ms": "see leaders.election",
  "bootstrap.seeds": "every transport dials them",
  "bootstrap.global_seeds": "every transport dials them",
};

function hasZones(region: object): boolean {
  return "zones" in region && region.zones !== undefined;
}

function camelPath(key: string): KeyPath {
  return key.split(".").map(camelKey);
}
