/**
 * Memory cells: where the core counts, in one Float64Array and nothing else.
 *
 * 1. A cell is a slot number from cells.gen.ts, fixed at compile time: no lookup, no allocation.
 * 2. Counts are whole numbers and exact below 2^53; histograms take whole milliseconds or ticks.
 * 3. Nothing here exports: a producer outside the core reads {@link Cells.values}.
 * Source of the cells: registry/mesh-networking-schema.yaml.
 */
import {
  CELL_METRICS,
  CELL_SLOTS,
  CELLS,
  type CounterCell,
  type GaugeCell,
  type HistogramCell,
  METRICS,
} from "./cells.gen.ts";

/** One set of cells: a node's, or a simulated replica's. */
export interface Cells {
  /** Adds `n`, a whole number of at least 0, to a counter. */
  add(cell: CounterCell, n: number): void;
  /** Replaces a gauge's reading. */
  set(cell: GaugeCell, value: number): void;
  /** The count, or the reading; NaN for a gauge instrument that was never set. */
  get(cell: CounterCell | GaugeCell): number;
  /**
   * Counts `value` in its bucket (upper bounds are inclusive) and adds it to the sum. NaN and
   * negative values are dropped: a clock fault must not poison the sum.
   */
  record(cell: HistogramCell, value: number): void;
  /** Live memory, indexed by slot: read only, and valid as long as the cells. */
  readonly values: Float64Array;
}

/** New cells: counts at 0, gauge instruments unset. */
export function createCells(): Cells {
  const values = INITIAL.slice();
  return {
    values,
    add(cell, n) {
      values[cell] = (values[cell] ?? 0) + n;
    },
    set(cell, value) {
      values[cell] = value;
    },
    get: (cell) => values[cell] ?? 0,
    record(cell, value) {
      if (!(value >= 0)) return;
      const bounds = BOUNDS[cell] ?? NO_BOUNDS;
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
      const slot = cell + bucket;
      const sum = cell + bounds.length + 1;
      values[slot] = (values[slot] ?? 0) + 1;
      values[sum] = (values[sum] ?? 0) + value;
    },
  };
}

const NO_BOUNDS: readonly number[] = [];

/** Bounds of the histogram that starts at a slot; sparse elsewhere. */
const BOUNDS: readonly (readonly number[] | undefined)[] = boundsBySlot();

/** A gauge that was never set has no reading; amounts and counts start at 0. */
const INITIAL = initialValues();

function boundsBySlot(): readonly (readonly number[] | undefined)[] {
  const byMetric = new Map(METRICS.map((metric) => [metric.name, metric.bounds]));
  const bounds = new Array<readonly number[] | undefined>(CELL_SLOTS).fill(undefined);
  for (const { cell, metric, instrument } of CELL_METRICS)
    if (instrument === "histogram") bounds[CELLS[cell]] = byMetric.get(metric);
  return bounds;
}

function initialValues(): Float64Array {
  const values = new Float64Array(CELL_SLOTS);
  for (const { cell, instrument } of CELL_METRICS)
    if (instrument === "gauge") values[CELLS[cell]] = Number.NaN;
  return values;
}
