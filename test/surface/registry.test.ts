import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Attribute, type Group, readRegistry } from "../../scripts/gen/registry.ts";

const ROOT = join(import.meta.dirname, "../..");
const registry = readRegistry(ROOT);
const of = (type: Group["type"]) => registry.groups.filter((group) => group.type === type);
const defined = of("attribute_group").flatMap((group) => group.attributes ?? []);
const signals = registry.groups.filter((group) => group.type !== "attribute_group");
const members = (attribute: Attribute) =>
  typeof attribute.type === "object" ? attribute.type.members : [];

const STABILITY = ["development", "alpha", "beta", "release_candidate", "stable"];
const NAME = /^[a-z][a-z0-9]*([._][a-z0-9]+)*$/;

/** SPEC, section "Signals". */
const SPEC_METRICS = [
  ...["count", "active", "byzantine", "reputation", "latency"].map((name) => `mesh.peer.${name}`),
  "mesh.peer.selection.strategy",
  ...["round", "fanout", "latency", "messages.sent", "messages.received"].map(
    (name) => `mesh.gossip.${name}`,
  ),
  "mesh.gossip.convergence.time",
  "mesh.gossip.convergence.rounds",
  ...["detected", "reachable_peers", "quorum_size", "recovery.time"].map(
    (name) => `mesh.partition.${name}`,
  ),
  "mesh.topology.rebalance",
  "mesh.topology.clusters",
  "mesh.message.validated",
  "mesh.message.rejected",
  "mesh.byzantine.detected",
  "mesh.security.signature.latency",
  "mesh.bandwidth.sent",
  "mesh.bandwidth.received",
  "mesh.throughput.messages_per_sec",
  "mesh.queue.size",
  ...["agents", "aggregation.latency", "state.size"].map((name) => `mesh.hierarchy.${name}`),
];
const SPEC_SPANS = [
  "mesh.gossip.round",
  "mesh.message.send",
  "mesh.message.receive",
  "mesh.partition.detection",
  "mesh.topology.rebalance",
];
const SPEC_EVENTS = [
  "mesh.peer.registered",
  "mesh.peer.removed",
  "mesh.byzantine.detected",
  "mesh.partition.detected",
  "mesh.partition.recovered",
  "mesh.gossip.converged",
  "mesh.tick.budget_exceeded",
];

test("C12: every metric that SPEC asks for is mapped to exactly one of the registry", () => {
  const seeds = registry.metrics.flatMap((metric) => metric.mesh.seed ?? []);
  expect(seeds.toSorted()).toEqual(SPEC_METRICS.toSorted());
});

test("C12: every span and log event that SPEC asks for is declared under its name", () => {
  expect(of("span").map((group) => group.id.replace(/^span\./, ""))).toEqual(SPEC_SPANS);
  expect(of("event").map((group) => group.name)).toEqual(SPEC_EVENTS);
});

test("C12: a gossip round's push, pull, merge and convergence are span events", () => {
  const [round] = of("span");
  const phases = ["push", "pull", "merge"].flatMap((phase) => [
    `mesh.gossip.${phase}.started`,
    `mesh.gossip.${phase}.completed`,
  ]);
  expect(round?.annotations?.mesh.span_events).toEqual([...phases, "mesh.gossip.converged"]);
});

test("C12: there are at least 30 metrics, 5 span kinds and 6 log events", () => {
  expect(registry.metrics.length).toBeGreaterThanOrEqual(30);
  expect(of("span").length).toBeGreaterThanOrEqual(5);
  expect(of("event").length).toBeGreaterThanOrEqual(6);
});

test("C12: every metric has name, instrument, unit, stability and a brief with a period", () => {
  const wanted = {
    metric_name: expect.stringMatching(NAME),
    instrument: expect.stringMatching(/^(counter|updowncounter|gauge|histogram)$/),
    unit: expect.stringMatching(/^(s|By|1|\{[a-z][a-z0-9_]*\}(\/s)?)$/),
    stability: expect.stringMatching(new RegExp(`^(${STABILITY.join("|")})$`)),
    brief: expect.stringMatching(/\.$/),
  };
  for (const group of of("metric")) {
    expect(group, group.id).toMatchObject(wanted);
    expect(group.id).toBe(`metric.${group.metric_name}`);
  }
});

test("C12: every span has its kind and every event its name and severity", () => {
  for (const group of of("span"))
    expect(group.span_kind, group.id).toMatch(/^(internal|client|server|producer|consumer)$/);
  for (const group of of("event")) {
    expect(group.id).toBe(`event.${group.name}`);
    expect(group.note, group.id).toMatch(/^Severity (INFO|WARN|ERROR)\.$/);
  }
});

test("C12: every group, attribute and enum member has a stability and a brief", () => {
  const parts = [...signals, ...defined, ...defined.flatMap(members)];
  for (const part of parts) {
    expect(STABILITY, part.id).toContain(part.stability);
    expect(part.brief, part.id).toMatch(/\.$/);
  }
});

