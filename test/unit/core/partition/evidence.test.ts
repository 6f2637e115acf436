import { describe, expect, it } from "vitest";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { OwnLateness } from "../../../../src/core/own-lateness.ts";
import { noteSilence } from "../../../../src/core/partition/evidence.ts";
import { NEVER } from "../../../../src/core/partition/partition-state.ts";
import { at, peerId } from "../../../support/peers.ts";

const NOW = at(10_000);

/** What the evidence reads of a node with so many links, late by so much again and again. */
function nodeWith(links: number, lateMs: number) {
  const lateness = new OwnLateness();
  for (let monoMs = 100; monoMs <= NOW.monoMs; monoMs += 100) {
    lateness.note(monoMs - lateMs, at(monoMs));
  }
  const peers = Array.from({ length: links }, (_, number) => peerId(number));
  const partition = {
    silent: new Map<string, number>(),
    health: "healthy",
    isCalling: false,
    startMonoMs: NEVER,
    confirmedMonoMs: 0,
    tookMs: 0,
  };
  const core = {
    partition,
    lateness,
    parameters: { rttMs: 0 },
    membership: { isPresent: () => true },
    view: { peers: () => peers },
  };
  /** How many links fall silent, one after another, until a call starts. */
  const silencesUntilCall = () => {
    let silences = 0;
    while (partition.startMonoMs === NEVER) {
      const peer = peers[silences++];
      if (peer === undefined) throw new Error("no number of silences starts a call");
      noteSilence(core as unknown as CoreState, peer, NOW.monoMs, NOW);
    }
    return silences;
  };
  return { silencesUntilCall };
}

describe("a first silence", () => {
  it.each([3, 18])("starts a roll call, of %i links", (links) => {
    expect(nodeWith(links, 0).silencesUntilCall()).toBe(1);
  });
});

describe("on a busy host", () => {
  it.each([
    [3, 1],
    [4, 1],
    [9, 3],
    [18, 5],
  ])("of %i links %i must be silent, a quarter, before a call starts", (links, silences) => {
    expect(nodeWith(links, 60).silencesUntilCall()).toBe(silences);
  });
});
