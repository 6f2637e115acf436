// What repair has just sent over a link, and how that ends.
import { describe, expect, it } from "vitest";
import { UNDER_WAY_MAX, UnderWay } from "../../../../src/core/gossip/under-way.ts";

const at = (monoMs: number) => ({ monoMs, wallMs: 0 });

describe("what is under way on a link", () => {
  it("is not sent again: an answer begins behind it", () => {
    const underWay = new UnderWay();
    underWay.sent("a", { after: 0, seq: 256 }, 50, at(0));
    expect(underWay.from("a", 0, at(49))).toBe(256);
    expect(underWay.from("a", 300, at(49))).toBe(300);
    expect(underWay.from("b", 0, at(49))).toBe(0);
  });

  it("counts as lost after its time, and is sent anew", () => {
    const underWay = new UnderWay();
    underWay.sent("a", { after: 0, seq: 256 }, 50, at(0));
    expect(underWay.from("a", 0, at(50))).toBe(0);
  });

  it("counts as lost in its time though the peer goes on asking, and is sent what is new", () => {
    const underWay = new UnderWay();
    underWay.sent("a", { after: 0, seq: 10 }, 50, at(0));
    expect(underWay.from("a", 0, at(40))).toBe(10);
    underWay.sent("a", { after: 0, seq: 12 }, 50, at(40));
    expect(underWay.from("a", 0, at(49))).toBe(12);
    expect(underWay.from("a", 0, at(50))).toBe(0);
  });

  it("has its time anew for a peer that shows it has got the part before", () => {
    const underWay = new UnderWay();
    underWay.sent("a", { after: 0, seq: 10 }, 50, at(0));
    underWay.sent("a", { after: 10, seq: 20 }, 50, at(40));
    expect(underWay.from("a", 10, at(89))).toBe(20);
    expect(underWay.from("a", 10, at(90))).toBe(10);
  });

  it("is remembered for the incarnations sent last", () => {
    const underWay = new UnderWay();
    for (let i = 0; i <= UNDER_WAY_MAX; i++) underWay.sent(`${i}`, { after: 0, seq: 9 }, 50, at(0));
    expect(underWay.from("0", 0, at(1))).toBe(0);
    expect(underWay.from("1", 0, at(1))).toBe(9);
  });
});
