/**
 * Memory cells as an OpenTelemetry MetricProducer, for the `metricProducers` option of a reader.
 *
 * Collection reads the cells once per interval; nothing happens in between. Of the SDK only types
 * are used, so that an embedder brings its own (docs/ARCHITECTURE.md); its two enumerations are
 * written as the numbers they are, which a test compares with the SDK's.
 */
import { type HrTime, ValueType } from "@opentelemetry/api";
import type {
  CollectionResult,
  DataPoint,
  Histogram,
  MetricData,
  MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { CELL_METRICS, CELLS, METRICS, type MetricInfo } from "../../core/telemetry/cells.gen.ts";
import type { Cells } from "../../core/telemetry/cells.ts";

/** Instrumentation scope of every metric of the mesh. */
export const METRIC_SCOPE = "knhk-mesh";

const CUMULATIVE = 1; // AggregationTemporality.CUMULATIVE
const HISTOGRAM = 0; // DataPointType.HISTOGRAM
const GAUGE = 2; // DataPointType.GAUGE
const SUM = 3; // DataPointType.SUM

export interface MetricProducerOptions {
  readonly cells: Cells;
  /** Wall clock in milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Version of this package, for the instrumentation scope. */
  readonly version?: string;
}

/**
 * A producer over `cells`; cumulative, counting from its own creation.
 * @example new PeriodicExportingMetricReader({ exporter, metricProducers: [producer] })
 */
export function createMetricProducer(options: MetricProducerOptions): MetricProducer {
  const { cells, wallMs, version } = options;
  const startTime = toHrTime(wallMs());
  const scope = version === undefined ? { name: METRIC_SCOPE } : { name: METRIC_SCOPE, version };
  return {
    collect: async (): Promise<CollectionResult> => {
      const span = { startTime, endTime: toHrTime(wallMs()) };
      const metrics = SOURCES.map((source) => readMetric(source, cells.values, span));
      const scopeMetrics = [
        { scope, metrics: metrics.filter((data) => data.dataPoints.length > 0) },
      ];
      return { resourceMetrics: { resource: EMPTY_RESOURCE, scopeMetrics }, errors: [] };
    },
  };
}

type Resource = CollectionResult["resourceMetrics"]["resource"];
type Span = Pick<DataPoint<number>, "startTime" | "endTime">;

/** A reader keeps its own provider's resource and drops a producer's. */
const EMPTY_RESOURCE: Resource = {
  attributes: {},
  merge: (other) => other ?? EMPTY_RESOURCE,
  getRawAttributes: () => [],
};

interface Source {
  readonly metric: MetricInfo;
  readonly cells: readonly { readonly slot: number; readonly attributes: Record<string, string> }[];
}

/** Metrics with their cells; attribute objects are made once. */
const SOURCES: readonly Source[] = METRICS.map((metric) => ({
  metric,
  cells: CELL_METRICS.filter((cell) => cell.metric === metric.name).map((cell) => ({
    slot: CELLS[cell.cell],
    attributes: { ...cell.attributes },
  })),
}));

function readMetric({ metric, cells }: Source, values: Float64Array, span: Span): MetricData {
  const isWhole = metric.instrument === "counter" || metric.instrument === "updowncounter";
  const base = {
    descriptor: {
      name: metric.name,
      description: metric.description,
      unit: metric.unit,
      valueType: isWhole ? ValueType.INT : ValueType.DOUBLE,
    },
    aggregationTemporality: CUMULATIVE,
  } as const;
  if (metric.instrument === "histogram") {
    const dataPoints = cells.map(({ slot, attributes }) => ({
      ...span,
      attributes,
      value: readHistogram(metric, slot, values),
    }));
    return { ...base, dataPointType: HISTOGRAM, dataPoints };
  }
  const dataPoints = cells
    .map(({ slot, attributes }) => ({ ...span, attributes, value: values[slot] ?? Number.NaN }))
    .filter((point) => !Number.isNaN(point.value)); // a gauge that was never set
  if (metric.instrument === "gauge") return { ...base, dataPointType: GAUGE, dataPoints };
  const isMonotonic = metric.instrument === "counter";
  return { ...base, dataPointType: SUM, isMonotonic, dataPoints };
}

function readHistogram(metric: MetricInfo, slot: number, values: Float64Array): Histogram {
  const { bounds, perUnit } = metric;
  const counts = Array.from(values.subarray(slot, slot + bounds.length + 1));
  return {
    buckets: { boundaries: bounds.map((bound) => bound / perUnit), counts },
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: (values[slot + bounds.length + 1] ?? 0) / perUnit,
  };
}

function toHrTime(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1000);
  return [seconds, Math.round((wallMs - seconds * 1000) * 1e6)];
}
