/**
 * Local writes: checked, numbered, collected into the open delta, and applied when it closes
 * (`batchDelayMs` after the one before, at its bounds, or when a read needs it). A write is acknowledged when its
 * delta is in the own replica and on its way to the peers.
 */
import {
  COLLECTION_BYTES_MAX,
  ELEMENT_BYTES_MAX,
  KEY_BYTES_MAX,
  TYPE_COUNTER,
  TYPE_EVENT,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
  VALUE_BYTES_MAX,
} from "../../../assembly/layout.ts";
import { type AckLevel, type CommandResult, refusedCommand, type Write } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import { awaitStored } from "../durability/stored.ts";
import { handOn } from "../gossip/answer.ts";
import type { Now } from "../now.ts";
import { certificateProblem, heedRenewal } from "../trust/own-certificate.ts";
import { encodeOperation, type Operation, operationBytesAtMost } from "../wire/delta.ts";
import { digest } from "./digest.ts";
import { mergeDeltas } from "./merge.ts";
import { noteChanges } from "./note-changes.ts";
import { keepTotals, operationsOf } from "./operation-of.ts";
import { noteRoom } from "./room.ts";

/** A collection that the open delta touches, and its keys. */
interface Place {
  readonly type: number;
  readonly collection: string;
  readonly keys: Set<string>;
}

const NOWHERE: Place = { type: -1, collection: "", keys: new Set() };

/** The numbering of local writes and the state of the open delta. */
export class LocalWrites {
  #next = 1;
  #first = 1;
  #closeMonoMs = Number.POSITIVE_INFINITY;
  #closedMonoMs = Number.NEGATIVE_INFINITY;
  /** By type and collection. */
  readonly #touched = new Map<string, Set<string>>();
  #last = NOWHERE;
  /** Own running totals with the open delta's part, by address. */
  readonly totals = new Map<string, { readonly plus: bigint; readonly minus: bigint }>();

  /** When the open delta closes; infinity when there is none. */
  get closeMonoMs(): number {
    return this.#closeMonoMs;
  }

  /**
   * Numbers a write that has gone into the open delta. A delta closes `delayMs` after the last one
   * at the earliest: a lone write waits for nothing, and a busy writer signs once in that time.
   */
  add(write: Write, delayMs: number, now: Now): number {
    const dueMonoMs = Math.max(now.monoMs, this.#closedMonoMs + delayMs);
    this.#closeMonoMs = Math.min(this.#closeMonoMs, dueMonoMs);
    this.#touch(typeOf(write), write.collection, keyOf(write));
    return this.#next++;
  }

  #touch(type: number, collection: string, key: string): void {
    // Most writes go where the last one went.
    if (collection !== this.#last.collection || type !== this.#last.type) {
      const name = `${type}${collection}`;
      const keys = this.#touched.get(name) ?? new Set();
      this.#touched.set(name, keys);
      this.#last = { type, collection, keys };
    }
    this.#last.keys.add(key);
  }

