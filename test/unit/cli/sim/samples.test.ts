import { describe, expect, it } from "vitest";
import { collectInto, noSamples } from "../../../../src/cli/sim/samples.ts";

describe("samples of a run", () => {
  it("are filed by kind, with nothing sent in a second of which nothing was told", () => {
    const samples = noSamples();
    const collect = collectInto(samples);
    collect({ kind: "second", second: 2, bytes: 700 });
    collect({ kind: "write", atMs: 5, tookMs: 21 });
    collect({ kind: "second", second: 0, bytes: 300 });
    expect(samples).toEqual({
      convergence: [{ atMs: 5, tookMs: 21 }],
      bytesBySecond: [300, 0, 700],
    });
  });
});
