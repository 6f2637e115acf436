// What a crash can find of a compaction: at every commit all that is left can be restored.
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES } from "../../../../assembly/layout.ts";
import { signatureIn } from "../../../../src/core/wire/signature-in.ts";
import { isStub, stubOf } from "../../../../src/core/wire/stub.ts";
import { SqliteDatabase } from "../../../../src/node/storage/sqlite-database.ts";
import { signed } from "../../../compliance/store.ts";
import { temporaryFolder } from "../../../support/folders.ts";

const COUNT = 9_000;

/** A database with deltas that are numbered, and those deltas. */
async function filled() {
  const database = new SqliteDatabase(join(await temporaryFolder(), "store.db"), 2 ** 30);
  onTestFinished(() => database.abandon());
  const deltas = signed(COUNT);
  const records = deltas.map(({ length }) => ({ kind: "delta", length }) as const);
  database.commit(records, new Uint8Array(Buffer.concat(deltas)));
  return { database, deltas };
}

function left(database: SqliteDatabase): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let after = 0; ; ) {
    const { deltas, last } = database.read(after);
    if (deltas.length === 0) return all;
    all.push(...deltas);
    after = last;
  }
}

function placeOf(delta: Uint8Array): number {
  return new DataView(delta.buffer, delta.byteOffset).getUint32(DELTA_HEADER_BYTES, true);
}

const signaturesOf = (deltas: readonly Uint8Array[]) =>
  new Uint8Array(Buffer.concat(deltas.map(signatureIn)));

it("never leaves a hole in a chain without a stub behind it, whenever it is cut short", async () => {
  const { database, deltas } = await filled();
  const stub = (place: number) => stubOf(deltas[place]!);
  // Two passes, the second over what the first one has left.
  database.noteCompacted({
    dropped: signaturesOf([...deltas.slice(10, 4_000), ...deltas.slice(4_100, 8_000)]),
    stubs: [stub(4_000), stub(8_000)],
    isLast: true,
  });
  database.noteCompacted({
    dropped: signaturesOf([stub(4_000), ...deltas.slice(4_001, 4_100), stub(8_000)]),
    stubs: [stub(8_900)],
    isLast: false,
  });
  database.noteCompacted({
    dropped: signaturesOf(deltas.slice(8_001, 8_900)),
    stubs: [],
    isLast: true,
  });
  let steps = 0;
  while (database.compact()) {
    steps += 1;
    const held = left(database);
    for (const [i, delta] of held.entries()) {
      const before = i === 0 ? -1 : placeOf(held[i - 1]!);
      expect(isStub(delta) || placeOf(delta) === before + 1).toBe(true);
    }
  }
  expect(steps).toBeGreaterThan(10);
  expect(left(database)).toEqual([...deltas.slice(0, 10), stub(8_900), ...deltas.slice(8_901)]);
});

it("does not follow a pass of which parts are missing", async () => {
  const { database, deltas } = await filled();
  const dropped = signaturesOf(deltas.slice(0, 100));
  database.noteCompacted({ dropped, stubs: [], isLast: false });
  expect(database.compact()).toBe(false);
  expect(left(database)).toHaveLength(COUNT);
});

it("keeps what is appended while it is at work", async () => {
  const { database, deltas } = await filled();
  const dropped = signaturesOf(deltas.slice(10, 8_999));
  database.noteCompacted({ dropped, stubs: [stubOf(deltas[8_999]!)], isLast: true });
  database.compact();
  const late = new Uint8Array(DELTA_PREFIX_BYTES + 5).fill(9);
  database.commit([{ kind: "delta", length: late.length }], late);
  while (database.compact());
  expect(left(database).slice(10)).toEqual([stubOf(deltas[8_999]!), late]);
});
