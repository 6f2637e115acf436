import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader } from "../../../../src/node/transport/frame-reader.ts";

function read(frameBytesMax: number, chunks: readonly Uint8Array[]) {
  const frames: Uint8Array[] = [];
  const reader = new FrameReader(frameBytesMax, (frame) => frames.push(frame));
  let refusal: string | undefined;
  for (const chunk of chunks) refusal = reader.push(chunk);
  return { frames, refusal, reader };
}

function prefixed(frame: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(frame.length);
  return Buffer.concat([head, frame]);
}

describe("frame reader", () => {
  test("gives the same frames however the bytes are split", () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (sent, cuts) => {
          const bytes = Buffer.concat(sent.map(prefixed));
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          const got = read(40, chunks);
          expect(got.frames.map((each) => [...each])).toEqual(sent.map((each) => [...each]));
          expect(got.reader.atBoundary).toBe(true);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test("never throws on arbitrary bytes, nor gives a frame above the bound", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        for (const frame of read(16, chunks).frames) {
          expect(frame.length).toBeGreaterThan(0);
          expect(frame.length).toBeLessThanOrEqual(16);
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test("accepts frameBytesMax and refuses one byte more", () => {
    expect(read(10, [prefixed(new Uint8Array(10))]).frames).toHaveLength(1);
    expect(read(10, [prefixed(new Uint8Array(11))])).toMatchObject({
      frames: [],
      refusal: "frame_too_large",
    });
  });

  test("reads the highest bit of a length as part of it", () => {
    expect(read(10, [Uint8Array.of(1, 0, 0, 128)]).refusal).toBe("frame_too_large");
  });

  test("takes no bytes after a refusal", () => {
    const got = read(10, [Uint8Array.of(0, 0, 0, 0), prefixed(Uint8Array.of(1))]);
    expect(got).toMatchObject({ frames: [], refusal: "frame_empty" });
  });

  test("gives frames that share no memory with the chunk, even when it is a Buffer", () => {
    const chunk = Buffer.from(prefixed(Uint8Array.of(5, 6)));
    const { frames } = read(10, [chunk]);
    chunk.fill(0);
    expect([...(frames[0] ?? [])]).toEqual([5, 6]);
    expect(frames[0]?.buffer.byteLength).toBe(2);
  });

  test("allocates by what has arrived, not by what was announced", () => {
    const frameBytesMax = 2 ** 30;
    const head = Buffer.alloc(4);
    head.writeUInt32LE(frameBytesMax);
    const before = process.memoryUsage().arrayBuffers;
    const { reader } = read(frameBytesMax, [head, new Uint8Array(10_000)]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(reader.atBoundary).toBe(false);
  });

  test("gives nothing after being stopped within a frame handler", () => {
    const frames: Uint8Array[] = [];
    const reader: FrameReader = new FrameReader(10, (frame) => {
      frames.push(frame);
      reader.stop();
    });
    reader.push(Buffer.concat([prefixed(Uint8Array.of(1)), prefixed(Uint8Array.of(2))]));
    expect(frames).toHaveLength(1);
  });
});
