/**
 * Rules that relate several keys of a topology file (C13).
 *
 * They read the raw YAML data, not the parsed config, and skip what is not of the right shape, so
 * that their findings are reported together with the schema's in one pass.
 */
import { isLoopbackHost, parseHostPort, parseRange, type Range } from "./notation.ts";
import { type Finding, type KeyPath, valueAt } from "./problem.ts";
import { FAILOVER_HEARTBEATS_MIN } from "./schema-parts.ts";

/** Findings of every rule; `raw` is YAML data, of any shape. */
export function crossFieldFindings(raw: unknown): readonly Finding[] {
  const found: Finding[] = [];
  const file: RawFile = {
    at: (...path) => valueAt(raw, path),
    report: (path, expected, got) => found.push({ path, expected, got }),
  };
  for (const rule of RULES) rule(file);
  return found;
}

interface RawFile {
  at(...path: KeyPath): unknown;
  report(path: KeyPath, expected: string, got: unknown): void;
}

type Rule = (file: RawFile) => void;

const RULES: readonly Rule[] = [
  regionSumInAgentCount,
  hierarchyProductInAgentCount,
  aggregatorHoldsItsEdges,
  failoverOutlastsHeartbeats,
  tlsMatchesTransport,
  plainSeedsAreLoopback,
  onePortKey,
  batchSizeOnlyWithBatching,
  ownRegionHasCollector,
  parentsExist,
  namesAreUnique,
];

function regionSumInAgentCount({ at, report }: RawFile): void {
  const count = parseRange(at("agent_count"));
  const populations = list(at("regions")).map((region) => parseRange(child(region, "agents")));
  if (count === undefined || populations.length === 0) return;
  const sum = { min: 0, max: 0 };
  for (const population of populations) {
    if (population === undefined || population.min < 1) return;
    sum.min += population.min;
    sum.max += population.max;
  }
  if (isWithin(sum, count)) return;
  report(["agent_count"], `a range that holds the regions' sum ${show(sum)}`, at("agent_count"));
}

function hierarchyProductInAgentCount({ at, report }: RawFile): void {
  const count = parseRange(at("agent_count"));
  const product =
    number(at("hierarchy", "level1_global", "regions")) *
    number(at("hierarchy", "level2_regional", "aggregators_per_region")) *
    number(at("hierarchy", "level3_edge", "edge_nodes_per_aggregator")) *
    number(at("hierarchy", "level3_edge", "agents_per_edge"));
  if (count === undefined || Number.isNaN(product)) return;
  if (isWithin({ min: product, max: product }, count)) return;
  report(["agent_count"], `a range that holds the hierarchy's ${product}`, at("agent_count"));
}

function aggregatorHoldsItsEdges({ at, report }: RawFile): void {
  const path = ["hierarchy", "level2_regional", "agents_per_aggregator"];
  const held = number(at(...path));
  const product =
    number(at("hierarchy", "level3_edge", "edge_nodes_per_aggregator")) *
    number(at("hierarchy", "level3_edge", "agents_per_edge"));
  if (Number.isNaN(held) || Number.isNaN(product) || held === product) return;
  report(path, `${product} (edge_nodes_per_aggregator x agents_per_edge)`, held);
}

function failoverOutlastsHeartbeats({ at, report }: RawFile): void {
  const failover = number(at("leaders", "failover_timeout_ms"));
  const least = FAILOVER_HEARTBEATS_MIN * number(at("leaders", "heartbeat_ms"));
  if (!(failover < least)) return;
  const expected = `at least ${least} (${FAILOVER_HEARTBEATS_MIN} heartbeats)`;
  report(["leaders", "failover_timeout_ms"], expected, failover);
}

function tlsMatchesTransport({ at, report }: RawFile): void {
  if (at("topology") !== "flat_mesh") return;
  const transport = at("network", "transport");
  const tls = at("network", "tls");
  if (transport === "QUIC" && tls === false)
    report(["network", "tls"], "true with QUIC, whose TLS 1.3 is always on", tls);
  if (transport === "TCP" && tls === true)
    report(["network", "tls"], "false with TCP, whose links run noise instead", tls);
}

