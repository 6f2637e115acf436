// The durable store against everything the store kit can leave of its files after a crash.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { SqliteStore } from "../../src/node/storage/sqlite-store.ts";
import { deltasOf } from "../compliance/store.ts";
import { temporaryFolder } from "../support/folders.ts";
import { isContinued, layOut, type Snapshot, snapshots, tornTails } from "../support/store-kit.ts";

/** Small ones, one of several pages, and enough for the log to be begun again. */
const DELTAS = [
  ...Array.from({ length: 20 }, (_, i) => new Uint8Array(300).fill(i + 1)),
  new Uint8Array(30_000).fill(21),
  ...Array.from({ length: 70 }, (_, i) => new Uint8Array(65_000).fill(i + 22)),
  ...Array.from({ length: 10 }, (_, i) => new Uint8Array(300).fill(i + 100)),
];

let taken: Snapshot[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "knhk-mesh-kit-"));
  taken = await snapshots(folder, DELTAS);
  rmSync(folder, { recursive: true });
});

/** What a store gives back from some files, and whether it moved them aside. */
async function reopened(files: Pick<Snapshot, "database" | "log">) {
  const folder = layOut(join(await temporaryFolder(), "store"), files);
  const store = await SqliteStore.open({ folder });
  try {
    return { deltas: await deltasOf(store), quarantined: store.quarantined !== undefined };
  } finally {
    await store.close();
  }
}

it("holds at every commit boundary exactly what had been kept", async () => {
  expect(taken).toHaveLength(DELTAS.length);
  for (const snapshot of taken) {
    const { deltas, quarantined } = await reopened(snapshot);
    expect([deltas.length, quarantined]).toEqual([snapshot.kept, false]);
    expect(deltas).toEqual(DELTAS.slice(0, snapshot.kept));
  }
});

it("loses of a torn tail only the commit that had not returned", async () => {
  let checked = 0;
  for (const i of [1, 10, 20]) {
    const [before, after] = [taken[i - 1]!, taken[i]!];
    for (const log of tornTails(before, after)) {
      const { deltas, quarantined } = await reopened({ database: after.database, log });
      expect(quarantined).toBe(false);
      expect(deltas).toEqual(DELTAS.slice(0, deltas.length));
      expect(deltas.length).toBeGreaterThanOrEqual(before.kept);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(50);
});

it("needs no page of a checkpoint that had not reached the database", async () => {
  const pairs = taken.slice(1).map((after, i) => [taken[i]!, after] as const);
  const checkpoints = pairs.filter(
    ([before, after]) =>
      Buffer.compare(before.database, after.database) !== 0 && isContinued(before, after),
  );
  expect(checkpoints.length).toBeGreaterThan(0);
  for (const [before, after] of checkpoints) {
    const { deltas, quarantined } = await reopened({ database: before.database, log: after.log });
    expect([deltas.length, quarantined]).toEqual([after.kept, false]);
  }
});

it("never drops commits behind a damaged one in silence", async () => {
  const last = taken[20]!;
  for (let at = 40; at < taken[18]!.log.length; at += 1_777) {
    const log = last.log.slice();
    log[at] = log[at]! ^ 0x10;
    const { deltas, quarantined } = await reopened({ database: last.database, log });
    expect([deltas.length, quarantined]).toEqual([0, true]);
  }
});

it("takes a damaged header of the log for damage, one that never came for nothing", async () => {
  const { database, log } = taken[5]!;
  const damaged = log.slice();
  damaged[17] = damaged[17]! ^ 1;
  expect((await reopened({ database, log: damaged })).quarantined).toBe(true);
  const empty = new Uint8Array(log.length);
  expect((await reopened({ database, log: empty })).quarantined).toBe(false);
});
