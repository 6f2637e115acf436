/**
 * frameApply for one delta of operations: everything is parsed and checked before anything is
 * changed, so a delta is applied whole or not at all.
 */
import {
  DOT_BYTES,
  NODE_ID_BYTES,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_COUNTER,
  TYPE_EVENT,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import {
  APPLY_APPLIED,
  APPLY_FULL,
  APPLY_MALFORMED,
  type ApplyOutcome,
  type Change,
  type ReplicaLimits,
  type Stamp,
} from "../kernels.ts";
import { hex } from "./hex.ts";
import { type Incarnation, type Incarnations, incarnationName } from "./incarnations.ts";
import { type ParsedOperation, parseOperations } from "./operation.ts";
import type { PendingDots } from "./pending-dots.ts";
import { isAbove } from "./stamp.ts";
import type { State } from "./state.ts";

/** What applying needs of its replica. */
export interface ApplyContext {
  readonly state: State;
  readonly pending: PendingDots;
  readonly incarnations: Incarnations;
  readonly limits: ReplicaLimits;
  readonly stateBytes: number;
}

/** The delta whose operations are applied. */
export interface DeltaInPlace {
  readonly incarnation: Incarnation;
  /** Row of the scan. */
  readonly row: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly hlc: bigint;
  /** First 8 bytes of the header's hash, little-endian. */
  readonly hash: bigint;
}

/** Applies a body's operations, adding to `changes`; the frontier is the caller's. */
export function applyBody(
  context: ApplyContext,
  delta: DeltaInPlace,
  body: Uint8Array,
  changes: Change[],
): ApplyOutcome {
  const operations = parseOperations(body, delta.count);
  if (operations === undefined) return APPLY_MALFORMED;
  if (!countersRise(context, delta, operations)) return APPLY_MALFORMED;
  if (!fits(context, operations, body.length)) return APPLY_FULL;
  for (const [i, operation] of operations.entries()) {
    const { incarnation, hlc, hash } = delta;
    const { author, epoch, nonce } = incarnation;
    const stamp: Stamp = { hlc, author, epoch, nonce, seq: delta.firstSeq + i, hash };
    changes.push(applyOperation(context, delta, operation, stamp));
  }
  return APPLY_APPLIED;
}

/** A counter's totals never fall within an incarnation. */
function countersRise(
  context: ApplyContext,
  delta: DeltaInPlace,
  operations: readonly ParsedOperation[],
): boolean {
  const last = new Map<string, { plus: bigint; minus: bigint }>();
  for (const { kind, collection, key, payload } of operations) {
    if (kind !== OP_COUNTER) continue;
    const at = address(collection, key);
    const held = context.state.counter(collection, key)?.totals.get(delta.incarnation);
    const before = last.get(at) ?? held ?? { plus: 0n, minus: 0n };
    const totals = readTotals(payload);
    if (totals.plus < before.plus || totals.minus < before.minus) return false;
    last.set(at, totals);
  }
  return true;
}

/** Whether the limits hold after the worst these operations can do. */
function fits(
  context: ApplyContext,
  operations: readonly ParsedOperation[],
  bytes: number,
): boolean {
  const { limits, state, pending, stateBytes } = context;
  let dots = 0;
  for (const { kind, payload } of operations) {
    if (kind === OP_SET_REMOVE) dots += payload.length / DOT_BYTES;
  }
  return (
    state.entries + operations.length <= limits.entriesMax &&
    (dots === 0 || pending.count + dots <= limits.pendingDotsMax) &&
    stateBytes + bytes <= limits.stateBytesMax
  );
}

function applyOperation(
  context: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
): Change {
  switch (operation.kind) {
    case OP_REGISTER_SET:
      return applyLww(context, delta, operation, stamp, TYPE_REGISTER);
    case OP_MAP_SET:
    case OP_MAP_DELETE:
      return applyLww(context, delta, operation, stamp, TYPE_MAP);
    case OP_COUNTER:
      return applyCounter(context, delta, operation, stamp);
    case OP_SET_ADD:
      return applyAdd(context, delta, operation, stamp);
    case OP_SET_REMOVE:
      return applyRemove(context, delta, operation, stamp);
    case OP_GAUGE:
      return applyGauge(context, delta, operation, stamp);
    default:
      return change(delta, operation, stamp, { type: TYPE_EVENT, live: true, changed: true });
  }
}

function applyLww(
  { state }: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
  type: typeof TYPE_REGISTER | typeof TYPE_MAP,
): Change {
  const { kind, collection, key, codec, payload } = operation;
  const held = state.lww(type, collection, key);
  const wasLive = held?.value !== undefined;
  const wins = held === undefined || isAbove(stamp, held.stamp);
  const value = kind === OP_MAP_DELETE ? undefined : payload.slice();
  // Changes `held` in place.
  if (wins) state.setLww(type, collection, key, { stamp, codec, value });
  const live = wins ? value !== undefined : wasLive;
  const changed = wins && (live || wasLive);
  return change(delta, operation, stamp, { type, live, changed });
}

function applyCounter(
  { state }: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
): Change {
  const { collection, key, payload } = operation;
  const totals = readTotals(payload);
  const entry = state.touchCounter(collection, key);
  const held = entry.totals.get(delta.incarnation);
  entry.totals.set(delta.incarnation, totals);
  const changed = totals.plus !== (held?.plus ?? 0n) || totals.minus !== (held?.minus ?? 0n);
  return change(delta, operation, stamp, { type: TYPE_COUNTER, live: true, changed });
}

function applyAdd(
  { state, pending }: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
): Change {
  const { collection, key, element } = operation;
  const { incarnation, hash } = delta;
  const wasLive = (state.element(collection, key, element)?.dots.size ?? 0) > 0;
  const at = address(collection, key, element);
  const killed = pending.kills(incarnationName(incarnation), stamp.seq, { hash, address: at });
  state.changeDots(collection, key, element, (dots) => {
    // A later add covers the incarnation's earlier one, killed or not.
    if (killed) dots.delete(incarnation);
    else dots.set(incarnation, { seq: stamp.seq, hash });
  });
  const live = (state.element(collection, key, element)?.dots.size ?? 0) > 0;
  return change(delta, operation, stamp, { type: TYPE_SET, live, changed: live !== wasLive });
}

function applyRemove(
  context: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
): Change {
  const { state } = context;
  const { collection, key, element, payload } = operation;
  const wasLive = (state.element(collection, key, element)?.dots.size ?? 0) > 0;
  state.changeDots(collection, key, element, (dots) => {
    for (let at = 0; at < payload.length; at += DOT_BYTES) {
      removeDot(context, dots, readDot(payload, at), address(collection, key, element));
    }
  });
  const live = (state.element(collection, key, element)?.dots.size ?? 0) > 0;
  return change(delta, operation, stamp, { type: TYPE_SET, live, changed: live !== wasLive });
}

function removeDot(
  { incarnations, pending }: ApplyContext,
  dots: Map<Incarnation, { readonly seq: number; readonly hash: bigint }>,
  dot: Dot,
  at: string,
): void {
  const incarnation = incarnations.get(dot.name);
  if (incarnation === undefined || dot.seq > incarnation.seq) {
    pending.add(dot.name, dot.seq, { hash: dot.hash, address: at });
    return;
  }
  const held = dots.get(incarnation);
  if (held?.seq === dot.seq && held.hash === dot.hash) dots.delete(incarnation);
}

function applyGauge(
  { state }: ApplyContext,
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
): Change {
  const { collection, key, payload } = operation;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const value = view.getBigInt64(0, true);
  const weight = view.getBigInt64(8, true);
  const { incarnation } = delta;
  const entry = state.touchGauge(collection, key);
  const held = entry.values.get(stamp.author);
  const wins = held === undefined || !isLater(held.incarnation, incarnation);
  if (wins) entry.values.set(stamp.author, { incarnation, seq: stamp.seq, value, weight });
  const changed = wins && (held?.value !== value || held.weight !== weight);
  return change(delta, operation, stamp, { type: TYPE_GAUGE, live: true, changed });
}

function change(
  delta: DeltaInPlace,
  operation: ParsedOperation,
  stamp: Stamp,
  result: { readonly type: number; readonly live: boolean; readonly changed: boolean },
): Change {
  const { kind, collection, key, element, codec, payload } = operation;
  const carries = kind === OP_REGISTER_SET || kind === OP_MAP_SET || kind === OP_EVENT;
  return {
    ...result,
    collection,
    key,
    element,
    delta: delta.row,
    codec,
    payload: carries ? payload.slice() : NOTHING,
    stamp,
  };
}

interface Dot {
  readonly name: string;
  readonly seq: number;
  readonly hash: bigint;
}

function readDot(payload: Uint8Array, at: number): Dot {
  const view = new DataView(payload.buffer, payload.byteOffset + at, DOT_BYTES);
  const name = incarnationName({
    author: hex(payload, at, NODE_ID_BYTES),
    epoch: view.getBigUint64(32, true),
    nonce: view.getBigUint64(40, true),
  });
  return { name, seq: Number(view.getBigUint64(48, true)), hash: view.getBigUint64(56, true) };
}

function readTotals(payload: Uint8Array): { readonly plus: bigint; readonly minus: bigint } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return { plus: view.getBigUint64(0, true), minus: view.getBigUint64(8, true) };
}

function isLater(a: Incarnation, b: Incarnation): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.nonce > b.nonce);
}

function address(collection: string, key: string, element = ""): string {
  return `${collection.length}.${key.length}.${collection}${key}${element}`;
}

const NOTHING = new Uint8Array(0);
