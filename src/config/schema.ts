/**
 * The four topologies of 003 as one schema: the only definition, from which the types and the
 * JSON Schema for editors both come.
 *
 * Keys are spelled as in YAML; `camelCased` gives the form the program uses. Rules that relate
 * several keys are in rules.ts, because they must also run when some other key is wrong.
 */
import { z } from "zod";
import type { CamelCased } from "./camel-case.ts";
import {
  AGENT_COUNT_MAX,
  convergenceThreshold,
  countRange,
  DASHBOARDS,
  DEFAULTS,
  fanout,
  flag,
  hostPort,
  integer,
  intervalMs,
  listOf,
  observability,
  only,
  otelEndpoints,
  port,
  portRange,
  REGIONS_MAX,
  rateLimitPerPeer,
  region,
  SEEDS_MAX,
  section,
  secureNetwork,
  security,
} from "./schema-parts.ts";

/** Most agents of each topology (003, "Max agents"). */
const AGENTS_MAX = {
  flat_mesh: 100,
  single_region_mesh: 1_000,
  multi_region_leaders: 100_000,
  hierarchical: AGENT_COUNT_MAX,
} as const;

const flatNetwork = section({
  transport: z.enum(["TCP", "QUIC"], { error: "TCP or QUIC" }).describe("Link transport."),
  tls: flag().describe(
    "false only with TCP on loopback (links then run noise); true with QUIC, whose TLS 1.3 is always on.",
  ),
  port_range: portRange()
    .optional()
    .describe("The first free port is taken, both ends included; not together with port."),
  port: port().optional(),
  rate_limit_per_peer: rateLimitPerPeer().optional(),
}).transform((network) => {
  const range = network.port_range ?? both(network.port ?? DEFAULTS.port);
  return { ...network, port_range: range, port: range.min };
});

const flatMesh = section({
  topology: only("flat_mesh").describe("Every node knows every other; for development."),
  agent_count: agentCount("flat_mesh"),
  regions: listOf(region({}), 1, 1, "region"),
  gossip: flatGossip(),
  network: flatNetwork,
  bootstrap: section({ seeds: seeds(0) }),
  security: section({
    admission: only("open").describe(
      "Whoever reaches the port and knows the mesh's name may join.",
    ),
  })
    .optional()
    .describe("Needed to leave loopback without certificates."),
});

const singleRegionMesh = section({
  topology: only("single_region_mesh").describe("One cloud region, spread over its zones."),
  agent_count: agentCount("single_region_mesh"),
  regions: listOf(region({}), 1, 1, "region"),
  gossip: flatGossip(),
  network: secureNetwork(),
  bootstrap: section({ seeds: seeds(1) }),
  security: security(),
  observability: observability({
    otel_endpoint: hostPort().describe("The region's OTLP collector."),
  }),
});

const multiRegionLeaders = section({
  topology: only("multi_region_leaders").describe("A mesh per region, joined by their leaders."),
  agent_count: agentCount("multi_region_leaders"),
  regions: listOf(
    region({ leader_count: integer(1, 7, "leaders").describe("Leaders of the region.") }),
    2,
    REGIONS_MAX,
    "regions",
  ),
  gossip: section({
    intra_region: section({ fanout: fanout(), interval_ms: intervalMs() }),
    inter_region: section({ fanout: fanout(), interval_ms: intervalMs() }).describe(
      "Between leaders only.",
    ),
    convergence_threshold: convergenceThreshold(),
  }),
  network: secureNetwork(),
  leaders: section({
    election: only("raft").describe("Leader election."),
    heartbeat_ms: integer(10, 10_000, "ms").describe("Milliseconds between heartbeats."),
    failover_timeout_ms: integer(50, 600_000, "ms").describe(
      "Upper bound from a leader's death to a certified new leader; at least 5 heartbeats.",
    ),
  }),
  bootstrap: section({
    seeds_per_region: integer(3, 7, "seeds, which are the region's voters"),
    global_seeds: listOf(hostPort(), 1, SEEDS_MAX, "host:port entries").describe(
      "Dialled when no regional seed answers.",
    ),
  }),
  security: security(),
  observability: observability({
    otel_endpoints: otelEndpoints().describe("One OTLP collector per region."),
  }),
});

