// What only the durable store can do wrong: its settings, an unclean stop, damage, a full disk.
import { cp, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { SqliteStore } from "../../../../src/node/storage/sqlite-store.ts";
import { bytes, deltasOf } from "../../../compliance/store.ts";
import { temporaryFolder } from "../../../support/folders.ts";

async function opened(folder: string, bytesMax?: number): Promise<SqliteStore> {
  const store = await SqliteStore.open({ folder, ...(bytesMax !== undefined && { bytesMax }) });
  onTestFinished(() => store.close());
  return store;
}

/** A store of some deltas as an unclean stop leaves it: a copy of its files while it runs. */
async function uncleanCopy(count = 100): Promise<string> {
  const store = await opened(await temporaryFolder());
  for (let i = 0; i < count; i++) {
    void store.append(bytes(`delta ${i} `.repeat(100)));
    if (i % 10 === 9) await store.sync();
  }
  const copy = await temporaryFolder();
  await cp(store.path, copy, { recursive: true });
  return copy;
}

async function overwrite(file: string, at: number, content: Uint8Array): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(content, 0, content.length, at);
  await handle.close();
}

it("gives its files to their owner alone", async () => {
  const store = await opened(await temporaryFolder());
  await store.append(bytes("x"));
  const files = await readdir(store.path);
  expect(files.sort()).toEqual(["store.db", "store.db-wal", "store.lock"]);
  for (const file of files) {
    expect((await stat(join(store.path, file))).mode & 0o777).toBe(0o600);
  }
});

it("is refused while another has it", async () => {
  const store = await opened(await temporaryFolder());
  const second = SqliteStore.open({ folder: store.path });
  await expect(second).rejects.toMatchObject({ code: "MESH_DATA_DIR_IN_USE" });
});

it("holds after an unclean stop everything that was kept", async () => {
  const again = await opened(await uncleanCopy());
  expect(again.quarantined).toBeUndefined();
  expect(await deltasOf(again)).toHaveLength(100);
});

it("refuses the database of another program, and leaves it as it is", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "store.db");
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE t (a)");
  other.close();
  await expect(SqliteStore.open({ folder })).rejects.toMatchObject({ code: "MESH_STORE_MISMATCH" });
  const left = new DatabaseSync(path);
  expect(left.prepare("SELECT name FROM sqlite_schema").all()).toHaveLength(1);
  left.close();
});

it("moves aside a file that is no database", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "store.db"), "x".repeat(10_000));
  const store = await opened(folder);
  const { quarantined = "" } = store;
  expect(await readFile(join(quarantined, "store.db"), "utf8")).toBe("x".repeat(10_000));
  expect(await readFile(join(quarantined, "reason.txt"), "utf8")).toMatch(/not a database/);
  expect(await deltasOf(store)).toEqual([]);
});

it("checks every page after an unclean stop", async () => {
  const store = await opened(await temporaryFolder());
  for (let i = 0; i < 2_000; i++) void store.append(bytes("delta ".repeat(100)));
  await store.close();
  const file = join(store.path, "store.db");
  const marked = new DatabaseSync(file);
  marked.exec("UPDATE life SET clean = 0");
  marked.close();
  await overwrite(file, 50 * 4_096, new Uint8Array(4_096).fill(0xa5));
  const again = await opened(store.path);
  expect(again.quarantined).toBeDefined();
  expect(await deltasOf(again)).toEqual([]);
});

it("moves aside a log with damage in its midst instead of ending it there", async () => {
  const folder = await uncleanCopy();
  const log = await readFile(join(folder, "store.db-wal"));
  await overwrite(join(folder, "store.db-wal"), log.length >> 1, new Uint8Array(16).fill(0xa5));
  const store = await opened(folder);
  expect(await readFile(join(store.quarantined ?? "", "reason.txt"), "utf8")).toMatch(/follow it/);
  expect(await deltasOf(store)).toEqual([]);
});

it("gives each damaged store a folder of its own", async () => {
  const folder = await temporaryFolder();
  const moved = new Set<string | undefined>();
  for (let i = 0; i < 3; i++) {
    await writeFile(join(folder, "store.db"), "x".repeat(10_000));
    const store = await opened(folder);
    moved.add(store.quarantined);
    await store.close();
  }
  expect(moved.size).toBe(3);
});

it("fails for good when the disk takes no more, and says so to all who wait", async () => {
  const store = await opened(await temporaryFolder(), 1_048_576);
  const writes = Array.from({ length: 60 }, () => store.append(new Uint8Array(65_536)));
  const outcomes = await Promise.allSettled(writes);
  const failed = outcomes.filter(({ status }) => status === "rejected");
  expect(failed.length).toBeGreaterThan(0);
  for (const outcome of failed) {
    expect(outcome).toMatchObject({ reason: { code: "MESH_STORE_FAILED" } });
  }
  await expect(store.append(bytes("x"))).rejects.toMatchObject({ code: "MESH_STORE_FAILED" });
  await store.close();
  // What was kept before is there, and nothing of the commit that failed.
  const again = await opened(store.path);
  expect(await deltasOf(again)).toHaveLength(60 - failed.length);
});
