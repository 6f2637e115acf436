/**
 * Local penalties (C6): first-hand evidence against the sender of a frame. They concern its
 * future frames only; what it brought before stays. Recovery is a steady trickle, so that clean
 * conduct restores a peer within ten minutes (docs/ARCHITECTURE.md).
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";

/** `conflict`: a bad signature that an honest relay may be deceived about (state/merge.ts). */
export type Offence = "malformed" | "signature" | "certificate" | "timestamp" | "conflict";

/** Reputation lost per offence, of 1.0. */
const PENALTIES: Readonly<Record<Offence, number>> = {
  malformed: 0.1,
  signature: 0.2,
  certificate: 0.2,
  timestamp: 0.02,
  conflict: 0.02,
};

/** Reputation won back per second without an offence: 0 to 1 in ten minutes. */
const RECOVERY_PER_SECOND = 1 / 600;

export function penalize(core: CoreState, peer: NodeId, offence: Offence): void {
  if (peer === core.config.nodeId) return;
  core.registry.adjustReputation(peer, -PENALTIES[offence]);
}

/** Gives every peer its share of `elapsedMs` of clean conduct. */
export function recover(core: CoreState, elapsedMs: number): void {
  const share = (elapsedMs / 1000) * RECOVERY_PER_SECOND;
  for (const peer of core.registry.tarnished()) {
    // Good conduct never offsets what is proven.
    if (!core.proofs.has(peer.id)) core.registry.adjustReputation(peer.id, share);
  }
}