const hierarchical = section({
  topology: only("hierarchical").describe("Edges below aggregators below coordinators."),
  agent_count: agentCount("hierarchical"),
  hierarchy: section({
    levels: only(3),
    level1_global: section({
      coordinators: integer(1, 1000, "coordinators"),
      regions: integer(1, 1000, "regions"),
    }),
    level2_regional: section({
      aggregators_per_region: integer(1, 1000, "aggregators"),
      agents_per_aggregator: integer(1, AGENT_COUNT_MAX, "agents").describe(
        "Equals edge_nodes_per_aggregator x agents_per_edge.",
      ),
    }),
    level3_edge: section({
      edge_nodes_per_aggregator: integer(1, 1000, "edges"),
      agents_per_edge: integer(1, 2000, "agents"),
    }),
  }),
  gossip: section({
    edge_to_edge: fanout().describe("Fanout among edges."),
    edge_to_aggregator: fanout().describe("Parents an edge reports to: one primary, standbys."),
    aggregator_to_coordinator: fanout().describe("Parents an aggregator reports to."),
    intervals: section({
      edge_ms: intervalMs(),
      aggregator_ms: intervalMs(),
      global_ms: intervalMs(),
    }),
    convergence_threshold: convergenceThreshold(),
  }),
  network: secureNetwork(),
  bootstrap: section({
    global_coordinators: listOf(hostPort(), 1, SEEDS_MAX, "host:port entries").describe(
      "First contacts of level 1; the others are learnt.",
    ),
  }),
  security: security(),
  observability: observability({
    otel_collector_per_region: flag().describe("Every region has its own OTLP collector."),
    otel_endpoints: otelEndpoints().optional().describe("The collectors, by region."),
    aggregation: flag().describe("Edges send metrics up, aggregators export them."),
    dashboards: listOf(
      z.enum(DASHBOARDS, { error: `one of ${DASHBOARDS.join(", ")}` }),
      0,
      DASHBOARDS.length,
      "dashboard names",
    ).default([]),
  }),
});

/** A topology file, YAML key spelling; discriminated by `topology`. */
export const topologySchema = z
  .discriminatedUnion("topology", [flatMesh, singleRegionMesh, multiRegionLeaders, hierarchical], {
    error: `a mapping whose key topology is one of ${Object.keys(AGENTS_MAX).join(", ")}`,
  })
  .describe("Topology of a knhk-mesh network.");

/** Name of a topology, the value of its `topology` key. */
type TopologyName = keyof typeof AGENTS_MAX;

/** A complete, deep-frozen configuration; narrow it by `topology`. */
export type TopologyConfig = DeepReadonly<CamelCased<z.output<typeof topologySchema>>>;

/** The configuration of a flat mesh. */
export type FlatMeshConfig = Extract<TopologyConfig, { topology: "flat_mesh" }>;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** JSON Schema (draft 7, which YAML editors read) of the file as it is written. */
export function topologyJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(topologySchema, { io: "input", target: "draft-7" });
  return { ...schema, title: "knhk-mesh topology" };
}

function agentCount(topology: TopologyName) {
  return countRange(AGENTS_MAX[topology], "agents").describe(
    "Agents of the mesh, an inclusive range; exceeding it is an event.",
  );
}

function flatGossip() {
  return section({
    fanout: fanout(),
    interval_ms: intervalMs(),
    convergence_threshold: convergenceThreshold(),
  });
}

function seeds(min: number) {
  return listOf(hostPort(), min, SEEDS_MAX, "host:port entries").describe(
    "First contacts, dialled without a peer id; identity comes from the handshake.",
  );
}

function both(port: number): { min: number; max: number } {
  return { min: port, max: port };
}
