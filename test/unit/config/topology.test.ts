import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { missingForStart } from "../../../src/config/missing.ts";
import { toNodeSettings } from "../../../src/config/node-settings.ts";
import { loadTopology, parseTopology } from "../../../src/config/topology.ts";
import { TOPOLOGY_FILE_BYTES_MAX } from "../../../src/config/yaml-source.ts";
import { isMeshError } from "../../../src/errors.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples/topologies");
const example = (name: string) => loadTopology(join(EXAMPLES, `${name}.yaml`));

/** SHA-256 of the four documents as they stand in 003. */
const DOCUMENTS = {
  "flat-mesh": "e0300a5a90c1b955fe88c7da85cc01669b8a5d694b9bc19f395ff080f51121ff",
  "single-region-mesh": "fcc972f9950fc214b5f1d32cac0565a518520097c7c5f9ea9440e6cb0caba4cd",
  "multi-region-leaders": "25d49a5c53b5c2f0c01e81efaf90a28142db7ec46deff1eddf2a1653b8dc42bc",
  hierarchical: "114d3f2fe119a589b1c25dd5b2bc941088ff12d68f80fe7a5a2389804ad0f1db",
};

test.each(Object.entries(DOCUMENTS))(
  "C13: %s stands byte for byte as in 003",
  async (name, hash) => {
    const bytes = await readFile(join(EXAMPLES, `${name}.yaml`));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
  },
);

test("C13: flat_mesh of 003 loads with the meanings of SPEC's table", async () => {
  const config = await example("flat-mesh");
  expect(config).toEqual({
    topology: "flat_mesh",
    agentCount: { min: 10, max: 100 },
    regions: [{ name: "local", location: "localhost", agents: { min: 10, max: 100 } }],
    gossip: { fanout: 5, intervalMs: 100, convergenceThreshold: 0.95 },
    network: { transport: "TCP", tls: false, port: 8000, portRange: { min: 8000, max: 8100 } },
    bootstrap: {
      seeds: [
        { host: "localhost", port: 8000 },
        { host: "localhost", port: 8001 },
      ],
    },
  });
});

test("C13: single_region_mesh of 003 loads with the meanings of SPEC's table", async () => {
  const config = await example("single-region-mesh");
  if (config.topology !== "single_region_mesh") throw new Error(config.topology);
  expect(config.agentCount).toEqual({ min: 100, max: 1000 });
  expect(config.regions[0]?.zones).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
  expect(config.regions[0]?.agents).toEqual({ min: 1000, max: 1000 });
  expect(config.gossip).toEqual({ fanout: 10, intervalMs: 100, convergenceThreshold: 0.99 });
  expect(config.network).toMatchObject({ transport: "QUIC", tls: true, certRotationHours: 24 });
  expect(config.network.port).toBe(9000);
  expect(config.bootstrap.seeds[2]).toEqual({
    host: "mesh-seed-3.us-east-1.internal",
    port: 9000,
  });
  expect(config.security).toEqual({
    mtls: true,
    signatureAlgo: "ed25519",
    rateLimitPerPeer: 1000,
    byzantineThreshold: 0.5,
    keyRotationHours: 24,
  });
  expect(config.observability).toEqual({
    otelEndpoint: { host: "otel-collector.internal", port: 4317 },
    traceSampleRate: 0.01,
    metricsIntervalSec: 10,
  });
});

test("C13: multi_region_leaders of 003 loads with the meanings of SPEC's table", async () => {
  const config = await example("multi-region-leaders");
  if (config.topology !== "multi_region_leaders") throw new Error(config.topology);
  expect(config.regions.map((region) => region.agents.min)).toEqual([30_000, 30_000, 40_000]);
  expect(config.regions.map((region) => region.leaderCount)).toEqual([3, 3, 3]);
  expect(config.gossip).toEqual({
    intraRegion: { fanout: 20, intervalMs: 100 },
    interRegion: { fanout: 3, intervalMs: 500 },
    convergenceThreshold: 0.99,
  });
  expect(config.leaders).toEqual({ election: "raft", heartbeatMs: 100, failoverTimeoutMs: 1000 });
  expect(config.network.globalAccelerator).toBe(true);
  expect(config.bootstrap.seedsPerRegion).toBe(5);
  expect(config.security).toMatchObject({
    rateLimitPerPeer: 5000,
    byzantineThreshold: 0.6,
    encryption: "AES-256-GCM",
  });
  expect(config.observability.otelEndpoints).toEqual([
    { region: "us-east-1", host: "otel-us.internal", port: 4317 },
    { region: "eu-west-1", host: "otel-eu.internal", port: 4317 },
    { region: "ap-southeast-1", host: "otel-ap.internal", port: 4317 },
  ]);
});

test("C13: hierarchical of 003 loads with the meanings of SPEC's table", async () => {
  const config = await example("hierarchical");
  if (config.topology !== "hierarchical") throw new Error(config.topology);
  expect(config.hierarchy).toEqual({
    levels: 3,
    level1Global: { coordinators: 10, regions: 10 },
    level2Regional: { aggregatorsPerRegion: 5, agentsPerAggregator: 20_000 },
    level3Edge: { edgeNodesPerAggregator: 10, agentsPerEdge: 2000 },
  });
  expect(config.gossip).toEqual({
    edgeToEdge: 10,
    edgeToAggregator: 5,
    aggregatorToCoordinator: 3,
    intervals: { edgeMs: 100, aggregatorMs: 500, globalMs: 1000 },
    convergenceThreshold: 0.99,
  });
  expect(config.network).toMatchObject({ compression: "zstd", batching: true, batchSize: 100 });
  expect(config.security.keyRotationHours).toBe(12);
  expect(config.observability.dashboards).toEqual([
    "global_overview",
    "regional_health",
    "edge_performance",
  ]);
});

