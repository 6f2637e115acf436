/**
 * The transport compliance suite: what every implementation must do, run on QUIC, TCP and memory.
 *
 * A harness makes transports and knows the address forms; everything else is the same. Tests wait
 * for events, never for time.
 */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { isMeshError } from "../../src/errors.ts";
import { nodeIdFromSeed, peerIdFromNodeId } from "../../src/node/node-id.ts";
import {
  LANE_CONTROL,
  LANE_MESSAGE,
  LANE_STATE,
  type Lane,
  type Transport,
  type TransportOptions,
} from "../../src/node/transport/transport.ts";
import { createRecorder, type Recorder } from "../support/recorder.ts";

export interface TransportHarness {
  readonly name: string;
  /** How `Link.suite` looks. */
  readonly suite: RegExp;
  create(options: TransportOptions): Transport;
  /** An address to listen on that is free. */
  freeAddress(): string;
  /** An address where nobody answers. */
  deadAddress(): Promise<string>;
  /** The transport's address in its host-name form, when it has one. */
  namedAddress?(address: string): string;
  /** Connects as a peer whose stream carries arbitrary bytes; resolves when they are sent. */
  sendRaw(address: string, bytes: Uint8Array): Promise<RawPeer>;
}

export interface RawPeer {
  /** Resolves when the other side has closed the connection. */
  readonly gone: Promise<void>;
  /** Finishes writing, and nothing else. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

interface Side {
  readonly transport: Transport;
  readonly events: Recorder;
}

/** Registers the suite for one implementation. */
export function describeTransport(harness: TransportHarness): void {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  function make(options: Partial<TransportOptions> = {}): Side {
    const events = createRecorder();
    const transport = harness.create({
      identitySeed: randomBytes(32),
      listen: [harness.freeAddress()],
      handlers: events.handlers,
      ...options,
    });
    open.push(transport);
    return { transport, events };
  }

  async function started(options: Partial<TransportOptions> = {}): Promise<Side> {
    const side = make(options);
    await side.transport.start();
    return side;
  }

  async function pair(near: Partial<TransportOptions> = {}, far: Partial<TransportOptions> = {}) {
    const [a, b] = await Promise.all([started(near), started(far)]);
    const link = await a.transport.dial(addressOf(b));
    const back = await b.events.nextLink();
    return { a, b, link, back };
  }

  describe(`${harness.name} transport: connecting`, () => {
    test("proves the identity of both ends", async () => {
      const seed = randomBytes(32);
      const { a, b, link, back } = await pair({ identitySeed: seed });
      expect(a.transport.localId).toBe(nodeIdFromSeed(seed));
      expect(link.peer).toBe(b.transport.localId);
      expect(back.peer).toBe(a.transport.localId);
      expect([link.inbound, back.inbound]).toEqual([false, true]);
      expect(link.suite).toMatch(harness.suite);
      expect(back.suite).toBe(link.suite);
    });

    test("tells linkUp before the dial resolves", async () => {
      const { a, link } = await pair();
      expect(a.events.links).toEqual([link]);
    });

    test("dials an address without /p2p and learns who answers", async () => {
      const [a, b] = await Promise.all([started(), started()]);
      const link = await a.transport.dial(withoutPeer(addressOf(b)));
      expect(link.peer).toBe(b.transport.localId);
    });

    test.skipIf(harness.namedAddress === undefined)("dials a host by its name", async () => {
      const [a, b] = await Promise.all([started(), started()]);
      const link = await a.transport.dial(harness.namedAddress?.(addressOf(b)) ?? "");
      expect(link.peer).toBe(b.transport.localId);
    });

    test("refuses a peer other than the address names", async () => {
      const [a, b] = await Promise.all([started(), started()]);
      const other = peerIdFromNodeId(nodeIdFromSeed(randomBytes(32)));
      const wrong = `${withoutPeer(addressOf(b))}/p2p/${other}`;
      await expect(a.transport.dial(wrong)).rejects.toMatchObject({ code: "MESH_TRANSPORT_DIAL" });
      expect(a.events.links).toEqual([]);
    });

    test("refuses to dial itself, with and without /p2p", async () => {
      const a = await started();
      for (const address of [addressOf(a), withoutPeer(addressOf(a))]) {
        await expect(a.transport.dial(address)).rejects.toMatchObject({
          code: "MESH_SEED_IS_SELF",
        });
      }
      expect(a.events.links).toEqual([]);
    });

    test("answers MESH_TRANSPORT_DIAL when nobody listens", async () => {
      const a = await started();
      const dead = await harness.deadAddress();
      await expect(a.transport.dial(dead)).rejects.toMatchObject({
        code: "MESH_TRANSPORT_DIAL",
        retryable: true,
      });
    });

    test("answers MESH_TRANSPORT_DIAL to a text that is no address", async () => {
      const a = await started();
      for (const text of ["", "nonsense", "/ip4/127.0.0.1", "/ip4/127.0.0.1/udp/1/quic-v1/p2p/x"]) {
        await expect(a.transport.dial(text)).rejects.toMatchObject({ code: "MESH_TRANSPORT_DIAL" });
      }
    });

    test("gives two concurrent dials to one peer two links", async () => {
      const [a, b] = await Promise.all([started(), started()]);
      const links = await Promise.all([1, 2].map(() => a.transport.dial(addressOf(b))));
      expect(links[0]).not.toBe(links[1]);
      const far = [await b.events.nextLink(), await b.events.nextLink()];
      links[0]?.abort();
      await a.events.nextDown();
      expect(links[1]?.send(bytes(3, 1), LANE_CONTROL)).toBe("queued");
      expect((await b.events.nextFrame()).bytes).toEqual(bytes(3, 1));
      expect(far).toHaveLength(2);
    });

    test("refuses links beyond linksMax at either end", async () => {
      const b = await started({ limits: { linksMax: 1 } });
      const [a, c] = await Promise.all([started({ limits: { linksMax: 1 } }), started()]);
      await a.transport.dial(addressOf(b));
      await b.events.nextLink();
      await expect(c.transport.dial(addressOf(b))).rejects.toMatchObject({
        code: "MESH_TRANSPORT_DIAL",
      });
      expect(b.events.refusals.map((each) => each.reason)).toContain("links_max");
      await expect(a.transport.dial(addressOf(c))).rejects.toMatchObject({
        code: "MESH_TRANSPORT_DIAL",
      });
    });
  });

  describe(`${harness.name} transport: listening`, () => {
    test("moves to the next listen address when one is in use", async () => {
      const b = await started();
      const a = await started({ listen: [withoutPeer(addressOf(b)), harness.freeAddress()] });
      expect(a.transport.addresses).toHaveLength(1);
      expect(a.transport.addresses).not.toEqual(b.transport.addresses);
      const c = await started();
      expect((await c.transport.dial(addressOf(a))).peer).toBe(a.transport.localId);
    });

    test("answers MESH_LISTEN_FAILED when every listen address is in use", async () => {
      const [b, c] = await Promise.all([started(), started()]);
      const a = make({ listen: [withoutPeer(addressOf(b)), withoutPeer(addressOf(c))] });
      await expect(a.transport.start()).rejects.toMatchObject({ code: "MESH_LISTEN_FAILED" });
      expect(a.transport.addresses).toEqual([]);
    });

    test("names its own id in its addresses", async () => {
      const a = await started();
      expect(addressOf(a)).toMatch(new RegExp(`/p2p/${peerIdFromNodeId(a.transport.localId)}$`));
    });

    test("dials without listening anywhere", async () => {
      const { a, link, b } = await pair({ listen: [] });
      expect(a.transport.addresses).toEqual([]);
      expect(link.peer).toBe(b.transport.localId);
    });
  });

  describe(`${harness.name} transport: frames`, () => {
    test("carries frames whole and in order, from 1 byte to frameBytesMax", async () => {
      const frameBytesMax = 300_000;
      const { a, b, link, back } = await pair(
        { limits: { frameBytesMax } },
        { limits: { frameBytesMax } },
      );
      const sizes = [1, 2, 300, 4095, 4096, 4097, 65_536, frameBytesMax, 1, 70_000];
      for (const [at, size] of sizes.entries()) {
        expect(link.send(bytes(size, at), LANE_STATE)).toBe("queued");
        expect(back.send(bytes(size, at + 100), LANE_STATE)).toBe("queued");
      }
      for (const [at, size] of sizes.entries()) {
        expect(same((await b.events.nextFrame()).bytes, bytes(size, at))).toBe(true);
        expect(same((await a.events.nextFrame()).bytes, bytes(size, at + 100))).toBe(true);
      }
      expect(link.stats).toMatchObject({ framesSent: sizes.length, framesReceived: sizes.length });
      expect(back.stats.bytesReceived).toBe(link.stats.bytesSent);
    });

    test("sends the lower lane first", async () => {
      const { b, link } = await pair();
      const lanes: readonly Lane[] = [
        LANE_MESSAGE,
        LANE_STATE,
        LANE_CONTROL,
        LANE_MESSAGE,
        LANE_CONTROL,
      ];
      for (const lane of lanes) link.send(Uint8Array.of(lane), lane);
      const got: (number | undefined)[] = [];
      while (got.length < lanes.length) got.push((await b.events.nextFrame()).bytes[0]);
      expect(got).toEqual([0, 0, 1, 2, 2]);
    });

    test("refuses a frame above frameBytesMax, and an empty one, where it is sent", async () => {
      const { b, link } = await pair({ limits: { frameBytesMax: 1000 } });
      expect(link.send(bytes(1001, 1), LANE_STATE)).toBe("too_large");
      expect(link.send(new Uint8Array(0), LANE_STATE)).toBe("too_large");
      expect(link.send(bytes(1000, 1), LANE_STATE)).toBe("queued");
      expect((await b.events.nextFrame()).bytes).toHaveLength(1000);
      expect(link.stats.dropped).toBe(0);
    });

    test("aborts the link of a peer that sends more than frameBytesMax, and counts it", async () => {
      const { a, b, link } = await pair({}, { limits: { frameBytesMax: 1000 } });
      link.send(bytes(1001, 1), LANE_STATE);
      expect((await b.events.nextDown()).reason).toBe("frame_too_large");
      expect(b.events.refusals.map((each) => each.reason)).toEqual(["frame_too_large"]);
      expect(b.events.frames).toEqual([]);
      await a.events.nextDown();
    });

    test("answers full to a lane beyond its frames, and counts the drop", async () => {
      const { b, link } = await pair({ limits: { queueFramesMax: 4 } });
      const verdicts = [1, 2, 3, 4, 5, 6].map((at) => link.send(bytes(10, at), LANE_STATE));
      expect(verdicts).toEqual(["queued", "queued", "queued", "queued", "full", "full"]);
      expect(link.send(bytes(10, 7), LANE_CONTROL)).toBe("queued");
      expect(link.stats).toMatchObject({ dropped: 2, queuedFrames: 5, queuedBytes: 50 });
      for (let count = 0; count < 5; count += 1) await b.events.nextFrame();
      expect(link.send(bytes(10, 8), LANE_STATE)).toBe("queued");
    });

    test("answers full to a lane beyond its bytes", async () => {
      const { link } = await pair({ limits: { frameBytesMax: 1000, queueBytesMax: 2500 } });
      const verdicts = [1, 2, 3].map((at) => link.send(bytes(1000, at), LANE_MESSAGE));
      expect(verdicts).toEqual(["queued", "queued", "full"]);
      expect(link.send(bytes(500, 4), LANE_MESSAGE)).toBe("queued");
    });

    test("does not write faster than the peer takes", async () => {
      const { b, link } = await pair();
      for (let at = 0; at < 8; at += 1) link.send(bytes(1024 * 1024, at), LANE_STATE);
      await Promise.resolve();
      expect(link.stats.queuedBytes).toBeGreaterThan(0);
      for (let at = 0; at < 8; at += 1) {
        expect(same((await b.events.nextFrame()).bytes, bytes(1024 * 1024, at))).toBe(true);
      }
      expect(link.stats.queuedBytes).toBe(0);
    });
  });

  describe(`${harness.name} transport: hostile bytes`, () => {
    const cases: readonly (readonly [string, Uint8Array, string])[] = [
      ["a length of 4 GiB", Uint8Array.of(255, 255, 255, 255), "frame_too_large"],
      ["a length of zero", Uint8Array.of(0, 0, 0, 0), "frame_empty"],
      [
        "text of another protocol",
        new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
        "frame_too_large",
      ],
      ["a frame cut short", Uint8Array.of(100, 0, 0, 0, 1, 2, 3), "frame_truncated"],
      ["a length cut short", Uint8Array.of(100, 0), "frame_truncated"],
    ];
    for (const [what, raw, reason] of cases) {
      test(`kills only the link that sends ${what}`, async () => {
        const { a, b, link } = await pair();
        const peer = await harness.sendRaw(addressOf(b), raw);
        open.push(peer);
        await b.events.nextLink();
        if (reason === "frame_truncated") await peer.finish();
        expect((await b.events.nextDown()).reason).toBe(reason);
        expect(b.events.refusals.map((each) => each.reason)).toEqual([reason]);
        await peer.gone;
        link.send(bytes(9, 9), LANE_STATE);
        expect((await b.events.nextFrame()).bytes).toEqual(bytes(9, 9));
        expect(a.events.downs).toEqual([]);
      });
    }

    test("delivers the whole frames before the broken one", async () => {
      const b = await started();
      const peer = await harness.sendRaw(addressOf(b), Uint8Array.of(2, 0, 0, 0, 7, 8, 0, 0, 0, 0));
      open.push(peer);
      expect((await b.events.nextFrame()).bytes).toEqual(Uint8Array.of(7, 8));
      expect((await b.events.nextDown()).reason).toBe("frame_empty");
    });
  });

  describe(`${harness.name} transport: closing`, () => {
    test("flushes every queued frame on close", async () => {
      const { a, b, link } = await pair();
      const count = 500;
      for (let at = 0; at < count; at += 1) link.send(bytes(2000, at), LANE_STATE);
      await link.close();
      for (let at = 0; at < count; at += 1) {
        expect(same((await b.events.nextFrame()).bytes, bytes(2000, at))).toBe(true);
      }
      expect((await b.events.nextDown()).reason).toBe("peer_close");
      expect((await a.events.nextDown()).reason).toBe("local_close");
    });

    test("flushes what the other end had queued when it learns of the close", async () => {
      const { a, link, back } = await pair();
      for (let at = 0; at < 50; at += 1) back.send(bytes(1000, at), LANE_STATE);
      await link.close();
      expect(a.events.frames.length).toBe(50);
    });

    test("tells linkDown once at each end after a close from either", async () => {
      for (const end of ["link", "back"] as const) {
        const made = await pair();
        await made[end].close();
        await Promise.all([made.a.events.nextDown(), made.b.events.nextDown()]);
        await Promise.all([made.link.close(), made.back.close()]);
        made.link.abort();
        made.back.abort();
        await Promise.all([made.a.transport.close(), made.b.transport.close()]);
        expect([made.a.events.downs.length, made.b.events.downs.length]).toEqual([1, 1]);
      }
    });

    test("tells linkDown once at each end after an abort from either", async () => {
      for (const end of ["link", "back"] as const) {
        const made = await pair();
        made[end].abort();
        const [near, far] = await Promise.all([made.a.events.nextDown(), made.b.events.nextDown()]);
        expect((end === "link" ? near : far).reason).toBe("local_abort");
        made[end].abort();
        await Promise.all([made.a.transport.close(), made.b.transport.close()]);
        expect([made.a.events.downs.length, made.b.events.downs.length]).toEqual([1, 1]);
      }
    });

    test("settles a close from both ends at once", async () => {
      const { a, b, link, back } = await pair();
      await Promise.all([link.close(), back.close()]);
      expect([a.events.downs.length, b.events.downs.length]).toEqual([1, 1]);
    });

    test("answers closed to a send after the link went down", async () => {
      const { a, b, link, back } = await pair();
      const closing = link.close();
      expect(link.send(bytes(1, 1), LANE_STATE)).toBe("closed");
      await closing;
      await b.events.nextDown();
      expect(back.send(bytes(1, 1), LANE_STATE)).toBe("closed");
      expect(a.events.downs).toHaveLength(1);
    });

    test("gives up flushing when the signal aborts", async () => {
      const { a, link } = await pair();
      for (let at = 0; at < 8; at += 1) link.send(bytes(1024 * 1024, at), LANE_STATE);
      await link.close({ signal: AbortSignal.abort() });
      expect((await a.events.nextDown()).reason).toBe("local_close");
      expect(link.stats.queuedFrames).toBe(0);
    });

    test("closes all links with the transport, flushing them", async () => {
      const { a, b, link } = await pair();
      for (let at = 0; at < 100; at += 1) link.send(bytes(1000, at), LANE_STATE);
      await a.transport.close();
      await b.events.nextDown();
      expect(b.events.frames).toHaveLength(100);
      expect(a.transport.addresses).toEqual([]);
    });

    test("closes twice, and refuses to dial or start afterwards", async () => {
      const { a, b } = await pair();
      await Promise.all([a.transport.close(), a.transport.close()]);
      await a.transport.close();
      await expect(a.transport.dial(addressOf(b))).rejects.toMatchObject({
        code: "MESH_TRANSPORT_CLOSED",
      });
      await expect(a.transport.start()).rejects.toMatchObject({ code: "MESH_TRANSPORT_CLOSED" });
    });

    test("settles a dial that the close overtakes", async () => {
      const a = await started();
      const dead = await harness.deadAddress();
      const dial = a.transport.dial(dead).catch((error: unknown) => error);
      await a.transport.close();
      const error = await dial;
      expect(
        isMeshError(error, "MESH_TRANSPORT_CLOSED") || isMeshError(error, "MESH_TRANSPORT_DIAL"),
      ).toBe(true);
    });

    test("closes a transport that never started", async () => {
      const a = make();
      await a.transport.close();
      expect(a.transport.addresses).toEqual([]);
    });

    test("lets an address be used again after close", async () => {
      const first = await started();
      const address = withoutPeer(addressOf(first));
      await first.transport.close();
      const second = await started({ listen: [address] });
      expect(withoutPeer(addressOf(second))).toBe(address);
    });
  });

  describe(`${harness.name} transport: signals`, () => {
    test("rejects a dial and a start with the reason of an aborted signal", async () => {
      const [a, b] = [make(), await started()];
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await expect(a.transport.start({ signal })).rejects.toBe(reason);
      await a.transport.start();
      await expect(a.transport.dial(addressOf(b), { signal })).rejects.toBe(reason);
      expect(a.events.links).toEqual([]);
    });

    test("rejects a dial whose signal aborts while it waits", async () => {
      const [a, b] = await Promise.all([started(), started()]);
      const controller = new AbortController();
      const reason = new Error("enough");
      const dial = a.transport.dial(addressOf(b), { signal: controller.signal });
      controller.abort(reason);
      await expect(dial).rejects.toBe(reason);
      expect(a.events.links).toEqual([]);
    });
  });
}

function addressOf(side: Side): string {
  return side.transport.addresses[0] ?? "";
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, "");
}

function bytes(length: number, salt: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) made[at] = at * 31 + (at >> 8) + salt * 17 + 1;
  return made;
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
