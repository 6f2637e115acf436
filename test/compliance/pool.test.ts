/**
 * The link pool over the in-memory transport and over QUIC.
 */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { nodeIdFromSeed } from "../../src/node/node-id.ts";
import { createQuicTransport } from "../../src/node/transport/libp2p.ts";
import { createMemoryTransport, MemoryNetwork } from "../../src/node/transport/memory.ts";
import { LinkPool, type PoolOptions } from "../../src/node/transport/pool.ts";
import type { PoolLimits } from "../../src/node/transport/pool-limits.ts";
import {
  LANE_CONTROL,
  type Link,
  type Transport,
  type TransportOptions,
} from "../../src/node/transport/transport.ts";
import { createPoolRecorder } from "../support/pool-recorder.ts";
import { createTape } from "../support/recorder.ts";

interface Kind {
  readonly name: string;
  create(options: TransportOptions): Transport;
  listen(): string;
}

const network = new MemoryNetwork();
let names = 0;
const memory: Kind = {
  name: "memory",
  create: (options) => createMemoryTransport(options, network),
  listen: () => {
    names += 1;
    return `/memory/pool-${names}`;
  },
};
const quic: Kind = {
  name: "QUIC",
  create: (options) => createQuicTransport({ connectTimeoutMs: 2_000, ...options }),
  listen: () => "/ip4/127.0.0.1/udp/0/quic-v1",
};

const open: LinkPool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

interface MakeOptions {
  readonly seed?: Uint8Array;
  readonly listen?: string;
  readonly limits?: Partial<PoolLimits>;
  readonly random?: () => number;
}

async function startPool(kind: Kind, options: MakeOptions = {}) {
  const recorder = createPoolRecorder();
  const downs = createTape<Link>();
  let live = 0;
  const poolOptions: PoolOptions = {
    transport: (handlers) =>
      kind.create({
        identitySeed: options.seed ?? randomBytes(32),
        listen: [options.listen ?? kind.listen()],
        handlers: {
          ...handlers,
          linkUp: (link) => {
            live += 1;
            handlers.linkUp(link);
          },
          linkDown: (link, reason) => {
            live -= 1;
            handlers.linkDown(link, reason);
            downs.add(link);
          },
        },
      }),
    handlers: recorder.handlers,
    random: options.random ?? (() => 0.5),
    limits: { backoffMinMs: 5, backoffMaxMs: 40, graceMs: 50, ...options.limits },
  };
  const pool = new LinkPool(poolOptions);
  open.push(pool);
  await pool.start();
  return {
    pool,
    live: () => live,
    downs,
    id: pool.transport.localId,
    address: pool.transport.addresses[0] ?? "",
    ...recorder,
  };
}

/** Waits until the transport itself has one link left, the others having gone down. */
async function settled(side: Side): Promise<void> {
  while (side.live() > 1) await side.downs.next();
}

type Side = Awaited<ReturnType<typeof startPool>>;

/** Sends both ways and waits for both, so that whatever was decided has been decided at both ends. */
async function exchange(a: Side, b: Side): Promise<void> {
  expect(a.pool.send(b.id, Uint8Array.of(1), LANE_CONTROL)).toBe("queued");
  expect(b.pool.send(a.id, Uint8Array.of(2), LANE_CONTROL)).toBe("queued");
  await Promise.all([a.frames.next(), b.frames.next()]);
}

