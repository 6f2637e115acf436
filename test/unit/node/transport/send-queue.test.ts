import { describe, expect, test } from "vitest";
import { resolveTransportLimits } from "../../../../src/node/transport/limits.ts";
import { SendQueue } from "../../../../src/node/transport/send-queue.ts";

const limits = resolveTransportLimits({
  frameBytesMax: 100,
  queueFramesMax: 3000,
  queueBytesMax: 200_000,
});

describe("send queue", () => {
  test("joins waiting frames, each with its little-endian length", () => {
    const queue = new SendQueue(limits);
    queue.push(Uint8Array.of(7), 1);
    queue.push(Uint8Array.of(8, 9), 0);
    const batch = queue.takeBatch(1000);
    expect([...(batch?.bytes ?? [])]).toEqual([2, 0, 0, 0, 8, 9, 1, 0, 0, 0, 7]);
    expect(batch?.frameCount).toBe(2);
    expect([queue.frames, queue.bytes, queue.takeBatch(1000)]).toEqual([0, 0, undefined]);
  });

  test("bounds a batch, but lets a frame beyond the bound leave alone", () => {
    const queue = new SendQueue(limits);
    for (let at = 0; at < 3; at += 1) queue.push(new Uint8Array(50), 1);
    expect(queue.takeBatch(108)?.frameCount).toBe(2);
    expect(queue.takeBatch(10)?.frameCount).toBe(1);
  });

  test("keeps the order of a lane over thousands of frames", () => {
    const queue = new SendQueue(limits);
    const got: number[] = [];
    let sent = 0;
    for (let round = 0; round < 50; round += 1) {
      for (let at = 0; at < 100; at += 1, sent += 1) queue.push(Uint8Array.of(sent, sent >> 8), 2);
      for (let at = 0; at < 10; at += 1) {
        const bytes = queue.takeBatch(30)?.bytes ?? new Uint8Array(0);
        for (let from = 4; from < bytes.length; from += 6)
          got.push((bytes[from] ?? 0) + 256 * (bytes[from + 1] ?? 0));
      }
    }
    expect(got.length).toBe(2500);
    expect(got).toEqual(Array.from({ length: 2500 }, (_, at) => at));
  });

  test("counts only what a full lane refused", () => {
    const queue = new SendQueue(resolveTransportLimits({ queueFramesMax: 1 }));
    expect(queue.push(Uint8Array.of(1), 0)).toBe("queued");
    expect(queue.push(Uint8Array.of(1), 0)).toBe("full");
    expect(queue.push(Uint8Array.of(1), 1)).toBe("queued");
    expect(queue.push(new Uint8Array(0), 1)).toBe("too_large");
    expect([queue.dropped, queue.clear(), queue.frames, queue.bytes]).toEqual([1, 2, 0, 0]);
  });
});

describe("transport limits", () => {
  test("are refused unless positive integers that fit each other", () => {
    for (const given of [
      { linksMax: 0 },
      { frameBytesMax: 1.5 },
      { frameBytesMax: 2 ** 40 },
      { queueBytesMax: 5 },
    ]) {
      expect(() => resolveTransportLimits(given)).toThrow(
        expect.objectContaining({ code: "MESH_VALUE_INVALID" }),
      );
    }
  });
});
