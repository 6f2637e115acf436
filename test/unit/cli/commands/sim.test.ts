// The `sim` commands around an engine that answers what the test plants.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { simCommand } from "../../../../src/cli/commands/sim.ts";
import type { Engine } from "../../../../src/cli/sim/engine.ts";
import { isMeshError } from "../../../../src/errors.ts";
import type { SimOptions } from "../../../../src/sim/options.ts";
import { resultOf } from "../../../support/sim-result.ts";

let folder = "";
let printed = { out: "", err: "" };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "knhk-sim-"));
  printed = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed.err += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const clean: Engine = (options) => resultOf(options);
const broken: Engine = (options) => resultOf(options, ["S4", "C1"]);

/** Runs a command line. @returns its exit code and the options that the engine was given. */
async function run(line: string, engine: Engine = clean) {
  const seen: SimOptions[] = [];
  let code = -1;
  const command = simCommand(
    (exit) => {
      code = exit;
    },
    async () => (options, watchers) => {
      seen.push(options);
      return engine(options, watchers);
    },
  ).exitOverride();
  for (const part of command.commands) part.exitOverride();
  await command.parseAsync(line.split(" "), { from: "user" });
  return { code, seen };
}

describe("sim", () => {
  it("hands every flag to the engine, and no default that was not said", async () => {
    expect((await run("--nodes 5")).seen).toEqual([{ nodes: 5, seed: 1 }]);
    const line =
      "--nodes 9 --agents-per-node 2 --regions 3 --fanout 4 --seed 77 --duration 1h --profile storm " +
      "--writes-per-second 0.5 --kernels reference --signatures real --loss 0.3 --push off --tree off " +
      "--latency 10-100";
    expect((await run(line)).seen).toEqual([
      {
        nodes: 9,
        seed: 77,
        agentsPerNode: 2,
        regions: 3,
        fanout: 4,
        durationMs: 3_600_000,
        profile: "storm",
        writesPerSecond: 0.5,
        kernels: "reference",
        signatures: "real",
        loss: 0.3,
        push: false,
        tree: false,
        latencyMs: { min: 10, max: 100 },
      },
    ]);
  });

  it("sums up a clean run for people and ends with 0", async () => {
    expect((await run("--nodes 5")).code).toBe(0);
    expect(printed.out).toMatch(/seed 1, 5 nodes/);
    expect(printed.out).toMatch(/convergence +p50 10 ms, p99 20 ms, max 30 ms/);
    expect(printed.out).toMatch(/violations +none/);
    expect(printed.err).toBe("");
  });

  it("ends with 5 when something did not hold, and prints the one line that replays it", async () => {
    const line = "--nodes 7 --seed 23496 --profile storm --duration 90s --push off --latency 1-2";
    expect((await run(line, broken)).code).toBe(5);
    expect(printed.out).toMatch(/violations +2/);
    const [replay, ...rest] = printed.err.trimEnd().split("\n");
    expect(rest).toEqual([]);
    expect(replay).toBe(
      "knhk-mesh sim replay --nodes 7 --seed 23496 --duration 90s --profile storm --push off " +
        "--latency 1-2  # S4 at 41.230 s, node n1: planted",
    );
  });

  it("replays by that line: the same options, run twice", async () => {
    const line = "--nodes 7 --seed 3 --profile storm --duration 1500ms --tree off --loss 0.25";
    const first = await run(line, broken);
    const words = printed.err.replace("knhk-mesh sim ", "").replace(/ {2}#.*\n$/, "");
    const again = await run(words, broken);
    expect(again.seen).toEqual([...first.seen, ...first.seen]);
    expect(again.code).toBe(5);
    expect(printed.out).toContain("the second run gave the same trace");
  });

  it("ends with 5 when a replay gives another trace", async () => {
    let runs = 0;
    const drifting: Engine = (options) => ({ ...resultOf(options), traceHash: `${runs++}` });
    expect((await run("replay --nodes 3", drifting)).code).toBe(5);
    expect(printed.out).toContain("NOT DETERMINISTIC");
  });

  it("writes the result as JSON to a file beside the summary, or alone to stdout", async () => {
    const file = join(folder, "result.json");
    await run(`--nodes 3 --json ${file}`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(resultOf({ seed: 1, nodes: 3 }));
    expect(printed.out).toContain("convergence");
    printed.out = "";
    await run("--nodes 3 --json -", broken);
    expect(JSON.parse(printed.out)).toMatchObject({ violations: [{ invariant: "S4" }, {}] });
    expect(printed.err).toBe("");
  });

  it("applies a fault file, and says all that is wrong with one", async () => {
    const file = join(folder, "faults.jsonl");
    writeFileSync(
      file,
      '# two\n{"at":5,"do":"node.crash","node":"n1"}\n{"at":9,"do":"node.join"}\n',
    );
    const { seen, code } = await run(`--nodes 2 --faults ${file}`, broken);
    expect(code).toBe(5);
    expect(seen[0]?.faults).toHaveLength(2);
    expect(printed.err).toContain(`--faults ${file}`);
    writeFileSync(file, '{"at":-5,"do":"node.crash","node":"n9"}');
    await expect(run(`--nodes 2 --faults ${file}`)).rejects.toSatisfy(
      (error) => isMeshError(error, "MESH_FAULTS_INVALID") && /2 problems/.test(error.message),
    );
    await expect(run(`--nodes 2 --faults ${folder}/none`)).rejects.toThrow(/ENOENT/);
  });

  it.each(["", "--nodes 0", "--nodes 3 --seed x", "--nodes 3 --profile wild", "sweep"])(
    "refuses %j",
    async (line) => {
      await expect(run(line)).rejects.toThrow();
    },
  );

  it("tells how far it is", async () => {
    const told: number[] = [];
    const engine: Engine = (options, watchers) => {
      watchers?.onProgress?.(30_000);
      told.push(30_000);
      return resultOf(options);
    };
    await run("--nodes 3", engine);
    expect(told).toEqual([30_000]);
  });

  it("draws what it saw", async () => {
    const file = join(folder, "run.svg");
    const engine: Engine = (options, watchers) => {
      watchers?.samples?.convergence.push({ atMs: 10, tookMs: 20 });
      return resultOf(options);
    };
    await run(`--nodes 3 --plot ${file}`, engine);
    expect(readFileSync(file, "utf8")).toMatch(/^<svg [\s\S]*<circle[\s\S]*<\/svg>\n$/);
  });
});

describe("sim sweep", () => {
  const odd: Engine = (options) => resultOf(options, options.seed % 2 === 1 ? ["C1"] : []);

  it("runs a storm of 3 to 16 nodes for each seed, and prints a line for each that fails", async () => {
    const { code, seen } = await run("sweep --seeds 1..4", odd);
    expect(code).toBe(5);
    expect(seen.map(({ seed, profile }) => ({ seed, profile }))).toEqual(
      [1, 2, 3, 4].map((seed) => ({ seed, profile: "storm" })),
    );
    expect(printed.err.match(/^knhk-mesh sim replay .*--seed [13] .*# C1/gm)).toHaveLength(2);
    expect(printed.out).toMatch(/4 seeds, 2 failed/);
  });

  it("ends with 0 when all hold, and takes what is said for all of them", async () => {
    const { code, seen } = await run(
      "sweep --seeds 2..2 --nodes 5 --profile calm --duration 1s",
      odd,
    );
    expect(code).toBe(0);
    expect(seen).toEqual([{ seed: 2, nodes: 5, profile: "calm", durationMs: 1_000 }]);
  });

  it("stops at the first that fails when asked", async () => {
    expect((await run("sweep --seeds 2..9 --stop-at-first", odd)).seen).toHaveLength(2);
  });
});

describe("sim shrink", () => {
  it("writes the faults that are left, and the line that replays them", async () => {
    const out = join(folder, "small.jsonl");
    const needsLoss: Engine = (options) =>
      resultOf(options, options.faults?.some((fault) => fault.do === "net.drop") ? ["S1"] : []);
    const { code } = await run(`shrink --nodes 9 --profile lossy --out ${out}`, needsLoss);
    expect(code).toBe(5);
    const [remark, ...lines] = readFileSync(out, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    expect(remark).toMatch(/^# knhk-mesh sim replay --nodes 1 --seed 1 .*--faults .*# S1/);
    const replay = await run(`replay --nodes 1 --faults ${out}`, needsLoss);
    expect(replay.code).toBe(5);
    const line = printed.err.split("\n").find((text) => text.includes(`--faults ${out}`)) ?? "";
    const [, replayed = ""] = /knhk-mesh sim (replay .*?)\s+#/.exec(line) ?? [];
    expect((await run(replayed, needsLoss)).seen[0]?.faults?.length).toBeGreaterThan(0);
  });

  it("says so when there is nothing to shrink", async () => {
    expect((await run("shrink --nodes 3")).code).toBe(0);
    expect(printed.out).toContain("nothing to shrink");
  });
});
