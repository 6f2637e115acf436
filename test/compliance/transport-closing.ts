/**
 * Transport compliance: closing and aborting.
 */
import { describe, expect, test } from "vitest";
import { isMeshError } from "../../src/errors.ts";
import { LANE_STATE } from "../../src/node/transport/transport.ts";
import { addressOf, bytes, type Suite, same, withoutPeer } from "../support/transport-suite.ts";

/** Registers this part of the suite. */
export function describeClosing(suite: Suite): void {
  const { harness, make, started, pair } = suite;
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
}
