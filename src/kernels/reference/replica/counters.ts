/**
 * Replica: counters. Each incarnation publishes its running totals (P, N); reading sums them.
 *
 * Totals never fall within an incarnation and its deltas come in order, so the merge by maximum
 * is to keep the last; replays, restarts and joined branches never count twice.
 */
import { OP_COUNTER, TYPE_COUNTER } from "../../../../assembly/layout.ts";
import { compareIncarnations, type Incarnation } from "./frontier.ts";
import type { Operation } from "./operations.ts";
import { u64Of } from "./stamps.ts";
import {
  COUNTER_COMPONENT_BYTES,
  type Counter,
  type CounterComponent,
  childMap,
  countEntry,
  lowerBound,
  type State,
  touchEntry,
} from "./state.ts";

/** Running totals; plus and minus are each below 2^64 for one incarnation. */
export interface Totals {
  readonly plus: bigint;
  readonly minus: bigint;
}

/** Whether a counter operation publishes less than its incarnation did before it. */
export function countersFall(
  state: State,
  incarnation: Incarnation,
  operations: readonly Operation[],
  view: DataView,
): boolean {
  let earlier: Map<string, Map<string, number>> | undefined;
  for (const operation of operations) {
    if (operation.kind !== OP_COUNTER) continue;
    const { collection, key, payloadAt } = operation;
    earlier ??= new Map();
    const inDelta = childMap(earlier, collection);
    const before = inDelta.get(key);
    if (before !== undefined) {
      if (isBelow(view, payloadAt, before)) return true;
    } else {
      const component = findComponent(findCounter(state, collection, key), incarnation);
      if (component !== undefined && isBelowComponent(view, payloadAt, component)) return true;
    }
    inDelta.set(key, payloadAt);
  }
  return false;
}

/** Applies running totals, known not to fall; the counter, and whether it changed. */
export function applyCounter(
  state: State,
  incarnation: Incarnation,
  operation: Operation,
  view: DataView,
): boolean {
  const { collection, key, addressBytes, payloadAt } = operation;
  const counters = childMap(state.counters, collection);
  let counter = counters.get(key);
  if (counter === undefined) {
    counter = { type: TYPE_COUNTER, collection, key, addressBytes, dirty: false, components: [] };
    counters.set(key, counter);
    countEntry(state, operation);
  }
  const component = internComponent(state, counter, incarnation);
  const { plusHigh, plusLow, minusHigh, minusLow } = component;
  component.plusLow = view.getUint32(payloadAt, true);
  component.plusHigh = view.getUint32(payloadAt + 4, true);
  component.minusLow = view.getUint32(payloadAt + 8, true);
  component.minusHigh = view.getUint32(payloadAt + 12, true);
  touchEntry(state, counter);
  const plusSame = component.plusHigh === plusHigh && component.plusLow === plusLow;
  const minusSame = component.minusHigh === minusHigh && component.minusLow === minusLow;
  return !(plusSame && minusSame);
}

export function findCounter(state: State, collection: string, key: string): Counter | undefined {
  return state.counters.get(collection)?.get(key);
}

export function findComponent(
  counter: Counter | undefined,
  incarnation: Incarnation,
): CounterComponent | undefined {
  if (counter === undefined) return undefined;
  const found = counter.components[componentPosition(counter, incarnation)];
  return found?.incarnation === incarnation ? found : undefined;
}

/** The sum over every incarnation. */
export function sumOf(counter: Counter | undefined): Totals {
  let plus = 0n;
  let minus = 0n;
  for (const component of counter?.components ?? []) {
    plus += u64Of(component.plusHigh, component.plusLow);
    minus += u64Of(component.minusHigh, component.minusLow);
  }
  return { plus, minus };
}

/** The totals of one incarnation. */
export function totalsOf(component: CounterComponent | undefined): Totals {
  if (component === undefined) return { plus: 0n, minus: 0n };
  return {
    plus: u64Of(component.plusHigh, component.plusLow),
    minus: u64Of(component.minusHigh, component.minusLow),
  };
}

function internComponent(
  state: State,
  counter: Counter,
  incarnation: Incarnation,
): CounterComponent {
  const position = componentPosition(counter, incarnation);
  const found = counter.components[position];
  if (found?.incarnation === incarnation) return found;
  const fresh = { incarnation, plusHigh: 0, plusLow: 0, minusHigh: 0, minusLow: 0 };
  counter.components.splice(position, 0, fresh);
  state.bytes += COUNTER_COMPONENT_BYTES;
  return fresh;
}

function componentPosition(counter: Counter, incarnation: Incarnation): number {
  return lowerBound(counter.components, (item) =>
    compareIncarnations(item.incarnation, incarnation),
  );
}

function isBelowComponent(view: DataView, at: number, before: CounterComponent): boolean {
  return (
    isLess(view, at, before.plusHigh, before.plusLow) ||
    isLess(view, at + 8, before.minusHigh, before.minusLow)
  );
}

function isBelow(view: DataView, at: number, before: number): boolean {
  const minus = before + 8;
  return (
    isLess(view, at, view.getUint32(before + 4, true), view.getUint32(before, true)) ||
    isLess(view, at + 8, view.getUint32(minus + 4, true), view.getUint32(minus, true))
  );
}

function isLess(view: DataView, at: number, high: number, low: number): boolean {
  const own = view.getUint32(at + 4, true);
  return own < high || (own === high && view.getUint32(at, true) < low);
}
