/**
 * What a proof of equivocation sets in motion: its author is expunged. No later delta of it is
 * taken, its reputation is zero for good, its links end, the proof goes to everyone at once and to
 * the store, and the replica is made anew without it (expunge.ts). Nothing here is judged by a
 * clock or by whom a proof came from: docs/decisions/0013-equivocation.md.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { decodeProof } from "../wire/proof.ts";

/** The replica is made anew at most this often: proofs that come together cost one. */
const REBUILD_INTERVAL_MS = 1_000;

/** Takes a proof whose signatures hold. False when its author has one already, or at the bound. */
export function learnProof(core: CoreState, author: NodeId, bytes: Uint8Array, now: Now): boolean {
  const { proofs } = core;
  if (!proofs.add(author, bytes)) return false;
  core.cells.add(CELLS.byzantineDetectionsEquivocation, 1);
  core.out.events.push({ kind: "fork", author, proof: bytes });
  core.out.proofStores.push(encodeProofs(core));
  disown(core, author);
  if (core.replica.latest(author) !== undefined) {
    const dueMonoMs = Math.max(now.monoMs, proofs.rebuiltMonoMs + REBUILD_INTERVAL_MS);
    proofs.rebuildDueMonoMs = Math.min(proofs.rebuildDueMonoMs, dueMonoMs);
  }
  return true;
}

/** Takes back the proofs that an earlier life has stored; before its deltas. */
export function restoreProofs(core: CoreState, stored: Uint8Array): void {
  for (const bytes of decodeProofs(stored)) {
    // Checked when it came; a proof that no longer decodes comes again from the peers.
    const proof = decodeProof(bytes, core.deps.kernels.blake3);
    if (proof !== undefined) core.proofs.add(proof.author, proof.bytes);
  }
}

/** Every trace of trust in an author goes. */
function disown(core: CoreState, author: NodeId): void {
  core.registry.setReputation(author, 0);
  core.parked.drop(author);
  if (core.view.link(author) === undefined) return;
  core.out.links.push({ kind: "disconnect", peer: author, reason: "equivocation" });
}

/** All proofs as they are stored: each behind its length, u16. */
function encodeProofs(core: CoreState): Uint8Array {
  const proofs = core.proofs.all().map(([, bytes]) => bytes);
  const stored = new Uint8Array(proofs.reduce((sum, { length }) => sum + 2 + length, 0));
  let at = 0;
  for (const bytes of proofs) {
    new DataView(stored.buffer).setUint16(at, bytes.length, true);
    stored.set(bytes, at + 2);
    at += 2 + bytes.length;
  }
  return stored;
}

function* decodeProofs(stored: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  for (let at = 0; at + 2 <= stored.length; ) {
    const end = at + 2 + view.getUint16(at, true);
    yield stored.subarray(at + 2, end);
    at = end;
  }
}