test("C12: groups, attributes and metric names are declared once", () => {
  for (const names of [
    registry.groups.map((group) => group.id),
    defined.map((attribute) => attribute.id),
    registry.metrics.map((metric) => metric.name),
    registry.metrics.map((metric) => metric.mesh.cell),
    ...signals.map((group) => (group.attributes ?? []).map(({ ref }) => ref)),
  ])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("C12: signals only refer to attributes that are defined, and every one is used", () => {
  const used = new Set(signals.flatMap((group) => (group.attributes ?? []).map(({ ref }) => ref)));
  const resource = /^(service|telemetry)\./;
  const known = defined.map((attribute) => attribute.id);
  expect([...used].filter((ref) => !known.includes(ref))).toEqual([]);
  expect(known.filter((id) => !used.has(id) && !resource.test(id))).toEqual([]);
});

test("C12: attributes have examples of their type, enumerations have members", () => {
  const types: Readonly<Record<string, string>> = {
    string: "string",
    int: "number",
    double: "number",
  };
  for (const attribute of defined) {
    if (typeof attribute.type === "object") {
      expect(members(attribute).length, attribute.id).toBeGreaterThan(0);
      continue;
    }
    expect(attribute.examples?.length, attribute.id).toBeGreaterThan(0);
    for (const example of attribute.examples ?? [])
      expect(typeof example, attribute.id).toBe(types[attribute.type]);
  }
});

test("C12: no name is the namespace of another, or differs from it by separators only", () => {
  for (const names of [
    registry.metrics.map((metric) => metric.name),
    defined.map((attribute) => attribute.id),
  ]) {
    expect(names.filter((name) => names.some((other) => other.startsWith(`${name}.`)))).toEqual([]);
    expect(new Set(names.map((name) => name.replaceAll(".", "_"))).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(NAME);
  }
});

test("C12: names hold no unit, durations are histograms in seconds, counts are plural counters", () => {
  for (const { name, instrument, unit } of registry.metrics) {
    expect(name).not.toMatch(/([._](total|ms|sec|seconds|bytes|ticks)$|per_sec)/);
    if (name.endsWith(".duration")) expect([instrument, unit], name).toEqual(["histogram", "s"]);
    if (unit === "s") expect(name).toMatch(/\.duration$/);
    if (unit === "{tick}") expect(instrument, name).toBe("histogram");
  }
});

test("C12: latencies in ticks have SPEC's bounds", () => {
  for (const { name, unit, mesh } of registry.metrics)
    if (unit === "{tick}") expect(mesh.bounds, name).toEqual([1, 2, 4, 8, 16, 32, 64]);
});

test("C12: a cell's kind fits its instrument, and bounds rise", () => {
  for (const { name, instrument, unit, mesh } of registry.metrics) {
    const kind = instrument === "updowncounter" ? "gauge" : instrument;
    expect(mesh.kind, name).toBe(kind);
    expect(mesh.cell, name).toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(mesh.bounds !== undefined, name).toBe(instrument === "histogram");
    expect(mesh.bounds ?? [], name).toEqual((mesh.bounds ?? []).toSorted((a, b) => a - b));
    expect(mesh.recorded_in, name).toBe(unit === "s" ? "ms" : undefined);
  }
});

test("C12: a metric has few series, and a required level on every attribute", () => {
  for (const metric of registry.metrics) {
    const series = metric.attributes.reduce((count, { values }) => count * values.length, 1);
    expect(series, metric.name).toBeLessThanOrEqual(16);
  }
  for (const group of of("metric"))
    for (const { ref, requirement_level } of group.attributes ?? [])
      expect(requirement_level, `${group.id} ${ref}`).toBe("required");
});

test("C12: groups use only the keys that Weaver's v1 syntax knows", () => {
  const common = ["id", "type", "brief", "note", "stability", "attributes", "annotations"];
  const own: Readonly<Record<Group["type"], readonly string[]>> = {
    attribute_group: ["display_name"],
    metric: ["metric_name", "instrument", "unit"],
    span: ["span_kind"],
    event: ["name"],
  };
  for (const group of registry.groups) {
    const unknown = Object.keys(group).filter(
      (key) => ![...common, ...own[group.type]].includes(key),
    );
    expect(unknown, group.id).toEqual([]);
  }
  for (const attribute of defined) {
    const known = ["id", "type", "brief", "note", "stability", "examples", "annotations"];
    expect(
      Object.keys(attribute).filter((key) => !known.includes(key)),
      attribute.id,
    ).toEqual([]);
  }
});

test("C12: the folder holds the manifest and schema files only, for Weaver reads every YAML in it", () => {
  expect(readdirSync(join(ROOT, "registry")).toSorted()).toEqual([
    "manifest.yaml",
    "mesh-networking-schema.yaml",
  ]);
  const file = (name: string) => parse(readFileSync(join(ROOT, "registry", name), "utf8"));
  expect(Object.keys(file("mesh-networking-schema.yaml"))).toEqual(["groups"]);
  expect(file("manifest.yaml").schema_url).toMatch(/^https:\/\/[^/]+\/.+\/\d+\.\d+\.\d+$/);
});
