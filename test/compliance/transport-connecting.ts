/**
 * Transport compliance: connecting, listening and abort signals.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { nodeIdFromSeed, peerIdFromNodeId } from "../../src/node/node-id.ts";
import { LANE_CONTROL } from "../../src/node/transport/transport.ts";
import { addressOf, bytes, type Suite, withoutPeer } from "../support/transport-suite.ts";

/** Registers this part of the suite. */
export function describeConnecting(suite: Suite): void {
  const { harness, started, pair } = suite;
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
}

/** Registers this part of the suite. */
export function describeListening(suite: Suite): void {
  const { harness, make, started, pair } = suite;
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

    test("answers MESH_LISTEN_FAILED to texts that are no addresses of its kind", async () => {
      const a = make({
        listen: ["nonsense", "", "/ip4/127.0.0.1/tcp/0/ws", "/ip4/300.0.0.1/udp/1"],
      });
      await expect(a.transport.start()).rejects.toMatchObject({ code: "MESH_LISTEN_FAILED" });
    });

    test("may be started again after it found no address free", async () => {
      const b = await started();
      const address = withoutPeer(addressOf(b));
      const a = make({ listen: [address] });
      await expect(a.transport.start()).rejects.toMatchObject({ code: "MESH_LISTEN_FAILED" });
      await b.transport.close();
      await a.transport.start();
      expect(withoutPeer(addressOf(a))).toBe(address);
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
}

/** Registers this part of the suite. */
export function describeSignals(suite: Suite): void {
  const { harness, make, started } = suite;
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
