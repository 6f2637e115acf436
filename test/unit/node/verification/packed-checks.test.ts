import { expect, test } from "vitest";
import type { SignatureCheck } from "../../../../src/core/outputs.ts";
import {
  isPackable,
  packChecks,
  unpackChecks,
} from "../../../../src/node/verification/packed-checks.ts";

function check(fill: number, messageBytes: number): SignatureCheck {
  return {
    publicKey: new Uint8Array(32).fill(fill),
    signature: new Uint8Array(64).fill(fill + 1),
    message: new Uint8Array(messageBytes).fill(fill + 2),
  };
}

test("checks of any message length come out of a packet as they went in", () => {
  const checks = [check(1, 160), check(2, 0), check(3, 70_000), check(4, 3)];
  expect(unpackChecks(packChecks(checks))).toEqual(checks);
  expect(unpackChecks(packChecks([]))).toEqual([]);
});

test("a key or a signature of another length is not packed", () => {
  expect(isPackable(check(1, 5))).toBe(true);
  expect(isPackable({ ...check(1, 5), publicKey: new Uint8Array(31) })).toBe(false);
  expect(isPackable({ ...check(1, 5), signature: new Uint8Array(65) })).toBe(false);
});
