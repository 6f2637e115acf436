/**
 * Generates the tables of docs/TELEMETRY.md, between its `gen` markers, from the registry.
 */
import type { Group, Metric, Registry } from "./registry.ts";

/** `text` with the content of every known marker pair replaced. */
export function withTables(text: string, registry: Registry): string {
  const tables = {
    metrics: metricTable(registry.metrics),
    spans: signalTable(registry.groups, "span"),
    events: signalTable(registry.groups, "event"),
    seeds: seedTable(registry.metrics),
  };
  let result = text;
  for (const [name, table] of Object.entries(tables)) {
    const [start, end] = [`<!-- gen:${name} -->`, `<!-- /gen:${name} -->`];
    const from = result.indexOf(start);
    const to = result.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/TELEMETRY.md: no ${start} ... ${end}`);
    result = `${result.slice(0, from + start.length)}\n${table}\n${result.slice(to)}`;
  }
  return result;
}

function metricTable(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => [
    `\`${metric.name}\``,
    metric.instrument,
    `\`${metric.unit}\``,
    metric.attributes.map(({ id, values }) => `\`${id}\`: ${values.join(", ")}`).join("; "),
    metric.brief,
  ]);
  return table(["metric", "instrument", "unit", "attributes", "what"], rows);
}

function signalTable(groups: readonly Group[], type: "span" | "event"): string {
  const rows = groups
    .filter((group) => group.type === type)
    .map((group) => [
      `\`${group.name ?? group.id.replace(/^span\./, "")}\``,
      group.span_kind ?? group.note?.replace(/^Severity (\w+)\.$/, "$1") ?? "",
      (group.attributes ?? []).map(({ ref }) => `\`${ref}\``).join(", "),
      [group.brief, spanEvents(group)].join(" ").trim(),
    ]);
  return table([type, type === "span" ? "kind" : "severity", "attributes", "what"], rows);
}

function spanEvents(group: Group): string {
  const names = group.annotations?.mesh.span_events ?? [];
  return names.length === 0 ? "" : `Span events: ${names.map((name) => `\`${name}\``).join(", ")}.`;
}

function seedTable(metrics: readonly Metric[]): string {
  const rows = metrics.flatMap((metric) =>
    (metric.mesh.seed ?? []).map((seed) => [`\`${seed}\``, `\`${metric.name}\``]),
  );
  return table(["asked for as", "declared as"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
