/** Replica: the comparison of test/differential/replica.test.ts on 100,000 other histories. */
import { test } from "vitest";
import { playHostile } from "../support/replica-pair.ts";

test.each(Array.from({ length: 10 }, (_, part) => part + 1))(
  "both replicas answer alike to the histories of seeds from %i0000",
  (part) => {
    playHostile(part * 10_000, part * 10_000 + 10_000);
  },
);
