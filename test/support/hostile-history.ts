/**
 * Test support: histories by authors of every kind, from one number. Unlike history.ts they hold
 * malformed deltas, forks, twins under other signatures, mutated bytes, removes before their adds
 * and whatever else a replica must judge; and they are cheap, so that 100,000 can be compared.
 */
import {
  DELTA_PREFIX_BYTES,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../assembly/layout.ts";
import type { ReplicaLimits } from "../../src/kernels/kernels.ts";
import { type Dot, encodeDots, encodeOperation, type OperationFields } from "./delta-encoder.ts";
import { DeltaWriter, join, nodeId, resigned } from "./delta-writer.ts";
import { randomOf } from "./history.ts";

type Random = (bound: number) => number;
type Hash = (bytes: Uint8Array) => Uint8Array;

export interface HostileHistory {
  readonly limits: Partial<ReplicaLimits>;
  /** Every delta that somebody may send, in the order of writing. */
  readonly deltas: readonly Uint8Array[];
  readonly lives: readonly { author: string; epoch: bigint; nonce: bigint }[];
}

export const COLLECTIONS = ["c", "карта", "__proto__"];
export const KEYS = [
  "",
  "k",
  "ключ",
  "a rather long key, so that an entry is not of the least size",
];
export const ELEMENTS = ["x", "ё", "an element that is longer than the others, by far enough"];

const CREDENTIAL = new Uint8Array(40).fill(3);

/** The history of a seed. */
export function hostileHistory(seed: number, hash: Hash): HostileHistory {
  const random = randomOf(seed * 2_654_435_761 + 1);
  for (let i = 0; i < 8; i++) random(2);
  const world: World = { random, hash, totals: new Map(), dots: [] };
  const writers = lives(random, hash);
  // Every other record has a credential, which may be cut off.
  const deltas: Uint8Array[] = writers.map((writer, i) =>
    (seed + i) % 2 === 0 ? writer.certified(CREDENTIAL) : writer.record(),
  );
  const count = 2 + random(10);
  for (let i = 0; i < count; i++) deltas.push(...nextDeltas(world, writers, deltas));
  return { limits: limitsOf(random), deltas, lives: writers };
}

interface World {
  readonly random: Random;
  readonly hash: Hash;
  readonly totals: Map<string, bigint>;
  readonly dots: Dot[];
}

function lives(random: Random, hash: Hash): DeltaWriter[] {
  const count = 1 + random(4);
  return Array.from({ length: count }, (_, i) => {
    const author = nodeId(i === 0 ? 1 : 1 + random(3));
    // Clocks start close together, so that ties are common.
    const hlc = 1000n + BigInt(random(3));
    return new DeltaWriter(author, { epoch: BigInt(1 + random(2)), nonce: BigInt(i), hlc, hash });
  });
}

function limitsOf(random: Random): Partial<ReplicaLimits> {
  if (random(2) === 0) return {};
  return {
    entriesMax: random(3) === 0 ? random(8) : 1000,
    incarnationsMax: random(3) === 0 ? 1 + random(4) : 100,
    pendingDotsMax: random(3) === 0 ? random(5) : 1000,
    stateBytesMax: random(3) === 0 ? random(1500) : 1_000_000,
    deltasMax: random(3) === 0 ? 1 + random(10) : 1000,
  };
}

function nextDeltas(
  world: World,
  writers: readonly DeltaWriter[],
  earlier: readonly Uint8Array[],
): Uint8Array[] {
  const { random } = world;
  const writer = writers[random(writers.length)]!;
  switch (random(16)) {
    case 0:
      return [resigned(earlier[random(earlier.length)]!)];
    case 1: {
      const twin = writer.fork();
      return [honest(world, writer), honest(world, twin)];
    }
    case 2:
      return [mutated(random, earlier[random(earlier.length)]!)];
    case 3:
      return [writer.raw(mutated(random, bodyOf(world, writer)), { count: 1 + random(3) })];
    case 4:
      return [writer.fork().record({}, new Uint8Array(32).fill(random(3)))];
    case 5: {
      const delta = honest(world, writer);
      return [delta.subarray(0, delta.length - random(delta.length))];
    }
    case 6:
      return [writer.write([operation(world, writer, 0)], { hlc: writer.hlc })]; // does not rise
    default:
      return [honest(world, writer)];
  }
}

function honest(world: World, writer: DeltaWriter): Uint8Array {
  const { random, dots } = world;
  const count = random(8) === 0 ? 1 + random(40) : 1 + random(4);
  const operations = Array.from({ length: count }, (_, i) => operation(world, writer, i));
  const firstSeq = writer.seq + 1;
  const delta = writer.write(operations, { hlc: writer.hlc + 1n + BigInt(random(2)) });
  for (let i = 0; i < count; i++) dots.push(writer.dot(firstSeq + i));
  return delta;
}

function bodyOf(world: World, writer: DeltaWriter): Uint8Array {
  const count = 1 + world.random(3);
  return join(
    Array.from({ length: count }, (_, i) => encodeOperation(operation(world, writer, i))),
  );
}

function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  const times = 1 + random(2);
  for (let i = 0; i < times; i++) {
    const within = random(3) === 0 ? Math.min(bytes.length, DELTA_PREFIX_BYTES) : bytes.length;
    other[random(within)] = random(3) === 0 ? random(4) : random(256);
  }
  return other;
}

