/**
 * Replica: observed-remove sets, add wins.
 *
 * An add makes a dot (incarnation, seq, delta hash); a remove kills exactly the dots it names, so
 * an add it had not seen survives. An incarnation's newer add of an element replaces its own older
 * dot: its adds come in order everywhere, hence an element has at most one dot an incarnation and
 * the outcome is the same in every order. (Across incarnations of one author nothing is replaced:
 * they come in any order.) A dot that is not covered by the frontier waits in pending.ts.
 */
import { DOT_BYTES, TYPE_SET } from "../../../../assembly/layout.ts";
import { hashAddress, writeDot } from "./digest.ts";
import { compareIncarnations, findIncarnation, type Incarnation } from "./frontier.ts";
import { u64At } from "./header.ts";
import { INCARNATION_ID_BYTES } from "./identity.ts";
import type { Operation } from "./operations.ts";
import { addPending } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";
import type { Origin } from "./stamps.ts";
import {
  childMap,
  countEntry,
  discountEntry,
  type Element,
  lowerBound,
  type State,
  touchEntry,
} from "./state.ts";
import { rawText } from "./text.ts";

const DOT_SEQ_OFFSET = INCARNATION_ID_BYTES;
const DOT_HASH_OFFSET = INCARNATION_ID_BYTES + 8;
/** Bytes of an element's hash in a pending token; with the dot's hash, 32. */
const TOKEN_ADDRESS_BYTES = 24;

/** The delta that an operation came in. */
export interface Carrier {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly origin: Origin;
  /** Last seq of the delta: its incarnation is covered up to here. */
  readonly lastSeq: number;
}

/**
 * Applies an add.
 * @param waiting tokens of pending dots at this seq.
 * @returns whether the element is in the set now.
 */
export function applyAdd(
  replica: ReplicaData,
  operation: Operation,
  written: { readonly origin: Origin; readonly seq: number },
  waiting: ReadonlyMap<string, unknown> | undefined,
): boolean {
  const { state } = replica;
  const { origin, seq } = written;
  const killed = waiting?.has(tokenOfAdd(replica, operation, origin)) ?? false;
  let element = findElement(state, operation.collection, operation.key, operation.element);
  if (element === undefined) {
    if (killed) return false;
    element = addElement(state, operation);
  }
  const { incarnation } = origin;
  const position = dotPosition(element, incarnation);
  const replaces = element.dots[position]?.incarnation === incarnation;
  if (killed) {
    if (replaces) deleteDot(state, element, position);
    return element.dots.length > 0;
  }
  element.dots.splice(position, replaces ? 1 : 0, { incarnation, origin, seq });
  if (!replaces) state.bytes += DOT_BYTES;
  touchEntry(state, element);
  return true;
}

/** Applies a remove; whether the element is in the set now. */
export function applyRemove(replica: ReplicaData, operation: Operation, carrier: Carrier): boolean {
  const { collection, key, payloadAt, payloadBytes } = operation;
  const { bytes, view } = carrier;
  let address: Uint8Array | undefined;
  for (let at = payloadAt; at < payloadAt + payloadBytes; at += DOT_BYTES) {
    const incarnation = findIncarnation(replica.frontier, bytes, view, at);
    if (isAwaited(incarnation, carrier, at)) {
      address ??= addressOf(replica, operation);
      addPending(replica.pending, carrier.origin.incarnation.author, {
        incarnation: rawText(bytes, at, at + INCARNATION_ID_BYTES),
        seq: u64At(view, at + DOT_SEQ_OFFSET),
        token: tokenOf(bytes, at + DOT_HASH_OFFSET, address),
      });
    } else if (incarnation !== undefined) {
      const element = findElement(replica.state, collection, key, operation.element);
      if (element !== undefined) removeDot(replica.state, element, incarnation, view, at);
    }
  }
  return findElement(replica.state, collection, key, operation.element) !== undefined;
}

/** How many dots a remove would put into the pending table, at most. */
export function awaitedDots(replica: ReplicaData, operation: Operation, carrier: Carrier): number {
  const { payloadAt, payloadBytes } = operation;
  let count = 0;
  for (let at = payloadAt; at < payloadAt + payloadBytes; at += DOT_BYTES) {
    const incarnation = findIncarnation(replica.frontier, carrier.bytes, carrier.view, at);
    if (isAwaited(incarnation, carrier, at)) count += 1;
  }
  return count;
}