describe.each([memory, quic])("link pool over $name", (kind) => {
  test("keeps exactly one link when both ends dial at once, and neither sees the peer go down", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = await Promise.all([startPool(kind), startPool(kind)]);
      a.pool.want(b.id, [b.address]);
      b.pool.want(a.id, [a.address]);
      await Promise.all([a.events.next(), b.events.next()]);
      for (let turn = 0; turn < 10; turn += 1) await exchange(a, b);
      await Promise.all([settled(a), settled(b)]);
      await exchange(a, b);
      expect(a.events.all).toEqual([{ kind: "up", peer: b.id }]);
      expect(b.events.all).toEqual([{ kind: "up", peer: a.id }]);
      expect(a.pool.linkOf(b.id)?.inbound).toBe(!b.pool.linkOf(a.id)?.inbound);
      expect([a.live(), b.live()]).toEqual([1, 1]);
      await Promise.all([a.pool.close(), b.pool.close()]);
    }
  });

  test("reconnects to a wanted peer that restarts at the same address", async () => {
    const seed = randomBytes(32);
    const [a, first] = await Promise.all([startPool(kind), startPool(kind, { seed })]);
    a.pool.want(first.id, [first.address]);
    await a.events.next();
    await first.pool.close();
    expect(await a.events.next()).toMatchObject({ kind: "down", peer: first.id });
    const listen = first.address.replace(/\/p2p\/.*/, "");
    const second = await startPool(kind, { seed, listen });
    expect(await a.events.next()).toEqual({ kind: "up", peer: first.id });
    await second.events.next();
    await exchange(a, second);
    expect(a.pool.stats.retries).toBeGreaterThan(0);
  });

  test("gives concurrent calls of ensure one link", async () => {
    const [a, b] = await Promise.all([startPool(kind), startPool(kind)]);
    const links = await Promise.all([1, 2, 3].map(() => a.pool.ensure(b.id, [b.address])));
    expect(new Set(links).size).toBe(1);
    expect(a.pool.stats).toMatchObject({ links: 1, dialsStarted: 1 });
  });

  test("dials an unknown peer by its address and learns its id", async () => {
    const [a, b] = await Promise.all([startPool(kind), startPool(kind)]);
    const link = await a.pool.dial(b.address.replace(/\/p2p\/.*/, ""));
    expect(link.peer).toBe(b.id);
    expect(a.pool.connected()).toEqual([b.id]);
  });

  test("keeps one link of several that one end dialled at once", async () => {
    const [a, b] = await Promise.all([startPool(kind), startPool(kind)]);
    a.pool.want(b.id, [b.address]);
    await Promise.all([a.pool.dial(b.address), a.pool.dial(b.address)]);
    await b.events.next();
    for (let turn = 0; turn < 10; turn += 1) await exchange(a, b);
    await Promise.all([settled(a), settled(b)]);
    await exchange(a, b);
    expect(a.events.all).toHaveLength(1);
    expect(b.events.all).toHaveLength(1);
  });
});