const KINDS = [
  OP_REGISTER_SET,
  OP_MAP_SET,
  OP_MAP_DELETE,
  OP_COUNTER,
  OP_SET_ADD,
  OP_SET_ADD,
  OP_SET_REMOVE,
  OP_SET_REMOVE,
  OP_GAUGE,
  OP_EVENT,
];

function operation(world: World, writer: DeltaWriter, index: number): OperationFields {
  const { random, dots } = world;
  const collection = COLLECTIONS[random(3) === 0 ? random(COLLECTIONS.length) : 0]!;
  const key = KEYS[random(KEYS.length)]!;
  const kind = KINDS[random(KINDS.length)]!;
  const address = { collection, key };
  switch (kind) {
    case OP_REGISTER_SET:
    case OP_MAP_SET:
    case OP_EVENT: {
      const length = random(20) === 0 ? random(5000) : random(200);
      return { kind, ...address, codec: random(3), value: new Uint8Array(length).fill(random(9)) };
    }
    case OP_COUNTER: {
      const name = `${writer.author}/${writer.epoch}/${writer.nonce}/${collection}/${key}`;
      const before = world.totals.get(name) ?? 2n ** 64n - 90n * 2n ** 32n;
      // Seldom it falls: such a delta ends its incarnation.
      const step = random(30) === 0 ? -1n : BigInt(random(3)) * 2n ** 30n;
      world.totals.set(name, before + step);
      return { kind, ...address, plus: before + step, minus: BigInt(random(1) + index) };
    }
    case OP_SET_ADD:
      return { kind, ...address, element: ELEMENTS[random(ELEMENTS.length)]! };
    case OP_SET_REMOVE: {
      const named = Array.from({ length: random(5) }, () => dotFor(world, writer, dots));
      const element = ELEMENTS[random(ELEMENTS.length)]!;
      return { kind, ...address, element, dots: encodeDots(named) };
    }
    case OP_GAUGE:
      return { kind, ...address, value: BigInt(random(3) - 1), weight: BigInt(1 + random(2)) };
    default:
      return { kind: OP_MAP_DELETE, ...address };
  }
}

/** Mostly a real dot; else one that never comes, of a known or an unknown incarnation. */
function dotFor({ random }: World, writer: DeltaWriter, dots: readonly Dot[]): Dot {
  const real = dots[random(dots.length || 1)];
  if (real !== undefined && random(5) > 0) return real;
  const { author, epoch, nonce } = writer;
  const seq = random(60);
  return { author: random(2) === 0 ? author : nodeId(77), epoch, nonce, seq, hash: 5n };
}
