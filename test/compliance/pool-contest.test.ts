/**
 * How the link pool chooses among several links to one peer, played against a bare transport that
 * opens and drops links as it likes.
 */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createMemoryTransport, MemoryNetwork } from "../../src/node/transport/memory.ts";
import { LinkPool } from "../../src/node/transport/pool.ts";
import { LANE_CONTROL } from "../../src/node/transport/transport.ts";
import { createPoolRecorder } from "../support/pool-recorder.ts";
import { createRecorder } from "../support/recorder.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A pool, and a bare transport whose id is lower or higher than the pool's, as asked. */
async function poolAndPeer(order: "lower" | "higher" | "any", contestMs = 10_000) {
  const network = new MemoryNetwork();
  const recorder = createPoolRecorder();
  const pool = new LinkPool({
    transport: (handlers) =>
      createMemoryTransport(
        { identitySeed: randomBytes(32), listen: ["/memory/pool"], handlers },
        network,
      ),
    handlers: recorder.handlers,
    random: () => 0.5,
    limits: { contestMs, graceMs: 20 },
  });
  const far = createRecorder();
  const make = () =>
    createMemoryTransport(
      { identitySeed: randomBytes(32), listen: ["/memory/peer"], handlers: far.handlers },
      network,
    );
  let peer = make();
  while (order !== "any" && peer.localId < pool.transport.localId !== (order === "lower"))
    peer = make();
  closers.push(
    () => pool.close(),
    () => peer.close(),
  );
  await Promise.all([pool.start(), peer.start()]);
  return { pool, peer, far, ...recorder };
}

describe("link pool with two links to one peer", () => {
  for (const order of ["lower", "higher"] as const) {
    for (const first of ["pool", "peer"] as const) {
      test(`uses the link of the lower id when the ${first} dials first and the peer's id is ${order}`, async () => {
        const { pool, peer, events } = await poolAndPeer(order);
        if (first === "pool") await pool.dial("/memory/peer");
        await peer.dial("/memory/pool");
        if (first === "peer") await pool.transport.dial("/memory/peer");
        expect(pool.linkOf(peer.localId)?.inbound).toBe(order === "lower");
        expect(pool.stats.duplicates).toBe(1);
        expect(events.all).toEqual([{ kind: "up", peer: peer.localId }]);
      });
    }
  }

  test("closes the link that lost when the pool's id is the lower", async () => {
    const lower = await poolAndPeer("higher");
    await lower.pool.dial("/memory/peer");
    const closed = await lower.peer.dial("/memory/pool");
    expect((await lower.far.nextDown()).link).toBe(closed);
  });

  test("follows a peer that speaks over the link that lost, as one that was killed does", async () => {
    const { pool, peer, far, frames } = await poolAndPeer("higher");
    // The pool's own link wins by the rule; the peer's next life knows only the one it has dialled.
    await pool.dial("/memory/peer");
    const spoken = await peer.dial("/memory/pool");
    expect(pool.linkOf(peer.localId)?.inbound).toBe(false);
    spoken.send(Uint8Array.of(1), LANE_CONTROL);
    await frames.next();
    await vi.waitFor(() => expect(pool.linkOf(peer.localId)?.inbound).toBe(true));
    pool.send(peer.localId, Uint8Array.of(2), LANE_CONTROL);
    expect(await far.nextFrame()).toEqual({ link: spoken, bytes: Uint8Array.of(2) });
  });

  test("falls back on the other link when the one in use ends, without telling anyone", async () => {
    const { pool, peer, far, events, frames } = await poolAndPeer("any");
    const kept = await peer.dial("/memory/pool");
    const dropped = await peer.dial("/memory/pool");
    dropped.abort();
    await far.nextDown();
    kept.send(Uint8Array.of(1), LANE_CONTROL);
    await frames.next();
    expect(pool.send(peer.localId, Uint8Array.of(2), LANE_CONTROL)).toBe("queued");
    expect(await far.nextFrame()).toEqual({ link: kept, bytes: Uint8Array.of(2) });
    expect(events.all).toEqual([{ kind: "up", peer: peer.localId }]);
    kept.abort();
    await events.next();
    expect(await events.next()).toMatchObject({ kind: "down" });
  });

  test("takes the newer link when the one in use is too old for both to have dialled at once", async () => {
    const { pool, peer, events } = await poolAndPeer("higher", 1);
    await pool.dial("/memory/peer");
    const upMs = performance.now();
    while (performance.now() - upMs < 2) await new Promise((resolve) => setImmediate(resolve));
    await peer.dial("/memory/pool");
    expect(pool.linkOf(peer.localId)?.inbound).toBe(true);
    expect(events.all).toHaveLength(1);
  });

  test("holds few links of one peer, however many it opens", async () => {
    const { pool, peer, far } = await poolAndPeer("any");
    for (let count = 0; count < 10; count += 1) await peer.dial("/memory/pool");
    for (let count = 0; count < 7; count += 1) await far.nextDown();
    expect(pool.stats.links).toBe(1);
    expect(far.links.length - far.downs.length).toBe(3);
  });
});
