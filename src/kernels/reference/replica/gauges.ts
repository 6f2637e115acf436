/**
 * Replica: gauges. The last value of each author by (epoch, nonce, seq), with a weight.
 *
 * Readers fold the values (sum, minimum, weighted mean); an author's older incarnation arriving
 * late changes nothing.
 */
import { TYPE_GAUGE } from "../../../../assembly/layout.ts";
import type { GaugeComponent } from "../../kernels.ts";
import { compareIncarnations, type Incarnation } from "./frontier.ts";
import type { Operation } from "./operations.ts";
import { u64Of } from "./stamps.ts";
import {
  childMap,
  countEntry,
  GAUGE_COMPONENT_BYTES,
  type Gauge,
  type GaugeCell,
  lowerBound,
  type State,
  touchEntry,
} from "./state.ts";

/** Applies a gauge value; whether what is read of its author changed. */
export function applyGauge(
  state: State,
  operation: Operation,
  written: { readonly incarnation: Incarnation; readonly seq: number; readonly view: DataView },
): boolean {
  const { collection, key, addressBytes, payloadAt } = operation;
  const { incarnation, seq, view } = written;
  const gauges = childMap(state.gauges, collection);
  let gauge = gauges.get(key);
  if (gauge === undefined) {
    gauge = { type: TYPE_GAUGE, collection, key, addressBytes, dirty: false, components: [] };
    gauges.set(key, gauge);
    countEntry(state, operation);
  }
  const fresh: GaugeCell = {
    incarnation,
    seq,
    valueLow: view.getUint32(payloadAt, true),
    valueHigh: view.getUint32(payloadAt + 4, true),
    weightLow: view.getUint32(payloadAt + 8, true),
    weightHigh: view.getUint32(payloadAt + 12, true),
  };
  const position = componentPosition(gauge, incarnation.author.id);
  const found = gauge.components[position];
  if (found?.incarnation.author !== incarnation.author) {
    gauge.components.splice(position, 0, fresh);
    state.bytes += GAUGE_COMPONENT_BYTES;
  } else if (isOlder(found, fresh)) {
    gauge.components[position] = fresh;
  } else {
    return false;
  }
  touchEntry(state, gauge);
  return found?.incarnation.author !== incarnation.author || !isSame(found, fresh);
}

export function findGauge(state: State, collection: string, key: string): Gauge | undefined {
  return state.gauges.get(collection)?.get(key);
}

/** What a caller sees of a gauge, ascending by author. */
export function componentsOf(gauge: Gauge | undefined): readonly GaugeComponent[] {
  return (gauge?.components ?? []).map((cell) => ({
    author: cell.incarnation.author.id,
    value: BigInt.asIntN(64, u64Of(cell.valueHigh, cell.valueLow)),
    weight: u64Of(cell.weightHigh, cell.weightLow),
  }));
}

/** Whether the author has a value in this gauge. */
export function hasComponent(gauge: Gauge, incarnation: Incarnation): boolean {
  const found = gauge.components[componentPosition(gauge, incarnation.author.id)];
  return found?.incarnation.author === incarnation.author;
}

function componentPosition(gauge: Gauge, author: string): number {
  return lowerBound(gauge.components, (item) => (item.incarnation.author.id < author ? -1 : 1));
}

function isOlder(a: GaugeCell, b: GaugeCell): boolean {
  if (a.incarnation === b.incarnation) return a.seq < b.seq;
  return compareIncarnations(a.incarnation, b.incarnation) < 0;
}

function isSame(a: GaugeCell, b: GaugeCell): boolean {
  const valueSame = a.valueHigh === b.valueHigh && a.valueLow === b.valueLow;
  return valueSame && a.weightHigh === b.weightHigh && a.weightLow === b.weightLow;
}
