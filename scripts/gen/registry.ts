/**
 * Reads registry/ (OpenTelemetry Weaver, definition v1) into typed lists for the generators.
 *
 * Only what generation needs is checked here, with the group's id in the message; the whole
 * contract is checked by test/surface/registry.test.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

type Instrument = "counter" | "updowncounter" | "gauge" | "histogram";
type CellKind = "counter" | "gauge" | "histogram";

interface EnumMember {
  readonly id: string;
  readonly value: string;
  readonly brief?: string;
  readonly stability?: string;
}

export interface Attribute {
  readonly id: string;
  readonly type: string | { readonly members: readonly EnumMember[] };
  readonly stability?: string;
  readonly brief?: string;
  readonly examples?: readonly unknown[];
}

interface AttributeRef {
  readonly ref: string;
  readonly requirement_level: string | Readonly<Record<string, string>>;
}

interface CellAnnotation {
  readonly cell: string;
  readonly kind: CellKind;
  readonly seed?: readonly string[];
  readonly bounds?: readonly number[];
  readonly recorded_in?: "ms";
  readonly span_events?: readonly string[];
}

/** A group as it stands in the file; which keys exist depends on `type`. */
export interface Group {
  readonly id: string;
  readonly type: "attribute_group" | "metric" | "span" | "event";
  readonly brief: string;
  readonly note?: string;
  readonly stability?: string;
  readonly metric_name?: string;
  readonly name?: string;
  readonly span_kind?: string;
  readonly instrument?: Instrument;
  readonly unit?: string;
  readonly attributes?: readonly (Attribute & AttributeRef)[];
  readonly annotations?: { readonly mesh: CellAnnotation };
}

/** A metric with its attributes resolved to enumerations. */
export interface Metric {
  readonly name: string;
  readonly brief: string;
  readonly instrument: Instrument;
  readonly unit: string;
  readonly mesh: CellAnnotation;
  readonly attributes: readonly { readonly id: string; readonly values: readonly string[] }[];
}

export interface Registry {
  readonly groups: readonly Group[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly metrics: readonly Metric[];
}

const REGISTRY_FILE = "registry/mesh-networking-schema.yaml";

/** The registry below `root`. */
export function readRegistry(root: string): Registry {
  const { groups } = parse(readFileSync(join(root, REGISTRY_FILE), "utf8")) as { groups: Group[] };
  const defined = groups.filter((group) => group.type === "attribute_group");
  const attributes = new Map(
    defined
      .flatMap((group) => group.attributes ?? [])
      .map((attribute) => [attribute.id, attribute]),
  );
  const metrics = groups
    .filter((group) => group.type === "metric")
    .map((group) => resolveMetric(group, attributes));
  return { groups, attributes, metrics };
}

function resolveMetric(group: Group, defined: ReadonlyMap<string, Attribute>): Metric {
  const { metric_name: name, instrument, unit, annotations, brief } = group;
  if (name === undefined || instrument === undefined || unit === undefined || !annotations)
    throw new Error(`${group.id}: needs metric_name, instrument, unit and annotations.mesh`);
  const attributes = (group.attributes ?? []).map(({ ref }) => {
    const type = defined.get(ref)?.type;
    if (typeof type !== "object") throw new Error(`${group.id}: ${ref} is no enumeration`);
    return { id: ref, values: type.members.map((member) => member.value) };
  });
  return { name, brief, instrument, unit, mesh: annotations.mesh, attributes };
}
