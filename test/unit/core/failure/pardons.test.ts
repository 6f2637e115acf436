import { describe, expect, it } from "vitest";
import { Pardons } from "../../../../src/core/failure/pardons.ts";
import { WORD_ALIVE, WORD_SUSPECT } from "../../../../src/core/wire/suspect.ts";
import { at, peerId } from "../../../support/peers.ts";

const alive = {
  member: peerId(1),
  epoch: 5n,
  counter: 2,
  state: WORD_ALIVE,
  by: peerId(2),
} as const;
const suspect = { ...alive, state: WORD_SUSPECT, by: peerId(3) } as const;

describe("a pardon", () => {
  it("silences accusations about the same record for half a second", () => {
    const pardons = new Pardons();
    expect(pardons.holds(suspect, at(0))).toBe(false);
    expect(pardons.grant(alive, at(100))).toBe(true);
    expect([599, 600].map((ms) => pardons.holds(suspect, at(ms)))).toEqual([true, false]);
    expect(pardons.holds({ ...suspect, counter: 3 }, at(200))).toBe(false);
  });

  it("is granted sixteen times for one record, whoever speaks", () => {
    const pardons = new Pardons();
    const granted = Array.from({ length: 18 }, (_, i) =>
      pardons.grant({ ...alive, by: peerId(2 + i) }, at(i)),
    );
    expect(granted.filter(Boolean)).toHaveLength(16);
    expect(granted.slice(16)).toEqual([false, false]);
  });

  it("is granted anew once the member has signed a newer record", () => {
    const pardons = new Pardons();
    for (let i = 0; i < 17; i++) pardons.grant(alive, at(i));
    expect(pardons.grant({ ...alive, counter: 3 }, at(17))).toBe(true);
  });
});
