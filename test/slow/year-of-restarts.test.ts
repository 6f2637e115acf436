// What a year of daily restarts of 1,000 nodes costs, each life with one write: docs/LIMITS.md has
// the arithmetic.
import { expect, it } from "vitest";
import { TYPE_COUNTER } from "../../assembly/layout.ts";
import { hexFromBytes } from "../../src/core/node-id.ts";
import { HybridClock } from "../../src/core/state/hlc.ts";
import { LocalAuthor } from "../../src/core/state/local-author.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { APPLY_APPLIED } from "../../src/kernels/kernels.ts";
import { DEFAULT_LIMITS } from "../../src/kernels/limits.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { Restarts } from "../support/restarts.ts";

const NODES = 1_000;
/** What docs/LIMITS.md says. */
const DAYS = 365;
const LOG_BYTES_MAX = 268_435_456;
const LOG_BYTES_A_LIFE = 574;
const COUNTER_BYTES_A_LIFE = 65;
const MEMORY_BYTES_A_LIFE = 700;
/** Under certificates: what a past life leaves of a write that the next one covers, and of one that counts. */
const PAST_LIFE_BYTES = 544;
const PAST_LIFE_THAT_COUNTED_BYTES = 574;
/** The most that the log held, what had come since the last pass of compaction included. */
const LOG_BYTES_MOST = 213_000_000;
const LOG_BYTES_MOST_COUNTED = 224_000_000;

it.each([
  ["writes what the next one writes", "name", PAST_LIFE_BYTES, LOG_BYTES_MOST],
  ["counts", "counter", PAST_LIFE_THAT_COUNTED_BYTES, LOG_BYTES_MOST_COUNTED],
] as const)(
  "1,000 nodes restart daily for a year, each time under a new certificate, and each life %s",
  (_, write, bytesALife, bytesMost) => {
    const restarts = new Restarts(NODES, [[write]]);
    const { member } = restarts;
    for (let day = 0; day < DAYS; day++) restarts.day();
    restarts.rest(600_000);
    const lives = DAYS * NODES;
    const status = member.core.status();
    const lifeBytes = restarts.sentBytes / lives;
    expect(restarts.sentBytes).toBeGreaterThan(LOG_BYTES_MAX);
    expect(status.incarnations).toBe(lives);
    expect(lives).toBeLessThan(DEFAULT_LIMITS.incarnationsMax);
    expect(restarts.logBytesMost).toBeLessThan(bytesMost);
    expect(bytesMost).toBeLessThan(LOG_BYTES_MAX);
    // What has come since the last pass is whole.
    const compacted = (lives - NODES) * bytesALife + NODES * lifeBytes;
    expect(status.deltaBytes).toBeGreaterThanOrEqual(compacted);
    const counted = member.read(TYPE_COUNTER, "c", "k").counter("c", "k").plus;
    expect(counted).toBe(write === "counter" ? BigInt(lives) : 0n);
  },
  3_600_000,
);

it("1,000 nodes restart daily for a year, and all that they count is there", () => {
  const kernels = createKernels();
  const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));
  const meshId = new Uint8Array(16);
  const replica = kernels.openReplica({ meshId });
  const utf8 = new TextEncoder();
  const keys = Array.from({ length: NODES }, (_, i) =>
    crypto.createSigningKey(kernels.blake3(utf8.encode(`node ${i}`))),
  );
  const touchedBefore = kernels.memoryUse?.().touchedBytes ?? 0;
  const add = { kind: "counter.add", collection: "c", key: "k", plus: 1n, minus: 0n } as const;
  let [logBytes, lives] = [0, 0];
  for (let day = 0; day < DAYS; day++) {
    for (const [i, identityKey] of keys.entries()) {
      const author = new LocalAuthor({
        nodeId: hexFromBytes(identityKey.publicKey),
        meshId,
        identityKey,
        crypto,
        kernels,
        replica,
        clock: new HybridClock(),
        seed: kernels.blake3(utf8.encode(`${day} ${i}`)),
        certificates: { own: undefined },
      });
      author.append(add);
      const deltas = author.close(1_700_000_000_000 + day * 86_400_000);
      const scan = replica.frameScan(deltas);
      const verdicts = new Uint8Array(scan.count).fill(1);
      const { outcomes } = replica.frameApply(scan, deltas, verdicts);
      if (outcomes.every((outcome) => outcome === APPLY_APPLIED)) lives += 1;
      logBytes += deltas.length;
    }
  }
  expect(lives).toBe(DAYS * NODES);
  expect(lives).toBeLessThan(DEFAULT_LIMITS.incarnationsMax);
  expect(logBytes).toBeLessThan(LOG_BYTES_MAX);
  expect(replica.incarnations).toBe(lives);
  expect(replica.counter("c", "k").plus).toBe(BigInt(lives));
  expect(logBytes / lives).toBe(LOG_BYTES_A_LIFE);
  expect(replica.stats.stateBytes / lives).toBeLessThan(COUNTER_BYTES_A_LIFE);
  const touched = (kernels.memoryUse?.().touchedBytes ?? 0) - touchedBefore;
  expect(touched / lives).toBeLessThan(MEMORY_BYTES_A_LIFE);
  replica.free();
}, 600_000);
