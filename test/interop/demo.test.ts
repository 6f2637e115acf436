/** The demo as a user runs it, smaller: four node processes, one killed with a claim in hand. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "demo-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["quic", "tcp"])("demo over %s", (transport) => {
  it("counts like one process although a node is killed, and all roots agree", async () => {
    const file = join(folder, `${transport}.json`);
    const args = ["--nodes", "4", "--kill", "1", "--transport", transport, "--json", file];
    const { code, stdout } = await runCli(["demo", ...args]);
    expect(stdout).toContain("passed");
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(file, "utf8"));
    expect(report).toMatchObject({ nodes: 4, agents: 8, transport, killed: 1, match: true });
    expect(report.totals).toEqual(report.expected);
    expect(report.distinctRoots).toBe(1);
    expect(report.takenOver).toBeGreaterThanOrEqual(1);
    expect(report.convergenceMs.samples).toBeGreaterThan(0);
    const wide = stdout.split("\n").filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  });
});

describe("demo", () => {
  it("runs without a kill on a folder of the user's choice, JSON on stdout", async () => {
    const args = ["--nodes", "2", "--kill", "0", "--input", "assembly"];
    const { code, stdout, stderr } = await runCli(["demo", ...args, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ match: true, killed: 0, takenOver: 0 });
  });

  it("refuses a folder without files as wrong usage", async () => {
    const { code, stdout } = await runCli(["demo", "--input", join(folder, "none"), "--json"]);
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, "MESH_CONTROL_REQUEST"]);
  });
});
