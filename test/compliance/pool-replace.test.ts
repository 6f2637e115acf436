// Replacing links while frames flow: new session keys without loss (C2, key rotation).
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createQuicTransport, createTcpTransport } from "../../src/node/transport/libp2p.ts";
import { createMemoryTransport } from "../../src/node/transport/memory.ts";
import { LinkPool } from "../../src/node/transport/pool.ts";
import {
  LANE_STATE,
  type Link,
  type Transport,
  type TransportOptions,
} from "../../src/node/transport/transport.ts";
import { TestAuthority } from "../support/credentials.ts";
import { createPoolRecorder } from "../support/pool-recorder.ts";
import { until } from "../support/until.ts";

interface Kind {
  readonly name: string;
  readonly listen: (name: string) => string;
  create(options: TransportOptions): Transport;
}

const KINDS: readonly Kind[] = [
  { name: "memory", listen: (name) => `/memory/replace-${name}`, create: createMemoryTransport },
  { name: "TCP", listen: () => "/ip4/127.0.0.1/tcp/0", create: createTcpTransport },
  { name: "QUIC", listen: () => "/ip4/127.0.0.1/udp/0/quic-v1", create: createQuicTransport },
];
const FRAMES = 400;

const authority = new TestAuthority();

async function started(kind: Kind, name: string) {
  const recorder = createPoolRecorder();
  const identitySeed = randomBytes(32);
  /** Links that are gone. */
  const ended = new Set<Link>();
  const pool = new LinkPool({
    transport: (handlers) =>
      kind.create({
        identitySeed,
        listen: [kind.listen(name)],
        handlers: {
          ...handlers,
          linkDown: (link, reason) => {
            handlers.linkDown(link, reason);
            ended.add(link);
          },
        },
        admission: authority.gate(identitySeed),
      }),
    handlers: recorder.handlers,
    random: () => 0.5,
    limits: { contestMs: 1 },
  });
  onTestFinished(() => pool.close());
  await pool.start();
  return { pool, id: pool.transport.localId, ended, ...recorder };
}

type Side = Awaited<ReturnType<typeof started>>;

async function sendAll(from: Side, to: Side, midway: () => void): Promise<void> {
  for (let number = 0; number < FRAMES; number += 1) {
    if (number === FRAMES / 4) midway();
    const frame = new Uint8Array(1_000);
    new DataView(frame.buffer).setUint32(0, number);
    expect(from.pool.send(to.id, frame, LANE_STATE)).toBe("queued");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The numbers of the frames that came, in ascending order. */
function numbersOf(side: Side): number[] {
  const numbers = side.frames.all.map(({ bytes }) => new DataView(bytes.buffer).getUint32(0));
  return numbers.toSorted((a, b) => a - b);
}

describe.each(KINDS)("replacing a link over $name (C2)", (kind) => {
  test("loses no frame, tells nobody, and leaves one new link", async () => {
    const [a, b] = await Promise.all([started(kind, "a"), started(kind, "b")]);
    a.pool.want(b.id, b.pool.transport.addresses);
    await Promise.all([a.events.next(), b.events.next()]);
    const [first, back] = [a.pool.linkOf(b.id), b.pool.linkOf(a.id)];
    const replace = (): void => a.pool.replaceLinks((peer) => peer === b.id, 1);
    await Promise.all([sendAll(a, b, replace), sendAll(b, a, () => undefined)]);
    // Not asked of the link itself: a frame sent over it would speak for keeping it.
    await until(() => a.ended.size === 1 && b.ended.size === 1);
    expect([...a.ended, ...b.ended]).toEqual([first, back]);
    await until(() => [a, b].every((side) => side.frames.all.length >= FRAMES));
    const all = Array.from({ length: FRAMES }, (_, number) => number);
    expect(numbersOf(a)).toEqual(all);
    expect(numbersOf(b)).toEqual(all);
    expect([a.pool.stats.links, b.pool.stats.links]).toEqual([1, 1]);
    expect([...a.events.all, ...b.events.all].map(({ kind: what }) => what)).toEqual(["up", "up"]);
  });

  test("is for the end that dialled, and only for links that are due", async () => {
    const [a, b] = await Promise.all([started(kind, "c"), started(kind, "d")]);
    a.pool.want(b.id, b.pool.transport.addresses);
    await Promise.all([a.events.next(), b.events.next()]);
    const { dialsStarted } = a.pool.stats;
    b.pool.replaceLinks(() => true, 1);
    a.pool.replaceLinks(() => false, 1);
    a.pool.replaceLinks(() => true, 0);
    expect([a.pool.stats.dialsStarted, b.pool.stats.dialsStarted]).toEqual([dialsStarted, 0]);
  });
});
