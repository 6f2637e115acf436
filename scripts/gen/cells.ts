/**
 * Generates src/core/telemetry/cells.gen.ts: one memory cell per metric and attribute combination.
 *
 * A counter or gauge takes one slot per combination; a histogram one per bucket (its bounds plus
 * the overflow) and one for the sum. Slots are numbered in registry order.
 */
import type { Metric } from "./registry.ts";

interface Cell {
  readonly cell: string;
  readonly index: number;
  readonly metric: Metric;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The text of cells.gen.ts. */
export function cellsModule(metrics: readonly Metric[]): string {
  const cells = layOut(metrics);
  const last = cells.at(-1);
  const size = last === undefined ? 0 : last.index + slots(last.metric);
  return [
    "// Generated from registry/mesh-networking-schema.yaml by npm run gen; do not edit.",
    "",
    "/** Slots of the array that holds every cell. */",
    `export const CELL_SLOTS = ${size};`,
    "",
    "/** First slot of every cell: one per metric and attribute combination. */",
    "export const CELLS = {",
    ...cells.map(({ cell, index }) => `  ${cell}: ${index},`),
    "} as const;",
    "",
    "/** Cells of a metric with attributes, by attribute values in registry order. */",
    "export const CELLS_BY = {",
    ...metrics.filter((metric) => metric.attributes.length > 0).map((metric) => byValue(metric)),
    "} as const;",
    "",
    ...KINDS.flatMap(([kind, type, brief]) => cellType(cells, kind, type, brief)),
    "/** A metric as it is exported. Bounds are in the recorded unit: exported x perUnit. */",
    "export interface MetricInfo {",
    "  readonly name: string;",
    '  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";',
    "  readonly unit: string;",
    "  readonly description: string;",
    "  readonly perUnit: number;",
    "  readonly bounds: readonly number[];",
    "}",
    "",
    "/** One cell's metric and fixed attributes. */",
    "export interface CellInfo {",
    "  readonly cell: keyof typeof CELLS;",
    "  readonly metric: string;",
    "  readonly attributes: Readonly<Record<string, string>>;",
    "  readonly unit: string;",
    '  readonly instrument: MetricInfo["instrument"];',
    "}",
    "",
    "/** Every metric, in registry order. */",
    "export const METRICS: readonly MetricInfo[] = [",
    ...metrics.map((metric) => `  ${metricInfo(metric)},`),
    "];",
    "",
    "/** Every cell, in slot order. */",
    "export const CELL_METRICS: readonly CellInfo[] = [",
    ...cells.map((cell) => `  ${cellInfo(cell)},`),
    "];",
    "",
  ].join("\n");
}

const KINDS = [
  ["counter", "CounterCell", "A cell that only grows: `add`."],
  ["gauge", "GaugeCell", "A cell that is set: `set`."],
  ["histogram", "HistogramCell", "A cell of buckets: `record`."],
] as const;

function layOut(metrics: readonly Metric[]): readonly Cell[] {
  let index = 0;
  const cells: Cell[] = [];
  for (const metric of metrics) {
    for (const attributes of combinations(metric)) {
      cells.push({ cell: cellName(metric, Object.values(attributes)), index, metric, attributes });
      index += slots(metric);
    }
  }
  return cells;
}

function combinations(metric: Metric): readonly Readonly<Record<string, string>>[] {
  let rows: Readonly<Record<string, string>>[] = [{}];
  for (const { id, values } of metric.attributes)
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [id]: value })));
  return rows;
}

function slots(metric: Metric): number {
  return metric.mesh.kind === "histogram" ? (metric.mesh.bounds?.length ?? 0) + 2 : 1;
}

function cellName(metric: Metric, values: readonly string[]): string {
  return metric.mesh.cell + values.map(pascal).join("");
}

function byValue(metric: Metric): string {
  const nest = (depth: number, chosen: readonly string[]): string => {
    const values = metric.attributes[depth]?.values;
    if (values === undefined) return `CELLS.${cellName(metric, chosen)}`;
    const fields = values.map((value) => `${value}: ${nest(depth + 1, [...chosen, value])}`);
    return `{ ${fields.join(", ")} }`;
  };
  return `  ${metric.mesh.cell}: ${nest(0, [])},`;
}

function cellType(cells: readonly Cell[], kind: string, type: string, brief: string) {
  const names = cells.filter((cell) => cell.metric.mesh.kind === kind).map(({ cell }) => cell);
  const union = names.map((name) => `  | "${name}"`);
  return [`/** ${brief} */`, `export type ${type} = (typeof CELLS)[`, ...union, "];", ""];
}

function metricInfo({ name, instrument, unit, brief, mesh }: Metric): string {
  const perUnit = mesh.recorded_in === "ms" ? 1000 : 1;
  const bounds = JSON.stringify(mesh.bounds ?? []);
  const text = [name, instrument, unit, brief].map((part) => JSON.stringify(part));
  return `{ name: ${text[0]}, instrument: ${text[1]}, unit: ${text[2]}, description: ${text[3]}, perUnit: ${perUnit}, bounds: ${bounds} }`;
}

function cellInfo({ cell, metric, attributes }: Cell): string {
  const { name, unit, instrument } = metric;
  return `{ cell: "${cell}", metric: "${name}", attributes: ${JSON.stringify(attributes)}, unit: "${unit}", instrument: "${instrument}" }`;
}

function pascal(value: string): string {
  return value.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
