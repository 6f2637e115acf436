// Small worlds (C4, C5): the real cores under loss, duplication, reordering and crashes end
// with equal roots, nothing lost and nothing counted twice. `node scripts/replay.ts SEED` replays.
import { describe, expect, it } from "vitest";
import { createKernels } from "../../src/kernels/index.ts";
import type { Kernels, Replica } from "../../src/kernels/kernels.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { runSmallWorld, type SmallWorldResult } from "../../src/sim/small-world.ts";
import failedOnce from "./seeds.json" with { type: "json" };

const SEEDS = 200;
const FIRST_SEED = 1;
/** Shared out, so that no one test runs for long on a slow machine. */
const PER_TEST = 20;

const fake = (kernels: Kernels) => createFakeCrypto((bytes) => kernels.blake3(bytes));
const shared = createKernels();

/** Of the two hundred; the seeds that failed once run as long as they did then. */
const STORM_MS = 800;

function run(seed: number, stormMs = STORM_MS): SmallWorldResult {
  return runSmallWorld({ seed, stormMs, kernels: shared, crypto: fake(shared) });
}

function expectSound(result: SmallWorldResult, stormMs = STORM_MS): void {
  const { seed, violations } = result;
  const replay = `seed ${seed}: node scripts/replay.ts ${seed} --storm ${stormMs}`;
  expect(violations, replay).toEqual([]);
  expect(result.distinctRoots, replay).toBe(1);
}

describe("a small world ends in one state", () => {
  const seen: SmallWorldResult[] = [];

  it.each(failedOnce.filter(({ options }) => options === undefined))(
    "for seed $seed, which failed when $since",
    ({ seed }) => {
      expectSound(run(seed, 3_000), 3_000);
    },
  );

  const batches = Array.from({ length: SEEDS / PER_TEST }, (_, i) => FIRST_SEED + i * PER_TEST);
  it.each(batches)("for twenty seeds from %i", (first) => {
    for (let seed = first; seed < first + PER_TEST; seed++) {
      const result = run(seed);
      seen.push(result);
      expectSound(result);
    }
  });

  it("and every kind of fault really happened on the way", () => {
    const total = (name: keyof SmallWorldResult["counts"]) =>
      seen.reduce((sum, { counts }) => sum + counts[name], 0);
    expect(seen).toHaveLength(SEEDS);
    for (const name of ["dropped", "duplicated", "reordered", "accepted"] as const) {
      expect(total(name), name).toBeGreaterThan(SEEDS);
    }
    expect(total("crashes")).toBeGreaterThan(SEEDS / 4);
    expect(new Set(seen.map(({ nodes }) => nodes)).size).toBe(14);
    // A world without crashes and one with are both among them.
    expect(new Set(seen.map(({ counts }) => counts.crashes > 0)).size).toBe(2);
  });

  it.each([301, 302, 303])("with real signatures, too (seed %i)", (seed) => {
    const options = { nodes: 4, stormMs: 1_000, kernels: shared, crypto: createCrypto() };
    expectSound(runSmallWorld({ seed, ...options }), 1_000);
  });
});

describe("a world is a function of its seed", () => {
  it("twice the same seed gives the same trace", () => {
    expect(run(7).traceHash).toBe(run(7).traceHash);
  });

  it("another seed gives another trace", () => {
    expect(run(7).traceHash).not.toBe(run(8).traceHash);
  });

  it("Wasm and reference kernels give the same trace", () => {
    const options = { seed: 9, nodes: 4, stormMs: 800 };
    const traces = (["wasm", "reference"] as const).map((implementation) => {
      const kernels = createKernels({ implementation });
      return runSmallWorld({ ...options, kernels, crypto: fake(kernels) });
    });
    expect(traces[0]?.counts.accepted).toBeGreaterThan(0);
    expect(traces[0]).toEqual(traces[1]);
  });
});

describe("a planted defect is found within a few seeds", () => {
  const SEEDS_TO_FIND = 3;

  /** The first seed at which something did not hold. */
  function foundAt(
    spoil: (replica: Replica, index: number) => Replica,
    whole: Kernels = shared,
  ): number | undefined {
    for (let seed = 1; seed <= SEEDS_TO_FIND; seed++) {
      let opened = 0;
      const kernels: Kernels = {
        ...whole,
        openReplica: (options) => spoil(whole.openReplica(options), opened++),
      };
      const options = { seed, stormMs: 1_500, kernels, crypto: fake(shared) };
      if (runSmallWorld(options).violations.length > 0) return seed;
    }
    return undefined;
  }

  /** A replica whose named member is replaced; the others see the true object. */
  function replaced(replica: Replica, member: keyof Replica, value: unknown): Replica {
    return new Proxy(replica, {
      get(target, name) {
        if (name === member) return value;
        const found: unknown = Reflect.get(target, name, target);
        return typeof found === "function" ? found.bind(target) : found;
      },
    });
  }

  it("(nothing is found in whole replicas behind a proxy)", () => {
    expect(foundAt((replica) => replaced(replica, "free", () => replica.free()))).toBeUndefined();
  });

  it("a replica that takes one delta in fifty otherwise than it is written", () => {
    let deltas = 0;
    const spoil = (replica: Replica): Replica =>
      replaced(replica, "frameApply", (...given: Parameters<Replica["frameApply"]>) => {
        const [scan, bytes, verdicts] = given;
        if (++deltas % 50 !== 0) return replica.frameApply(...given);
        const bent = bytes.slice();
        bent[bent.length - 1]! ^= 1;
        return replica.frameApply(scan, bent, verdicts);
      });
    // The Wasm replica applies the bytes that it scanned: it cannot be bent between the two.
    const reference = createKernels({ implementation: "reference" });
    expect(foundAt(spoil, reference)).toBeDefined();
  });

  it("a replica that forgets what it was told of one counter", () => {
    const spoil = (replica: Replica): Replica =>
      replaced(replica, "counter", () => ({ plus: 0n, minus: 0n }));
    expect(foundAt(spoil)).toBeDefined();
  });

  it("a replica whose state root drifts from its frontier", () => {
    const spoil = (replica: Replica, index: number): Replica =>
      index === 1 ? replaced(replica, "stateRoot", () => new Uint8Array(32)) : replica;
    expect(foundAt(spoil)).toBeDefined();
  });

  it("replicas that never repair: their frontier trees show nothing", () => {
    const empty = shared.createMerkleTree();
    const spoil = (replica: Replica): Replica => replaced(replica, "frontierTree", empty);
    expect(foundAt(spoil)).toBeDefined();
  });
});
