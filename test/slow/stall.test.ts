// What a stall of some processes costs the others (C8): a roll call that a quorum has answered says who is
// missing, and need not be repeated for each of those who find out.
import { describe, expect, it, onTestFinished } from "vitest";
import { FRAME_HEAD_BYTES, FRAME_TYPE_OFFSET } from "../../src/core/wire/frame.ts";
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { isReadOnly } from "../../src/sim/engine/core-view.ts";
import { World } from "../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";

const NODES = 60;
const STALLED = 6;
/** Frames a member: each tells its links once, and answers go up and down the call's own tree. */
const FRAMES_A_MEMBER = 36;

interface Counted {
  frames: number;
  /** Numbers of calls, less the byte that tells apart those that begin at the same time. */
  readonly calls: Set<number>;
}

const kernels = createKernels();

function settledWorld(seed: number): { readonly world: World; readonly counted: Counted } {
  const counted: Counted = { frames: 0, calls: new Set() };
  const world = new World({
    seed,
    kernels,
    crypto: createFakeCrypto((bytes) => kernels.blake3(bytes)),
    latency: { regions: 1, minMs: 1, maxMs: 10 },
    loss: 0,
    config: {},
    observers: [{ frame: (_node, _from, bytes) => count(counted, bytes) }],
  });
  for (let i = 0; i < NODES; i++) world.schedule(i * 5, () => void world.add());
  world.runUntil(15_000);
  onTestFinished(() => world.free());
  return { world, counted };
}

function count(counted: Counted, bytes: Uint8Array): void {
  if (bytes[FRAME_TYPE_OFFSET] !== FRAME_ROLL_CALL) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  counted.frames += 1;
  counted.calls.add(view.getUint32(FRAME_HEAD_BYTES, true) >>> 8);
}

describe("a mesh of which a tenth stands still", () => {
  it.each([254, 500, 700])("for %i ms calls its members once, at few frames each", (forMs) => {
    const { world, counted } = settledWorld(forMs);
    counted.frames = 0;
    counted.calls.clear();
    for (let i = 0; i < STALLED; i++) {
      const node = world.nodes[(i * NODES) / STALLED];
      if (node !== undefined) world.pause(node, forMs);
    }
    world.runUntil(world.nowMs + 4_000);
    expect(counted.calls.size).toBe(1);
    expect(counted.frames).toBeLessThan(NODES * FRAMES_A_MEMBER);
    expect(world.nodes.some(({ core }) => core !== undefined && isReadOnly(core))).toBe(false);
  });
});
