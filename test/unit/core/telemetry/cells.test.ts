import { expect, test } from "vitest";
import {
  CELL_METRICS,
  CELL_SLOTS,
  CELLS,
  CELLS_BY,
  METRICS,
} from "../../../../src/core/telemetry/cells.gen.ts";
import { createCells } from "../../../../src/core/telemetry/cells.ts";

test("C12: a counter adds up and leaves its neighbours alone", () => {
  const cells = createCells();
  const before = cells.values.slice();
  cells.add(CELLS.messageRejectedVersion, 2);
  cells.add(CELLS.messageRejectedVersion, 3);
  expect(cells.get(CELLS.messageRejectedVersion)).toBe(5);
  before[CELLS.messageRejectedVersion] = 5;
  expect(cells.values).toEqual(before);
});

test("C12: a gauge holds the last reading and has none before it is set", () => {
  const cells = createCells();
  expect(cells.get(CELLS.gossipFanout)).toBeNaN();
  cells.set(CELLS.gossipFanout, 10);
  cells.set(CELLS.gossipFanout, 5);
  expect(cells.get(CELLS.gossipFanout)).toBe(5);
});

test("C12: an amount starts at 0", () => {
  expect(createCells().get(CELLS.peerCount)).toBe(0);
});

test("C12: a tick histogram counts each value in the first bucket whose bound it does not pass", () => {
  const cells = createCells();
  for (const ticks of [0, 1, 1.5, 2, 3, 64, 65, 1e9]) cells.record(CELLS.messageLatency, ticks);
  const at = CELLS.messageLatency;
  expect([...cells.values.subarray(at, at + 8)]).toEqual([2, 2, 1, 0, 0, 0, 1, 2]);
  expect(cells.values[at + 8]).toBe(0 + 1 + 1.5 + 2 + 3 + 64 + 65 + 1e9);
});

test("C12: NaN and negative durations are dropped", () => {
  const cells = createCells();
  const before = cells.values.slice();
  cells.record(CELLS.gossipConvergence, Number.NaN);
  cells.record(CELLS.gossipConvergence, -1);
  expect(cells.values).toEqual(before);
});

test("C12: two sets of cells share nothing", () => {
  const [one, other] = [createCells(), createCells()];
  one.add(CELLS.gossipRounds, 1);
  expect(other.get(CELLS.gossipRounds)).toBe(0);
});

test("C12: cells follow one another without gaps or overlaps up to the last slot", () => {
  const bounds = new Map(METRICS.map((metric) => [metric.name, metric.bounds]));
  let next = 0;
  for (const { cell, metric, instrument } of CELL_METRICS) {
    expect(CELLS[cell], cell).toBe(next);
    next += instrument === "histogram" ? (bounds.get(metric) ?? []).length + 2 : 1;
  }
  expect(next).toBe(CELL_SLOTS);
});

test("C12: every attribute combination is a cell of its own, found by its values", () => {
  expect(CELLS_BY.queueDrops.state.superseded).toBe(CELLS.queueDropsStateSuperseded);
  const rejected = Object.values(CELLS_BY.messageRejected);
  expect(new Set(rejected).size).toBe(13);
  const info = CELL_METRICS.find(({ cell }) => cell === "queueDropsStateSuperseded");
  expect(info).toEqual({
    cell: "queueDropsStateSuperseded",
    metric: "mesh.queue.drops",
    attributes: { "mesh.queue.lane": "state", "mesh.drop.reason": "superseded" },
    unit: "{message}",
    instrument: "counter",
  });
});
