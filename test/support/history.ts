/**
 * Test support: random multi-author histories for fast-check, and their random delivery.
 *
 * A history is what honest authors wrote: chained deltas, clocks that often tie, removes that name
 * dots of anybody. No assertions inside.
 */
import fc from "fast-check";
import {
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../assembly/layout.ts";
import type { Replica } from "../../src/kernels/kernels.ts";
import { type Dot, encodeDots, type OperationFields } from "./delta-encoder.ts";
import { DeltaWriter, deliver, nodeId } from "./delta-writer.ts";
import type { ModelOperation } from "./state-model.ts";

export interface History {
  /** In the order of writing. */
  readonly deltas: readonly Uint8Array[];
  readonly operations: readonly ModelOperation[];
}

const LIVES = [
  { author: nodeId(1), epoch: 1n, nonce: 4n },
  { author: nodeId(1), epoch: 2n, nonce: 1n },
  { author: nodeId(1), epoch: 2n, nonce: 3n },
  { author: nodeId(2), epoch: 1n, nonce: 1n },
  { author: nodeId(255), epoch: 7n, nonce: 2n ** 64n - 1n },
] as const;

const intent = fc.record({
  // Sets have the most orders that matter.
  kind: fc.oneof(
    fc.integer({ min: OP_REGISTER_SET, max: OP_EVENT }),
    fc.constantFrom(OP_SET_ADD, OP_SET_REMOVE),
  ),
  place: fc.nat(1),
  element: fc.nat(2),
  amount: fc.nat(3),
  picks: fc.array(fc.nat(1000), { maxLength: 4 }),
});
type Intent = typeof intent extends fc.Arbitrary<infer T> ? T : never;

const step = fc.record({
  life: fc.nat(LIVES.length - 1),
  tick: fc.nat(2),
  intents: fc.array(intent, { minLength: 1, maxLength: 5 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Histories of up to `deltasMax` deltas beside the records. */
export function histories(deltasMax: number): fc.Arbitrary<History> {
  return fc.array(step, { maxLength: deltasMax, size: "max" }).map(writeHistory);
}

/**
 * How a history reaches a replica: a stream of numbers for shuffling, repeating and framing.
 * Rounds go on until nothing is missing; orphans are dropped and come again, as in repair.
 */
export function deliverShuffled(
  replica: Replica,
  deltas: readonly Uint8Array[],
  seed: number,
): void {
  const random = randomOf(seed);
  for (let round = 0; round <= deltas.length; round++) {
    const shuffled = [...deltas];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    let applied = 0;
    for (let at = 0; at < shuffled.length; ) {
      const size = 1 + random(5);
      const frame = shuffled.slice(at, at + size);
      if (random(4) === 0) frame.push(shuffled[random(shuffled.length)]!);
      applied += deliver(replica, ...frame).outcomes.filter((outcome) => outcome === 1).length;
      at += size;
    }
    if (applied === 0) return;
  }
}

/** A small generator for choices that need no shrinking: [0, bound). */
export function randomOf(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function writeHistory(steps: readonly Step[]): History {
  const writers = LIVES.map((life) => new DeltaWriter(life.author, life));
  const deltas = writers.map((writer) => writer.record());
  const operations: ModelOperation[] = [];
  const totals = new Map<string, bigint>();
  const dots: Dot[] = [];
  for (const { life, tick, intents } of steps) {
    const writer = writers[life]!;
    const firstSeq = writer.seq + 1;
    const hlc = writer.hlc + 1n + BigInt(tick);
    const built = intents.map((wanted) => build(wanted, { life, totals, dots }));
    deltas.push(
      writer.write(
        built.map(({ fields }) => fields),
        { hlc },
      ),
    );
    for (const [i, { fields, removes }] of built.entries()) {
      const dot = writer.dot(firstSeq + i);
      dots.push(dot);
      operations.push({ fields, dot, hlc, removes });
    }
  }
  return { deltas, operations };
}

function build(
  wanted: Intent,
  world: { life: number; totals: Map<string, bigint>; dots: readonly Dot[] },
): { fields: OperationFields; removes: readonly Dot[] } {
  const { kind, place, amount } = wanted;
  const address = { collection: `c${place}`, key: place === 0 ? "" : "ключ" };
  const element = ["x", "__proto__", "ё"][wanted.element]!;
  const value = new Uint8Array(amount).fill(amount);
  const removes = wanted.picks.flatMap((pick) => world.dots[pick % (world.dots.length || 1)] ?? []);
  const bytes = encodeDots(removes);
  switch (kind) {
    case OP_REGISTER_SET:
    case OP_MAP_SET:
    case OP_EVENT:
      return { fields: { kind, ...address, codec: amount, value }, removes: [] };
    case OP_COUNTER: {
      const name = `${world.life}/${place}`;
      const plus = (world.totals.get(name) ?? 2n ** 32n - 4n) + BigInt(amount);
      world.totals.set(name, plus);
      return { fields: { kind, ...address, plus, minus: plus / 2n }, removes: [] };
    }
    case OP_GAUGE:
      return { fields: { kind, ...address, value: BigInt(amount - 2), weight: 1n }, removes: [] };
    case OP_SET_ADD:
      return { fields: { kind, ...address, element }, removes: [] };
    case OP_SET_REMOVE:
      return { fields: { kind, ...address, element, dots: bytes }, removes };
    default:
      return { fields: { kind: OP_MAP_DELETE, ...address }, removes: [] };
  }
}
