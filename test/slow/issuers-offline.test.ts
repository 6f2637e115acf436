// N20: with the authority and every issuer gone for 72 hours nobody is excluded (docs/decisions/0012).
import { expect, it } from "vitest";
import { issuersOffline } from "../support/issuers-offline.ts";

/** Minutes where the machine is busy. */
const TIMEOUT_MS = 3_600_000;

it("N20: excludes no member in 72 hours without issuers, restarts and lost disks included", {
  timeout: TIMEOUT_MS,
}, () => {
  const restartHours = [10, 25, 40, 50, 60, 71];
  const result = issuersOffline({ nodes: 4, firstEndHours: 0.5, hours: 72, restartHours });
  expect(result).toMatchObject({ excluded: [], refused: 0, readOnly: 0, roots: 1, restarts: 6 });
  expect(result.writes).toBe(72 + 4);
  // Nobody's certificate was good at the end: the grace is what carried them.
  expect(Math.min(...result.endedHours)).toBeGreaterThan(48);
});

it("excludes a member whose certificate has ended 96 hours ago", () => {
  const result = issuersOffline({ nodes: 4, firstEndHours: -95, hours: 2, restartHours: [] });
  expect(result.excluded).toContain("n0");
});
