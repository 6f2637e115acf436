/**
 * The thread of the durable store: owns the database, does what it is asked in the order it is
 * asked. Started by sqlite-store.ts; it ends when the store closes or has failed.
 */
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { CorruptStoreError, SqliteDatabase, StoreFaultError, takeLock } from "./sqlite-database.ts";
import { moveAside, prepareFiles, readLog } from "./sqlite-files.ts";
import type { StoreCall, StoreFault, WorkerMessage, WorkerOptions } from "./sqlite-messages.ts";
import { walDamage } from "./wal-check.ts";

const { folder, bytesMax } = workerData as WorkerOptions;
let database: SqliteDatabase | undefined;
let lock: DatabaseSync | undefined;
let isSweeping = false;

attempt(() => {
  say({ kind: "opened", quarantined: open() });
});
parentPort?.on("message", (call: StoreCall) => {
  const isRead = call.kind === "read" || call.kind === "members" || call.kind === "meta";
  attempt(() => say({ kind: "answer", value: answer(call) }), isRead);
});

/** Opens the database; one that cannot be read is moved aside, and the path returned. */
function open(): string | undefined {
  const { path, lockPath } = prepareFiles(folder);
  // Before anything is judged: the log of a running node is never at rest.
  lock = takeLock(lockPath);
  try {
    const damage = walDamage(readLog(folder));
    if (damage !== undefined) throw new CorruptStoreError(damage);
    database = new SqliteDatabase(path, bytesMax);
    return undefined;
  } catch (error) {
    if (!(error instanceof CorruptStoreError)) throw error;
    return startAfresh(error.message);
  }
}

function startAfresh(reason: string): string {
  database?.abandon();
  const moved = moveAside(folder, reason);
  database = new SqliteDatabase(prepareFiles(folder).path, bytesMax);
  return moved;
}

function answer(call: StoreCall): unknown {
  if (database === undefined) throw new Error("the database is not open");
  switch (call.kind) {
    case "commit":
      return database.commit(call.records, call.bytes);
    case "compact":
      database.noteCompacted(call);
      return sweepSoon();
    case "read":
      return database.read(call.after);
    case "members":
      return database.members();
    case "meta":
      return database.meta(call.name);
    case "quarantine":
      return startAfresh(call.reason);
    case "close":
      database.close();
      return lock?.close();
  }
}

/** Compacted deltas go between other calls. */
function sweepSoon(): void {
  if (isSweeping) return;
  isSweeping = true;
  setImmediate(() => {
    isSweeping = false;
    attempt(() => {
      if (database?.compact()) sweepSoon();
    });
  });
}

/**
 * A fault is told and ends the thread: the store goes on no further. Only reading what is corrupt
 * leaves it open, to be quarantined.
 */
function attempt(act: () => void, isRead = false): void {
  try {
    act();
  } catch (error) {
    const fault = faultOf(error, isRead);
    say({ kind: "fault", fault });
    if (fault.kind !== "corrupt") parentPort?.close();
  }
}

function faultOf(error: unknown, isRead: boolean): StoreFault {
  if (error instanceof StoreFaultError) return error.fault;
  const kind = error instanceof CorruptStoreError && isRead ? "corrupt" : "failed";
  return { kind, message: error instanceof Error ? error.message : String(error) };
}

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
