/** The users of a world: writes of every type, at random nodes, at a steady rate on average. */
import type { AckLevel, Write } from "../../core/commands.ts";
import type { Random } from "../../core/random.ts";
import type { Fault } from "../faults/fault.ts";
import type { SimNode } from "./node.ts";
import { nodesOf } from "./node-set.ts";
import type { World } from "./world.ts";
import type { Writes } from "./writes.ts";

/** The map of tracked keys, and the collections that all write to. */
export const TRACKED = "tracked";
export const SHARED = "shared";
/** Of ten writes so many have a key of their own and are followed to every node. */
const TRACKED_OF_TEN = 7;
const SHARED_KEYS = 16;
/** Of the writes to shared map keys one in so many deletes, about. */
const DELETE_EVERY = 4;
/** A run of a rate has at least this many nodes to try before it gives up finding one that is up. */
const TRIES = 8;
export interface WorkloadOptions {
  readonly writesPerSecond: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Writes of every type and to shared keys; else each to a key of its own. */
  readonly mixed: boolean;
  /** Tracked writes wait for the disks of others; else for nobody. */
  readonly durable: boolean;
  /** Each life adds to a counter of its own, and waits for the disks of others. */
  readonly ownCounters: boolean;
}

type ClientOperation = Extract<Fault, { do: `op.${string}` }>;

export class Workload {
  readonly #world: World;
  readonly #writes: Writes;
  readonly #random: Random;
  readonly #tell: (node: SimNode, key: string) => void;
  #number = 0;
  #durable = false;
  #ownCounters = false;

  /** @param tell is told of each tracked write just before it is made. */
  constructor(world: World, writes: Writes, tell: (node: SimNode, key: string) => void) {
    this.#world = world;
    this.#writes = writes;
    this.#random = world.streams.workload;
    this.#tell = tell;
  }

  /** Spreads the writes over the time, at even intervals with jitter. */
  start(options: WorkloadOptions): void {
    const { writesPerSecond, startMs, endMs, mixed } = options;
    this.#durable = options.durable;
    this.#ownCounters = options.ownCounters;
    if (writesPerSecond <= 0) return;
    const everyMs = 1_000 / writesPerSecond;
    const next = (atMs: number): void => {
      if (atMs >= endMs) return;
      this.#world.schedule(atMs, () => {
        this.#writeSomething(mixed);
        next(atMs + everyMs * (0.5 + this.#random.float()));
      });
    };
    next(startMs + everyMs * this.#random.float());
  }

  /** One write that nobody follows. */
  warm(number: number): void {
    const node = this.#someone();
    if (node === undefined) return;
    const write: Write = {
      op: "map.set",
      collection: "warm",
      key: `k${number}`,
      codec: 0,
      value: bytesOf(0),
    };
    this.#world.command(node, { kind: "write", write });
  }

  /** A client operation of a fault file. */
  operate(operation: ClientOperation): void {
    const [index] = nodesOf(operation.src).list(this.#world.nodes.length);
    const node = index === undefined ? undefined : this.#world.node(index);
    if (node === undefined) {
      this.#writes.refused += 1;
      return;
    }
    if (operation.do === "op.inc")
      this.#add(node, operation.collection, operation.key, operation.by);
    else if (
      this.#write(node, writeOf(operation)) !== undefined &&
      operation.collection === TRACKED
    ) {
      this.#writes.foreign.add(operation.key);
    }
  }

  #writeSomething(mixed: boolean): void {
    const node = this.#someone();
    if (node === undefined) return;
    const kind = mixed ? this.#random.below(10) : 0;
    if (kind < TRACKED_OF_TEN) return this.#writeTracked(node);
    const key = `k${this.#random.below(SHARED_KEYS)}`;
    const collection = SHARED;
    const element = `e${this.#random.below(SHARED_KEYS)}`;
    if (kind === 7) {
      // Of a counter of its own a life knows the total: what is counted twice is above it.
      const counter = this.#ownCounters ? `${node.name}.${node.life}` : key;
      return this.#add(node, collection, counter, 1 + this.#random.below(9));
    }
    if (kind === 8) {
      const op = this.#random.below(3) === 0 ? "set.remove" : "set.add";
      this.#write(node, { op, collection, key, element });
      return;
    }
    const value = bytesOf(this.#number++);
    // Not drawn: another draw would give every seed another run.
    if (this.#number % DELETE_EVERY === 0) this.#write(node, { op: "map.delete", collection, key });
    else this.#write(node, { op: "map.set", collection, key, codec: 0, value });
  }

  #writeTracked(node: SimNode): void {
    const key = `${node.name}.${node.life}.${this.#number++}`;
    this.#tell(node, key);
    const value = bytesOf(this.#number);
    const write: Write = { op: "map.set", collection: TRACKED, key, codec: 0, value };
    const id = this.#write(node, write, this.#durable ? "durable" : "local");
    if (id === undefined) return;
    if (this.#durable) this.#writes.durable.asked(node, id, key);
    this.#writes.track({ key, node, life: node.life, atMs: this.#world.nowMs });
  }

  #add(node: SimNode, collection: string, key: string, by: number): void {
    const ack = this.#ownCounters ? "durable" : "local";
    const id = this.#write(node, { op: "counter.add", collection, key, by: BigInt(by) }, ack);
    if (id === undefined || collection !== SHARED) return;
    const total = this.#writes.counted(node, key, BigInt(by));
    if (this.#ownCounters) this.#writes.durable.asked(node, id, key, total);
  }

  /** The write's id; undefined when it was not accepted. */
  #write(node: SimNode, write: Write, ack: AckLevel = "local"): number | undefined {
    const result = this.#world.command(node, { kind: "write", write, ack });
    if (result?.kind !== "write") {
      this.#writes.refused += 1;
      return undefined;
    }
    this.#writes.acknowledged += 1;
    return result.id;
  }

  /** A node that is up, if a few draws find one. */
  #someone(): SimNode | undefined {
    const { nodes, nowMs } = this.#world;
    for (let i = 0; i < TRIES; i++) {
      const node = nodes[this.#random.below(nodes.length)];
      if (node?.isCorrect(nowMs) === true) return node;
    }
    return undefined;
  }
}

function writeOf(operation: Exclude<ClientOperation, { do: "op.inc" }>): Write {
  const { collection, key } = operation;
  if (operation.do === "op.set") {
    const value = new TextEncoder().encode(JSON.stringify(operation.value));
    return { op: "map.set", collection, key, codec: 0, value };
  }
  const op = operation.do === "op.add" ? "set.add" : "set.remove";
  return { op, collection, key, element: operation.element };
}

function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setFloat64(0, number);
  return bytes;
}
