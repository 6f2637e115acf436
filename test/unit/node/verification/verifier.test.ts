import { describe, expect, test } from "vitest";
import type { NodeId } from "../../../../src/core/node-id.ts";
import type { SignatureCheck, VerifyRequest } from "../../../../src/core/outputs.ts";
import { createCrypto } from "../../../../src/node/signature/signature.ts";
import { Verifier } from "../../../../src/node/verification/verifier.ts";
import { type VerifyJob, VerifyPool } from "../../../../src/node/verification/verify-pool.ts";
import { createFakeCrypto } from "../../../../src/sim/fake-crypto.ts";

const crypto = createCrypto();
const key = crypto.createSigningKey(new Uint8Array(32).fill(3));
const PEER_A = "aa".repeat(32) as NodeId;
const PEER_B = "bb".repeat(32) as NodeId;

/** `count` checks, of which the one at `badAt` does not hold. */
function checksOf(count: number, badAt = -1): SignatureCheck[] {
  return Array.from({ length: count }, (_, at) => {
    const message = Uint8Array.of(at, at >> 8, count);
    const signature = crypto.sign(message, key);
    if (at === badAt) signature[0] = (signature[0] ?? 0) ^ 1;
    return { publicKey: key.publicKey, message, signature };
  });
}

function requestOf(ticket: number, checks: readonly SignatureCheck[], peer = PEER_A) {
  return { ticket, checks, peer, isAwaited: false } satisfies VerifyRequest;
}

/** A pool whose jobs the test does, in any order. */
function heldPool() {
  const jobs: VerifyJob[] = [];
  const finish = (at: number): void => {
    const [job] = jobs.splice(at, 1);
    job?.done(new Uint8Array(job.checks.length).fill(1));
  };
  return { jobs, finish, run: (job: VerifyJob) => void jobs.push(job) };
}

function setup(pool: ReturnType<typeof heldPool>) {
  const answered: number[] = [];
  const verifier = new Verifier({ crypto, pool, answer: (ticket) => answered.push(ticket) });
  return { verifier, answered };
}

/** Take longer than one turn has for them: a verification takes more than 15 us. */
const MANY = checksOf(400);
const OTHERS = checksOf(401);

describe("a verifier", () => {
  test("answers a few signatures at once", () => {
    const pool = heldPool();
    const { verifier } = setup(pool);
    expect([...(verifier.take(requestOf(1, checksOf(3, 1))) ?? [])]).toEqual([1, 0, 1]);
    expect(pool.jobs).toHaveLength(0);
  });

  test("hands a backlog to the workers in slices", () => {
    const pool = heldPool();
    const { verifier, answered } = setup(pool);
    expect(verifier.take(requestOf(1, MANY))).toBeUndefined();
    const slices = pool.jobs.map(({ checks }) => checks.length);
    expect(slices.slice(0, -1).every((length) => length === 64)).toBe(true);
    expect(slices.length).toBeGreaterThan(1);
    while (pool.jobs.length > 1) pool.finish(1);
    expect(answered).toEqual([]);
    pool.finish(0);
    expect(answered).toEqual([1]);
    expect(verifier.waiting).toBe(0);
  });

  test("answers one peer in the order of its requests, whatever the workers' order", () => {
    const pool = heldPool();
    const { verifier, answered } = setup(pool);
    verifier.take(requestOf(1, MANY));
    // Small, but it came later than what still waits.
    expect(verifier.take(requestOf(2, checksOf(1)))).toBeUndefined();
    const ofA = pool.jobs.length;
    verifier.take(requestOf(3, OTHERS, PEER_B));
    pool.finish(ofA);
    expect(answered).toEqual([]);
    while (pool.jobs.length > ofA) pool.finish(ofA);
    expect(answered).toEqual([3]);
    while (pool.jobs.length > 0) pool.finish(0);
    expect(answered).toEqual([3, 1, 2]);
  });

  test("verifies nothing twice, whoever has verified it", () => {
    const pool = heldPool();
    const { verifier } = setup(pool);
    verifier.take(requestOf(1, MANY));
    while (pool.jobs.length > 0) pool.finish(0);
    expect([...(verifier.take(requestOf(2, MANY)) ?? [])]).toEqual(MANY.map(() => 1));
    expect(pool.jobs).toHaveLength(0);
  });

  test("answers what it knows behind what a peer still waits for, in order", () => {
    const pool = heldPool();
    const { verifier, answered } = setup(pool);
    const known = checksOf(1);
    verifier.take(requestOf(1, known));
    verifier.take(requestOf(2, MANY));
    expect(verifier.take(requestOf(3, known))).toBeUndefined();
    expect(answered).toEqual([]);
    while (pool.jobs.length > 0) pool.finish(0);
    expect(answered).toEqual([2, 3]);
  });

  test("answers a Hello at once, for what follows it would be refused", () => {
    const pool = heldPool();
    const { verifier } = setup(pool);
    verifier.take(requestOf(1, MANY));
    const hello = { ...requestOf(2, checksOf(1)), isAwaited: true };
    expect([...(verifier.take(hello) ?? [])]).toEqual([1]);
  });

  test("keeps a crypto that no worker could make in its own thread", () => {
    const fake = createFakeCrypto((bytes) => new Uint8Array(32).fill(bytes.length));
    const verifier = new Verifier({ crypto: fake, answer: () => undefined });
    expect(verifier.take(requestOf(1, MANY))).toHaveLength(400);
  });

  test("answers nothing after it was closed", async () => {
    const pool = heldPool();
    const { verifier, answered } = setup(pool);
    verifier.take(requestOf(1, MANY));
    await verifier.close();
    while (pool.jobs.length > 0) pool.finish(0);
    expect(answered).toEqual([]);
  });
});

