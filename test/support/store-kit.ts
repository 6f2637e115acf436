/**
 * What a crash can leave of a durable store: the files as they were at each commit, and versions
 * of them from which the last, unsynced writes are missing or torn.
 *
 * Covers: the process or the machine stops at a commit boundary or while the log's tail is being
 * written, with whole sectors of the tail lost or garbled; a checkpoint whose pages had not reached
 * the database. Does not cover: sectors lost that the disk had reported as synced, or a file
 * system that loses names. Node's SQLite takes no file system of ours, so the copies are made
 * beside it and not beneath it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteStore } from "../../src/node/storage/sqlite-store.ts";

/** The files of a store when a commit had returned. */
export interface Snapshot {
  readonly database: Uint8Array;
  readonly log: Uint8Array;
  /** Deltas that had been kept. */
  readonly kept: number;
}

/** Appends deltas, one commit each, and copies the files after every one of them. */
export async function snapshots(
  folder: string,
  deltas: readonly Uint8Array[],
): Promise<Snapshot[]> {
  const store = await SqliteStore.open({ folder });
  const taken: Snapshot[] = [];
  for (const [i, delta] of deltas.entries()) {
    const kept = store.append(delta);
    await store.sync();
    await kept;
    const [database, log] = ["store.db", "store.db-wal"].map((name) =>
      readFileSync(join(folder, name)),
    );
    if (database && log) taken.push({ database, log, kept: i + 1 });
  }
  await store.close();
  return taken;
}

/** Lays files out in a folder of their own, as a crash would have left them. */
export function layOut(folder: string, files: Pick<Snapshot, "database" | "log">): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "store.db"), files.database);
  writeFileSync(join(folder, "store.db-wal"), files.log);
  return folder;
}

/** The log of a commit, with what it added to the one before cut, zeroed or garbled in places. */
export function tornTails(before: Snapshot, after: Snapshot): Uint8Array[] {
  const from = isContinued(before, after) ? before.log.length : 0;
  const torn: Uint8Array[] = [];
  for (let at = from; at < after.log.length; at += SECTOR_BYTES) {
    const end = Math.min(after.log.length, at + SECTOR_BYTES);
    const [zeroed, garbled] = [after.log.slice(), after.log.slice()];
    zeroed.fill(0, at, end);
    garbled.fill(0xa5, at, end);
    torn.push(after.log.slice(0, at), zeroed, garbled);
  }
  return torn;
}

/** Whether a later log only adds to an earlier one: it was not begun again in between. */
export function isContinued(before: Snapshot, after: Snapshot): boolean {
  return Buffer.compare(before.log, after.log.subarray(0, before.log.length)) === 0;
}

const SECTOR_BYTES = 512;