test("C13: absent keys take the defaults of SPEC's row", async () => {
  const text = (await readFile(join(EXAMPLES, "single-region-mesh.yaml"), "utf8")).replace(
    /^ {2}(convergence_threshold|cert_rotation_hours|port): .*\n/gm,
    "",
  );
  const config = parseTopology(text);
  if (config.topology !== "single_region_mesh") throw new Error(config.topology);
  expect(config.gossip.convergenceThreshold).toBe(0.99);
  expect(config.network.certRotationHours).toBe(24);
  expect(config.network.port).toBe(9000);
  expect(config.security.keyRotationHours).toBe(24);
});

test("C13: flat_mesh without a port listens on 9000, with one on that one", async () => {
  const text = await readFile(join(EXAMPLES, "flat-mesh.yaml"), "utf8");
  const none = parseTopology(text.replace("  port_range: 8000-8100\n", ""));
  const one = parseTopology(text.replace("port_range: 8000-8100", "port: 7000"));
  expect(none.network).toMatchObject({ port: 9000, portRange: { min: 9000, max: 9000 } });
  expect(one.network).toMatchObject({ port: 7000, portRange: { min: 7000, max: 7000 } });
});

test("C13: otel_endpoints may be one mapping instead of a list", async () => {
  const text = (await readFile(join(EXAMPLES, "multi-region-leaders.yaml"), "utf8")).replaceAll(
    /- ((us-east|eu-west|ap-southeast)-1: otel)/g,
    "$1",
  );
  expect(parseTopology(text)).toEqual(await example("multi-region-leaders"));
});

test("C13: an IPv6 seed loses its brackets and host names are lower-cased", async () => {
  const text = (await readFile(join(EXAMPLES, "flat-mesh.yaml"), "utf8")).replace(
    "localhost:8000",
    '"[::1]:8000"\n    - LocalHost:8005',
  );
  const config = parseTopology(text);
  if (config.topology !== "flat_mesh") throw new Error(config.topology);
  expect(config.bootstrap.seeds.map((seed) => seed.host)).toEqual([
    "::1",
    "localhost",
    "localhost",
  ]);
});

test("C13: a config is frozen to its leaves", async () => {
  const unfrozen: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (!Object.isFrozen(value)) unfrozen.push(path);
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  };
  for (const name of ["flat-mesh", "single-region-mesh", "multi-region-leaders", "hierarchical"])
    walk(await example(name), name);
  expect(unfrozen).toEqual([]);
});

test("C13: flat_mesh gives the settings of one node", async () => {
  const config = await example("flat-mesh");
  if (config.topology !== "flat_mesh") throw new Error(config.topology);
  expect(missingForStart(config)).toEqual([]);
  expect(toNodeSettings(config)).toEqual({
    meshName: "flat-mesh",
    transport: "tcp",
    portMin: 8000,
    portMax: 8100,
    loopbackOnly: true,
    fanout: 5,
    roundIntervalMs: 100,
    convergenceThreshold: 0.95,
    seeds: [
      { host: "localhost", port: 8000 },
      { host: "localhost", port: 8001 },
    ],
    region: "local",
    zone: "local",
    available: true,
  });
});

test("C13: an unreadable file, a directory and an endless device end in MESH_CONFIG_FILE", async () => {
  for (const path of [join(EXAMPLES, "none.yaml"), EXAMPLES, "/dev/zero"]) {
    const error = await loadTopology(path).catch((cause: unknown) => cause);
    expect(isMeshError(error, "MESH_CONFIG_FILE"), path).toBe(true);
  }
});

test("C13: text that is not YAML ends in MESH_CONFIG_FILE with its places", () => {
  const error = failure("gossip: [1, 2\nnetwork: {");
  expect(error).toMatchObject({ code: "MESH_CONFIG_FILE" });
  expect(error.message).toMatch(/^mesh\.yaml: not YAML\n {2}mesh\.yaml:\d+:\d+ /);
});

test.each([
  ["two documents", "a: 1\n---\nb: 2"],
  ["an over-long text", `#${" ".repeat(TOPOLOGY_FILE_BYTES_MAX)}`],
  ["brackets nested past the parser's stack", "[".repeat(50_000)],
])("C13: %s ends in MESH_CONFIG_FILE", (_, text) => {
  expect(failure(text)).toMatchObject({ code: "MESH_CONFIG_FILE" });
});

test("C13: an aborted load rejects with the signal's reason", async () => {
  const reason = new Error("stop");
  const loading = loadTopology(join(EXAMPLES, "flat-mesh.yaml"), {
    signal: AbortSignal.abort(reason),
  });
  await expect(loading).rejects.toBe(reason);
});

function failure(text: string): Error {
  try {
    parseTopology(text, { file: "mesh.yaml" });
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a refusal");
}
