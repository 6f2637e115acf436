import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  assertStartable,
  CAPABILITIES,
  type Capability,
  missingForStart,
  NEEDLESS,
  NEEDS,
  startWarnings,
} from "../../../src/config/missing.ts";
import { toNodeSettings } from "../../../src/config/node-settings.ts";
import { topologyJsonSchema } from "../../../src/config/schema.ts";
import { loadTopology, parseTopology } from "../../../src/config/topology.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples/topologies");
const example = (name: string) => loadTopology(join(EXAMPLES, `${name}.yaml`));
const keysMissing = async (name: string) =>
  missingForStart(await example(name)).map(({ key }) => key);

test("C13: flat_mesh lacks nothing and starts with warnings that it is open and without TLS", async () => {
  const config = await example("flat-mesh");
  expect(missingForStart(config)).toEqual([]);
  expect(() => assertStartable(config)).not.toThrow();
  expect(startWarnings(config)).toEqual([
    expect.stringContaining("no membership certificates"),
    expect.stringContaining("network.tls is false"),
  ]);
});

test("C13: a flat mesh over QUIC may leave loopback, and is warned that it is open", async () => {
  const text = (await readFile(join(EXAMPLES, "flat-mesh.yaml"), "utf8"))
    .replace("transport: TCP", "transport: QUIC")
    .replace("tls: false", "tls: true")
    .replace("localhost:8001", "10.0.0.7:8001");
  const config = parseTopology(text);
  expect(missingForStart(config)).toEqual([]);
  expect(startWarnings(config)).toEqual([expect.stringContaining("no membership certificates")]);
  if (config.topology !== "flat_mesh") throw new Error(config.topology);
  expect(toNodeSettings(config)).toMatchObject({ transport: "quic", loopbackOnly: false });
});

test("C13: single_region_mesh says once, in one line, what it goes on without", async () => {
  const [line, ...more] = startWarnings(await example("single-region-mesh"));
  expect(line).toMatch(/^not yet in this version: regions\[\]\.zones .*otel_endpoint .*metrics_/);
  expect(more).toEqual([]);
});

test("C13: zones and telemetry alone hold up no start; each key of security does", async () => {
  const config = await example("single-region-mesh");
  const secured = new Set<Capability>([...CAPABILITIES, "rate_limit_per_peer"]);
  expect(() => assertStartable(config, secured)).not.toThrow();
  for (const name of ["mtls", "cert_rotation", "key_rotation", "rate_limit_per_peer"] as const) {
    const without = new Set([...secured].filter((each) => each !== name));
    expect(() => assertStartable(config, without), name).toThrow(name);
  }
});

test("C13: a flat mesh may say in its file that it is open, and nothing else of security", async () => {
  const text = await readFile(join(EXAMPLES, "flat-mesh.yaml"), "utf8");
  const open = parseTopology(`${text}\nsecurity:\n  admission: open\n`);
  expect(open).toMatchObject({ security: { admission: "open" } });
  expect(missingForStart(open)).toEqual([]);
  expect(() => parseTopology(`${text}\nsecurity:\n  admission: closed\n`)).toThrow("security");
  expect(() => parseTopology(`${text}\nsecurity:\n  mtls: true\n`)).toThrow("security");
});

test("C13: single_region_mesh is refused with every key that is not backed", async () => {
  expect(await keysMissing("single-region-mesh")).toEqual([
    "regions[].zones",
    "observability.otel_endpoint",
    "observability.trace_sample_rate",
    "observability.metrics_interval_sec",
  ]);
});

test("C13: multi_region_leaders is refused with every key that is not backed", async () => {
  expect(await keysMissing("multi-region-leaders")).toEqual([
    "regions[].leader_count",
    "gossip.inter_region",
    "network.global_accelerator",
    "leaders.election",
    "bootstrap.seeds_per_region",
    "security.encryption",
    "observability.otel_endpoints",
    "observability.trace_sample_rate",
    "observability.metrics_interval_sec",
  ]);
});

test("C13: hierarchical is refused with every key that is not backed", async () => {
  expect(await keysMissing("hierarchical")).toEqual([
    "hierarchy",
    "gossip.edge_to_aggregator",
    "network.compression",
    "network.batching",
    "bootstrap.global_coordinators",
    "security.encryption",
    "observability.otel_collector_per_region",
    "observability.trace_sample_rate",
    "observability.metrics_interval_sec",
    "observability.aggregation",
    "observability.dashboards",
  ]);
});

test("C13: the refusal is a MESH_CONFIG_UNSUPPORTED that lists feature, key and reason", async () => {
  const config = await example("hierarchical");
  expect(() => assertStartable(config)).toThrowError(
    expect.objectContaining({
      code: "MESH_CONFIG_UNSUPPORTED",
      details: { topology: "hierarchical", missing: missingForStart(config) },
      message: expect.stringContaining("\n  security.encryption (encryption_at_rest): "),
    }),
  );
});

test("C13: a build with every capability refuses nothing", async () => {
  const all = new Set(
    ["tcp", "quic", ...NEEDS.map((need) => need.feature)].filter((f) => typeof f === "string"),
  ) as ReadonlySet<Capability>;
  for (const name of ["flat-mesh", "single-region-mesh", "multi-region-leaders", "hierarchical"])
    expect(missingForStart(await example(name), all), name).toEqual([]);
});

test("C13: each capability that is taken away is reported, security keys included", async () => {
  const config = await example("single-region-mesh");
  const without = new Set([...CAPABILITIES].filter((name) => name !== "ed25519"));
  expect(missingForStart(config, without)).toContainEqual({
    feature: "ed25519",
    key: "security.signature_algo",
    why: expect.any(String),
  });
});

test("C13: every key of the schema has an entry, so that none is silently ignored", () => {
  const known = new Set([...NEEDS.map((need) => need.key), ...Object.keys(NEEDLESS)]);
  const unknown = schemaKeys().filter((key) => !coveredBy(known, key));
  expect(unknown).toEqual([]);
});

test("C13: every entry stands for a key of the schema", () => {
  const keys = schemaKeys();
  const named = [...NEEDS.map((need) => need.key), ...Object.keys(NEEDLESS)];
  const stale = named.filter((name) => !keys.some((key) => coveredBy(new Set([name]), key)));
  expect(stale).toEqual([]);
});

/** A leaf is covered by an entry for itself or for one of its parents. */
function coveredBy(known: ReadonlySet<string>, key: string): boolean {
  const parts = key.split(".");
  return parts.some((_, index) => known.has(parts.slice(0, index + 1).join(".")));
}

function schemaKeys(): readonly string[] {
  type Node = { properties?: Record<string, Node>; items?: Node; oneOf?: Node[] };
  const keys = new Set<string>();
  const walk = (node: Node, path: string): void => {
    for (const [name, inner] of Object.entries(node.properties ?? {})) {
      const here = path === "" ? name : `${path}.${name}`;
      if (inner.properties !== undefined) walk(inner, here);
      else if (inner.items?.properties !== undefined) walk(inner.items, `${here}[]`);
      else keys.add(here);
    }
  };
  for (const topology of (topologyJsonSchema() as Node).oneOf ?? []) walk(topology, "");
  return [...keys];
}
