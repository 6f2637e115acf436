/**
 * Replica: whether a delta fits, before anything of it is applied.
 *
 * An upper bound: operations of one delta that share an address count as if they did not, and
 * values that shrink give nothing back. A delta that does not fit changes nothing and may come
 * again; removing entries makes room.
 */
import {
  DOT_BYTES,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../../../assembly/layout.ts";
import { findCell } from "./cells.ts";
import { findComponent, findCounter } from "./counters.ts";
import type { Incarnation } from "./frontier.ts";
import { findGauge, hasComponent } from "./gauges.ts";
import type { Operation } from "./operations.ts";
import type { ReplicaData } from "./replica-data.ts";
import { awaitedDots, type Carrier, findElement, hasDotOf } from "./sets.ts";
import {
  ADDRESS_HEAD_BYTES,
  COUNTER_COMPONENT_BYTES,
  GAUGE_COMPONENT_BYTES,
  type State,
  WRITTEN_BYTES,
} from "./state.ts";

/** Most bytes an operation adds beyond its own names and payload. */
const OPERATION_OVERHEAD_BYTES = ADDRESS_HEAD_BYTES + WRITTEN_BYTES;

/** Whether the replica's limits leave room for these operations. */
export function operationsFit(
  replica: ReplicaData,
  operations: readonly Operation[],
  carrier: Carrier,
): boolean {
  const { limits, frontier } = replica;
  if (frontier.deltas >= limits.deltasMax) return false;
  return pendingFits(replica, operations, carrier) && entriesFit(replica, operations, carrier);
}

function pendingFits(
  replica: ReplicaData,
  operations: readonly Operation[],
  carrier: Carrier,
): boolean {
  let awaited = 0;
  for (const operation of operations) {
    if (operation.kind === OP_SET_REMOVE) awaited += awaitedDots(replica, operation, carrier);
  }
  if (awaited === 0) return true;
  // Of one author: a bound on all would leave it to the order of arrival whose are kept.
  const dots = carrier.origin.incarnation.author.pendingDots + awaited;
  return dots <= replica.limits.pendingDotsMax;
}

function entriesFit(
  replica: ReplicaData,
  operations: readonly Operation[],
  carrier: Carrier,
): boolean {
  const { limits, state } = replica;
  const entriesFree = limits.entriesMax - state.entries;
  const bytesFree = limits.stateBytesMax - state.bytes;
  let bytes = 0;
  for (const { addressBytes, payloadBytes } of operations) {
    bytes += OPERATION_OVERHEAD_BYTES + addressBytes + payloadBytes;
  }
  // Nearly always so; only near a limit is it worth looking every entry up.
  if (operations.length <= entriesFree && bytes <= bytesFree) return true;
  let entries = 0;
  bytes = 0;
  for (const operation of operations) {
    const growth = growthOf(state, operation, carrier.origin.incarnation);
    entries += growth.isNew ? 1 : 0;
    bytes += growth.bytes + (growth.isNew ? ADDRESS_HEAD_BYTES + operation.addressBytes : 0);
  }
  // What does not grow is welcome even when a lowered limit is passed already.
  return (entries === 0 || entries <= entriesFree) && (bytes === 0 || bytes <= bytesFree);
}

interface Growth {
  readonly isNew: boolean;
  /** Content bytes; the address of a new entry not counted. */
  readonly bytes: number;
}

function growthOf(state: State, operation: Operation, incarnation: Incarnation): Growth {
  const { kind, collection, key, payloadBytes } = operation;
  switch (kind) {
    case OP_SET_REMOVE:
    case OP_EVENT:
      return NO_GROWTH;
    case OP_COUNTER: {
      const counter = findCounter(state, collection, key);
      const held = findComponent(counter, incarnation) !== undefined;
      return { isNew: counter === undefined, bytes: held ? 0 : COUNTER_COMPONENT_BYTES };
    }
    case OP_GAUGE: {
      const gauge = findGauge(state, collection, key);
      const held = gauge !== undefined && hasComponent(gauge, incarnation);
      return { isNew: gauge === undefined, bytes: held ? 0 : GAUGE_COMPONENT_BYTES };
    }
    case OP_SET_ADD: {
      const element = findElement(state, collection, key, operation.element);
      const held = element !== undefined && hasDotOf(element, incarnation);
      return { isNew: element === undefined, bytes: held ? 0 : DOT_BYTES };
    }
    default: {
      const cell = findCell(
        kind === OP_REGISTER_SET ? state.registers : state.maps,
        collection,
        key,
      );
      if (cell === undefined) return { isNew: true, bytes: WRITTEN_BYTES + payloadBytes };
      if (kind === OP_MAP_DELETE) return NO_GROWTH;
      return { isNew: false, bytes: Math.max(0, payloadBytes - (cell.value?.length ?? 0)) };
    }
  }
}

const NO_GROWTH: Growth = { isNew: false, bytes: 0 };