function plainSeedsAreLoopback({ at, report }: RawFile): void {
  if (at("topology") !== "flat_mesh" || at("network", "tls") !== false) return;
  for (const [index, seed] of list(at("bootstrap", "seeds")).entries()) {
    const parsed = parseHostPort(seed);
    if (parsed === undefined || isLoopbackHost(parsed.host)) continue;
    report(["bootstrap", "seeds", index], "a loopback host while network.tls is false", seed);
  }
}

function onePortKey({ at, report }: RawFile): void {
  const port = at("network", "port");
  if (port === undefined || at("network", "port_range") === undefined) return;
  report(["network", "port"], "nothing beside network.port_range", port);
}

function batchSizeOnlyWithBatching({ at, report }: RawFile): void {
  const size = at("network", "batch_size");
  const isBatching = at("network", "batching") === true;
  if (isBatching && size === undefined)
    report(["network", "batch_size"], "the operations of a batch, with batching: true", size);
  if (!isBatching && size !== undefined)
    report(["network", "batch_size"], "nothing without batching: true", size);
}

function ownRegionHasCollector({ at, report }: RawFile): void {
  const path = ["observability", "otel_endpoints"];
  const endpoints = at(...path);
  if (endpoints === undefined) {
    if (at("observability", "otel_collector_per_region") !== false) return;
    report(path, "the collectors, without otel_collector_per_region", endpoints);
    return;
  }
  const entries = Array.isArray(endpoints) ? endpoints : [endpoints];
  const regions = namesOf(at("regions"));
  if (regions.length === 0 || !entries.every(isMapping)) return;
  const named = entries.flatMap((entry) => Object.keys(entry));
  for (const name of regions)
    if (!named.includes(name))
      report([...path, name], `the collector of region ${name}`, undefined);
  for (const name of named)
    if (!regions.includes(name)) report([...path, name], `one of ${regions.join(", ")}`, name);
  for (const name of repeated(named)) report([...path, name], "each region once", name);
}

function parentsExist({ at, report }: RawFile): void {
  const pairs = [
    [
      ["gossip", "edge_to_aggregator"],
      ["level2_regional", "aggregators_per_region"],
    ],
    [
      ["gossip", "aggregator_to_coordinator"],
      ["level1_global", "coordinators"],
    ],
  ] as const;
  for (const [path, limit] of pairs) {
    const wanted = number(at(...path));
    const existing = number(at("hierarchy", ...limit));
    if (wanted > existing) report(path, `at most ${existing} (${limit[1]})`, wanted);
  }
  const path = ["bootstrap", "global_coordinators"];
  const contacts = list(at(...path)).length;
  const coordinators = number(at("hierarchy", "level1_global", "coordinators"));
  if (contacts > coordinators)
    report(path, `at most ${coordinators} entries (coordinators)`, at(...path));
}

function namesAreUnique({ at, report }: RawFile): void {
  for (const name of repeated(namesOf(at("regions"))))
    report(["regions"], "region names used once", name);
  for (const [index, region] of list(at("regions")).entries())
    for (const zone of repeated(list(child(region, "zones"))))
      report(["regions", index, "zones"], "zone names used once", zone);
  for (const key of ["seeds", "global_seeds", "global_coordinators"])
    for (const seed of repeated(list(at("bootstrap", key))))
      report(["bootstrap", key], "each address once", seed);
  for (const name of repeated(list(at("observability", "dashboards"))))
    report(["observability", "dashboards"], "each dashboard once", name);
}

function child(value: unknown, key: string): unknown {
  return valueAt(value, [key]);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

function namesOf(regions: unknown): readonly string[] {
  return list(regions)
    .map((region) => child(region, "name"))
    .filter((name) => typeof name === "string");
}

/** Each string that stands more than once, once. */
function repeated(values: readonly unknown[]): readonly string[] {
  const strings = values.filter((value) => typeof value === "string");
  return [...new Set(strings.filter((value, index) => strings.indexOf(value) !== index))];
}

function isWithin(inner: Range, outer: Range): boolean {
  return inner.min >= outer.min && inner.max <= outer.max;
}

function show(range: Range): string {
  return range.min === range.max ? String(range.min) : `${range.min}-${range.max}`;
}
