import { beforeEach, describe, expect, it } from "vitest";
import type { CoreEvent } from "../../../../src/core/outputs.ts";
import { Resurrection } from "../../../../src/sim/judges/resurrection.ts";
import { invariantsOf, mapChange, TestStage } from "../../../support/judge-stage.ts";

let stage: TestStage;
let judge: Resurrection;
beforeEach(() => {
  stage = new TestStage(2);
  judge = new Resurrection(stage);
});

function happen(...events: CoreEvent[]): string[] {
  for (const event of events) judge.event(stage.node(0), event);
  return invariantsOf(judge);
}

describe("a deleted key", () => {
  it("that comes back by an older write breaks S6", () => {
    expect(happen(mapChange("k", false, 20n), mapChange("k", true, 10n))).toEqual(["S6"]);
  });

  it("may be set again by a newer write", () => {
    expect(happen(mapChange("k", false, 20n), mapChange("k", true, 30n))).toEqual([]);
  });

  it("stays deleted when an older write arrives late", () => {
    const late = mapChange("k", false, 10n, false);
    expect(happen(mapChange("k", false, 20n), late, mapChange("k", true, 15n))).toEqual(["S6"]);
  });

  it("may come back where its deleter was expunged, and in another life, which has not seen it", () => {
    const fork: CoreEvent = { kind: "fork", author: "id1", proof: new Uint8Array(0) };
    expect(happen(mapChange("k", false, 20n), fork, mapChange("k", true, 10n))).toEqual([]);
    happen(mapChange("j", false, 20n));
    stage.node(0).life += 1;
    expect(happen(mapChange("j", true, 10n))).toEqual([]);
  });
});
