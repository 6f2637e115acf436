/**
 * What a proof of equivocation, or a revocation, sets in motion: its author is expunged. No later delta of it is
 * taken, its reputation is zero for good, its links end, the proof goes to everyone at once and to
 * the store, and the replica is made anew without it (state/rebuild.ts). Nothing here is judged by a
 * clock or by whom a proof came from: docs/decisions/0013-equivocation.md.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import type { CarriedProof } from "../wire/proof-frame.ts";
import { encodeProofs } from "./stored-proofs.ts";

/** The replica is made anew at most this often: proofs that come together cost one. */
const REBUILD_INTERVAL_MS = 1_000;

/**
 * Whether there is room for a proof that a peer brings, or whose two halves it brings; counted when
 * not. In an open mesh authors cost nothing, so what one peer can introduce is bounded; in one with
 * an authority only certified authors are proven. Nothing is refused for good: where sets differ,
 * proofs come again.
 */
export function hasRoom(core: CoreState, peer: NodeId, now: Now): boolean {
  if (core.proofs.isFull) {
    core.cells.add(CELLS.proofRefusedFull, 1);
    return false;
  }
  if (core.certificates.isRequired || peer === core.config.nodeId) return true;
  if (core.proofs.introduce(peer, 0, now.monoMs)) return true;
  core.cells.add(CELLS.proofRefusedRate, 1);
  return false;
}

/**
 * Takes a proof whose signatures hold, the credential's too.
 * @param from who has introduced it.
 * @returns false when its author has one already, or when there is no room.
 */
export function learnProof(
  core: CoreState,
  proof: CarriedProof & { readonly author: NodeId },
  from: NodeId,
  now: Now,
): boolean {
  const { proofs } = core;
  const { author, bytes, credential } = proof;
  if (proofs.has(author) || !hasRoom(core, from, now)) return false;
  if (!proofs.add(author, { bytes, credential: credential.slice() })) return false;
  if (from !== core.config.nodeId) proofs.introduce(from, 1, now.monoMs);
  if (bytes.length === 0) core.out.events.push({ kind: "revoked", peer: author });
  else {
    core.cells.add(CELLS.byzantineDetectionsEquivocation, 1);
    core.out.events.push({ kind: "fork", author, proof: bytes });
  }
  core.out.proofStores.push(encodeProofs(core));
  disown(core, author);
  if (core.replica.latest(author) !== undefined) core.rebuilding.ask(REBUILD_INTERVAL_MS, now);
  return true;
}

/** Every trace of trust in an author goes. */
export function disown(core: CoreState, author: NodeId): void {
  core.registry.setReputation(author, 0);
  core.registry.deregister(author);
  // It counts in no quorum, and answers for none (docs/decisions/0013-equivocation.md).
  core.membership.expunge(author);
  core.failure.standings.delete(author);
  core.failure.departures.delete(author);
  core.parked.drop(author);
  if (core.view.link(author) === undefined) return;
  core.out.links.push({ kind: "disconnect", peer: author, reason: "expunged" });
}
