// What repair has just sent over a link, and how that ends.
import { describe, expect, it } from "vitest";
import { UNDER_WAY_MAX, UnderWay } from "../../../../src/core/gossip/under-way.ts";

const at = (monoMs: number) => ({ monoMs, wallMs: 0 });

describe("what is under way on a link", () => {
  it("is not sent again: an answer begins behind it", () => {
    const underWay = new UnderWay();
    underWay.sent("a", 256, 50, at(0));
    expect(underWay.from("a", 0, at(49))).toBe(256);
    expect(underWay.from("a", 300, at(49))).toBe(300);
    expect(underWay.from("b", 0, at(49))).toBe(0);
  });

  it("counts as lost after its time, and is sent anew", () => {
    const underWay = new UnderWay();
    underWay.sent("a", 256, 50, at(0));
    expect(underWay.from("a", 0, at(50))).toBe(0);
  });

  it("is remembered for the incarnations sent last", () => {
    const underWay = new UnderWay();
    for (let i = 0; i <= UNDER_WAY_MAX; i++) underWay.sent(`${i}`, 9, 50, at(0));
    expect(underWay.from("0", 0, at(1))).toBe(0);
    expect(underWay.from("1", 0, at(1))).toBe(9);
  });
});
