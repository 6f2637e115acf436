/**
 * Replica: laws over random histories of honest authors (same state from any order, framing and
 * repetition; same as the definition; incremental as from scratch), and totality on mutated bytes.
 * Seeds are fixed; a failure prints its counterexample and path.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DELTA_PREFIX_BYTES } from "../../assembly/layout.ts";
import { APPLY_APPLIED, type Replica } from "../../src/kernels/kernels.ts";
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { openReplica } from "../../src/kernels/reference/replica/replica.ts";
import { DeltaWriter, deliver, join, nodeId, TEST_MESH } from "../support/delta-writer.ts";
import { deliverShuffled, type History, histories, randomOf } from "../support/history.ts";
import { modelRoot, modelState } from "../support/state-model.ts";

const SETTINGS = { seed: 20_260_101, numRuns: 50 };
const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

function open(): Replica {
  return openReplica(createReferencePrimitives(), { meshId: TEST_MESH });
}

/** Everything that can be read of a history's addresses, in a fixed order. */
function reads(replica: Replica): unknown {
  return ["c0", "c1"].map((collection) => {
    const key = collection === "c0" ? "" : "ключ";
    const elements = [...replica.setElements(collection, key)].sort();
    return {
      register: replica.register(collection, key),
      keys: [...replica.mapKeys(collection)].sort(),
      size: replica.mapSize(collection),
      map: replica.mapGet(collection, key),
      counter: replica.counter(collection, key),
      gauge: replica.gauge(collection, key),
      elements: elements.map((element) => [element, replica.setDots(collection, key, element)]),
      setSize: replica.setSize(collection, key),
    };
  });
}

function heads(replica: Replica): unknown[] {
  const all = Array.from({ length: replica.incarnations }, (_, row) => replica.headAt(row)!);
  const rowless = all.map(({ row: _, ...head }) => head);
  const name = (head: (typeof rowless)[number]) => `${head.author} ${head.epoch} ${head.nonce}`;
  return rowless.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

describe("a replica", () => {
  test("reaches the same roots, reads and pending dots from any order, framing and repetition", () => {
    fc.assert(
      fc.property(histories(14), seeds, (history: History, seed) => {
        const [inOrder, shuffled] = [open(), open()];
        deliver(inOrder, ...history.deltas);
        deliverShuffled(shuffled, history.deltas, seed);
        expect(heads(shuffled)).toEqual(heads(inOrder));
        expect(shuffled.root()).toEqual(inOrder.root());
        expect(shuffled.stateRoot()).toEqual(inOrder.stateRoot());
        expect(reads(shuffled)).toEqual(reads(inOrder));
        expect(shuffled.stats).toEqual(inOrder.stats);
      }),
      SETTINGS,
    );
  });

  test("has the stateRoot of the definition, folded from all operations at once", () => {
    fc.assert(
      fc.property(histories(14), seeds, (history: History, seed) => {
        const replica = open();
        deliverShuffled(replica, history.deltas, seed);
        const live = modelState(history.operations);
        expect(replica.stateRoot()).toEqual(modelRoot(live));
        expect(replica.stats.entries - replica.stats.tombstones).toBe(live.size);
      }),
      SETTINGS,
    );
  });

  test("has the same roots whether it was asked after every delta or once at the end", () => {
    fc.assert(
      fc.property(histories(10), (history: History) => {
        const [often, once] = [open(), open()];
        for (const delta of history.deltas) {
          deliver(often, delta);
          often.root();
        }
        deliver(once, ...history.deltas);
        expect(often.root()).toEqual(once.root());
      }),
      SETTINGS,
    );
  });

  test("agrees with another that holds any other part, once each has the rest", () => {
    fc.assert(
      fc.property(histories(10), seeds, (history: History, seed) => {
        const random = randomOf(seed);
        const [one, two] = [open(), open()];
        for (const delta of history.deltas) deliver(random(2) === 0 ? one : two, delta);
        deliverShuffled(one, history.deltas, seed + 2);
        deliverShuffled(two, history.deltas, seed + 4);
        expect(one.root()).toEqual(two.root());
        expect(one.stats.pendingDots).toBe(0);
      }),
      SETTINGS,
    );
  });
});

describe("frameScan and frameApply are total", () => {
  test("on random bytes: nothing throws, nothing changes", () => {
    const replica = open();
    const root = replica.root();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        bytes[0] = 1; // Past the version, to reach further in.
        const { changes } = deliver(replica, bytes);
        expect(changes).toEqual([]);
      }),
      { ...SETTINGS, numRuns: 300 },
    );
    expect(replica.root()).toEqual(root);
  });

  test("on mutated frames: a row that is not applied leaves no trace", () => {
    fc.assert(
      fc.property(histories(4), seeds, (history: History, seed) => {
        const random = randomOf(seed);
        const replica = open();
        const bytes = join(history.deltas);
        for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256);
        const cut = bytes.subarray(0, bytes.length - random(3) * random(200));
        const before = replica.root();
        const { outcomes, changes } = deliver(replica, cut);
        const applied = outcomes.filter((outcome) => outcome === APPLY_APPLIED).length;
        if (applied === 0) expect(replica.root()).toEqual(before);
        expect(new Set(changes.map((change) => outcomes[change.delta]))).toEqual(
          new Set(changes.length === 0 ? [] : [APPLY_APPLIED]),
        );
      }),
      SETTINGS,
    );
  });

  test("on signed deltas with mutated bodies: each is applied whole or ends its incarnation", () => {
    fc.assert(
      fc.property(histories(6), seeds, (history: History, seed) => {
        const random = randomOf(seed);
        const replica = open();
        deliver(replica, ...history.deltas);
        const liar = new DeltaWriter(nodeId(66));
        deliver(replica, liar.record());
        const model = history.deltas.at(-1)!;
        const body = model.slice(DELTA_PREFIX_BYTES);
        for (let i = 0; i < 2; i++) body[random(body.length)] = random(256);
        const before = replica.root();
        const { outcomes, changes } = deliver(replica, liar.raw(body, { count: 1 + random(3) }));
        if (outcomes[0] === APPLY_APPLIED) return;
        expect(replica.root()).toEqual(before);
        expect(changes).toEqual([]);
        expect(replica.latest(nodeId(66))?.ended).toBe(true);
      }),
      { ...SETTINGS, numRuns: 100 },
    );
  });
});