export function findElement(
  state: State,
  collection: string,
  key: string,
  element: string,
): Element | undefined {
  return state.sets.get(collection)?.get(key)?.get(element);
}

/** Whether the element has a dot of this incarnation. */
export function hasDotOf(element: Element, incarnation: Incarnation): boolean {
  return element.dots[dotPosition(element, incarnation)]?.incarnation === incarnation;
}

/** An element's dots, encoded as a remove names them, in canonical order. */
export function dotsOf(element: Element | undefined): Uint8Array {
  const dots = element?.dots ?? [];
  const out = new Uint8Array(dots.length * DOT_BYTES);
  const view = new DataView(out.buffer);
  for (const [index, dot] of dots.entries()) writeDot(out, view, index * DOT_BYTES, dot);
  return out;
}

/**
 * Whether the add of the dot at `at` may still come. Seqs of the carrying delta itself do not
 * count: its hash covers this remove, so no remove can name one.
 */
function isAwaited(incarnation: Incarnation | undefined, carrier: Carrier, at: number): boolean {
  const seq = u64At(carrier.view, at + DOT_SEQ_OFFSET);
  if (seq === 0 || !Number.isSafeInteger(seq)) return false; // No operation ever has it.
  if (incarnation === undefined) return true;
  if (incarnation.ended) return false;
  const own = incarnation === carrier.origin.incarnation;
  return seq > (own ? carrier.lastSeq : incarnation.seq);
}

function removeDot(
  state: State,
  element: Element,
  incarnation: Incarnation,
  view: DataView,
  at: number,
): void {
  const position = dotPosition(element, incarnation);
  const dot = element.dots[position];
  if (dot?.incarnation !== incarnation || dot.seq !== u64At(view, at + DOT_SEQ_OFFSET)) return;
  if (dot.origin.hashLow !== view.getUint32(at + DOT_HASH_OFFSET, true)) return;
  if (dot.origin.hashHigh !== view.getUint32(at + DOT_HASH_OFFSET + 4, true)) return;
  deleteDot(state, element, position);
}

function addElement(state: State, operation: Operation): Element {
  const { collection, key, element, addressBytes } = operation;
  const elements = childMap(childMap(state.sets, collection), key);
  const fresh: Element = {
    type: TYPE_SET,
    collection,
    key,
    element,
    addressBytes,
    dirty: false,
    dots: [],
  };
  elements.set(element, fresh);
  countEntry(state, operation);
  return fresh;
}

function deleteDot(state: State, element: Element, position: number): void {
  element.dots.splice(position, 1);
  state.bytes -= DOT_BYTES;
  touchEntry(state, element);
  if (element.dots.length > 0) return;
  discountEntry(state, element);
  const keys = state.sets.get(element.collection);
  const elements = keys?.get(element.key);
  elements?.delete(element.element);
  if (elements?.size === 0) keys?.delete(element.key);
  if (keys?.size === 0) state.sets.delete(element.collection);
}

function dotPosition(element: Element, incarnation: Incarnation): number {
  return lowerBound(element.dots, (dot) => compareIncarnations(dot.incarnation, incarnation));
}

function addressOf(replica: ReplicaData, operation: Operation): Uint8Array {
  const { collection, key, element } = operation;
  return hashAddress(replica.primitives, { type: TYPE_SET, collection, key, element });
}

function tokenOfAdd(replica: ReplicaData, operation: Operation, origin: Origin): string {
  HASH_VIEW.setUint32(0, origin.hashLow, true);
  HASH_VIEW.setUint32(4, origin.hashHigh, true);
  return tokenOf(HASH, 0, addressOf(replica, operation));
}

/** Raw text of the dot's 8 hash bytes and of the element's address hash. */
function tokenOf(hash: Uint8Array, at: number, address: Uint8Array): string {
  return rawText(hash, at, at + 8) + rawText(address, 0, TOKEN_ADDRESS_BYTES);
}

const HASH = new Uint8Array(8);
const HASH_VIEW = new DataView(HASH.buffer);