describe("the pool of threads", () => {
  test("gives the verdicts that this thread would give", async () => {
    const verdicts = await new Promise<Uint8Array>((resolve) => {
      const verifier = new Verifier({
        crypto,
        answer: (_, answered) => void verifier.close().then(() => resolve(answered)),
      });
      expect(verifier.take(requestOf(1, checksOf(4_000, 170)))).toBeUndefined();
    });
    expect(verdicts.indexOf(0)).toBe(170);
    expect(verdicts.filter((verdict) => verdict === 1)).toHaveLength(3_999);
  });

  test("goes on in this thread when its own cannot run", async () => {
    const file = new URL("./no-such-worker.ts", import.meta.url);
    const pool = new VerifyPool({ crypto, file });
    const run = (checks: SignatureCheck[]) =>
      new Promise<number[]>((resolve) => {
        pool.run({ checks, done: (verdicts) => resolve([...verdicts]) });
      });
    expect(await Promise.all([run(checksOf(2, 0)), run(checksOf(1))])).toEqual([[0, 1], [1]]);
    expect(await run(checksOf(3, 2))).toEqual([1, 1, 0]);
    expect(pool.threads).toBe(0);
    await pool.close();
  });

  test("gives each of many small jobs its own verdicts", async () => {
    const pool = new VerifyPool({ crypto });
    const run = (count: number) =>
      new Promise<number[]>((resolve) => {
        pool.run({
          checks: checksOf(count, count - 1),
          done: (verdicts) => resolve([...verdicts]),
        });
      });
    const counts = Array.from({ length: 40 }, (_, at) => 1 + (at % 9));
    const expected = counts.map((count) => [...new Array(count - 1).fill(1), 0]);
    expect(await Promise.all(counts.map(run))).toEqual(expected);
    await pool.close();
  });

  test("starts none for a burst that this thread is done with sooner, a job a turn", async () => {
    const pool = new VerifyPool({ crypto });
    const turns: number[] = [];
    let turn = 0;
    const count = (): void => {
      turn += 1;
      if (turns.length < 3) setImmediate(count);
    };
    setImmediate(count);
    const run = () =>
      new Promise<void>((resolve) => {
        pool.run({ checks: checksOf(300), done: () => resolve(void turns.push(turn)) });
      });
    await Promise.all([run(), run(), run()]);
    expect(pool.threads).toBe(0);
    expect(new Set(turns).size).toBe(3);
    await pool.close();
  });

  test("waits for no thread that is still starting", async () => {
    const file = new URL("data:text/javascript,setInterval(() => {}, 1000)");
    const pool = new VerifyPool({ crypto, file });
    const verdicts = await new Promise<Uint8Array>((resolve) => {
      pool.run({ checks: checksOf(1_024, 7), done: resolve });
    });
    expect(pool.threads).toBe(1);
    expect(verdicts.indexOf(0)).toBe(7);
    await pool.close();
  });

  test("does many small jobs in one turn", async () => {
    const pool = new VerifyPool({ crypto });
    let turns = 0;
    let left = 64;
    const count = (): void => {
      turns += 1;
      if (left > 0) setImmediate(count);
    };
    setImmediate(count);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      for (let i = 0; i < 64; i++) pool.run({ checks: checksOf(1), done });
    });
    expect(turns).toBeLessThan(3);
    await pool.close();
  });

  test("ends its threads when it is closed", async () => {
    const pool = new VerifyPool({ crypto });
    await new Promise<void>((resolve) => {
      pool.run({ checks: checksOf(1_024), done: () => resolve() });
    });
    expect(pool.threads).toBe(1);
    await pool.close();
    expect(pool.threads).toBe(0);
    pool.run({ checks: checksOf(1), done: () => expect.unreachable() });
  });
});
