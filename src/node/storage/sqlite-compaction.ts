/**
 * Drops compacted deltas from the durable store's table, in small commits between others. A delta
 * is known by its signature. At every commit what is left can be restored: the stubs of a pass
 * come first, then its deltas go, the newest first, so that a chain is never missing a delta that
 * no stub stands for.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DELTA_HEADER_BYTES, SIGNATURE_BYTES } from "../../../assembly/layout.ts";

/** What one message of the store says has been compacted. */
export interface StoredCompaction {
  /** Signatures of the deltas and stubs that go, end to end. */
  readonly dropped: Uint8Array;
  /** Records that take the place of the one with their signature. */
  readonly stubs: readonly Uint8Array[];
  /** Whether the pass is whole. */
  readonly isLast: boolean;
}

export class SqliteCompaction {
  readonly #db: DatabaseSync;
  readonly #note: StatementSync;
  readonly #floor: StatementSync;
  readonly #replace: StatementSync;
  readonly #drop: StatementSync;
  readonly #forget: StatementSync;
  /** The pass whose parts are coming; all below are whole. */
  #coming = 1;
  /** The pass that is being followed. */
  #pass = 1;
  #isReplacing = true;
  /** Rows above have been seen to. */
  #above = Number.MAX_SAFE_INTEGER;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(TABLE);
    this.#note = db.prepare("INSERT OR REPLACE INTO temp.compacted VALUES (?, ?, ?)");
    this.#floor = db.prepare(FLOOR);
    this.#replace = db.prepare(`UPDATE deltas SET bytes =
      (SELECT stub FROM temp.compacted WHERE pass = ?3 AND signature = ${SIGNATURE})
      WHERE id >= ?1 AND id < ?2 AND ${isNamed("NOT NULL")}`);
    this.#drop = db.prepare(`DELETE FROM deltas WHERE id >= ?1 AND id < ?2 AND ${isNamed("NULL")}`);
    this.#forget = db.prepare("DELETE FROM temp.compacted WHERE pass = ?");
  }

  /** Takes a part of a pass. */
  note({ dropped, stubs, isLast }: StoredCompaction): void {
    this.#db.exec("BEGIN");
    for (let at = 0; at < dropped.length; at += SIGNATURE_BYTES) {
      this.#note.run(this.#coming, dropped.subarray(at, at + SIGNATURE_BYTES), null);
    }
    for (const stub of stubs) {
      const signature = stub.subarray(DELTA_HEADER_BYTES, DELTA_HEADER_BYTES + SIGNATURE_BYTES);
      this.#note.run(this.#coming, signature, stub);
    }
    this.#db.exec("COMMIT");
    if (isLast) this.#coming += 1;
  }

  /** Whether a whole pass waits to be followed. */
  get isDue(): boolean {
    return this.#pass < this.#coming;
  }

  /** Follows the oldest pass over some rows more. */
  step(): void {
    const floor = Number(this.#floor.get(this.#above, STEP_ROWS)?.id ?? 0);
    const statement = this.#isReplacing ? this.#replace : this.#drop;
    statement.run(floor, this.#above, this.#pass);
    this.#above = floor;
    if (floor > 0) return;
    this.#above = Number.MAX_SAFE_INTEGER;
    this.#isReplacing = !this.#isReplacing;
    if (!this.#isReplacing) return;
    this.#forget.run(this.#pass);
    this.#pass += 1;
  }
}

function isNamed(stub: "NULL" | "NOT NULL"): string {
  return `EXISTS (SELECT 1 FROM temp.compacted
    WHERE pass = ?3 AND signature = ${SIGNATURE} AND stub IS ${stub})`;
}

const SIGNATURE = `substr(deltas.bytes, ${DELTA_HEADER_BYTES + 1}, ${SIGNATURE_BYTES})`;
const TABLE = `CREATE TEMP TABLE compacted (
  pass INTEGER NOT NULL, signature BLOB NOT NULL, stub BLOB, PRIMARY KEY (pass, signature)
) STRICT, WITHOUT ROWID`;
/** The row a step begins with: the last of so many below another; none where fewer are left. */
const FLOOR = "SELECT id FROM deltas WHERE id < ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2 - 1";
/** Rows looked at in one step: a few ms, which a commit may have to wait. */
const STEP_ROWS = 2_048;
