import { describe, expect, it } from "vitest";
import { drawPlot } from "../../../../src/cli/sim/plot.ts";
import { noSamples } from "../../../../src/cli/sim/samples.ts";
import { element, label } from "../../../../src/cli/sim/svg.ts";
import { resultOf } from "../../../support/sim-result.ts";

const RESULT = resultOf({ seed: 7, nodes: 10, durationMs: 3_000 });

function circles(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

describe("a plot", () => {
  it("has one dot a write, later to the right and slower higher", () => {
    const convergence = [
      { atMs: 0, tookMs: 10 },
      { atMs: 1_500, tookMs: 100 },
      { atMs: 3_000, tookMs: 1_000 },
    ];
    const [first, second, third] = circles(drawPlot(RESULT, { convergence, bytesBySecond: [] }));
    // Evenly spaced in time and, a decade apart each, in height.
    expect(second!.x - first!.x).toBeCloseTo(third!.x - second!.x, 1);
    expect(first!.y - second!.y).toBeCloseTo(second!.y - third!.y, 1);
    expect(first!.y).toBeGreaterThan(second!.y);
  });

  it("names the units of its axes", () => {
    const svg = drawPlot(RESULT, {
      convergence: [{ atMs: 5, tookMs: 20 }],
      bytesBySecond: [9_000],
    });
    for (const text of ["virtual time, s", "100 ms", "KB/s", "seed 7"]) expect(svg).toContain(text);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("says so where there is nothing to draw", () => {
    const svg = drawPlot(RESULT, noSamples());
    expect(svg).toContain("no write reached every node");
    expect(svg).toContain("nothing was sent");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("thins the dots of a long run, and says so", () => {
    const convergence = Array.from({ length: 200_000 }, (_, index) => ({ atMs: index, tookMs: 0 }));
    const svg = drawPlot(RESULT, { convergence, bytesBySecond: [1] });
    expect(circles(svg)).toHaveLength(5_000);
    expect(svg).toContain("one write in 40");
  });

  it("escapes what it is given", () => {
    expect(label('<&">', { x: 1 })).toBe('<text x="1">&lt;&amp;&quot;></text>');
    expect(element("g", { id: 'a"b' })).toBe('<g id="a&quot;b"/>');
  });
});
