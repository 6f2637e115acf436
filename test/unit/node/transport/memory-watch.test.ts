import { describe, expect, it } from "vitest";
import { defaultRssBytesMax, MemoryWatch } from "../../../../src/node/transport/memory-watch.ts";

function watch(rssBytesMax: number) {
  const told: string[] = [];
  let rss = 0;
  const memory = new MemoryWatch({
    rssBytesMax,
    pressed: (bytes) => told.push(`pressed ${bytes}`),
    relieved: (bytes) => told.push(`relieved ${bytes}`),
    readRss: () => rss,
  });
  const check = (bytes: number): boolean => {
    rss = bytes;
    memory.check();
    return memory.isPressed;
  };
  return { told, check };
}

describe("the memory watch", () => {
  it("is pressed above its limit, and says so at each check, for more links to be shed", () => {
    const { told, check } = watch(1_000);
    expect([1_000, 1_001, 1_002].map(check)).toEqual([false, true, true]);
    expect(told).toEqual(["pressed 1001", "pressed 1002"]);
  });

  it("is relieved well below its limit, not at it, so that it does not swing", () => {
    const { told, check } = watch(1_000);
    expect([1_001, 950, 900, 899, 899].map(check)).toEqual([true, true, true, false, false]);
    expect(told).toEqual(["pressed 1001", "relieved 899"]);
  });

  it("leaves the machine some memory by default", () => {
    expect(defaultRssBytesMax()).toBeGreaterThan(2 ** 26);
    expect(defaultRssBytesMax()).toBeLessThan(process.constrainedMemory() || Number.MAX_VALUE);
  });
});
