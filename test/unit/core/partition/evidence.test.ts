import { describe, expect, it } from "vitest";
import { createKernels } from "../../../../src/kernels/index.ts";
import { silence } from "../../../support/failure.ts";
import { linkedPair } from "../../../support/pair.ts";

const kernels = createKernels();

describe("evidence about a link", () => {
  it("is a silence when it breaks", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.advance(2_000);
    swarm.unlink(a, b);
    expect([a.cell("peerSilences"), b.cell("peerSilences")]).toEqual([1, 1]);
  });

  it("is a silence at the first probe without an echo, one a check", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.advance(2_000);
    silence(swarm, [b], 600);
    expect(a.cell("peerSilences")).toBe(1);
  });
});