describe("link pool", () => {
  test("sheds, when memory is short, a quarter of the links nobody here wants, and no wanted one", async () => {
    const a = await startPool(memory);
    const others = await Promise.all(Array.from({ length: 5 }, () => startPool(memory)));
    const [wanted, ...unwanted] = others as [Side, ...Side[]];
    a.pool.want(wanted.id, [wanted.address]);
    await a.events.next();
    for (const other of unwanted) await other.pool.ensure(a.id, [a.address]);
    expect(a.pool.stats.links).toBe(5);
    a.pool.shed();
    expect(a.pool.stats.links).toBe(4);
    for (let i = 0; i < 4; i++) a.pool.shed();
    expect(a.pool.connected()).toEqual([wanted.id]);
  });

  test("ends a link at once when told to: nothing more of it is read", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    await b.pool.ensure(a.id, [a.address]);
    a.pool.disconnect(b.id, "at once");
    expect(a.pool.linkOf(b.id)).toBeUndefined();
    expect(a.live()).toBe(0);
    expect(await b.events.next()).toMatchObject({ kind: "up" });
    expect(await b.events.next()).toMatchObject({ kind: "down", peer: a.id });
  });

  test("refuses whoever answers at a wanted peer's address with another id", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    const other = nodeIdFromSeed(randomBytes(32));
    const bare = b.address.replace(/\/p2p\/.*/, "");
    await expect(a.pool.ensure(other, [bare])).rejects.toMatchObject({
      code: "MESH_TRANSPORT_DIAL",
    });
    expect(b.events.all).toEqual([]);
  });

  test("tries a peer's addresses in order until one answers", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    const link = await a.pool.ensure(b.id, ["/memory/nobody-1", "nonsense", b.address]);
    expect(link.peer).toBe(b.id);
    expect(a.pool.stats.dialsStarted).toBe(3);
  });

  test("closes a link nobody wants once it is idle, and tells both ends", async () => {
    const a = await startPool(memory, { limits: { idleMs: 8 } });
    const b = await startPool(memory);
    await a.pool.ensure(b.id, [b.address]);
    expect(await a.events.next()).toMatchObject({ kind: "up" });
    expect(await a.events.next()).toEqual({ kind: "down", peer: b.id, reason: "idle" });
    expect(await b.events.next()).toMatchObject({ kind: "up" });
    expect(await b.events.next()).toEqual({ kind: "down", peer: a.id, reason: "peer_close" });
    expect(a.pool.stats).toMatchObject({ links: 0, idleClosed: 1 });
  });

  test("keeps a wanted link that is idle until it is no longer wanted", async () => {
    const a = await startPool(memory, { limits: { idleMs: 8 } });
    const [b, c] = await Promise.all([startPool(memory), startPool(memory)]);
    a.pool.want(b.id, [b.address]);
    await a.events.next();
    await a.pool.ensure(c.id, [c.address]);
    await a.events.next();
    expect(await a.events.next()).toMatchObject({ kind: "down", peer: c.id });
    expect(a.pool.connected()).toEqual([b.id]);
    a.pool.unwant(b.id);
    expect(await a.events.next()).toMatchObject({ kind: "down", peer: b.id });
  });

  test("closes the least recently used link beyond unwantedMax", async () => {
    const a = await startPool(memory, { limits: { unwantedMax: 2 } });
    const others = await Promise.all([1, 2, 3].map(() => startPool(memory)));
    for (const other of others.slice(0, 2)) await a.pool.ensure(other.id, [other.address]);
    const [first, second, third] = others;
    a.pool.send(first?.id ?? "", Uint8Array.of(1), LANE_CONTROL);
    await first?.frames.next();
    await a.pool.ensure(third?.id ?? "", [third?.address ?? ""]);
    expect(a.events.all.filter((event) => event.kind === "down")).toEqual([
      { kind: "down", peer: second?.id, reason: "idle" },
    ]);
    expect(a.pool.connected().sort()).toEqual([first?.id, third?.id].sort());
  });

  test("dials at most dialsMax at once, refuses beyond dialsWaitingMax, and serves the others in turn", async () => {
    const a = await startPool(memory, { limits: { dialsMax: 1, dialsWaitingMax: 1 } });
    const [b, c, d] = await Promise.all([startPool(memory), startPool(memory), startPool(memory)]);
    const dials = [b, c, d].map((other) => a.pool.ensure(other.id, [other.address]));
    expect(a.pool.stats).toMatchObject({ dialsRunning: 1, dialsWaiting: 1 });
    const results = await Promise.allSettled(dials);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(results[2]).toMatchObject({ reason: { code: "MESH_QUEUE_FULL" } });
    expect(a.pool.stats).toMatchObject({ dialsRunning: 0, dialsWaiting: 0 });
  });

  test("ends only the wait of the call whose signal aborts", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const left = a.pool.ensure(b.id, [b.address], { signal: controller.signal });
    const kept = a.pool.ensure(b.id, [b.address]);
    controller.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect((await kept).peer).toBe(b.id);
  });

  test("retries for ever, and stops when the peer is no longer wanted", async () => {
    const a = await startPool(memory);
    const absent = nodeIdFromSeed(randomBytes(32));
    let draws = 0;
    const many = Promise.withResolvers<void>();
    const b = await startPool(memory, {
      random: () => {
        draws += 1;
        if (draws === 6) many.resolve();
        return 0;
      },
    });
    b.pool.want(absent, ["/memory/absent"]);
    await many.promise;
    b.pool.unwant(absent);
    expect(b.pool.stats).toMatchObject({ wanted: 0, retries: 6, dialsFailed: 6 });
    expect(a.pool.stats.retries).toBe(0);
  });

  test("wants no more than wantedMax peers, and not itself", async () => {
    const a = await startPool(memory, { limits: { wantedMax: 1 } });
    const [one, two] = [nodeIdFromSeed(randomBytes(32)), nodeIdFromSeed(randomBytes(32))];
    expect(a.pool.want(a.id, [])).toBe(false);
    expect([a.pool.want(one, []), a.pool.want(two, []), a.pool.want(one, [])]).toEqual([
      true,
      false,
      true,
    ]);
    a.pool.unwant(one);
    expect(a.pool.want(two, [])).toBe(true);
    await expect(a.pool.ensure(a.id, [a.address])).rejects.toMatchObject({
      code: "MESH_SEED_IS_SELF",
    });
  });

  test("ends a disconnected peer's link at once and does not redial it", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    a.pool.want(b.id, [b.address]);
    await a.events.next();
    a.pool.disconnect(b.id);
    expect(await a.events.next()).toEqual({ kind: "down", peer: b.id, reason: "local_close" });
    expect(a.pool.send(b.id, Uint8Array.of(1), LANE_CONTROL)).toBe("closed");
    await b.events.next();
    expect(await b.events.next()).toMatchObject({ kind: "down" });
    expect(a.pool.stats).toMatchObject({ links: 0, wanted: 0, retries: 0 });
  });

  test("redials a wanted peer whose link was reset", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    a.pool.want(b.id, [b.address]);
    await a.events.next();
    a.pool.reset(b.id);
    expect(await a.events.next()).toEqual({ kind: "down", peer: b.id, reason: "reset" });
    expect(await a.events.next()).toEqual({ kind: "up", peer: b.id });
  });

  test("settles every dial when it closes", async () => {
    const [a, b] = await Promise.all([startPool(memory), startPool(memory)]);
    const ensured = a.pool.ensure(b.id, [b.address]).catch((error: unknown) => error);
    const dialled = a.pool.dial(b.address).catch((error: unknown) => error);
    await a.pool.close();
    for (const error of await Promise.all([ensured, dialled])) {
      expect(error).toMatchObject({ code: "MESH_TRANSPORT_CLOSED" });
    }
    await expect(a.pool.ensure(b.id, [b.address])).rejects.toMatchObject({
      code: "MESH_TRANSPORT_CLOSED",
    });
    expect(a.pool.want(b.id, [b.address])).toBe(false);
  });
});
