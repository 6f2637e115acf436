/** Equivocation between real processes over QUIC (C6): a certified member tells two nodes different things. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { nodeIdFromPeerId } from "../../src/node/node-id.ts";
import { RunningCli, runCli } from "../support/cli-process.ts";
import { Equivocator } from "../support/equivocator.ts";

const MESH = "halves";
const NAMES = ["a", "b", "c"] as const;
const folder = mkdtempSync(join(tmpdir(), "equivocation-"));
const at = (name: string) => join(folder, name);
const running = new Map<string, RunningCli>();
const addresses = new Map<string, string>();
let authority = "";
let liar: Equivocator | undefined;

const json = async (...args: readonly string[]) => {
  const { code, stdout } = await runCli([...args, "--json"]);
  return { code, value: JSON.parse(stdout) };
};
const start = async (name: string, seed?: string) => {
  const args = ["start", "--mesh", MESH, "--data-dir", at(name), "--authority", authority];
  const node = new RunningCli([...args, ...(seed === undefined ? [] : ["--seed", seed]), "--json"]);
  running.set(name, node);
  const [address = ""] = (await node.json()).addresses as string[];
  addresses.set(name, address);
};
const statusOf = async (name: string) => (await json("status", "--data-dir", at(name))).value;
const proofsOf = async (name: string) => {
  const { value } = await json("proof", "list", "--out", at(`${name}-out`), "--data-dir", at(name));
  return value.proofs as { author: string; file: string }[];
};
/** What each node answers, once all of it `holds`. */
const everywhere = <T>(ask: (name: string) => Promise<T>, holds: (answers: T[]) => boolean) =>
  vi.waitUntil(
    async () => {
      const answers = await Promise.all(NAMES.map(ask));
      return holds(answers) && answers;
    },
    { timeout: 20_000, interval: 200 },
  );

beforeAll(async () => {
  const key = at("authority.key");
  authority = (await json("keygen", key)).value.peerId;
  for (const name of [...NAMES, "liar"]) {
    await json("cert", "issue", "--mesh", MESH, "--key", key, "--data-dir", at(name));
  }
  await start("a");
  await start("b", addresses.get("a"));
  await start("c", addresses.get("a"));
  await everywhere(statusOf, (all) => all.every(({ members }) => members === 3));
});
afterAll(async () => {
  await liar?.[Symbol.asyncDispose]();
  await Promise.all([...running.values()].map((node) => node.end("SIGKILL")));
  rmSync(folder, { recursive: true, force: true });
});

describe("a certified member that tells two processes different things", () => {
  it("is proven and expunged at all three, whose roots agree", async () => {
    await json("set", "m", "honest", "1", "--data-dir", at("c"));
    liar = await Equivocator.start(at("liar"), MESH, nodeIdFromPeerId(authority));
    await liar.tell([
      { address: addresses.get("a") ?? "", value: "heads" },
      { address: addresses.get("b") ?? "", value: "tails" },
    ]);
    const proofs = await everywhere(proofsOf, (all) => all.every(({ length }) => length === 1));
    expect(proofs.map(([proof]) => proof?.author)).toEqual(NAMES.map(() => liar?.id));
    const statuses = await everywhere(
      statusOf,
      (all) => new Set(all.map(({ root }) => root)).size === 1,
    );
    // Its record has come to them; it counts no more.
    expect(statuses.map(({ members, quorum }) => [members, quorum])).toEqual(
      NAMES.map(() => [3, 2]),
    );
    for (const name of NAMES) {
      const read = (key: string) => json("get", "m", key, "--data-dir", at(name));
      expect((await read("k")).value.found).toBe(false);
      expect((await read("honest")).value.found).toBe(true);
    }
  });

  it("is shown by a proof that anybody can check, from the file alone", async () => {
    const [proof] = await proofsOf("c");
    const { code, value } = await json("proof", "verify", proof?.file ?? "");
    expect([code, value.valid, value.author]).toEqual([0, true, liar?.id]);
  });

  it("stays expunged at a process that was killed and is back, and gets no link to it", async () => {
    await running.get("b")?.end("SIGKILL");
    await start("b", addresses.get("a"));
    expect((await proofsOf("b")).map(({ author }) => author)).toEqual([liar?.id]);
    await liar?.tell([{ address: addresses.get("b") ?? "", value: "again" }]);
    await json("set", "m", "later", "1", "--data-dir", at("b"));
    const statuses = await everywhere(
      statusOf,
      (all) => new Set(all.map(({ root }) => root)).size === 1,
    );
    for (const { members, peers } of statuses) {
      expect(members).toBe(3);
      expect(peers.map((peer: { nodeId: string }) => peer.nodeId)).not.toContain(liar?.id);
    }
    expect((await json("get", "m", "k", "--data-dir", at("b"))).value.found).toBe(false);
  });
});
