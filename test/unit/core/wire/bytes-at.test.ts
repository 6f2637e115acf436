import { expect, test } from "vitest";
import {
  isAt,
  u16At,
  u32At,
  u48At,
  u64At,
  u64NumberAt,
} from "../../../../src/core/wire/bytes-at.ts";

const BYTES = Uint8Array.of(9, 255, 254, 253, 252, 251, 250, 31, 0).subarray(1);

test("numbers are read little-endian, without a sign", () => {
  expect(u16At(BYTES, 0)).toBe(0xfeff);
  expect(u32At(BYTES, 0)).toBe(0xfcfdfeff);
  expect(u48At(BYTES, 0)).toBe(0xfafb_fcfdfeff);
  expect(u64At(BYTES, 0)).toBe(0x1f_fafb_fcfdfeffn);
  expect(u64NumberAt(BYTES, 0)).toBe(0x1f_fafb_fcfdfeff);
});

test("a u64 above 2^53 is rounded as Number rounds it", () => {
  for (let seed = 1; seed < 1_000; seed++) {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) => (seed * (i + 7) * 2_654_435_761) >>> 24);
    expect(u64NumberAt(bytes, 0)).toBe(Number(u64At(bytes, 0)));
  }
});

test("bytes are found at a place, not past the end", () => {
  expect(isAt(BYTES, 2, Uint8Array.of(253, 252))).toBe(true);
  expect(isAt(BYTES, 2, Uint8Array.of(253, 0))).toBe(false);
  expect(isAt(BYTES, 7, Uint8Array.of(0, 0))).toBe(false);
});
