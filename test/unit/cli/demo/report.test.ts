import { describe, expect, it } from "vitest";
import { claimOf, doneOf, LEASE_MS_MIN } from "../../../../src/cli/demo/board.ts";
import type { Swarm } from "../../../../src/cli/demo/demo.ts";
import { Ledger } from "../../../../src/cli/demo/ledger.ts";
import { type NodeReport, writeName } from "../../../../src/cli/demo/messages.ts";
import {
  buildReport,
  type DemoFacts,
  formatReport,
  isPassed,
} from "../../../../src/cli/demo/report.ts";

const totals = { files: 2, lines: 10, words: 20, bytes: 300 };
const topWords = [["mesh", 3]] as const;
const expected = { totals, topWords };
const alice = { by: "alice", node: 1 };
const bob = { by: "bob", node: 3 };
const at = (atMs: number) => ({ atMs, leaseMs: LEASE_MS_MIN });
const write = (path: string, by: string, attempt = 1) => writeName(path, { by, attempt });

function nodeReport(arrivals: NodeReport["arrivals"] = []): NodeReport {
  const open = { state: "open" } as const;
  const takenOver = doneOf(claimOf(claimOf(open, bob, at(0)), alice, at(LEASE_MS_MIN)), 9_000);
  return {
    totals,
    topWords,
    board: [
      ["a", takenOver],
      ["b", doneOf(claimOf(open, alice, at(0)), 1)],
    ],
    arrivals,
  };
}

/** Three nodes, of which the third was killed while it held file a. */
function facts(changes: Partial<DemoFacts> = {}): DemoFacts {
  const ledger = new Ledger();
  ledger.enter(3, { kind: "owned", path: "a", by: "bob" });
  ledger.killed.push({ node: 3, held: ledger.heldBy(3) });
  ledger.enter(1, { kind: "finished", path: "a", write: write("a", "alice", 2) });
  ledger.enter(1, { kind: "finished", path: "b", write: write("b", "alice") });
  const swarm: Swarm = {
    options: {
      nodes: 3,
      agents: 2,
      kill: 1,
      transport: "quic",
      input: undefined,
      signal: new AbortController().signal,
      note: () => undefined,
      show: () => undefined,
    },
    files: { root: "/", label: "some folder", paths: ["a", "b"] },
    nodes: [],
    ledger,
    startMs: 0,
  };
  const reports = [
    nodeReport(),
    nodeReport([
      [write("a", "alice", 2), 12],
      [write("b", "alice"), 4],
    ]),
  ];
  return {
    swarm,
    expected,
    joinMs: [30, 10, 20],
    convergedMs: 5,
    roots: ["r1", "r1"],
    reports,
    wallMs: 1_234.56,
    changed: [],
    ...changes,
  };
}

describe("the demo's report", () => {
  it("passes when totals match, roots are equal and a claim was taken over", () => {
    const report = buildReport(facts());
    expect(report).toMatchObject({
      nodes: 3,
      agents: 6,
      match: true,
      distinctRoots: 1,
      killed: 1,
      takenOver: 1,
      redone: 0,
      joinMs: { p50: 20, max: 30 },
      wallMs: 1_234.6,
    });
    expect(isPassed(report)).toBe(true);
  });

  it("takes for a result's convergence its arrival at the last survivor", () => {
    const { convergenceMs } = buildReport(facts());
    expect(convergenceMs).toEqual({ p50: 4, p99: 12, max: 12, samples: 2 });
  });

  it("takes no sample of a result that a survivor has not seen arrive", () => {
    const seen = nodeReport([[write("a", "alice"), 1]]);
    const { convergenceMs } = buildReport(facts({ reports: [nodeReport(), seen, nodeReport()] }));
    expect(convergenceMs.samples).toBe(0);
  });

  it("counts a result of a writer that died before it told", () => {
    const seen = nodeReport([[write("a", "bob"), 1]]);
    expect(buildReport(facts({ reports: [nodeReport(), seen] })).redone).toBe(1);
  });

  it("fails when one survivor's totals differ", () => {
    const wrong = { ...nodeReport(), totals: { ...totals, words: 21 } };
    expect(isPassed(buildReport(facts({ reports: [nodeReport(), wrong] })))).toBe(false);
  });

  it("names the file that changed under the count", () => {
    const wrong = { ...nodeReport(), totals: { ...totals, words: 21 } };
    const changed = ["docs/a.md", "docs/b.md"];
    const report = buildReport(facts({ reports: [nodeReport(), wrong], changed }));
    expect(formatReport(report)).toContain(
      "as docs/a.md and 1 more changed meanwhile: run it again",
    );
  });

  it("fails when roots differ", () => {
    const report = buildReport(facts({ roots: ["r1", "r2"] }));
    expect(report.distinctRoots).toBe(2);
    expect(formatReport(report)).toContain("FAILED: the survivors' roots differ");
  });

  it("fails when nothing of the killed node was taken over", () => {
    const idle = { ...nodeReport(), board: [] };
    const report = buildReport(facts({ reports: [idle, idle] }));
    expect(isPassed(report)).toBe(false);
  });

  it("fails without any survivor's report", () => {
    expect(isPassed(buildReport(facts({ reports: [], roots: [] })))).toBe(false);
  });

  it("reads in 80 columns, with large numbers and long words too", () => {
    const large = { files: 5_000, lines: 12_345_678, words: 123_456_789, bytes: 12_345_678_901 };
    const words = Array.from(
      { length: 8 },
      (_, index) => [`donaudampfschiff${index}`, 99_999] as const,
    );
    const report = { ...buildReport(facts()), totals: large, expected: large, topWords: words };
    const wide = formatReport(report)
      .split("\n")
      .filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  });
});

describe("the ledger", () => {
  it("knows what a node holds until it has finished it", () => {
    const ledger = new Ledger();
    ledger.enter(2, { kind: "owned", path: "a", by: "bob" });
    ledger.enter(2, { kind: "owned", path: "b", by: "bob" });
    ledger.enter(2, { kind: "finished", path: "a", write: write("a", "bob") });
    expect(ledger.heldBy(2)).toEqual(["b"]);
    expect(ledger.heldBy(1)).toEqual([]);
  });
});
