// A peer that claims a partial view (docs/LIMITS.md): one of many links talks nobody out of its own.
import { describe, expect, it } from "vitest";
import { FRAME_PULL } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedSwarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const HASH = new Uint8Array(32);
/** A round that shows the digest of a partial view. */
const CLAIM = {
  type: FRAME_PULL,
  stamp: 1,
  root: HASH,
  frontierRoot: HASH,
  membersDigest: HASH,
} as const;

function isPartial(node: TestNode): boolean {
  return node.core.membership.isPartial;
}

describe("a claim of a partial view", () => {
  it("by a third of the links leaves the own view whole", () => {
    const [a, b] = linkedSwarm(4, { kernels }).nodes;
    a!.frame(b!, CLAIM);
    expect(isPartial(a!)).toBe(false);
  });

  it("by more of them is believed, since the mesh has outgrown full views", () => {
    const [a, b, c] = linkedSwarm(4, { kernels }).nodes;
    a!.frame(b!, CLAIM);
    a!.frame(c!, CLAIM);
    expect(isPartial(a!)).toBe(true);
  });

  it("that is taken back counts no more", () => {
    const [a, b, c] = linkedSwarm(4, { kernels }).nodes;
    a!.frame(b!, CLAIM);
    a!.frame(b!, { ...CLAIM, membersDigest: new Uint8Array(32).fill(1) });
    a!.frame(c!, CLAIM);
    expect(isPartial(a!)).toBe(false);
  });
});
