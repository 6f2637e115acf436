// The command line: what it prints and how it ends, without a node.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../../src/cli/program.ts";

let printed = { out: "", err: "" };
let folder = "";

beforeEach(() => {
  printed = { out: "", err: "" };
  folder = mkdtempSync(join(tmpdir(), "knhk-cli-"));
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

describe("the command line", () => {
  it("explains itself and ends as a usage error when nothing is asked", async () => {
    expect(await runCli([])).toBe(2);
    expect(printed.err).toMatch(/Usage: knhk-mesh/);
  });

  it("refuses an unknown command on one line, with a hint", async () => {
    expect(await runCli(["frobnicate"])).toBe(2);
    expect(printed.err).toMatch(/^error \[MESH_CONTROL_REQUEST\]: .*frobnicate/);
    expect(printed.err).toMatch(/hint: /);
  });

  it("prints its errors as one JSON document when asked for JSON", async () => {
    expect(await runCli(["status", "--json", "--data-dir", folder])).toBe(3);
    expect(JSON.parse(printed.out)).toMatchObject({ error: { code: "MESH_CONTROL_UNAVAILABLE" } });
  });

  it.each([["get", "m", "k"], ["set", "m", "k", "v"], ["agents"], ["send", "to", "body"]])(
    "%s needs a running node, and says so",
    async (...args) => {
      expect(await runCli([...args, "--data-dir", folder])).toBe(3);
      expect(printed.err).toMatch(/MESH_CONTROL_UNAVAILABLE/);
    },
  );

  it("makes an identity key that only its owner can read, and never overwrites one", async () => {
    const file = join(folder, "identity.key");
    expect(await runCli(["keygen", file])).toBe(0);
    expect(printed.out).toMatch(/12D3KooW/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await runCli(["keygen", file])).not.toBe(0);
    expect(printed.err).toMatch(/MESH_IDENTITY_FILE/);
  });
});
