import { describe, expect, it } from "vitest";
import { Progress } from "../../../../src/cli/sim/progress.ts";

function written(isTTY: boolean) {
  const clock = { ms: 0 };
  const texts: string[] = [];
  const stream = { isTTY, columns: 60, write: (text: string) => texts.push(text) };
  return { clock, texts, progress: new Progress(stream, () => clock.ms) };
}

describe("progress", () => {
  it("is a bar on a terminal, redrawn in place, never wider than it, and taken away", () => {
    const { clock, texts, progress } = written(true);
    progress.show(0.1, "too early");
    clock.ms = 200;
    progress.show(0.5, "x".repeat(90));
    progress.clear();
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(/^\r#{15}\.{15} {2}50 % x+/);
    expect(texts[0]?.replace("\r", "").replace("\u001b[K", "").length).toBeLessThan(60);
    expect(texts[1]).toBe("\r\u001b[K");
  });

  it("is a line once in a while elsewhere", () => {
    const { clock, texts, progress } = written(false);
    for (clock.ms = 0; clock.ms <= 25_000; clock.ms += 100) progress.show(0.25, "15.0 virtual s");
    progress.clear();
    expect(texts).toEqual([
      " 25 % after 10 s: 15.0 virtual s\n",
      " 25 % after 20 s: 15.0 virtual s\n",
    ]);
  });

  it("keeps what is noted", () => {
    const { clock, texts, progress } = written(true);
    clock.ms = 1_000;
    progress.show(2, "done");
    progress.note("seed 3 failed");
    expect(texts.slice(1)).toEqual(["\r\u001b[K", "seed 3 failed\n"]);
    expect(texts[0]).toContain("100 %");
  });
});
