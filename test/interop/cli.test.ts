/** The command line with real processes: nodes on loopback, asked through their control sockets. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCli, runCli } from "../support/cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "cli-"));
const dirA = join(folder, "a");
const dirB = join(folder, "b");
let nodeA: RunningCli;
let nodeB: RunningCli;
let startedA: Record<string, unknown>;

const at = (dir: string): string[] => ["--data-dir", dir, "--json"];
const json = async (args: readonly string[]) => {
  const { code, stdout, stderr } = await runCli(args);
  expect(stderr).toBe("");
  return { code, value: JSON.parse(stdout) };
};

beforeAll(async () => {
  nodeA = new RunningCli(["start", "--mesh", "cli-test", ...at(dirA)]);
  startedA = await nodeA.json();
  const [seed] = startedA.addresses as string[];
  nodeB = new RunningCli(["start", "--mesh", "cli-test", "--seed", String(seed), ...at(dirB)]);
  await nodeB.json();
});
afterAll(async () => {
  await nodeA.end("SIGKILL");
  await nodeB.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("client commands", () => {
  it("show the status of the node whose folder is given", async () => {
    const { code, value } = await json(["status", ...at(dirA)]);
    expect(code).toBe(0);
    expect(value).toMatchObject({ mesh: "cli-test", members: 2, peerId: startedA.peerId });
  });

  it("show the status to people in 80 columns, addresses aside", async () => {
    const { code, stdout } = await runCli(["status", "--data-dir", dirA]);
    expect(code).toBe(0);
    const wide = stdout.split("\n").filter((line) => line.length > 80 && !line.includes("/p2p/"));
    expect(wide).toEqual([]);
    expect(stdout).toContain("2 known, 2 reachable");
  });

  it("watch on one node what is set on the other, then get it there", async () => {
    await using watch = new RunningCli(["watch", "tasks", "--initial", ...at(dirB)]);
    await json(["set", "tasks", "t1", '{"title":"index"}', ...at(dirA)]);
    const item = await watch.json();
    expect(item).toMatchObject({ key: "t1", deleted: false, value: { title: "index" } });
    const { code, value } = await json(["get", "tasks", "t1", ...at(dirB)]);
    expect(code).toBe(0);
    expect(value).toEqual({ found: true, encoding: "json", value: { title: "index" } });
    expect(await watch.end("SIGINT")).toBe(0);
  });

  it("store what is no JSON as text", async () => {
    await json(["set", "notes", "n1", "plain text", ...at(dirA)]);
    const { stdout } = await runCli(["get", "notes", "n1", "--data-dir", dirA]);
    expect(stdout).toBe("plain text\n");
  });

  it("end with 1 when there is no value, also after a delete", async () => {
    expect((await json(["get", "notes", "none", ...at(dirA)])).code).toBe(1);
    await json(["set", "notes", "gone", "1", ...at(dirA)]);
    await json(["set", "notes", "gone", "--delete", ...at(dirA)]);
    const { code, value } = await json(["get", "notes", "gone", ...at(dirA)]);
    expect([code, value]).toEqual([1, { found: false }]);
  });

  it("deliver a message to an agent on the other node", async () => {
    await using inbox = new RunningCli(["inbox", "coder", "--capability", "ts", ...at(dirA)]);
    const { address } = await inbox.json();
    const sent = await json(["send", String(address), "hello", "--from", "planner", ...at(dirB)]);
    expect(sent.code).toBe(0);
    const message = await inbox.json();
    expect(message).toMatchObject({ body: { encoding: "json", value: "hello" } });
    expect(String(message.from)).toMatch(/^planner@[0-9a-f]{64}$/);
    const { value } = await json(["agents", "--capability", "ts", ...at(dirA)]);
    expect(value).toMatchObject([{ name: "coder", capabilities: ["ts"] }]);
  });

  it("fail with the node's typed error when no agent has the name", async () => {
    const { code, value } = await json(["send", "nobody", "hello", ...at(dirA)]);
    expect(code).toBe(1);
    expect(value.error.code).toBe("MESH_AGENT_UNKNOWN");
  });

  it("refuse a reserved collection as wrong usage", async () => {
    const { code, value } = await json(["get", "$agents", "x", ...at(dirA)]);
    expect([code, value.error.code]).toEqual([2, "MESH_KEY_INVALID"]);
  });
});

describe("failures", () => {
  it("end with 3 when no node runs there, saying so once", async () => {
    const { code, stdout, stderr } = await runCli(["status", "--data-dir", join(folder, "none")]);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error \[MESH_CONTROL_UNAVAILABLE\]: .*\nhint: .*\n$/);
  });

  it("end with 3 when the seed does not answer", async () => {
    const seed = ["--seed", "127.0.0.1:9", "--transport", "tcp"];
    const { code, value } = await json(["start", ...seed, ...at(join(folder, "c"))]);
    expect([code, value.error.code]).toEqual([3, "MESH_SEED_UNREACHABLE"]);
  });

  it.each([
    ["an unknown command", ["fly"]],
    ["an unknown option", ["status", "--fast"]],
    ["a missing argument", ["get", "tasks"]],
    ["too many arguments", ["status", "now"]],
    ["a bad option value", ["demo", "--nodes", "many"]],
    ["set without a value", ["set", "a", "b"]],
  ])("end with 2 for %s", async (_, args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error \[MESH_CONTROL_REQUEST\]: .*\nhint: .*\n$/);
  });

  it("end with 4 and the list of what is missing for a topology beyond this version", async () => {
    const file = "examples/topologies/hierarchical.yaml";
    const { code, value } = await json(["start", "--config", file, ...at(join(folder, "d"))]);
    expect([code, value.error.code]).toEqual([4, "MESH_CONFIG_UNSUPPORTED"]);
    expect(value.error.details.missing.length).toBeGreaterThan(1);
  });

  it("end with 4 for a file that is no topology", async () => {
    const file = join(folder, "bad.yaml");
    writeFileSync(file, "topology: ring\n");
    const { code, value } = await json(["start", "--config", file, ...at(join(folder, "d"))]);
    expect([code, value.error.code]).toEqual([4, "MESH_CONFIG_INVALID"]);
  });

  it("refuse a folder in which a node runs", async () => {
    const { code, value } = await json(["start", ...at(dirA)]);
    expect([code, value.error.code]).toEqual([1, "MESH_DATA_DIR_IN_USE"]);
  });
});

describe("start", () => {
  it("takes the place of a node that was killed, under the same identity", async () => {
    const dir = join(folder, "killed");
    const first = new RunningCli(["start", ...at(dir)]);
    const { peerId } = await first.json();
    await first.end("SIGKILL");
    expect(statSync(join(dir, "control.sock")).isSocket()).toBe(true);
    await using second = new RunningCli(["start", ...at(dir)]);
    expect((await second.json()).peerId).toBe(peerId);
    expect((await json(["status", ...at(dir)])).code).toBe(0);
  });

  it("leaves on SIGTERM with 0 and removes its socket", async () => {
    const dir = join(folder, "leaving");
    const node = new RunningCli(["start", ...at(dir)]);
    await node.json();
    expect(await node.end("SIGTERM")).toBe(0);
    expect(() => statSync(join(dir, "control.sock"))).toThrow("ENOENT");
  });

  it("runs the nodes of a flat topology on loopback", async () => {
    const file = "examples/topologies/flat-mesh.yaml";
    const dir = join(folder, "local");
    await using nodes = new RunningCli(["start", "--config", file, "--local", "3", ...at(dir)]);
    const started = (await nodes.json()) as unknown as { nodes: { dataDir: string }[] };
    expect(started.nodes.length).toBe(3);
    const { value } = await json(["status", ...at(String(started.nodes[2]?.dataDir))]);
    expect(value).toMatchObject({ mesh: "flat-mesh", transport: "tcp" });
  });
});

describe("keygen", () => {
  it("writes a private key once and prints its peer id", async () => {
    const file = join(folder, "key");
    const first = await json(["keygen", file, "--json"]);
    expect(first.code).toBe(0);
    expect(first.value.peerId).toMatch(/^12D3KooW/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await json(["keygen", file, "--json"]);
    expect([second.code, second.value.error.code]).toEqual([1, "MESH_IDENTITY_FILE"]);
  });

  it("writes the key that start then uses", async () => {
    const dir = join(folder, "keyed");
    const { value } = await json(["keygen", ...at(dir)]);
    await using node = new RunningCli(["start", ...at(dir)]);
    expect((await node.json()).peerId).toBe(value.peerId);
  });
});
