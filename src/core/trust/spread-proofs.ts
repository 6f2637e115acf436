/**
 * How proofs of equivocation travel: pushed to every link when new, and exchanged where two nodes
 * show different roots and different sets. Three steps at most (ask, answer, tell), so two nodes
 * that disagree for good, at a bound say, cannot keep one another busy.
 */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { digest } from "../state/digest.ts";
import { meshRoot } from "../state/root.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { FRAME_WANT } from "../wire/frame.ts";
import { bytesEqual } from "../wire/member.ts";
import {
  type CarriedProof,
  FRAME_PROOF,
  PROOF_ANSWER,
  PROOF_ASK,
  PROOF_TELL,
  PROOFS_PER_FRAME_MAX,
  type ProofFrame,
} from "../wire/proof-frame.ts";
import { learnProof } from "./equivocation.ts";
import { refuseFrame } from "./refuse.ts";
import type { Work } from "./verify.ts";

/** Sends proofs that want no answer. */
export function tellProof(
  core: CoreState,
  peers: readonly NodeId[],
  proofs: readonly CarriedProof[],
  now: Now,
): void {
  send(core, peers, PROOF_TELL, proofs, now);
}

/** A peer shows another root than the own one: it may lack a proof. */
export function compareProofs(core: CoreState, peer: NodeId, root: Uint8Array, now: Now): void {
  const { proofs } = core;
  if (proofs.size === 0 || bytesEqual(root, meshRoot(core))) return;
  const shown = proofs.shownBy(peer);
  if (shown !== undefined && bytesEqual(shown, proofs.digest)) return;
  send(core, [peer], PROOF_ASK, [], now);
}

/** A peer has sent, or announces, something of an expunged author: it lacks the proof. */
export function correct(core: CoreState, peer: NodeId, author: NodeId, now: Now): void {
  const proof = core.proofs.of(author);
  const shown = core.proofs.shownBy(peer);
  if (proof === undefined || peer === core.config.nodeId) return;
  // One that has shown the own set has the proof; what it sent was under way.
  if (shown !== undefined && bytesEqual(shown, core.proofs.digest)) return;
  const link = core.view.link(peer);
  if (link === undefined || now.monoMs - link.proofMonoMs < core.config.roundIntervalMs) return;
  link.proofMonoMs = now.monoMs;
  send(core, [peer], PROOF_ASK, [proof], now);
}

/** Takes a frame of proofs with the verdicts on their signatures, and answers. */
export function takeProofs(
  core: CoreState,
  work: Work,
  frame: ProofFrame,
  verdicts: Uint8Array,
  now: Now,
): void {
  const { peer } = work;
  const fresh: CarriedProof[] = [];
  for (const [i, proof] of work.proofs.entries()) {
    if (verdicts[i] !== 1) refuseFrame(core, peer, "signature");
    else if (learnProof(core, proof, peer, now)) fresh.push(proof);
  }
  core.proofs.shown(peer, frame.digest);
  if (fresh.length > 0) {
    tellProof(
      core,
      core.view.peers().filter((id) => id !== peer),
      fresh,
      now,
    );
    digest(core, undefined, now);
  }
  const same = bytesEqual(frame.digest, core.proofs.digest);
  if (frame.step === PROOF_ASK) send(core, [peer], PROOF_ANSWER, same ? [] : all(core), now);
  else if (frame.step === PROOF_ANSWER && !same) tellProof(core, [peer], all(core), now);
}

/** Asks a peer for an incarnation's record: it may hold another one than this node does. */
export function askRecord(core: CoreState, peer: NodeId, delta: Uint8Array, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined || now.monoMs - link.proofMonoMs < core.config.roundIntervalMs) return;
  link.proofMonoMs = now.monoMs;
  const { author, epoch, nonce } = decodeDeltaHeader(delta, 0);
  transmit(core, [peer], { type: FRAME_WANT, wants: [{ author, epoch, nonce, after: -1 }] }, now);
}

function all(core: CoreState): readonly CarriedProof[] {
  return core.proofs.all().map(([, proof]) => proof);
}

/** In frames of bounded size; only the last one carries the step. */
function send(
  core: CoreState,
  peers: readonly NodeId[],
  step: ProofFrame["step"],
  proofs: readonly CarriedProof[],
  now: Now,
): void {
  const { digest: own } = core.proofs;
  for (let i = 0; i === 0 || i < proofs.length; i += PROOFS_PER_FRAME_MAX) {
    const part = proofs.slice(i, i + PROOFS_PER_FRAME_MAX);
    const isLast = i + PROOFS_PER_FRAME_MAX >= proofs.length;
    const frame = { type: FRAME_PROOF, step: isLast ? step : PROOF_TELL } as const;
    transmit(core, peers, { ...frame, digest: own, proofs: part }, now);
  }
}