  /** Whether the open delta touches a key, or, without one, a collection. */
  touches(type: number, collection: string, key: string | undefined): boolean {
    if (this.#touched.size === 0) return false;
    const keys = this.#touched.get(`${type}${collection}`);
    return keys !== undefined && (key === undefined || keys.has(key));
  }

  /** The numbers in the delta that closes now; the next one starts afresh. */
  closed(now: Now): { readonly first: number; readonly last: number } {
    const range = { first: this.#first, last: this.#next - 1 };
    this.#first = this.#next;
    this.#closeMonoMs = Number.POSITIVE_INFINITY;
    this.#closedMonoMs = now.monoMs;
    this.#touched.clear();
    this.#last = NOWHERE;
    return range;
  }
}

/** Takes one local write. */
export function write(
  core: CoreState,
  write: Write,
  now: Now,
  ack: AckLevel = "local",
): CommandResult {
  const problem = problemOf(write) ?? certificateProblem(core, now);
  if (problem !== undefined) return problem;
  if (ack !== "local" && core.acks.isFull) {
    return refusedCommand("MESH_QUEUE_FULL", "too many writes wait for the disks of others");
  }
  if (!core.log.fits(VALUE_BYTES_MAX * 2)) {
    return refusedCommand("MESH_STATE_FULL", "the delta log of this node is full", {
      bytes: core.log.bytes,
    });
  }
  // A remove names the dots it has seen, which must include those of the open delta.
  if (write.op === "set.remove" && core.writes.touches(TYPE_SET, write.collection, write.key)) {
    closeOpenDelta(core, now);
  }
  if (core.author.openOperations === 0) heedRenewal(core, now);
  let operations = operationsOf(core, write);
  if (operations?.[0] !== undefined && isFullFor(core, operations[0])) {
    closeOpenDelta(core, now);
    // Again: a delta that failed to close takes its part of the counters' totals with it.
    operations = operationsOf(core, write);
  }
  if (operations === undefined) {
    return refusedCommand("MESH_VALUE_INVALID", "the counter's total would pass 2^64 - 1");
  }
  for (const operation of operations) {
    if (isFullFor(core, operation)) closeOpenDelta(core, now);
    core.author.append(operation);
    keepTotals(core, operation);
  }
  if (ack !== "local") core.acks.want(ack);
  const id = core.writes.add(write, core.config.batchDelayMs, now);
  return { kind: "write", id };
}

function isFullFor({ author }: CoreState, operation: Operation): boolean {
  if (!author.isFullFor(operationBytesAtMost(operation))) return false;
  return author.isFullFor(encodeOperation(operation).length);
}

/** Closes, applies and hands on the open delta, if there is one. */
export function closeOpenDelta(core: CoreState, now: Now): void {
  if (core.author.openOperations === 0) return;
  const range = core.writes.closed(now);
  const deltas = core.author.close(now.wallMs);
  const merged = mergeDeltas(core, core.config.nodeId, { deltas }, () => "own", now);
  noteRoom(core, merged, now);
  if (merged.changes.length === 0) {
    // Only a bound of the replica can refuse an own delta; its totals never came to be.
    core.writes.totals.clear();
    core.acks.failed();
    core.out.events.push({ kind: "writes:failed", ...range });
    return;
  }
  noteChanges(core, merged.changes);
  digest(core, undefined, now);
  handOn(core, merged.applied, { peer: core.config.nodeId, repaired: false }, now);
  core.out.events.push({ kind: "acknowledged", ...range });
  awaitStored(core, range, now);
}

function problemOf(write: Write): CommandResult | undefined {
  return (
    lengthProblem("collection", write.collection, 1, COLLECTION_BYTES_MAX) ??
    lengthProblem("key", keyOf(write), write.op.startsWith("map.") ? 1 : 0, KEY_BYTES_MAX) ??
    ("element" in write
      ? lengthProblem("element", write.element, 1, ELEMENT_BYTES_MAX)
      : undefined) ??
    ("codec" in write ? valueProblem(write.value) : undefined) ??
    gaugeProblem(write)
  );
}

function lengthProblem(
  what: string,
  text: string,
  bytesMin: number,
  bytesMax: number,
): CommandResult | undefined {
  // UTF-8 takes at most 3 bytes per UTF-16 unit: short texts need no encoding to be judged.
  if (text.length >= bytesMin && text.length * 3 <= bytesMax && text.isWellFormed())
    return undefined;
  const bytes = UTF8.encode(text).length;
  if (bytes >= bytesMin && bytes <= bytesMax && text.isWellFormed()) return undefined;
  const expected = `${bytesMin} to ${bytesMax} bytes of well-formed text`;
  return refusedCommand("MESH_KEY_INVALID", `${what} must be ${expected}, got ${bytes} bytes`, {
    what,
    expected,
    got: bytes,
  });
}

function valueProblem(value: Uint8Array): CommandResult | undefined {
  if (value.length <= VALUE_BYTES_MAX) return undefined;
  const message = `a value holds at most ${VALUE_BYTES_MAX} bytes, got ${value.length}`;
  const details = { expected: `<= ${VALUE_BYTES_MAX}`, got: value.length };
  return refusedCommand("MESH_VALUE_TOO_LARGE", message, details);
}

function gaugeProblem(write: Write): CommandResult | undefined {
  if (write.op !== "gauge.set") return undefined;
  const { value, weight } = write;
  if (value >= I64_MIN && value <= I64_MAX && weight > 0n && weight <= I64_MAX) return undefined;
  const expected = "a value within i64 micro-units and a weight of 1 to 2^63 - 1";
  return refusedCommand("MESH_VALUE_INVALID", `a gauge needs ${expected}`, {
    expected,
    got: `${value}, ${weight}`,
  });
}

function typeOf(write: Write): number {
  switch (write.op) {
    case "register.set":
      return TYPE_REGISTER;
    case "map.set":
    case "map.delete":
      return TYPE_MAP;
    case "counter.add":
      return TYPE_COUNTER;
    case "set.add":
    case "set.remove":
      return TYPE_SET;
    case "gauge.set":
      return TYPE_GAUGE;
    case "event.publish":
      return TYPE_EVENT;
  }
}

function keyOf(write: Write): string {
  return write.op === "event.publish" ? "" : write.key;
}

const UTF8 = new TextEncoder();
const I64_MAX = 0x7fff_ffff_ffff_ffffn;
const I64_MIN = -I64_MAX - 1n;
