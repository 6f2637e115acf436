// A node that comes back (DESIGN: restart): with its disk, with an older disk, with a broken one.
import { cp, open, readdir, rm, stat } from "node:fs/promises";
import { join as path } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Mesh } from "../../../src/node/mesh.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { firstOf, freeAddress, join } from "../../support/meshes.ts";

/** The disk of a node that left a mesh of two first. */
async function diskOfOneOfTwo(): Promise<string> {
  const dataDir = await temporaryFolder();
  const other = await join();
  const first = await join({ dataDir, seeds: other.addresses });
  await first.close();
  await other.close();
  return dataDir;
}

async function write(mesh: Mesh): Promise<void> {
  await mesh.map("m").set("k", "v");
  await mesh.counter("c").add(5);
  await mesh.set("s").add("e");
  await mesh.register("r").set(1);
}

function held(mesh: Mesh): unknown[] {
  return [
    mesh.map("m").get("k"),
    mesh.counter("c").value,
    [...mesh.set("s").values()],
    mesh.register("r").get(),
  ];
}

const EVERYTHING = ["v", 5, ["e"], 1];

it("holds after a restart what it held before, alone and at once", async () => {
  const dataDir = await temporaryFolder();
  const first = await join({ dataDir });
  await write(first);
  const { root, nodeId } = first.status();
  await first.close();
  const again = await join({ dataDir });
  expect(held(again)).toEqual(EVERYTHING);
  expect(again.status()).toMatchObject({ root, nodeId });
  expect(again.status().store).toMatchObject({ kind: "sqlite", durable: true });
});

it("writes on in a new incarnation, and no counter counts twice", async () => {
  const dataDir = await temporaryFolder();
  for (let life = 1; life <= 4; life++) {
    const mesh = await join({ dataDir });
    await mesh.counter("c").add(1);
    expect(mesh.counter("c").value).toBe(life);
    expect(mesh.status().incarnations).toBe(life);
    await mesh.close();
  }
});

it("hosts an agent of an earlier life again", async () => {
  const dataDir = await temporaryFolder();
  for (let life = 1; life <= 2; life++) {
    const mesh = await join({ dataDir });
    mesh.agent("worker", { capabilities: ["c"] });
    expect(mesh.agents.find({ capability: "c" })).toHaveLength(1);
    await mesh.close();
  }
});

it("finds its peers again without a seed", async () => {
  const dataDir = await temporaryFolder();
  const other = await join();
  const first = await join({ dataDir, seeds: other.addresses });
  await first.close();
  const changes = other.map("m").watch();
  const again = await join({ dataDir });
  await again.map("m").set("k", "back");
  expect(await firstOf(changes, ({ value }) => value === "back")).toBeDefined();
});

it("is read-only when it is back without a quorum of the members it knew", async () => {
  const dataDir = await diskOfOneOfTwo();
  const again = await join({ dataDir, quorumWaitMs: 0 });
  expect(again.status()).toMatchObject({ health: "partitioned", reachable: 1, quorum: 2 });
  expect(() => again.map("m").set("k", "v")).toThrow(
    expect.objectContaining({ code: "MESH_READ_ONLY", retryable: true }),
  );
});

it("takes writes alone when it is back and configured to be available", async () => {
  const dataDir = await diskOfOneOfTwo();
  const again = await join({ dataDir, whenPartitioned: "available", quorumWaitMs: 600_000 });
  await again.map("m").set("k", "v");
  expect(again.health).toBe("partitioned");
});

it("joins when those that came back with it make a quorum, and its first write is taken", async () => {
  const places = await Promise.all(
    [freeAddress(), freeAddress()].map(async (address) => {
      return { dataDir: await temporaryFolder(), listen: [address], quorumWaitMs: 600_000 };
    }),
  );
  const [one, two] = places as [(typeof places)[0], (typeof places)[0]];
  const first = await join(one);
  const second = await join({ ...two, seeds: first.addresses });
  // Neither hears that the other leaves.
  await Promise.all([first.close(), second.close()]);
  const [a, b] = await Promise.all([join(one), join(two)]);
  await Promise.all([a.map("m").set("a", 1), b.map("m").set("b", 1)]);
  expect([a.health, b.health]).toEqual(["healthy", "healthy"]);
});

