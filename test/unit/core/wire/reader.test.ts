import { describe, expect, it } from "vitest";
import { Reader } from "../../../../src/core/wire/reader.ts";
import { Writer } from "../../../../src/core/wire/writer.ts";

function textBytes(...bytes: number[]): Uint8Array {
  return new Writer().u16(bytes.length).bytes(Uint8Array.from(bytes)).finish();
}

describe("reader (C3)", () => {
  it("reads little-endian integers of every width", () => {
    const reader = new Reader(Uint8Array.from({ length: 15 }, (_, i) => i + 1));
    expect(reader.u8()).toBe(1);
    expect(reader.u16()).toBe(0x0302);
    expect(reader.u32()).toBe(0x07060504);
    expect(reader.u64()).toBe(0x0f0e0d0c0b0a0908n);
    expect(reader.finished).toBe(true);
  });

  it.each([
    ["u8", (reader: Reader) => reader.u8(), 1],
    ["u16", (reader: Reader) => reader.u16(), 2],
    ["u32", (reader: Reader) => reader.u32(), 4],
    ["u64", (reader: Reader) => reader.u64(), 8],
    ["safe", (reader: Reader) => reader.safe(), 8],
    ["view", (reader: Reader) => reader.view(3).length, 3],
    ["text", (reader: Reader) => reader.text(9).length, 2],
  ])("fails for good when %s runs past the end, and reads zero from then on", (_, read, width) => {
    const reader = new Reader(new Uint8Array(width + 8).subarray(0, width - 1));
    expect(Number(read(reader))).toBe(0);
    expect(reader.ok).toBe(false);
    expect(reader.u8()).toBe(0);
    expect(reader.finished).toBe(false);
  });

  it("reads 2^53 - 1 and refuses 2^53 as a safe integer", () => {
    const largest = new Reader(new Writer().u64(2n ** 53n - 1n).finish());
    expect(largest.safe()).toBe(Number.MAX_SAFE_INTEGER);
    expect(largest.finished).toBe(true);
    for (const unsafe of [2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      const reader = new Reader(new Writer().u64(unsafe).finish());
      expect(reader.safe()).toBe(0);
      expect(reader.ok).toBe(false);
    }
  });

  it("refuses a count above its maximum and takes the maximum", () => {
    expect(new Reader(Uint8Array.of(5, 0)).count(5)).toBe(5);
    const reader = new Reader(Uint8Array.of(6, 0));
    expect(reader.count(5)).toBe(0);
    expect(reader.ok).toBe(false);
  });

  it("refuses text longer than its maximum in bytes, not characters", () => {
    expect(new Reader(textBytes(0xc3, 0xa9)).text(2)).toBe("é");
    const reader = new Reader(textBytes(0xc3, 0xa9));
    expect(reader.text(1)).toBe("");
    expect(reader.ok).toBe(false);
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["a cut sequence", [0xc3]],
    ["an overlong form", [0xc0, 0xaf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that UTF-8 never has", [0xff]],
  ])("refuses %s in text", (_, bytes) => {
    const reader = new Reader(textBytes(...bytes));
    expect(reader.text(64)).toBe("");
    expect(reader.ok).toBe(false);
  });

  it("keeps a byte order mark, so that text encodes again to the same bytes", () => {
    const bytes = textBytes(0xef, 0xbb, 0xbf, 0x61);
    const text = new Reader(bytes).text(64);
    expect(new Writer().text(text).finish()).toEqual(bytes);
  });

  it("is not finished while bytes trail", () => {
    const reader = new Reader(Uint8Array.of(1, 2));
    reader.u8();
    expect(reader.ok).toBe(true);
    expect(reader.remaining).toBe(1);
    expect(reader.finished).toBe(false);
  });

  it("reads within the bounds of a view into a larger buffer", () => {
    const reader = new Reader(Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
    expect(reader.u16()).toBe(0x0201);
    expect(reader.u8()).toBe(0);
    expect(reader.ok).toBe(false);
  });
});
