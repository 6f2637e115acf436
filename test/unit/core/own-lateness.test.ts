// How late a process runs, by the core's own deadlines.
import { describe, expect, it } from "vitest";
import { OwnLateness } from "../../../src/core/own-lateness.ts";

const at = (monoMs: number) => ({ monoMs, wallMs: 0 });

describe("own lateness", () => {
  it("is what lies between the deadline and the input", () => {
    const lateness = new OwnLateness();
    expect(lateness.note(1_000, at(900))).toBe(0);
    expect(lateness.note(1_000, at(1_040))).toBe(40);
  });

  it("counts one pause once, however many inputs had waited", () => {
    const lateness = new OwnLateness();
    expect(lateness.note(1_000, at(6_000))).toBe(5_000);
    expect(lateness.note(1_000, at(6_001))).toBe(1);
  });

  it("counts from the deadline that stood before commands, which are no hearing", () => {
    const lateness = new OwnLateness();
    lateness.note(1_000, at(900));
    lateness.commanded(1_001);
    lateness.commanded(1_080);
    expect(lateness.note(1_090, at(1_100))).toBe(99);
    expect(lateness.note(1_200, at(1_190))).toBe(0);
  });

  it("remembers the worst, and half of it half a second later, but of a pause no more than 100 ms", () => {
    const lateness = new OwnLateness();
    expect(lateness.ofLateMs(at(0))).toBe(0);
    lateness.note(0, at(80));
    lateness.note(100, at(110));
    expect(lateness.ofLateMs(at(80))).toBe(80);
    expect(lateness.ofLateMs(at(580))).toBe(40);
    lateness.note(580, at(630));
    expect(lateness.ofLateMs(at(630))).toBe(50);
    lateness.note(700, at(60_000));
    expect(lateness.ofLateMs(at(60_000))).toBe(100);
  });

  it("makes a host busy when it goes on for two seconds, not by one pause", () => {
    const lateness = new OwnLateness();
    lateness.note(0, at(5_000));
    expect([5_000, 6_500, 8_500].map((monoMs) => lateness.isBusy(at(monoMs)))).toEqual([
      false,
      false,
      false,
    ]);
    for (let monoMs = 9_000; monoMs < 11_000; monoMs += 100) {
      lateness.note(monoMs - 30, at(monoMs));
      expect(lateness.isBusy(at(monoMs))).toBe(false);
    }
    lateness.note(10_970, at(11_000));
    expect(lateness.isBusy(at(11_000))).toBe(true);
    expect(lateness.isBusy(at(12_000))).toBe(false);
  });
});
