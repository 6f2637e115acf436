/** Replica: the comparison of test/differential/replica.test.ts on 100,000 other histories. */
import { expect, test } from "vitest";
import { playCramped } from "../support/cramped.ts";
import { playHostile } from "../support/replica-pair.ts";

test.each(Array.from({ length: 10 }, (_, part) => part + 1))(
  "both replicas answer alike to the histories of seeds from %i0000",
  (part) => {
    playHostile(part * 10_000, part * 10_000 + 10_000);
  },
);

test("a replica whose memory runs out anywhere is otherwise the same: 20,000 histories", () => {
  expect(playCramped(10_000, 30_000)).toBeGreaterThan(4000);
});
