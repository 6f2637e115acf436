import { beforeEach, describe, expect, it } from "vitest";
import { IgnoredWrites } from "../../../../src/sim/judges/ignored-writes.ts";
import { invariantsOf, TestStage } from "../../../support/judge-stage.ts";

let stage: TestStage;
let judge: IgnoredWrites;
beforeEach(() => {
  stage = new TestStage(2);
  judge = new IgnoredWrites(stage);
  stage.shown[0]?.keys.push("n1.1.0", "n1.1.1", "n0.1.2");
  stage.esteem(0, 1, 0.4);
  stage.look(judge);
});

function end(keys: string[]): string[] {
  const [shown] = stage.shown;
  if (shown !== undefined) shown.keys = keys;
  judge.end();
  return invariantsOf(judge);
}

describe("the writes of an ignored peer, made before", () => {
  it("that are gone break B4", () => {
    expect(end(["n1.1.0", "n0.1.2"])).toEqual(["B4"]);
  });

  it("stay, and no others are asked for", () => {
    expect(end(["n1.1.0", "n1.1.1"])).toEqual([]);
  });

  it("go with a proof, and a process that began anew owes none", () => {
    stage.shown[0]?.proven.push("id1");
    expect(end([])).toEqual([]);
    stage.shown[0]?.proven.pop();
    stage.node(0).life += 1;
    expect(end([])).toEqual([]);
  });
});
