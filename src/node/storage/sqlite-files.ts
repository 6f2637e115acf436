/** The files of a durable store: their names, their rights, and moving them aside. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The database inside the store's folder. */
const DATABASE_FILE = "store.db";

/** Makes the folder, an empty database file and a lock file that only their owner can read. */
export function prepareFiles(folder: string): { readonly path: string; readonly lockPath: string } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, DATABASE_FILE);
  // SQLite would take the umask's rights, and gives those of this file to its log.
  const lockPath = join(folder, LOCK_FILE);
  for (const file of [path, lockPath]) closeSync(openSync(file, "a", 0o600));
  return { path, lockPath };
}

/** The log that an unclean stop has left; empty when there is none. */
export function readLog(folder: string): Uint8Array {
  const path = join(folder, `${DATABASE_FILE}-wal`);
  return existsSync(path) ? readFileSync(path) : new Uint8Array(0);
}

/**
 * Moves the database and its log into a folder of their own beside them, with the reason in a
 * file; returns that folder. Nothing is deleted: the operator decides.
 */
export function moveAside(folder: string, reason: string): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const parent = join(folder, QUARANTINE_FOLDER);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const target = freeName(join(parent, stamp));
  mkdirSync(target, { mode: 0o700 });
  writeFileSync(join(target, "reason.txt"), `${reason}\n`, { mode: 0o600, flush: true });
  // The log last: a database without its log would lack its last commits and not show it.
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    const name = `${DATABASE_FILE}${suffix}`;
    if (existsSync(join(folder, name))) renameSync(join(folder, name), join(target, name));
  }
  for (const path of [target, parent, folder]) syncFolder(path);
  return target;
}

function freeName(path: string): string {
  let name = path;
  for (let number = 2; existsSync(name); number++) name = `${path}-${number}`;
  return name;
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const LOCK_FILE = "store.lock";
const QUARANTINE_FOLDER = "quarantine";
