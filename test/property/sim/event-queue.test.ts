import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue } from "../../../src/sim/event-queue.ts";

/** Undefined stands for a pop. */
const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), {
  maxLength: 3_000,
});

describe("the event queue", () => {
  it("gives events by time, and those of one instant in the order in which they came", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new EventQueue<number>();
        const waiting: { atMs: number; event: number }[] = [];
        for (const [event, atMs] of all.entries()) {
          if (atMs !== undefined) {
            queue.push(atMs, event);
            // Sorting is stable: equal times keep their order.
            waiting.push({ atMs, event });
            waiting.sort((a, b) => a.atMs - b.atMs);
          } else {
            expect(queue.pop()).toEqual(waiting.shift());
          }
          expect(queue.size).toBe(waiting.length);
        }
      }),
      { numRuns: 30 },
    );
  });
});
