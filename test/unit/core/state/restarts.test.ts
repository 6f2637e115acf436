// What daily restarts cost, small (C5; docs/decisions/0018-past-lives.md): docs/LIMITS.md has the
// arithmetic of a year, and test/slow/year-of-restarts.test.ts lives it.
import { describe, expect, it } from "vitest";
import { TYPE_COUNTER } from "../../../../assembly/layout.ts";
import { isCutRecord, isStub } from "../../../../src/core/wire/stub.ts";
import { type LifeWrites, Restarts } from "../../../support/restarts.ts";

const NODES = 4;
const DAYS = 6;
const RECORD_BYTES = 320;
const STUB_BYTES = 224;
const COUNTER_BYTES = 254;
/** Of the authority, under the longest labels. */
const CREDENTIAL_BYTES = 313;

describe("a past life of a node that restarts daily, under a certificate", () => {
  it.each([
    ["wrote what the next one writes", [["name"]], RECORD_BYTES + STUB_BYTES],
    ["has counted", [["counter"]], RECORD_BYTES + COUNTER_BYTES],
    [
      "wrote that and then counted",
      [["name"], ["counter"]],
      RECORD_BYTES + STUB_BYTES + COUNTER_BYTES,
    ],
  ] as readonly (readonly [string, LifeWrites, number])[])(
    "that %s leaves %j: %i bytes",
    (_, writes, bytes) => {
      const restarts = new Restarts(NODES, writes, 1);
      for (let day = 0; day < DAYS; day++) restarts.day();
      const lifeBytes = restarts.sentBytes / NODES / DAYS;
      expect(lifeBytes).toBeGreaterThanOrEqual(bytes + CREDENTIAL_BYTES);
      // It has one pass of compaction to go; the member's own log waits until it has doubled.
      const newcomer = restarts.newcomer();
      restarts.rest(600_000);
      const past = (DAYS - 1) * NODES;
      expect(newcomer.core.status().deltaBytes).toBe(past * bytes + NODES * lifeBytes);
      expect(newcomer.core.deltas().filter(isCutRecord)).toHaveLength(past);
      expect(newcomer.root).toBe(restarts.member.root);
      expect(newcomer.core.status().incarnations).toBe(DAYS * NODES);
      const counted = newcomer.read(TYPE_COUNTER, "c", "k").counter("c", "k");
      const isCounting = writes.flat().includes("counter");
      expect(counted.plus).toBe(isCounting ? BigInt(DAYS * NODES) : 0n);
    },
  );

  it("is all that a newcomer gets, once for each author with a certificate", () => {
    const restarts = new Restarts(NODES, [["name"]], 1);
    for (let day = 0; day < DAYS; day++) restarts.day();
    const newcomer = restarts.newcomer({ compactFromBytes: Number.POSITIVE_INFINITY });
    expect(newcomer.root).toBe(restarts.member.root);
    expect(newcomer.core.status().deltaBytes).toBe(restarts.logBytes);
    expect(newcomer.core.deltas().some(isStub)).toBe(true);
    expect(newcomer.cell("deltaProcessedUncertified")).toBe(0);
    // What stands for them came before them: none had to come twice.
    expect(newcomer.cell("deltaProcessedOrphaned")).toBe(0);
  });
});
