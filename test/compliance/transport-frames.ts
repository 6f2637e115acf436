/**
 * Transport compliance: frames, bounds and hostile bytes.
 */
import { describe, expect, test } from "vitest";
import {
  LANE_CONTROL,
  LANE_MESSAGE,
  LANE_STATE,
  type Lane,
} from "../../src/node/transport/transport.ts";
import { addressOf, bytes, type Suite, same } from "../support/transport-suite.ts";

/** Registers this part of the suite. */
export function describeFrames(suite: Suite): void {
  const { harness, pair } = suite;
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

    test("lets a control frame pass all state that waits behind a flood", async () => {
      const { b, link } = await pair();
      const [count, size] = [480, 16_384];
      for (let i = 0; i < count; i++) link.send(bytes(size, i), LANE_STATE);
      expect((await b.events.nextFrame()).bytes).toHaveLength(size);
      const waiting = link.stats.queuedFrames;
      expect(waiting).toBeGreaterThan(0);
      expect(link.send(Uint8Array.of(7), LANE_CONTROL)).toBe("queued");
      let before = 1;
      while ((await b.events.nextFrame()).bytes.length === size) before += 1;
      expect(before).toBeLessThanOrEqual(count - waiting);
      for (let i = before; i < count; i++) await b.events.nextFrame();
      expect(link.stats.dropped).toBe(0);
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
}

/** Registers this part of the suite. */
export function describeHostileBytes(suite: Suite): void {
  const { harness, started, pair, open } = suite;
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

    test("ends the link of a peer that begins a frame and sends no more of it", async () => {
      const b = await started({ limits: { frameStallMs: 30 } });
      const peer = await harness.sendRaw(addressOf(b), Uint8Array.of(255, 255, 0, 0, 1, 2, 3));
      open.push(peer);
      expect((await b.events.nextDown()).reason).toBe("frame_stalled");
      await peer.gone;
    });

    test("lets a link rest between frames for as long as it likes", async () => {
      const { b, link } = await pair({}, { limits: { frameStallMs: 1 } });
      for (let i = 0; i < 3; i++) {
        link.send(bytes(9, i), LANE_STATE);
        expect((await b.events.nextFrame()).bytes).toEqual(bytes(9, i));
      }
      expect(b.events.downs).toEqual([]);
    });

    test("delivers the whole frames before the broken one", async () => {
      const b = await started();
      const peer = await harness.sendRaw(addressOf(b), Uint8Array.of(2, 0, 0, 0, 7, 8, 0, 0, 0, 0));
      open.push(peer);
      expect((await b.events.nextFrame()).bytes).toEqual(Uint8Array.of(7, 8));
      expect((await b.events.nextDown()).reason).toBe("frame_empty");
    });
  });
}
