import { describe, expect, test } from "vitest";
import { hex, implementations, numberedBytes } from "../../support/primitives.ts";
import vectors from "../../vectors/blake3.json" with { type: "json" };

describe.each(implementations)("BLAKE3 in the %s kernels", (_name, primitives) => {
  test.each(vectors.cases)("hashes the published input of $length bytes", ({ length, hash }) => {
    expect(hex(primitives.blake3(numberedBytes(length)))).toBe(hash);
  });

  test("does not change its input", () => {
    const input = numberedBytes(70);
    primitives.blake3(input);
    expect(input).toEqual(numberedBytes(70));
  });

  test("gives each caller its own hash", () => {
    const first = primitives.blake3(numberedBytes(1));
    const before = first.slice();
    primitives.blake3(numberedBytes(2));
    expect(first).toEqual(before);
    expect(first.buffer.byteLength).toBe(32);
  });

  test("pads a short input with zeros even after a longer one", () => {
    const alone = primitives.blake3(numberedBytes(65));
    primitives.blake3(new Uint8Array(4096).fill(255));
    expect(primitives.blake3(numberedBytes(65))).toEqual(alone);
  });

  test("hashes a window of a larger buffer", () => {
    const window = numberedBytes(200).subarray(3, 140);
    expect(primitives.blake3(window)).toEqual(primitives.blake3(window.slice()));
  });
});
