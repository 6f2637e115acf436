/**
 * Compaction: a replica that gets only what is not dominated, and stubs for the rest, is the same
 * as one that got everything; also when an author is expunged from both afterwards.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findDominated } from "../../../src/core/state/dominated.ts";
import { type Reapplied, reapply } from "../../../src/core/state/reapply.ts";
import { shortenChain } from "../../../src/core/state/shorten-chain.ts";
import { decodeDeltaHeader } from "../../../src/core/wire/delta.ts";
import { isStub } from "../../../src/core/wire/stub.ts";
import type { Replica } from "../../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../../src/kernels/reference/kernels.ts";
import { deliver, nodeId, TEST_MESH } from "../../support/delta-writer.ts";
import { type History, histories, randomOf } from "../../support/history.ts";

const SETTINGS = { seed: 20_260_117, numRuns: 150 };
const kernels = createReferenceKernels();
const open = (): Replica => kernels.openReplica({ meshId: TEST_MESH });
const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const ALWAYS = 2n ** 64n - 1n;

function dominated(deltas: readonly Uint8Array[], beforeHlc = ALWAYS): ReadonlySet<Uint8Array> {
  const search = findDominated(deltas, { beforeHlc, sliceOperations: 3 });
  for (let step = search.next(); ; step = search.next()) {
    if (step.done) return step.value.gone;
  }
}

/** Deltas by incarnation, each chain in its order. */
function chainsOf(deltas: readonly Uint8Array[]): Uint8Array[][] {
  const chains = new Map<string, Uint8Array[]>();
  for (const delta of deltas) {
    const { author, epoch, nonce } = decodeDeltaHeader(delta, 0);
    const name = `${author} ${epoch} ${nonce}`;
    chains.set(name, [...(chains.get(name) ?? []), delta]);
  }
  return [...chains.values()];
}

/** What is left of a log: whole deltas, and stubs for runs of others. */
function withoutThem(deltas: readonly Uint8Array[], gone: ReadonlySet<Uint8Array>): Uint8Array[] {
  return chainsOf(deltas).flatMap((chain, row) => {
    const shortening = shortenChain({ row, deltas: chain, count: chain.length }, gone, 3);
    for (let step = shortening.next(); ; step = shortening.next()) {
      if (!step.done) continue;
      const { kept, dropped, stubs, bytes } = step.value;
      expect(kept.length + dropped.length).toBe(chain.length);
      expect(kept.filter(isStub).length).toBeGreaterThanOrEqual(stubs.length);
      expect(bytesOf(kept) + bytes).toBe(bytesOf(chain));
      return kept;
    }
  });
}

function bytesOf(deltas: readonly Uint8Array[]): number {
  return deltas.reduce((sum, { length }) => sum + length, 0);
}

/** Reapplies what is retained, the chains mixed at random; nothing may be refused. */
function deliverRetained(replica: Replica, retained: readonly Uint8Array[], seed: number): void {
  const random = randomOf(seed);
  const mixed: Uint8Array[] = [];
  for (let left = chainsOf(retained); left.length > 0; ) {
    mixed.push(left[random(left.length)]!.shift()!);
    left = left.filter((chain) => chain.length > 0);
  }
  const rows: Reapplied[] = [];
  reapply(replica, mixed, (_, outcome) => rows.push(outcome));
  expect(rows).toHaveLength(mixed.length);
  for (const row of rows) expect(row).toBeTypeOf("number");
}

describe("dominated deltas (C5)", () => {
  test("can be missing anywhere: roots are those of the whole history, in any order", () => {
    let gone = 0;
    fc.assert(
      fc.property(histories(40), seeds, ({ deltas }: History, seed) => {
        const found = dominated(deltas);
        gone += found.size;
        const [whole, compacted] = [open(), open()];
        deliver(whole, ...deltas);
        deliverRetained(compacted, withoutThem(deltas, found), seed);
        expect(compacted.root()).toEqual(whole.root());
        expect(compacted.stats).toEqual(whole.stats);
      }),
      SETTINGS,
    );
    expect(gone).toBeGreaterThan(100);
  });

  test("are not missed when another author is expunged", () => {
    fc.assert(
      fc.property(histories(40), seeds, ({ deltas }: History, seed) => {
        const found = dominated(deltas);
        const isLeft = (delta: Uint8Array) => decodeDeltaHeader(delta, 0).author !== nodeId(1);
        const [whole, compacted] = [open(), open()];
        deliver(whole, ...deltas.filter(isLeft));
        deliverRetained(compacted, withoutThem(deltas, found).filter(isLeft), seed);
        expect(compacted.root()).toEqual(whole.root());
      }),
      SETTINGS,
    );
  });

  test("stay what they are when a log is compacted again and again while it grows", () => {
    fc.assert(
      fc.property(histories(40), seeds, ({ deltas }: History, seed) => {
        const random = randomOf(seed);
        let log: Uint8Array[] = [];
        for (const delta of deltas) {
          log.push(delta);
          if (random(4) !== 0) continue;
          log = withoutThem(log, dominated(log));
        }
        const [whole, compacted] = [open(), open()];
        deliver(whole, ...deltas);
        deliverRetained(compacted, log, seed);
        expect(compacted.root()).toEqual(whole.root());
      }),
      SETTINGS,
    );
  });

  test("are older than the window", () => {
    fc.assert(
      fc.property(histories(40), fc.nat(60), ({ deltas }: History, tick) => {
        const beforeHlc = (1000n << 16n) + BigInt(tick);
        for (const delta of dominated(deltas, beforeHlc)) {
          expect(decodeDeltaHeader(delta, 0).hlc).toBeLessThan(beforeHlc);
        }
      }),
      SETTINGS,
    );
  });
});
