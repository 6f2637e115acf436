import { describe, expect, it } from "vitest";
import { Reader } from "../../../../src/core/wire/reader.ts";
import { Writer } from "../../../../src/core/wire/writer.ts";

type Step = readonly [string, (writer: Writer) => Writer, number[]];

const STEPS: Step[] = [
  ["u8", (writer) => writer.u8(0xfe), [0xfe]],
  ["u16", (writer) => writer.u16(0x0102), [2, 1]],
  ["u32", (writer) => writer.u32(0x01020304), [4, 3, 2, 1]],
  ["u64", (writer) => writer.u64(0x0102030405060708n), [8, 7, 6, 5, 4, 3, 2, 1]],
  ["safe", (writer) => writer.safe(2 ** 53 - 1), [255, 255, 255, 255, 255, 255, 31, 0]],
  ["bytes", (writer) => writer.bytes(Uint8Array.of(9, 8)), [9, 8]],
  ["text", (writer) => writer.text("é"), [2, 0, 0xc3, 0xa9]],
];

describe("writer (C3)", () => {
  it.each(STEPS)("lays down %s little-endian", (_, write, expected) => {
    expect([...write(new Writer(16)).finish()]).toEqual(expected);
  });

  it.each(STEPS)("grows in the middle of %s whatever room was expected", (_, write, expected) => {
    for (let room = 0; room <= expected.length; room++) {
      expect([...write(new Writer(room)).finish()]).toEqual(expected);
    }
  });

  it("keeps what was written before it grew", () => {
    const writer = new Writer(1);
    for (let i = 0; i < 100; i++) writer.u16(i);
    const reader = new Reader(writer.finish());
    for (let i = 0; i < 100; i++) expect(reader.u16()).toBe(i);
    expect(reader.finished).toBe(true);
  });

  it("gives bytes of exactly the written length, apart from its buffer", () => {
    const writer = new Writer(64).u8(1);
    const first = writer.finish();
    new Writer(64).u8(2).finish();
    expect(first.buffer.byteLength).toBe(1);
    expect([...first]).toEqual([1]);
  });

  it("begins anew once it has given its bytes", () => {
    const writer = new Writer(64).u8(1);
    writer.finish();
    expect(writer.length).toBe(0);
    expect([...writer.u8(2).finish()]).toEqual([2]);
  });

  it("shares no room between two writers at work", () => {
    const first = new Writer().u8(1);
    const second = new Writer().u8(2);
    first.u8(3);
    expect([[...first.finish()], [...second.finish()]]).toEqual([[1, 3], [2]]);
  });

  it("leaves alone what was cut off", () => {
    const cuts = Array.from({ length: 2_000 }, (_, i) => new Writer(8).u32(i).text("é").cut());
    for (const [i, bytes] of cuts.entries()) {
      expect([...bytes]).toEqual([i & 255, i >> 8, 0, 0, 2, 0, 0xc3, 0xa9]);
    }
    expect(new Set(cuts.map(({ buffer }) => buffer)).size).toBeLessThan(20);
  });

  it.each(STEPS)("grows in the middle of %s behind what was cut off", (_, write, expected) => {
    for (let left = 0; left <= expected.length; left++) {
      const cut = new Writer(4_096 - left).bytes(new Uint8Array(4_096 - left).fill(7)).cut();
      expect([...write(new Writer(0)).finish()]).toEqual(expected);
      expect(cut.every((byte) => byte === 7)).toBe(true);
    }
  });
});
