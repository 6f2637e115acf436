// Stage "admit" (C6): a frame's time and its sender's reputation, before any work is spent.
import { describe, expect, it } from "vitest";
import { FRAME_PULL } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, mapSet, type Swarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const HASH = new Uint8Array(32);
const PULL = {
  type: FRAME_PULL,
  stamp: 1,
  root: HASH,
  frontierRoot: HASH,
  membersDigest: HASH,
} as const;
const FIVE_MIN = 300_000;

function ready(): { swarm: Swarm; a: TestNode; b: TestNode; reputation: () => number } {
  const [swarm, a, b] = linkedPair({ kernels });
  return { swarm, a, b, reputation: () => a.core.registry.get(b.id)?.reputation ?? Number.NaN };
}

describe("a frame's stamp", () => {
  it.each([-FIVE_MIN, FIVE_MIN])("may differ by exactly five minutes (%i ms)", (offMs) => {
    const { a, b, reputation } = ready();
    a.frame(b, PULL, a.now.wallMs + offMs);
    expect(a.cell("messageRejectedTimestamp")).toBe(0);
    expect(reputation()).toBe(1);
  });

  it.each([-FIVE_MIN - 1, FIVE_MIN + 1])(
    "beyond five minutes is refused, counted and charged to its sender (%i ms)",
    (offMs) => {
      const { swarm, a, b, reputation } = ready();
      a.frame(b, PULL, a.now.wallMs + offMs);
      expect(a.cell("messageRejectedTimestamp")).toBe(1);
      expect(reputation()).toBeLessThan(1);
      expect(swarm.flight).toEqual([]);
    },
  );
});

describe("a peer below the reputation threshold", () => {
  it("is ignored, and what it brought before stays", () => {
    const { swarm, a, b } = ready();
    b.write(mapSet("k", "before"));
    swarm.advance(5);
    const before = a.root;
    a.core.registry.setReputation(b.id, 0.49);
    b.write(mapSet("k", "after"));
    swarm.advance(5);
    expect(a.root).toBe(before);
    expect(before).not.toBe(b.root);
    expect(a.cell("messageRejectedReputation")).toBeGreaterThan(0);
  });

  it("is heard at the threshold itself", () => {
    const { a, b } = ready();
    a.core.registry.setReputation(b.id, 0.5);
    a.frame(b, PULL);
    expect(a.cell("messageRejectedReputation")).toBe(0);
  });

  it("gets there by malformed frames, and earns its way back within ten minutes", () => {
    const { swarm, a, b, reputation } = ready();
    for (let i = 0; i < 11; i++) a.frame(b, Uint8Array.of(1, 99));
    expect(reputation()).toBe(0);
    swarm.unlink(a, b);
    swarm.advance(599_000);
    expect(reputation()).toBeLessThan(1);
    swarm.advance(2_000);
    expect(reputation()).toBe(1);
  });
});

describe("a frame that does not decode", () => {
  const cases = [
    ["empty", new Uint8Array(0), "messageRejectedMalformed"],
    [
      "of an unknown type",
      Uint8Array.of(1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      "messageRejectedMalformed",
    ],
    [
      "with a flag set",
      Uint8Array.of(1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      "messageRejectedMalformed",
    ],
    ["over 1 MiB", new Uint8Array(1_048_577), "messageRejectedOversized"],
  ] as const;

  it.each(cases)("(%s) is refused, counted and charged to its sender", (_name, bytes, cell) => {
    const { a, b, reputation } = ready();
    a.frame(b, bytes);
    expect(a.cell(cell)).toBe(1);
    expect(reputation()).toBeCloseTo(0.9);
  });

  it("for trailing bytes is counted as such", () => {
    const { a, b, reputation } = ready();
    const result = Uint8Array.of(1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7);
    a.frame(b, result);
    expect(a.cell("messageRejectedTrailing")).toBe(1);
    expect(reputation()).toBeCloseTo(0.9);
  });
});
