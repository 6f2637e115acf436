// Restart over compacted logs (C5): real driver, real signatures, real SQLite.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { TYPE_COUNTER, TYPE_MAP } from "../../../assembly/layout.ts";
import { isStub } from "../../../src/core/wire/stub.ts";
import { createKernels } from "../../../src/kernels/index.ts";
import { Driver } from "../../../src/node/driver.ts";
import { restoreFrom } from "../../../src/node/restore.ts";
import { createCrypto } from "../../../src/node/signature/signature.ts";
import { Sealer } from "../../../src/node/storage/seal.ts";
import { SqliteStore } from "../../../src/node/storage/sqlite-store.ts";
import { deltasOf } from "../../compliance/store.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { mapSet } from "../../support/pair.ts";
import { until } from "../../support/until.ts";

const LIVES = 4;
const OVERWRITES = 400;
const kernels = createKernels();
const crypto = createCrypto();
const seed = kernels.blake3(new TextEncoder().encode("identity"));
const identityKey = crypto.createSigningKey(seed);

/** One life of the node over a store; nothing is too young to be compacted. */
function live(store: SqliteStore, life: number): Driver {
  const config = {
    nodeId: Buffer.from(identityKey.publicKey).toString("hex"),
    meshId: new Uint8Array(16),
    region: "local",
    zone: "local",
    fanout: 3,
    roundIntervalMs: 100,
    convergenceThreshold: 1,
    batchDelayMs: 0,
    viewSize: 6,
    reputationThreshold: 0.5,
    durable: true,
    compactAfterMs: 0,
    compactFromBytes: 1,
  };
  const deps = { kernels, crypto, identityKey, seed: new Uint8Array(32).fill(life) };
  return new Driver(config, deps, {
    transmit: () => undefined,
    link: () => undefined,
    event: () => undefined,
    failed: (error) => {
      throw error;
    },
    store,
    sealer: new Sealer(kernels, seed),
  });
}

function overwrite(driver: Driver): void {
  for (let i = 0; i < OVERWRITES; i++) {
    driver.command({ kind: "write", write: mapSet(`k${i % 3}`, `v${i}`) });
    driver.command({
      kind: "write",
      write: { op: "counter.add", collection: "c", key: "k", by: 1n },
    });
    driver.read(TYPE_MAP, "m", `k${i % 3}`);
  }
}

it("has after every restart the root it had, while its store stays small", async () => {
  const folder = await temporaryFolder();
  let root: Uint8Array | undefined;
  for (let life = 1; life <= LIVES; life++) {
    const store = await SqliteStore.open({ folder });
    const driver = live(store, life);
    expect(await restoreFrom(driver, store)).toBeUndefined();
    if (root !== undefined) expect(driver.core.root()).toEqual(root);
    driver.begin();
    overwrite(driver);
    // Every write in a delta of its own is there, then all but a few go.
    await until(async () => (await deltasOf(store)).length < 20 * life);
    await until(() => driver.core.deltas().length < 20 * life);
    expect(driver.core.deltas().some(isStub)).toBe(true);
    const read = driver.read(TYPE_COUNTER, "c", "k");
    expect(read.counter("c", "k").plus).toBe(BigInt(life * OVERWRITES));
    root = driver.core.root();
    driver.stop();
    // What is still being compacted is left as it is.
    await sleep(life % 2 === 0 ? 0 : 20);
    await store.close();
  }
});
