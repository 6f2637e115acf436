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

  it("makes a host busy when it comes again and again, not by one pause", () => {
    const lateness = new OwnLateness();
    lateness.note(0, at(5_000));
    expect(lateness.isBusy(at(5_000))).toBe(false);
    lateness.note(59_900, at(60_000));
    lateness.note(60_050, at(60_120));
    expect(lateness.isBusy(at(60_120))).toBe(true);
    expect(lateness.isBusy(at(60_300))).toBe(false);
  });

  it("is the timer's own, and makes nobody busy, up to 2 ms each", () => {
    const lateness = new OwnLateness();
    for (let monoMs = 1_000; monoMs < 4_000; monoMs += 3) lateness.note(monoMs - 2, at(monoMs));
    expect(lateness.isBusy(at(4_000))).toBe(false);
  });

  it("keeps a host busy that is in time now and then", () => {
    const lateness = new OwnLateness();
    let busy = 0;
    for (let monoMs = 1_000; monoMs < 31_000; monoMs += 100) {
      // Late by 60 ms four times in a row, and then in time for a second and a half.
      const lateMs = monoMs % 1_900 < 400 ? 60 : 0;
      lateness.note(monoMs - lateMs, at(monoMs));
      if (monoMs >= 11_000 && lateness.isBusy(at(monoMs))) busy += 1;
    }
    expect(busy / 200).toBeGreaterThan(0.7);
    expect(lateness.isBusy(at(35_000))).toBe(false);
  });
});
