/**
 * Test support: the shared state by its definition, from a bare list of operations.
 *
 * Knows nothing of deltas, order of arrival or increments: for every address it folds all
 * operations at once and hashes the outcome as digest.ts documents it. No assertions inside.
 */
import {
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../assembly/layout.ts";
import type { Dot, OperationFields } from "./delta-encoder.ts";
import { naiveBlake3 } from "./naive-blake3.ts";
import { naiveRoot } from "./naive-primitives.ts";

/** One operation, with the dot it was given. */
export interface ModelOperation {
  readonly fields: OperationFields;
  readonly dot: Dot;
  readonly hlc: bigint;
  /** Dots named, of a remove. */
  readonly removes?: readonly Dot[];
}

/** Live content by address, both as hashed, in hex. */
export function modelState(operations: readonly ModelOperation[]): Map<string, string> {
  const byAddress = new Map<string, ModelOperation[]>();
  for (const operation of operations) {
    if (operation.fields.kind === OP_EVENT) continue;
    const address = addressOf(operation.fields);
    byAddress.set(address, [...(byAddress.get(address) ?? []), operation]);
  }
  const live = new Map<string, string>();
  for (const [address, all] of byAddress) {
    const type = Number.parseInt(address.slice(0, 2), 16);
    const content = contentOf(type, all);
    if (content !== "") live.set(address, address.slice(0, 2) + content);
  }
  return live;
}

/** stateRoot of that state. */
export function modelRoot(live: ReadonlyMap<string, string>): Uint8Array {
  const pairs = [...live].map(([address, content]) => [fromHex(address), fromHex(content)]);
  return naiveRoot(pairs.map((pair) => [naiveBlake3(pair[0]!), naiveBlake3(pair[1]!)] as const));
}

function contentOf(type: number, all: readonly ModelOperation[]): string {
  switch (type) {
    case TYPE_COUNTER:
      return lastBy(all, incarnationHex).map(counterHex).join("");
    case TYPE_GAUGE:
      return lastBy(all, (operation) => operation.dot.author)
        .map(gaugeHex)
        .join("");
    case TYPE_SET: {
      const removed = new Set(all.flatMap((operation) => operation.removes ?? []).map(dotHex));
      const adds = all.filter((operation) => operation.fields.kind === OP_SET_ADD);
      const newest = lastBy(adds, incarnationHex).map((operation) => dotHex(operation.dot));
      return newest.filter((dot) => !removed.has(dot)).join("");
    }
    default:
      return cellHex([...all].sort(byStamp).at(-1)!);
  }
}

/** The last operation of each group by (epoch, nonce, seq), ascending by (author, epoch, nonce). */
function lastBy(
  all: readonly ModelOperation[],
  group: (operation: ModelOperation) => string,
): ModelOperation[] {
  const last = new Map<string, ModelOperation>();
  for (const operation of [...all].sort(byDot)) last.set(group(operation), operation);
  return [...last.values()].sort(byDot);
}

function byStamp(a: ModelOperation, b: ModelOperation): number {
  return a.hlc === b.hlc ? byDot(a, b) : a.hlc < b.hlc ? -1 : 1;
}

function byDot(a: ModelOperation, b: ModelOperation): number {
  const [x, y] = [a.dot, b.dot];
  if (x.author !== y.author) return x.author < y.author ? -1 : 1;
  if (x.epoch !== y.epoch) return x.epoch < y.epoch ? -1 : 1;
  if (x.nonce !== y.nonce) return x.nonce < y.nonce ? -1 : 1;
  return x.seq - y.seq;
}

function cellHex({ fields, dot, hlc }: ModelOperation): string {
  if (!("codec" in fields)) return ""; // A delete won.
  return u64Hex(hlc) + dotHex(dot) + toHex(Uint8Array.of(fields.codec)) + toHex(fields.value);
}

function counterHex(operation: ModelOperation): string {
  const { fields } = operation;
  if (fields.kind !== OP_COUNTER) return "";
  return incarnationHex(operation) + u64Hex(fields.plus) + u64Hex(fields.minus);
}

function gaugeHex(operation: ModelOperation): string {
  const { fields, dot } = operation;
  if (fields.kind !== OP_GAUGE) return "";
  const seq = u64Hex(BigInt(dot.seq));
  return incarnationHex(operation) + seq + u64Hex(fields.value) + u64Hex(fields.weight);
}

function incarnationHex({ dot }: ModelOperation): string {
  return dot.author + u64Hex(dot.epoch) + u64Hex(dot.nonce);
}

function dotHex(dot: Dot): string {
  const incarnation = dot.author + u64Hex(dot.epoch) + u64Hex(dot.nonce);
  return incarnation + u64Hex(BigInt(dot.seq)) + u64Hex(dot.hash);
}

function addressOf(fields: OperationFields): string {
  const collection = Buffer.from(fields.collection);
  const key = Buffer.from(fields.key);
  const element = Buffer.from("element" in fields ? fields.element : "");
  const head = Buffer.alloc(5);
  head[0] = typeOf(fields.kind);
  head.writeUInt16LE(collection.length, 1);
  head.writeUInt16LE(key.length, 3);
  return toHex(Buffer.concat([head, collection, key, element]));
}

function typeOf(kind: OperationFields["kind"]): number {
  if (kind === OP_REGISTER_SET) return TYPE_REGISTER;
  if (kind === OP_COUNTER) return TYPE_COUNTER;
  if (kind === OP_GAUGE) return TYPE_GAUGE;
  if (kind === OP_SET_ADD || kind === OP_SET_REMOVE) return TYPE_SET;
  return TYPE_MAP;
}

function u64Hex(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return toHex(bytes);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
