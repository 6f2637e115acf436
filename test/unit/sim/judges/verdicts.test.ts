import { expect, it } from "vitest";
import { Verdicts } from "../../../../src/sim/judges/verdicts.ts";
import { invariantsOf, TestStage } from "../../../support/judge-stage.ts";

const check = (message: number) => ({
  signature: new Uint8Array(64),
  publicKey: new Uint8Array(32),
  message: Uint8Array.of(message),
});

it("two verdicts on one byte string break S8, whoever asks; other bytes may have another", () => {
  const stage = new TestStage(2);
  const judge = new Verdicts(stage);
  judge.verified(stage.node(0), check(1), true);
  judge.verified(stage.node(1), check(1), true);
  judge.verified(stage.node(1), check(2), false);
  expect(judge.violations).toEqual([]);
  judge.verified(stage.node(1), check(1), false);
  expect(invariantsOf(judge)).toEqual(["S8"]);
});
