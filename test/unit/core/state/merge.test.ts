// Stage "merge" (C5, C6; docs/ARCHITECTURE.md): bad signatures, missing ancestors, deltas from the
// future, and two headers at one place. State is judged by the bytes and their ancestors alone.
import { describe, expect, it } from "vitest";
import { DELTA_HEADER_BYTES, TYPE_MAP } from "../../../../assembly/layout.ts";
import { FUTURE_MS_MAX } from "../../../../src/core/state/merge.ts";
import { PARKED_AUTHORS_MAX, PARKED_DELTAS_MAX } from "../../../../src/core/state/parked.ts";
import { FRAME_BYTES_MAX, FRAME_PULL } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  linkedPair,
  linkedSwarm,
  mapSet,
  type NodeOptions,
  type Swarm,
  text,
  typeOf,
} from "../../../support/pair.ts";

const kernels = createKernels();

/** Deltas of a node that is linked to nobody: a record, then one delta per value. */
function deltasOf(
  swarm: Swarm,
  values: readonly string[],
  options: NodeOptions = {},
): Uint8Array[] {
  const author = swarm.add(options);
  for (const value of values) {
    author.write(mapSet("k", value));
    author.read(TYPE_MAP, "m", "k");
  }
  swarm.nodes.splice(swarm.nodes.indexOf(author), 1);
  return author.stored;
}

function spoiled(delta: Uint8Array): Uint8Array {
  const bytes = delta.slice();
  bytes[DELTA_HEADER_BYTES] = (bytes[DELTA_HEADER_BYTES] ?? 0) ^ 1;
  return bytes;
}

describe("a delta with a bad signature", () => {
  it("merges nothing, is counted, and costs its sender", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const [record, delta] = deltasOf(swarm, ["v"]);
    const before = a.root;
    a.push(b, spoiled(record!), delta!);
    expect(a.root).toBe(before);
    expect(a.cell("deltaProcessedBadSignature")).toBe(1);
    expect(a.cell("byzantineDetectionsInvalidSignature")).toBe(1);
    expect(a.core.registry.get(b.id)?.reputation).toBeCloseTo(0.8);
    expect(swarm.flight.filter((frame) => typeOf(frame) === 2)).toEqual([]);
  });

  it("takes nothing with it of the same frame that was good", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const good = deltasOf(swarm, ["v"], { identity: 10 });
    const bad = deltasOf(swarm, ["v"], { identity: 11 });
    a.push(b, spoiled(bad[0]!), ...good);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("v"));
  });

  it("does not stand in the way of the true one", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const deltas = deltasOf(swarm, ["v"]);
    a.push(b, spoiled(deltas[0]!), deltas[1]!);
    a.push(b, ...deltas);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("v"));
  });
});

describe("a delta whose ancestor is missing", () => {
  it("is parked, asked for, and merged when the ancestor comes", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.nowMs += 200;
    const [record, first, second] = deltasOf(swarm, ["1", "2"]);
    a.push(b, second!);
    expect(a.core.status().parked).toBe(1);
    expect(swarm.flight.map(typeOf)).toContain(FRAME_PULL);
    a.push(b, record!, first!);
    expect(a.core.status().parked).toBe(0);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("2"));
  });

  it("is neither merged nor counted again until the ancestor comes", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const deltas = deltasOf(swarm, ["1", "2"]);
    a.push(b, deltas[2]!);
    swarm.advance(10_000);
    expect(a.core.status().parked).toBe(1);
    expect(a.cell("deltaProcessedOrphaned")).toBe(1);
  });

  it("that turns out forged costs nothing to whoever brought its ancestor", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, liar, honest] = swarm.nodes;
    const [record, first, second] = deltasOf(swarm, ["1", "2"]);
    a!.push(liar!, spoiled(second!));
    a!.push(honest!, record!, first!);
    expect(a!.cell("deltaProcessedBadSignature")).toBe(1);
    expect(a!.core.registry.get(honest!.id)?.reputation).toBe(1);
  });

  it("is handed on once it is merged, wherever it came from", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    const [record, first, second] = deltasOf(swarm, ["1", "2"]);
    a!.push(b!, second!);
    a!.push(b!, record!, first!);
    swarm.deliver();
    expect(c!.root).toBe(a!.root);
  });

  it("is kept once, however often it comes", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const deltas = deltasOf(swarm, ["1", "2"]);
    for (let i = 0; i < 5; i++) a.push(b, deltas[2]!);
    expect(a.core.status().parked).toBe(1);
  });

  it("is dropped beyond 64 an author, and counted", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const values = Array.from({ length: PARKED_DELTAS_MAX + 6 }, (_, i) => `${i}`);
    const [record, first, ...rest] = deltasOf(swarm, values);
    for (const delta of rest) a.push(b, delta);
    expect(a.core.status().parked).toBe(PARKED_DELTAS_MAX);
    expect(a.cell("messageRejectedOrphanLimit")).toBe(rest.length - PARKED_DELTAS_MAX);
    expect([record, first]).not.toContain(undefined);
  });

  it("is dropped beyond 1 MiB an author", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const big = "x".repeat(60_000);
    const deltas = deltasOf(
      swarm,
      Array.from({ length: 22 }, (_, i) => `${i}${big}`),
    );
    for (const delta of deltas.slice(2)) a.push(b, delta);
    expect(a.core.status().parked).toBe(17);
  });

  it("is dropped beyond 256 authors", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    for (let i = 0; i <= PARKED_AUTHORS_MAX; i++) {
      a.push(b, deltasOf(swarm, ["v"], { identity: 1_000 + i })[1]!);
    }
    expect(a.core.status().parked).toBe(PARKED_AUTHORS_MAX);
    expect(a.cell("messageRejectedOrphanLimit")).toBe(1);
  });
});

