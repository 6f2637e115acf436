import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { CELLS, METRICS } from "../../../../src/core/telemetry/cells.gen.ts";
import { createCells } from "../../../../src/core/telemetry/cells.ts";
import {
  createMetricProducer,
  METRIC_SCOPE,
} from "../../../../src/node/telemetry/metric-producer.ts";

class PullReader extends MetricReader {
  protected async onShutdown(): Promise<void> {
    await Promise.resolve();
  }
  protected async onForceFlush(): Promise<void> {
    await Promise.resolve();
  }
}

/** The real SDK around `cells`; `collect` gives the mesh's metrics by name. */
function sdkAround(cells = createCells()) {
  let wallMs = 1_763_000_000_250;
  const producer = createMetricProducer({ cells, wallMs: () => wallMs, version: "0.1.0" });
  const reader = new PullReader({ metricProducers: [producer] });
  const provider = new MeterProvider({ readers: [reader] });
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    const [scope, ...others] = resourceMetrics.scopeMetrics;
    expect([scope?.scope, others]).toEqual([{ name: METRIC_SCOPE, version: "0.1.0" }, []]);
    return new Map((scope?.metrics ?? []).map((data) => [data.descriptor.name, data]));
  };
  const setWallMs = (ms: number) => {
    wallMs = ms;
  };
  return { cells, collect, provider, setWallMs };
}

test("C12: a reader of the real SDK collects the counters' cells with their attributes", async () => {
  const { cells, collect } = sdkAround();
  cells.add(CELLS.messageRejectedVersion, 7);
  const data = (await collect()).get("mesh.message.rejected") as MetricData;
  expect(data).toMatchObject({
    descriptor: { unit: "{message}", description: "Frames refused, by reason." },
    dataPointType: DataPointType.SUM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
  });
  const points = data.dataPoints.map(({ attributes, value }) => [attributes, value]);
  expect(points).toHaveLength(13);
  expect(points).toContainEqual([{ "mesh.rejection.reason": "version" }, 7]);
  expect(points).toContainEqual([{ "mesh.rejection.reason": "mesh" }, 0]);
});

test("C12: an amount is a sum that may fall, a reading is a gauge", async () => {
  const { cells, collect } = sdkAround();
  cells.set(CELLS.peerCount, 12);
  cells.set(CELLS.gossipFanout, 5);
  const metrics = await collect();
  expect(metrics.get("mesh.peer.count")).toMatchObject({
    dataPointType: DataPointType.SUM,
    isMonotonic: false,
    dataPoints: [{ value: 12 }],
  });
  expect(metrics.get("mesh.gossip.fanout")).toMatchObject({
    dataPointType: DataPointType.GAUGE,
    dataPoints: [{ value: 5 }],
  });
});

test("C12: a histogram recorded in milliseconds is exported in seconds", async () => {
  const { cells, collect } = sdkAround();
  for (const ms of [4, 50, 51, 9000]) cells.record(CELLS.gossipConvergence, ms);
  const data = (await collect()).get("mesh.gossip.convergence.duration");
  expect(data).toMatchObject({
    descriptor: { unit: "s" },
    dataPointType: DataPointType.HISTOGRAM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  });
  expect(data?.dataPoints[0]?.value).toEqual({
    buckets: {
      boundaries: [0.005, 0.01, 0.02, 0.05, 0.07, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
      counts: [1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1],
    },
    count: 4,
    sum: 9.105,
  });
});

test("C12: a histogram in ticks keeps its bounds, cold and amortised apart", async () => {
  const { cells, collect } = sdkAround();
  cells.record(CELLS.securitySignatureLatencyCold, 150);
  cells.record(CELLS.securitySignatureLatencyAmortised, 2);
  const data = (await collect()).get("mesh.security.signature.latency");
  expect(data?.dataPoints).toMatchObject([
    {
      attributes: { "mesh.signature.cost": "cold" },
      value: { buckets: { boundaries: [1, 2, 4, 8, 16, 32, 64] }, count: 1, sum: 150 },
    },
    { attributes: { "mesh.signature.cost": "amortised" }, value: { count: 1, sum: 2 } },
  ]);
});

test("C12: a gauge that was never set is not exported, everything else is", async () => {
  const { collect } = sdkAround();
  const names = [...(await collect()).keys()];
  const expected = METRICS.filter(({ instrument }) => instrument !== "gauge");
  expect(names).toEqual(expected.map(({ name }) => name));
});

test("C12: points span from the producer's creation to the collection", async () => {
  const { collect, setWallMs } = sdkAround();
  setWallMs(1_763_000_010_500);
  const data = (await collect()).get("mesh.gossip.rounds");
  expect(data?.dataPoints[0]).toMatchObject({
    startTime: [1_763_000_000, 250_000_000],
    endTime: [1_763_000_010, 500_000_000],
  });
});

test("C12: the producer loads nothing of the SDK at run time", () => {
  const file = join(import.meta.dirname, "../../../../src/node/telemetry/metric-producer.ts");
  const imports = readFileSync(file, "utf8").match(/^import[^;]*sdk-metrics[^;]*;/gm);
  expect(imports?.every((line) => line.startsWith("import type"))).toBe(true);
});
