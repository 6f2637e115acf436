import { expect, test } from "vitest";
import { backoffMs } from "../../../../src/node/transport/backoff.ts";

const range = { backoffMinMs: 100, backoffMaxMs: 10_000 };

test("backoff doubles up to its maximum and never beyond", () => {
  const longest = Array.from({ length: 12 }, (_, attempt) =>
    backoffMs(attempt, range, () => 1 - 2 ** -53),
  );
  expect(longest).toEqual([
    100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000, 10_000,
  ]);
  expect(backoffMs(1e9, range, () => 0.999)).toBeLessThanOrEqual(10_000);
});

test("backoff never falls below half of its ceiling", () => {
  expect(backoffMs(0, range, () => 0)).toBe(50);
  expect(backoffMs(50, range, () => 0)).toBe(5_000);
});

test("backoff spreads with what is drawn", () => {
  expect(backoffMs(3, range, () => 0.5)).toBe(600);
});