describe("a delta from the future", () => {
  it("waits until local time reaches its stamp, and merges then", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const deltas = deltasOf(swarm, ["v"], { wallOffsetMs: 5_000 });
    a.push(b, ...deltas);
    expect(a.core.status().parked).toBe(2);
    swarm.advance(5_000 - FUTURE_MS_MAX - 100);
    expect(a.core.status().entries).toBe(0);
    swarm.advance(500);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("v"));
    expect(a.core.status().parked).toBe(0);
  });

  it("costs its sender nothing: state is not judged by a local clock", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.push(b, ...deltasOf(swarm, ["v"], { wallOffsetMs: 5_000 }));
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
  });

  it("does not pull the own clock ahead", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.push(b, ...deltasOf(swarm, ["theirs"], { wallOffsetMs: 60_000 }));
    a.write(mapSet("k", "mine"));
    swarm.advance(5);
    const stamp = a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.stamp;
    expect(Number((stamp?.hlc ?? 0n) >> 16n)).toBeLessThanOrEqual(a.now.wallMs);
  });

  it("up to half a second is no future", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.push(b, ...deltasOf(swarm, ["v"], { wallOffsetMs: FUTURE_MS_MAX - 1 }));
    expect(a.core.status().parked).toBe(0);
  });

  it("of many authors at once is handed on in frames within the bound of the wire", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    const big = "x".repeat(60_000);
    for (let i = 0; i < 20; i++) {
      a!.push(b!, ...deltasOf(swarm, [big], { identity: 300 + i, wallOffsetMs: 2_000 }));
    }
    const sizes: number[] = [];
    swarm.advance(5_000, ({ from, bytes }) => {
      if (from === a) sizes.push(bytes.length);
      return false;
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    expect(c!.core.status().incarnations).toBe(20);
  });

  it("does not keep the mesh from being seen converged once it has merged (C4)", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const deltas = deltasOf(swarm, ["v"], { wallOffsetMs: 3_000 });
    a.push(b, ...deltas);
    swarm.advance(6_000);
    expect(a.root).toBe(b.root);
    expect(a.core.status().converged).toBe(true);
  });
});

describe("two valid deltas at one place", () => {
  /** One life of one author that said two things at seq 1. */
  function fork(swarm: Swarm) {
    const one = deltasOf(swarm, ["heads", "more"], { identity: 77, life: 7 });
    const two = deltasOf(swarm, ["tails"], { identity: 77, life: 7 });
    expect(one[0]).toEqual(two[0]);
    return { one, two };
  }

  it("are told as a fork once, and nothing of their author remains", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const { one, two } = fork(swarm);
    a.push(b, ...one);
    const before = a.core.status().stateRoot;
    a.push(b, two[1]!);
    a.push(b, two[1]!);
    swarm.advance(10);
    expect(a.eventsOf("fork")).toHaveLength(1);
    expect(a.core.status().stateRoot).not.toBe(before);
    expect(a.cell("deltaProcessedForked")).toBe(1);
    expect(a.cell("byzantineDetectionsEquivocation")).toBe(1);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")).toBeUndefined();
  });

  it("are no offence of whoever shows them", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const { one, two } = fork(swarm);
    a.push(b, ...one);
    a.push(b, two[1]!);
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
  });

  it("need both signatures: a forged second one is no fork", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const { one, two } = fork(swarm);
    a.push(b, ...one);
    a.push(b, spoiled(two[1]!));
    expect(a.eventsOf("fork")).toEqual([]);
    expect(a.core.registry.get(b.id)?.reputation).toBeLessThan(1);
  });
});
