import { expect, it } from "vitest";
import type { CoreEvent, SignatureCheck } from "../../../../src/core/outputs.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { World } from "../../../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../../../src/sim/fake-crypto.ts";
import { Penalties } from "../../../../src/sim/judges/penalties.ts";
import { invariantsOf, TestStage } from "../../../support/judge-stage.ts";

type Fork = Extract<CoreEvent, { kind: "fork" }>;

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));

/** What nodes say of one that has told two halves different things. */
function realFork(): Fork {
  const forks: Fork[] = [];
  const event = (_: unknown, one: CoreEvent) => void (one.kind === "fork" && forks.push(one));
  const latency = { regions: 1, minMs: 1, maxMs: 10 };
  const rest = { latency, loss: 0, config: {}, observers: [{ event }] };
  const world = new World({ seed: 1, kernels, crypto, ...rest });
  for (let i = 0; i < 4; i++) world.schedule(i * 5, () => world.add());
  world.runUntil(2_000);
  const [, liar] = world.nodes;
  if (liar !== undefined) world.misbehaviour.begin(liar, "equivocate");
  world.runUntil(5_000);
  world.free();
  const [fork] = forks;
  if (fork === undefined) throw new Error("no fork was found");
  return fork;
}

it("an expulsion without a proof that anybody can check breaks B2", () => {
  const fork = realFork();
  const holds = ({ signature, message, publicKey }: SignatureCheck) =>
    crypto.verify(signature, message, publicKey);
  const told = (event: Fork): string[] => {
    const stage = new TestStage(1);
    const judge = new Penalties(stage, kernels.blake3, holds);
    judge.event(stage.node(0), event);
    return invariantsOf(judge);
  };
  expect(told(fork)).toEqual([]);
  const forged = fork.proof.slice();
  forged[forged.length - 1]! ^= 1;
  expect(told({ ...fork, proof: forged })).toEqual(["B2"]);
  expect(told({ ...fork, proof: fork.proof.slice(1) })).toEqual(["B2"]);
  expect(told({ ...fork, proof: new Uint8Array(0) })).toEqual(["B2"]);
  expect(told({ ...fork, author: "0".repeat(64) })).toEqual(["B2"]);
});