it("ends its wait for a quorum when its signal does, or when it is over", async () => {
  const dataDir = await diskOfOneOfTwo();
  const reason = new Error("enough");
  const controller = new AbortController();
  const { signal } = controller;
  const joining = join({ dataDir, quorumWaitMs: 600_000, signal });
  setImmediate(() => controller.abort(reason));
  await expect(joining).rejects.toBe(reason);
  expect((await join({ dataDir, quorumWaitMs: 10 })).readOnly).toBe(true);
});

it("comes back with an older disk without a fork: its peers give it what it lost", async () => {
  const dataDir = await temporaryFolder();
  const copy = await temporaryFolder();
  const other = await join();
  const seeds = other.addresses;
  const first = await join({ dataDir, seeds });
  await first.counter("c").add(1);
  await first.close();
  await cp(dataDir, copy, { recursive: true });
  const second = await join({ dataDir, seeds });
  await second.counter("c").add(2);
  await second.close();
  const forks = vi.fn();
  other.addEventListener("fork", forks);
  const third = await join({ dataDir: copy, seeds });
  await third.counter("c").add(4);
  await vi.waitFor(() => {
    expect([third.counter("c").value, other.counter("c").value]).toEqual([7, 7]);
    expect(third.status().root).toBe(other.status().root);
  });
  expect(forks).not.toHaveBeenCalled();
});

it("moves a damaged store aside, says where, and rebuilds from its peers", async () => {
  const dataDir = await temporaryFolder();
  const other = await join();
  const seeds = other.addresses;
  const first = await join({ dataDir, seeds });
  await write(first);
  for (let i = 0; i < 200; i++) await first.map("m").set(`k${i}`, "x".repeat(1_000));
  await vi.waitFor(() => expect(first.status().root).toBe(other.status().root));
  await first.close();
  await damage(path(dataDir, "store", "store.db"));
  const warnings: Error[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  const again = await join({ dataDir, seeds });
  const { quarantined } = again.status().store;
  expect(await readdir(quarantined ?? "")).toEqual(expect.arrayContaining(["store.db"]));
  await vi.waitFor(() => expect(again.status().root).toBe(other.status().root));
  expect(held(again)).toEqual(EVERYTHING);
  expect(warnings.map((warning) => warning.message).join()).toContain(quarantined);
  await again.close();
  const last = await join({ dataDir });
  expect(held(last)).toEqual(EVERYTHING);
  expect(last.status().store.quarantined).toBeUndefined();
});

it("refuses a data folder of another mesh, and leaves it as it is", async () => {
  const dataDir = await temporaryFolder();
  const first = await join({ dataDir, mesh: "one" });
  await first.map("m").set("k", "v");
  await first.close();
  await expect(join({ dataDir, mesh: "two" })).rejects.toMatchObject({
    code: "MESH_STORE_MISMATCH",
  });
  expect((await join({ dataDir, mesh: "one" })).map("m").get("k")).toBe("v");
});

it("refuses a data folder that another node has", async () => {
  const dataDir = await temporaryFolder();
  await join({ dataDir });
  await expect(join({ dataDir })).rejects.toMatchObject({ code: "MESH_DATA_DIR_IN_USE" });
});

it("keeps nothing with the memory store although it has a folder", async () => {
  const dataDir = await temporaryFolder();
  const mesh = await join({ dataDir, store: "memory" });
  expect(mesh.status().store).toMatchObject({ kind: "memory", durable: false, path: undefined });
  await rm(dataDir, { recursive: true });
});

it("refuses the durable store without a folder", async () => {
  await expect(join({ store: "sqlite" })).rejects.toMatchObject({ code: "MESH_VALUE_INVALID" });
});

/** Overwrites a stretch in the middle of a file. */
async function damage(file: string): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, "r+");
  await handle.write(new Uint8Array(4_096).fill(0xa5), 0, 4_096, Math.floor(size / 8192) * 4_096);
  await handle.close();
}
