import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ConfigProblem } from "../../../src/config/problem.ts";
import { parseTopology } from "../../../src/config/topology.ts";
import type { MeshError } from "../../../src/errors.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples/topologies");
const read = (name: string) => readFileSync(join(EXAMPLES, `${name}.yaml`), "utf8");
const TEXTS = {
  flat: read("flat-mesh"),
  single: read("single-region-mesh"),
  multi: read("multi-region-leaders"),
  hier: read("hierarchical"),
};

type Case = readonly [file: keyof typeof TEXTS, from: string | RegExp, to: string, path: string];

/** One edit of a valid file, and the only path that must be reported. */
const CASES: readonly Case[] = [
  // notations
  ["flat", "agent_count: 10-100", "agent_count: 100-10", "agent_count"],
  ["flat", "agent_count: 10-100", "agent_count: many", "agent_count"],
  ["flat", "agent_count: 10-100", "agent_count: 10-101", "agent_count"],
  ["flat", "agents: 10-100", "agents: 10.5", "regions[0].agents"],
  ["flat", "agents: 10-100", "agents: -5", "regions[0].agents"],
  ["flat", "agents: 10-100", "agents: 0-100", "regions[0].agents"],
  ["flat", "8000-8100", "8100-8000", "network.port_range"],
  ["flat", "8000-8100", "8000-70000", "network.port_range"],
  ["flat", "8000-8100", "8000", "network.port_range"],
  ["flat", "localhost:8001", "localhost", "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", "localhost:0", "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", "localhost:65536", "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", "127.0.0.256:8001", "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", "-x.localhost:8001", "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", '"[::g]:8001"', "bootstrap.seeds[1]"],
  ["flat", "localhost:8001", "localhost: 8001", "bootstrap.seeds[1]"],
  // schema
  ["flat", "fanout: 5", "fanout: 0", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: five", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: 5.5", "gossip.fanout"],
  ["flat", "  fanout: 5\n", "", "gossip.fanout"],
  ["flat", "fanout: 5", "fan_out: 5\n  fanout: 5", "gossip.fan_out"],
  ["flat", "interval_ms: 100", "interval_ms: 1", "gossip.interval_ms"],
  ["flat", "interval_ms: 100", "interval_ms: .inf", "gossip.interval_ms"],
  ["flat", "threshold: 0.95", "threshold: 95", "gossip.convergence_threshold"],
  ["flat", "threshold: 0.95", "threshold: .nan", "gossip.convergence_threshold"],
  ["flat", "transport: TCP", "transport: UDP", "network.transport"],
  ["flat", "tls: false", "tls: no", "network.tls"],
  ["flat", "name: local", "name: Local Host", "regions[0].name"],
  ["flat", "location: localhost", 'location: ""', "regions[0].location"],
  ["flat", "topology: flat_mesh", "topology: ring", "topology"],
  ["flat", "topology: flat_mesh\n", "", "topology"],
  ["flat", "bootstrap:", "security:\n  admission: all\nbootstrap:", "security.admission"],
  ["flat", "bootstrap:", "security:\n  admission: open\n  mtls: true\nbootstrap:", "security.mtls"],
  ["flat", "bootstrap:", '"__proto__": 1\nbootstrap:', "__proto__"],
  ["single", "transport: QUIC", "transport: TCP", "network.transport"],
  ["single", "tls: true\n  cert", "tls: false\n  cert", "network.tls"],
  ["single", "mtls: true", "mtls: false", "security.mtls"],
  ["single", "  mtls: true\n", "", "security.mtls"],
  ["single", "ed25519", "rsa", "security.signature_algo"],
  ["single", "byzantine_threshold: 0.5", "byzantine_threshold: 1", "security.byzantine_threshold"],
  ["single", "per_peer: 1000", "per_peer: 0", "security.rate_limit_per_peer"],
  ["single", "cert_rotation_hours: 24", "cert_rotation_hours: 0", "network.cert_rotation_hours"],
  ["single", "port: 9000", "port: 99999", "network.port"],
  ["single", "sample_rate: 0.01", "sample_rate: 1.01", "observability.trace_sample_rate"],
  ["single", /otel_endpoint: .*\n/, "\n", "observability.otel_endpoint"],
  ["single", /observability:.*/s, "", "observability"],
  ["multi", "election: raft", "election: bully", "leaders.election"],
  ["multi", "seeds_per_region: 5", "seeds_per_region: 2", "bootstrap.seeds_per_region"],
  ["multi", "encryption: AES-256-GCM", "encryption: none", "security.encryption"],
  ["multi", "otel-us.internal:4317", "otel-us", "observability.otel_endpoints[0].us-east-1"],
  ["hier", "levels: 3", "levels: 4", "hierarchy.levels"],
  ["hier", "compression: zstd", "compression: lz4", "network.compression"],
  ["hier", "- regional_health", "- vanity", "observability.dashboards[1]"],
  ["hier", "batch_size: 100", "batch_size: 257", "network.batch_size"],
  // several keys together
  ["flat", "agent_count: 10-100", "agent_count: 20-100", "agent_count"],
  ["multi", "agents: 40000", "agents: 40001", "agent_count"],
  ["hier", "agent_count: 100000-1000000", "agent_count: 100000-999999", "agent_count"],
  [
    "hier",
    "agents_per_aggregator: 20000",
    "agents_per_aggregator: 19999",
    "hierarchy.level2_regional.agents_per_aggregator",
  ],
  ["multi", "heartbeat_ms: 100", "heartbeat_ms: 201", "leaders.failover_timeout_ms"],
  ["flat", "transport: TCP", "transport: QUIC", "network.tls"],
  ["flat", "tls: false", "tls: true", "network.tls"],
  ["flat", "localhost:8001", "10.0.0.1:8001", "bootstrap.seeds[1]"],
  ["flat", "port_range: 8000-8100", "port_range: 8000-8100\n  port: 8000", "network.port"],
  ["hier", "  batch_size: 100\n", "", "network.batch_size"],
  ["hier", "batching: true", "batching: false", "network.batch_size"],
  [
    "multi",
    "    - eu-west-1: otel-eu.internal:4317\n",
    "",
    "observability.otel_endpoints.eu-west-1",
  ],
  [
    "multi",
    "- eu-west-1: otel",
    "- mars: x:1\n    - eu-west-1: otel",
    "observability.otel_endpoints.mars",
  ],
  ["hier", "per_region: true", "per_region: false", "observability.otel_endpoints"],
  ["hier", "edge_to_aggregator: 5", "edge_to_aggregator: 6", "gossip.edge_to_aggregator"],
  ["hier", "_to_coordinator: 3", "_to_coordinator: 11", "gossip.aggregator_to_coordinator"],
  ["flat", "localhost:8001", "localhost:8000", "bootstrap.seeds"],
  ["single", "- us-east-1b", "- us-east-1a", "regions[0].zones"],
  ["hier", "- regional_health", "- global_overview", "observability.dashboards"],
  // YAML beyond the plain subset
  ["flat", "fanout: 5", "fanout: 5\n  fanout: 6", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: &five 5", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: !!int 5", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: !money 5", "gossip.fanout"],
  ["flat", "fanout: 5", "fanout: 5\n  <<: {interval_ms: 100}", "gossip.<<"],
  ["flat", "fanout: 5", "fanout: 5\n  7: 7", "gossip"],
  ["flat", "topology: flat", "%YAML 1.1\n---\ntopology: flat", ""],
];

describe("C13: a bad input is reported at its exact path", () => {
  test.each(CASES)("%s: %s -> %s at %s", (file, from, to, path) => {
    const text = TEXTS[file].replace(from, to);
    expect(text).not.toBe(TEXTS[file]);
    expect(problemsOf(text).map((problem) => problem.path)).toEqual([path]);
  });
});

type Several = readonly [keyof typeof TEXTS, string | RegExp, string, ...string[]];
const SEVERAL: readonly Several[] = [
  [
    "multi",
    "name: eu-west-1",
    "name: us-east-1",
    "regions",
    "observability.otel_endpoints.eu-west-1",
  ],
  [
    "hier",
    "coordinators: 10",
    "coordinators: 2",
    "gossip.aggregator_to_coordinator",
    "bootstrap.global_coordinators",
  ],
  [
    "multi",
    "- eu-west-1: otel",
    "- EU!: x:1\n    - eu-west-1: otel",
    "observability.otel_endpoints.EU!",
    "observability.otel_endpoints[1].EU!",
  ],
  [
    "multi",
    "- eu-west-1: otel",
    "- eu-west-1: x:1\n    - eu-west-1: otel",
    "observability.otel_endpoints.eu-west-1",
  ],
  ["multi", /- us-east-1: otel.+4317/s, "5", "observability.otel_endpoints"],
];

describe("C13: one edit that breaks several rules is reported at each path", () => {
  const cases = SEVERAL.map(([file, from, to, ...paths]) => ({ file, from, to, paths }));
  test.each(cases)("$file: $from -> $to", ({ file, from, to, paths }) => {
    const found = problemsOf(TEXTS[file].replace(from, to)).map((problem) => problem.path);
    expect(new Set(found)).toEqual(new Set(paths));
  });
});

test("C13: an alias is refused where it stands, and its anchor as well", () => {
  const text = TEXTS.flat.replace("fanout: 5", "fanout: &n 100").replace("_ms: 100", "_ms: *n");
  expect(problemsOf(text).map(({ path, got }) => [path, got])).toEqual([
    ["gossip.fanout", "&n"],
    ["gossip.interval_ms", "*n"],
  ]);
});

test("C13: an alias bomb is refused without being unfolded", () => {
  let text = "a0: &a0 [x]\n";
  for (let level = 1; level < 40; level += 1) {
    const inner = `*a${level - 1}, *a${level - 1}`;
    text += `a${level}: &a${level} [${inner}]\n`;
  }
  expect(problemsOf(text).length).toBeGreaterThan(80);
});

test("C13: nesting beyond the limit is refused", () => {
  const text = `a: ${"[".repeat(40)}${"]".repeat(40)}`;
  expect(problemsOf(text).some(({ expected }) => expected.includes("levels of nesting"))).toBe(
    true,
  );
});

test("C13: schema, cross-field and YAML problems of a file come in one report, in file order", () => {
  const text = TEXTS.multi
    .replace("agent_count: 1000-100000", "agent_count: 1000-90000")
    .replace("interval_ms: 100", "interval_ms: fast\n    interval_ms: 5")
    .replace("tls: true", "tls: true\n  tsl: true")
    .replace("failover_timeout_ms: 1000", "failover_timeout_ms: 499")
    .replace("mtls: true", "mtls: &yes true")
    .replace("  byzantine_threshold: 0.6\n", "")
    .replace("metrics_interval_sec: 30", "metrics_interval_sec: 0");
  expect(problemsOf(text)).toMatchObject([
    { path: "agent_count", got: '"1000-90000"', line: 2, column: 14 },
    { path: "gossip.intra_region.interval_ms", got: '"fast"', line: 22 },
    { path: "gossip.intra_region.interval_ms", got: "a duplicate", line: 23 },
    { path: "network.tsl", got: "true" },
    { path: "leaders.failover_timeout_ms", expected: "at least 500 (5 heartbeats)", got: "499" },
    { path: "security.byzantine_threshold", got: "nothing" },
    { path: "security.mtls", got: "&yes" },
    { path: "observability.metrics_interval_sec", got: "0" },
  ]);
});

test("C13: the message has one readable line per problem, with its place", () => {
  const text = TEXTS.flat.replace("fanout: 5", "fanout: 500").replace("tls: false", "tls: 1");
  expect(errorOf(text).message).toBe(
    [
      "mesh.yaml: 2 problems",
      "  mesh.yaml:9:11 gossip.fanout: expected an integer from 1 to 128 (peers a round), got 500",
      "  mesh.yaml:15:8 network.tls: expected true or false, got 1",
    ].join("\n"),
  );
});

test("C13: an unknown key's problem lists the known ones", () => {
  const [problem] = problemsOf(TEXTS.flat.replace("fanout: 5", "fanout: 5\n  fanuot: 5"));
  expect(problem?.expected).toBe("one of the keys fanout, interval_ms, convergence_threshold");
});

test("C13: a long found value is cut", () => {
  const [problem] = problemsOf(TEXTS.flat.replace("fanout: 5", `fanout: ${"x".repeat(500)}`));
  expect(problem?.got).toHaveLength(80);
});

test("C13: an empty file is reported as a document without its mapping", () => {
  expect(problemsOf("")).toMatchObject([{ path: "", got: "null" }]);
});

function problemsOf(text: string): readonly ConfigProblem[] {
  const error = errorOf(text);
  expect(error.code, error.message).toBe("MESH_CONFIG_INVALID");
  return error.details.problems as readonly ConfigProblem[];
}

function errorOf(text: string): MeshError {
  try {
    parseTopology(text, { file: "mesh.yaml" });
  } catch (error) {
    return error as MeshError;
  }
  throw new Error("expected a refusal");
}
