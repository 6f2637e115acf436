// Acknowledgements are told a turn of the event loop at a time, and not while the links are behind.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DELTAS_WAITING_MAX, PacedAcks } from "../../../../src/node/api/paced-acks.ts";

function paced(isBehind: () => boolean = () => false) {
  const told: number[] = [];
  const acks = new PacedAcks({ settle: (_, last) => told.push(last), isBehind });
  return { acks, told };
}

describe("acknowledgements of local writes", () => {
  it("are told at once when nothing waits", () => {
    const { acks, told } = paced();
    acks.add(1, 1);
    acks.add(2, 3);
    expect(told).toEqual([1, 3]);
  });

  it("leave the event loop a turn between two full deltas", async () => {
    const { acks, told } = paced();
    for (const last of [256, 512, 768]) acks.add(last - 255, last);
    expect(told).toEqual([256]);
    await turn();
    expect(told).toEqual([256, 512]);
    await turn();
    expect(told).toEqual([256, 512, 768]);
  });

  it("wait while the links are behind, and go on in order when they are not", async () => {
    let isBehind = true;
    const { acks, told } = paced(() => isBehind);
    acks.add(1, 1);
    acks.add(2, 2);
    expect(told).toEqual([]);
    isBehind = false;
    while (told.length < 2) await turn();
    expect(told).toEqual([1, 2]);
  });

  it("end for a link that stays behind: no writer waits for ever", async () => {
    const { acks, told } = paced(() => true);
    acks.add(1, 1);
    while (told.length === 0) await turn();
    expect(told).toEqual([1]);
  });

  it("are bounded: the next write is to be refused", () => {
    const { acks } = paced(() => true);
    for (let i = 0; i < DELTAS_WAITING_MAX; i++) {
      expect(acks.isFull).toBe(false);
      acks.add(i, i);
    }
    expect(acks.isFull).toBe(true);
  });

  it("are told at the end, as the writes have been made", () => {
    const { acks, told } = paced(() => true);
    acks.add(1, 1);
    acks.add(2, 2);
    acks.close();
    expect(told).toEqual([1, 2]);
  });
});
