// The contract of the core (docs/ARCHITECTURE.md): same config, seed and inputs, same outputs.
import { describe, expect, it } from "vitest";
import { hexFromBytes } from "../../../src/core/node-id.ts";
import { TICKETS_PER_PEER_MAX } from "../../../src/core/trust/tickets.ts";
import { createKernels } from "../../../src/kernels/index.ts";
import type { Kernels } from "../../../src/kernels/kernels.ts";
import { createCrypto } from "../../../src/node/signature/signature.ts";
import { linkedPair, linkedSwarm, mapSet, Swarm, text } from "../../support/pair.ts";

/** Everything that left the cores in two virtual seconds of a busy mesh with one partition. */
function transcript(kernels: Kernels, real = false): string[] {
  const swarm = linkedSwarm(4, { kernels, ...(real && { crypto: createCrypto() }) });
  const [a, b, c] = swarm.nodes;
  const said: string[] = [];
  const note = (frame: { bytes: Uint8Array }) => {
    said.push(hexFromBytes(kernels.blake3(frame.bytes)));
    return false;
  };
  a!.command({ kind: "agent.open", name: "x", capabilities: ["c"] });
  for (let i = 0; i < 20; i++) {
    b!.write(mapSet(`k${i % 5}`, `${i}`));
    c!.write({ op: "set.add", collection: "s", key: "", element: `e${i % 3}` });
    a!.write({ op: "counter.add", collection: "c", key: "", by: BigInt(i) });
    if (i === 5) swarm.unlink(a!, b!);
    if (i === 15) swarm.link(a!, b!);
    swarm.advance(100, note);
  }
  for (const node of swarm.nodes) {
    said.push(
      node.root,
      JSON.stringify(node.events, (_k, v) => (typeof v === "bigint" ? `${v}` : v)),
    );
  }
  return said;
}

describe("the core", () => {
  it("says the same bytes for the same config, seed and inputs", () => {
    const kernels = createKernels();
    const once = transcript(kernels);
    expect(once.length).toBeGreaterThan(200);
    expect(transcript(kernels)).toEqual(once);
  });

  it("says the same bytes with Wasm and with reference kernels", () => {
    const [wasm, reference] = (["wasm", "reference"] as const).map((implementation) =>
      transcript(createKernels({ implementation })),
    );
    expect(wasm).toEqual(reference);
  });

  it("says the same bytes twice with real signatures", () => {
    const kernels = createKernels();
    expect(transcript(kernels, true)).toEqual(transcript(kernels, true));
  });

  it("says something else with another seed", () => {
    const swarm = new Swarm({ kernels: createKernels() });
    const stored = [1, 2].map((life) => {
      const node = swarm.add({ identity: 1, life });
      node.write(mapSet("k", "v"));
      node.read(2, "m", "k");
      return node.stored;
    });
    expect(stored[0]).not.toEqual(stored[1]);
  });

  it("holds at most 256 frames of one peer that wait for verdicts", () => {
    const [swarm, a, b] = linkedPair({ kernels: createKernels() });
    const author = swarm.add();
    author.write(mapSet("k", "v"));
    author.read(2, "m", "k");
    a.holdVerdicts = true;
    for (let i = 0; i < TICKETS_PER_PEER_MAX + 5; i++) a.push(b, ...author.stored);
    expect(a.held).toHaveLength(TICKETS_PER_PEER_MAX);
    expect(a.cell("messageRejectedOther")).toBe(5);
    a.release();
    expect(a.read(2, "m", "k").mapGet("m", "k")?.value).toEqual(text("v"));
    a.push(b, ...author.stored);
    expect(a.cell("messageRejectedOther")).toBe(5);
  });

  it("notes which delta the store has confirmed", () => {
    const swarm = new Swarm({ kernels: createKernels() });
    const node = swarm.add();
    node.write(mapSet("k", "v"));
    node.read(2, "m", "k");
    expect(node.core.storedTicket).toBe(2);
  });
});
