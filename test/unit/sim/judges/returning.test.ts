import { beforeEach, describe, expect, it } from "vitest";
import { Returning } from "../../../../src/sim/judges/returning.ts";
import { invariantsOf, TestStage } from "../../../support/judge-stage.ts";

let stage: TestStage;
let judge: Returning;
beforeEach(() => {
  stage = new TestStage(2);
  judge = new Returning(stage);
});

/** Looks each half second; the reputation rises by `perSecond`. */
function pass(seconds: number, from: number, perSecond: number): string[] {
  for (let half = 0; half < 2 * seconds; half++) {
    stage.esteem(0, 1, from + (perSecond * half) / 2);
    stage.look(judge);
  }
  return invariantsOf(judge);
}

describe("a peer that behaves", () => {
  it("and whose reputation stands still breaks B5", () => {
    expect(pass(60, 0.2, 0)).toEqual(["B5"]);
  });

  it("and is still ignored after ten minutes, since it rises too slowly, breaks B5", () => {
    stage.node(1).behaviour = "garbage";
    stage.look(judge);
    stage.node(1).behaviour = undefined;
    expect(pass(700, 0.1, 1 / 6_000)).toEqual(["B5"]);
  });

  it("is given back what it lost", () => {
    expect(pass(300, 0.2, 1 / 600)).toEqual([]);
  });
});

it("a liar, one that is proven, and a process that stood still break nothing", () => {
  stage.node(1).behaviour = "garbage";
  expect(pass(60, 0.2, 0)).toEqual([]);
  stage.node(1).behaviour = undefined;
  stage.shown[0]?.proven.push("id1");
  expect(pass(60, 0, 0)).toEqual([]);
  stage.shown[0]?.proven.pop();
  stage.node(0).pausedUntilMs = stage.nowMs + 61_000;
  pass(60, 0.2, 0);
  stage.node(0).pausedUntilMs = 0;
  stage.node(0).sinceMs = stage.nowMs;
  expect(pass(20, 0.2, 0)).toEqual([]);
});
