/**
 * Replica: applies the operations of one accepted delta and lists what they touched.
 *
 * Nothing here refuses: format, counters and room have been judged. One change per operation, in
 * order; an event changes no state and is only listed.
 */
import {
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_COUNTER,
  TYPE_EVENT,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../../assembly/layout.ts";
import type { Change, Stamp } from "../../kernels.ts";
import { copyBytes } from "./bytes.ts";
import { applyCell } from "./cells.ts";
import { applyCounter } from "./counters.ts";
import { applyGauge } from "./gauges.ts";
import type { Operation } from "./operations.ts";
import { coverPending, pendingOf } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";
import { applyAdd, applyRemove, type Carrier, findElement } from "./sets.ts";
import { stampOf } from "./stamps.ts";

/** An accepted delta, and where its changes go. */
export interface Accepted extends Carrier {
  /** Row of the scan. */
  readonly row: number;
  readonly firstSeq: number;
  readonly changes: Change[];
}

/** Applies all operations; pending dots of the covered seqs are used up. */
export function applyOperations(
  replica: ReplicaData,
  operations: readonly Operation[],
  delta: Accepted,
): void {
  const { incarnation } = delta.origin;
  const stamp = stampOf({ origin: delta.origin, seq: delta.firstSeq });
  const waiting = pendingOf(replica.pending, incarnation);
  let seq = delta.firstSeq;
  for (const operation of operations) {
    const effect = applyOperation(replica, operation, { delta, seq, waiting: waiting?.get(seq) });
    delta.changes.push(changeOf(operation, effect, { delta, stamp, seq }));
    if (waiting !== undefined) coverPending(replica.pending, waiting, incarnation, seq);
    seq += 1;
  }
}

interface Effect {
  readonly live: boolean;
  readonly changed: boolean;
}

function applyOperation(
  replica: ReplicaData,
  operation: Operation,
  context: {
    readonly delta: Accepted;
    readonly seq: number;
    readonly waiting: ReadonlyMap<string, unknown> | undefined;
  },
): Effect {
  const { delta, seq } = context;
  const { origin, bytes, view } = delta;
  const { incarnation } = origin;
  const { state } = replica;
  switch (operation.kind) {
    case OP_EVENT:
      return { live: true, changed: true };
    case OP_COUNTER:
      return { live: true, changed: applyCounter(state, incarnation, operation, view) };
    case OP_GAUGE:
      return { live: true, changed: applyGauge(state, operation, { incarnation, seq, view }) };
    case OP_SET_ADD: {
      const was = hasElement(replica, operation);
      const live = applyAdd(replica, operation, { origin, seq }, context.waiting);
      return { live, changed: live !== was };
    }
    case OP_SET_REMOVE: {
      const was = hasElement(replica, operation);
      const live = applyRemove(replica, operation, delta);
      return { live, changed: live !== was };
    }
    default: {
      const { cell, changed } = applyCell(state, operation, { origin, seq, bytes });
      return { live: cell.value !== undefined, changed };
    }
  }
}

function changeOf(
  operation: Operation,
  effect: Effect,
  context: { readonly delta: Accepted; readonly stamp: Stamp; readonly seq: number },
): Change {
  const { kind, collection, key, element, codec, payloadAt, payloadBytes } = operation;
  const hasValue = kind === OP_REGISTER_SET || TYPES[kind] === TYPE_MAP || kind === OP_EVENT;
  const end = hasValue ? payloadAt + payloadBytes : payloadAt;
  return {
    type: TYPES[kind] ?? TYPE_MAP,
    collection,
    key,
    element,
    live: effect.live,
    changed: effect.changed,
    delta: context.delta.row,
    codec,
    payload: copyBytes(context.delta.bytes, payloadAt, end),
    stamp: { ...context.stamp, seq: context.seq },
  };
}

function hasElement(replica: ReplicaData, operation: Operation): boolean {
  const { collection, key, element } = operation;
  return findElement(replica.state, collection, key, element) !== undefined;
}

/** Entry type by operation kind; what is not listed is a map's. */
const TYPES: readonly number[] = typesByKind();

function typesByKind(): number[] {
  const types: number[] = new Array(OP_EVENT + 1).fill(TYPE_MAP);
  types[OP_REGISTER_SET] = TYPE_REGISTER;
  types[OP_MAP_DELETE] = TYPE_MAP;
  types[OP_COUNTER] = TYPE_COUNTER;
  types[OP_SET_ADD] = TYPE_SET;
  types[OP_SET_REMOVE] = TYPE_SET;
  types[OP_GAUGE] = TYPE_GAUGE;
  types[OP_EVENT] = TYPE_EVENT;
  return types;
}
