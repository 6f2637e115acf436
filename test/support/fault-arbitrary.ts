/** Random faults of every kind that a mesh of so many nodes may have. */
import fc from "fast-check";
import { BEHAVIOURS, type Fault, SYBILS } from "../../src/sim/faults/fault.ts";

export const FAULT_NODES = 6;

const ms = fc.oneof(fc.nat(60_000), fc.double({ min: 0, max: 60_000, noNaN: true })).map(plain);
const node = fc.nat(FAULT_NODES - 1).map((index) => `n${index}`);
const nodeSet = fc.oneof(
  fc.constant("*"),
  node,
  fc.uniqueArray(node, { minLength: 1, maxLength: FAULT_NODES }),
);
const groups = fc
  .shuffledSubarray(
    Array.from({ length: FAULT_NODES }, (_, index) => `n${index}`),
    { minLength: 2 },
  )
  .chain((names) =>
    fc
      .integer({ min: 1, max: names.length - 1 })
      .map((at) => [names.slice(0, at), names.slice(at)]),
  );
const text = fc.string();
const name = fc.string({ minLength: 1 });
const operation = { at: ms, src: node, collection: name, key: text };
const link = { at: ms, src: nodeSet, dst: nodeSet, for: ms };

function kind<T extends string>(...names: readonly T[]): { do: fc.Arbitrary<T> } {
  return { do: fc.constantFrom(...names) };
}

export const anyFault = fc.oneof(
  fc.record({
    ...link,
    ...kind("net.drop", "net.duplicate", "net.reorder", "net.corrupt"),
    p: fc.double({ min: 0, max: 1, noNaN: true }).map(plain),
  }),
  fc.record({ ...link, ...kind("net.delay"), mean: ms, jitter: ms }),
  fc.record({ at: ms, ...kind("net.partition"), groups, for: ms }),
  fc.record({ at: ms, ...kind("net.oneway"), from: nodeSet, to: nodeSet, for: ms }),
  fc.record({ at: ms, ...kind("net.flap"), groups, period: ms.map((p) => p + 1), for: ms }),
  fc.record({ at: ms, ...kind("node.crash", "node.leave"), node: nodeSet }),
  fc.record({
    at: ms,
    ...kind("node.restart"),
    node: nodeSet,
    disk: fc.constantFrom("kept", "lost", "rolledback"),
  }),
  fc.record({ at: ms, ...kind("node.pause"), node: nodeSet, for: ms }),
  fc.record({
    at: ms,
    ...kind("node.slow"),
    node: nodeSet,
    factor: fc.integer({ min: 1, max: 100 }),
    for: ms,
  }),
  fc.record({ at: ms, ...kind("node.away"), node: nodeSet, for: ms }),
  fc.record({ at: ms, ...kind("node.join") }),
  fc.record({ at: ms, ...kind("clock.jump"), node: nodeSet, ms: fc.integer() }),
  fc.record({ at: ms, ...kind("clock.skew"), node: nodeSet, ppm: fc.integer() }),
  fc.record({
    at: ms,
    ...kind("byz.behave"),
    node: nodeSet,
    as: fc.constantFrom(...BEHAVIOURS),
    for: ms,
  }),
  fc.record({
    at: ms,
    ...kind("byz.sybil"),
    node,
    as: fc.constantFrom(...SYBILS),
    count: fc.integer({ min: 1, max: 10_000 }),
    perSecond: fc.integer({ min: 1, max: 1_000 }),
  }),
  fc.record({ at: ms, ...kind("byz.eclipse"), node: nodeSet, victim: node, for: ms }),
  fc.record({ ...operation, ...kind("op.set"), value: fc.jsonValue().map(jsonOf) }),
  fc.record({ ...operation, ...kind("op.add", "op.remove"), element: text }),
  fc.record({ ...operation, ...kind("op.inc"), by: fc.maxSafeInteger().map(plain) }),
) as fc.Arbitrary<Fault>;

/** JSON has no -0. */
function plain(value: number): number {
  return value + 0;
}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
