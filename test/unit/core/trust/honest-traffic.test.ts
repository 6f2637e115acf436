// What honest peers send passes the limits of the slowest standard topology (C6): docs/LIMITS.md.
import { describe, expect, it } from "vitest";
import { REPAIR_BYTES_MAX } from "../../../../src/core/gossip/repair.ts";
import { deriveRateLimits } from "../../../../src/core/trust/rate-limits.ts";
import { decodeDeltaHeader } from "../../../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { FRAME_WANT } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { mapSet, Swarm, type TestNode, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();
const ASKS = 200;
const CONFIG = { rateLimitPerPeer: 1_000, batchDelayMs: 1 };

function add(swarm: Swarm): TestNode {
  return swarm.add({ config: CONFIG });
}

function refused(...nodes: readonly TestNode[]): number {
  return nodes.reduce((sum, node) => sum + node.cell("messageRejectedRate"), 0);
}

describe("the limits of one peer", () => {
  it("let a joiner have a log of 100,000 operations from one peer", () => {
    const swarm = new Swarm({ kernels, config: CONFIG });
    const author = add(swarm);
    for (let i = 0; i < 100_000; i++) {
      author.write(mapSet(`key-${i % 5_000}`, "value"));
      if (i % 256 === 0) swarm.advance(1);
    }
    const joiner = add(swarm);
    swarm.link(author, joiner);
    swarm.advance(1_000);
    expect(joiner.root).toBe(author.root);
    expect(refused(author, joiner)).toBe(0);
    expect(joiner.eventsOf("peer:refused")).toEqual([]);
  });

  it("give a peer that asks without end no more history than its budget of bytes", () => {
    const swarm = new Swarm({ kernels, config: CONFIG });
    const [author, greedy] = [add(swarm), add(swarm)];
    for (let i = 0; i < 5_000; i++) {
      author.write(mapSet(`key-${i}`, new Uint8Array(200)));
      if (i % 256 === 0) swarm.advance(1);
    }
    swarm.link(author, greedy);
    swarm.advance(2_000);
    const { author: id, epoch, nonce } = decodeDeltaHeader(author.stored[0]!, 0);
    const wants = [{ author: id, epoch, nonce, after: -1 }];
    // What it is sent it claims not to have got, each time when nothing is under way any more.
    for (let i = 0; i < ASKS; i++) {
      swarm.nowMs += 100;
      author.frame(greedy, { type: FRAME_WANT, wants });
    }
    const answers = swarm.drop((frame) => typeOf(frame) === FRAME_DELTA);
    const bytes = answers.reduce((sum, answer) => sum + answer.bytes.length, 0);
    const { burst, perSecond } = deriveRateLimits(CONFIG.rateLimitPerPeer).answers;
    const grantedBytes = burst + (ASKS / 10) * perSecond;
    expect(bytes).toBeGreaterThan(grantedBytes / 2);
    expect(bytes).toBeLessThan(grantedBytes + REPAIR_BYTES_MAX + 100_000);
  });

  it("let an author write 20,000 operations a second for ten seconds", () => {
    const swarm = new Swarm({ kernels, config: CONFIG });
    const [author, reader] = [add(swarm), add(swarm)];
    swarm.link(author, reader);
    swarm.advance(100);
    for (let ms = 0; ms < 10_000; ms++) {
      for (let i = 0; i < 20; i++) author.write(mapSet(`key-${i}`, `${ms}`));
      swarm.advance(1);
    }
    swarm.advance(100);
    expect(reader.root).toBe(author.root);
    expect(refused(author, reader)).toBe(0);
  });

  it("bring by repair what an author wrote far above the rate, and do not cut it off", () => {
    const swarm = new Swarm({ kernels, config: CONFIG });
    const [author, reader] = [add(swarm), add(swarm)];
    swarm.link(author, reader);
    swarm.advance(100);
    for (let ms = 0; ms < 500; ms++) {
      for (let i = 0; i < 200; i++) author.write(mapSet(`key-${i}`, `${ms}`));
      swarm.advance(1);
    }
    expect(refused(reader)).toBeGreaterThan(0);
    swarm.advance(5_000);
    expect(reader.root).toBe(author.root);
    expect(reader.eventsOf("peer:refused")).toEqual([]);
  });
});
