import { beforeEach, describe, expect, it } from "vitest";
import { Offsetting } from "../../../../src/sim/judges/offsetting.ts";
import { invariantsOf, TestStage } from "../../../support/judge-stage.ts";

let stage: TestStage;
let judge: Offsetting;
beforeEach(() => {
  stage = new TestStage(2);
  judge = new Offsetting(stage);
});

function esteem(reputation: number, afterMs = 500): string[] {
  stage.esteem(0, 1, reputation);
  stage.look(judge, afterMs);
  return invariantsOf(judge);
}

function send(frames: number): string[] {
  for (let i = 0; i < frames; i++) judge.frame(stage.node(0), stage.node(1));
  return invariantsOf(judge);
}

describe("a reputation", () => {
  it("that rises by anything but time breaks B3", () => {
    expect(esteem(0.3)).toEqual([]);
    expect(esteem(0.6)).toEqual(["B3"]);
  });

  it("may rise as fast as time gives it back, and fall at once", () => {
    esteem(0.3);
    expect(esteem(0.4, 60_000)).toEqual([]);
    expect(esteem(0.1)).toEqual([]);
  });

  it("that leaving and returning has washed breaks B3", () => {
    esteem(0.3);
    stage.shown[0]?.reputations.delete("id1");
    stage.look(judge);
    expect(esteem(1)).toEqual(["B3"]);
  });

  it("above the threshold after a proof breaks B3", () => {
    stage.shown[0]?.proven.push("id1");
    expect(esteem(0.4)).toEqual([]);
    expect(esteem(0.5, 600_000)).toEqual(["B3"]);
  });
});

describe("who sends nothing but offences", () => {
  it("and is still heard breaks B3", () => {
    stage.node(1).behaviour = "garbage";
    stage.esteem(0, 1, 0.9);
    expect(send(199)).toEqual([]);
    expect(send(2)).toEqual(["B3"]);
  });

  it("is ignored in time, or sends what is no offence", () => {
    stage.node(1).behaviour = "future-time";
    stage.esteem(0, 1, 0.4);
    expect(send(500)).toEqual([]);
    stage.node(1).behaviour = "replay";
    stage.esteem(0, 1, 1);
    expect(send(500)).toEqual([]);
  });
});
