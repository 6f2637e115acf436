/**
 * One SQLite database that keeps deltas, member records and values of the node. Synchronous: it
 * lives in the store's worker. One connection, exclusive; a commit that returns has been synced.
 *
 * Every setting that durability rests on is read back: a build or a file system that does not
 * take it must not pass unnoticed.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { SqliteCompaction, type StoredCompaction } from "./sqlite-compaction.ts";
import type { CommitRecord, StoreAnswers, StoreFault } from "./sqlite-messages.ts";

/** Thrown for what is no corruption; the worker tells it to the store. */
export class StoreFaultError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Thrown when the files cannot be what was written. */
export class CorruptStoreError extends Error {}

export class SqliteDatabase {
  readonly #db: DatabaseSync;
  readonly #insertDelta: StatementSync;
  readonly #putMember: StatementSync;
  readonly #putMeta: StatementSync;
  #compaction: SqliteCompaction | undefined;

  /**
   * Opens the database at `path`, creates what it lacks, checks it after an unclean stop.
   * @throws CorruptStoreError, StoreFaultError.
   */
  constructor(path: string, bytesMax: number) {
    this.#db = guarded(() => new DatabaseSync(path, OPEN_OPTIONS));
    try {
      guarded(() => this.#prepare(bytesMax));
      const statement = (sql: string) => guarded(() => this.#db.prepare(sql));
      this.#insertDelta = statement("INSERT INTO deltas (bytes) VALUES (?)");
      this.#putMember = statement(upsert("members", "node"));
      this.#putMeta = statement(upsert("meta", "name"));
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Keeps records, all or none; on return they are on disk. */
  commit(records: readonly CommitRecord[], bytes: Uint8Array): void {
    guarded(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      let at = 0;
      for (const record of records) {
        const part = bytes.subarray(at, at + record.length);
        at += record.length;
        if (record.kind === "delta") this.#insertDelta.run(part);
        else if (record.kind === "member") this.#putMember.run(record.name, part);
        else this.#putMeta.run(record.name, part);
      }
      this.#db.exec("COMMIT");
    });
  }

  /** Takes a part of what is to go. */
  noteCompacted(part: StoredCompaction): void {
    guarded(() => {
      this.#compaction ??= new SqliteCompaction(this.#db);
      this.#compaction.note(part);
    });
  }

  /** Drops some of what is to go; false when there is nothing left. */
  compact(): boolean {
    return guarded(() => {
      if (!this.#db.isOpen || this.#compaction?.isDue !== true) return false;
      this.#compaction.step();
      return true;
    });
  }

  /** Deltas above row `after` in order, about {@link READ_BYTES} of them. */
  read(after: number): StoreAnswers["read"] {
    return guarded(() => {
      const deltas: Uint8Array[] = [];
      let bytes = 0;
      let last = after;
      const rows = this.#db.prepare("SELECT id, bytes FROM deltas WHERE id > ? ORDER BY id");
      for (const row of rows.iterate(after)) {
        const delta = row.bytes as Uint8Array;
        deltas.push(delta);
        last = Number(row.id);
        bytes += delta.length;
        if (bytes >= READ_BYTES) break;
      }
      return { deltas, last };
    });
  }

  members(): readonly Uint8Array[] {
    return guarded(() => {
      const rows = this.#db.prepare("SELECT bytes FROM members ORDER BY node").all();
      return rows.map((row) => row.bytes as Uint8Array);
    });
  }

  meta(name: string): Uint8Array | undefined {
    return guarded(() => {
      const row = this.#db.prepare("SELECT bytes FROM meta WHERE name = ?").get(name);
      return row?.bytes as Uint8Array | undefined;
    });
  }

  /** Marks the shutdown as clean, empties the log, closes. */
  close(): void {
    guarded(() => {
      this.#db.exec("UPDATE life SET clean = 1");
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      this.#db.close();
    });
  }

  /** Closes without a mark, whatever state it is in. */
  abandon(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(bytesMax: number): void {
    this.#setUp(bytesMax);
    const tables = this.#db.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
    if (tables?.count === 0) {
      this.#db.exec(SCHEMA);
      return;
    }
    this.#recognise();
    const life = this.#db.prepare("SELECT clean FROM life").get();
    if (life?.clean !== 1) this.#check();
    this.#db.exec("UPDATE life SET clean = 0");
  }

  #setUp(bytesMax: number): void {
    const settings: readonly (readonly [string, string | number])[] = [
      ["locking_mode", "exclusive"],
      ["journal_mode", "wal"],
      ["synchronous", SYNCHRONOUS_FULL],
      ["wal_autocheckpoint", 1000],
      ["trusted_schema", 0],
      ["cell_size_check", 1],
    ];
    for (const [name, value] of settings) {
      this.#db.exec(`PRAGMA ${name} = ${value}`);
      const read = Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      if (read === value) continue;
      throw new StoreFaultError({
        kind: "failed",
        message: `setting ${name}: expected ${value}, got ${String(read)}`,
      });
    }
    const page = Number(Object.values(this.#db.prepare("PRAGMA page_size").get() ?? {})[0]);
    this.#db.exec(`PRAGMA max_page_count = ${Math.ceil(bytesMax / page)}`);
  }

  #recognise(): void {
    const read = (name: string) => Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    const [id, version] = [read("application_id"), read("user_version")];
    if (id === APPLICATION_ID && version === SCHEMA_VERSION) return;
    const message = `expected a store of version ${SCHEMA_VERSION}, got application ${String(id)}, version ${String(version)}`;
    throw new StoreFaultError({ kind: "foreign", message });
  }

  #check(): void {
    const found = this.#db.prepare("PRAGMA quick_check(10)").all();
    const lines = found.map((row) => String(Object.values(row)[0]));
    if (lines.length === 1 && lines[0] === "ok") return;
    throw new CorruptStoreError(lines.join("; "));
  }
}

/**
 * Takes a folder's lock, a database of its own without content: whoever holds it may look at the
 * store's files, and move them. It ends with the process, however that ends.
 * @throws StoreFaultError of kind `busy` when another has it.
 */
export function takeLock(path: string): DatabaseSync {
  const lock = guarded(() => new DatabaseSync(path, OPEN_OPTIONS));
  // In memory: a journal left behind by a kill would have to be undone first.
  guarded(() => lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"));
  return lock;
}

function upsert(table: string, key: string): string {
  return `INSERT INTO ${table} (${key}, bytes) VALUES (?, ?)
    ON CONFLICT (${key}) DO UPDATE SET bytes = excluded.bytes`;
}

/** Sorts SQLite's errors by what is to be done. */
function guarded<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreFaultError || error instanceof CorruptStoreError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const extended = error instanceof Error && "errcode" in error ? Number(error.errcode) : -1;
    const code = extended & 0xff;
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) throw new CorruptStoreError(message);
    const kind = code === SQLITE_BUSY || code === SQLITE_LOCKED ? "busy" : "failed";
    throw new StoreFaultError({ kind, message: `${message} (SQLite ${extended})` });
  }
}

/** "knhk" in ASCII. */
const APPLICATION_ID = 0x6b6e_686b;
const SCHEMA_VERSION = 1;
const SCHEMA = `
  BEGIN;
  CREATE TABLE deltas (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE members (node TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE life (one INTEGER PRIMARY KEY CHECK (one = 1), clean INTEGER NOT NULL) STRICT;
  INSERT INTO life VALUES (1, 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  COMMIT;`;
const OPEN_OPTIONS = { enableForeignKeyConstraints: false, timeout: 0 } as const;
/** Bytes of deltas in one answer; it ends with the delta that passes this. */
const READ_BYTES = 1_048_576;
const SYNCHRONOUS_FULL = 2;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
