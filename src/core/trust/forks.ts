/** Finds equivocation in the deltas that come: which must be verified for it, and what they prove. */
import type { CoreState } from "../core-state.ts";
import { nameOf } from "../gossip/missing.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { SignatureCheck } from "../outputs.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { bytesEqual } from "../wire/member.ts";
import { signedHeaderOf } from "../wire/proof.ts";
import { isCutRecord } from "../wire/stub.ts";
import { credentialOf } from "./certified-rows.ts";
import { learnProof } from "./equivocation.ts";
import { contradict, proofOf } from "./evidence.ts";
import { tellProof } from "./spread-proofs.ts";

/**
 * A validly signed delta of an incarnation contradicts what is held: proves it, and tells everyone.
 * @param from who has brought the delta.
 * @returns false when the two deltas alone prove nothing.
 */
export function foundFork(core: CoreState, delta: Uint8Array, from: NodeId, now: Now): boolean {
  const { author, epoch, nonce, firstSeq } = decodeDeltaHeader(delta, 0);
  const head = core.replica.head(author, epoch, nonce);
  const record = head && core.log.covering(head.row, 0);
  if (head === undefined || record === undefined) return false;
  const ending = core.proofs.endingOf(nameOf({ author, epoch, nonce }));
  for (const held of [core.log.covering(head.row, Math.min(firstSeq, head.seq)), ending]) {
    const bytes = held && proofOf(record, [held, delta], core.deps.kernels.blake3);
    if (bytes === undefined) continue;
    // Whoever was certified once can be proven: another record of the author's says so as well.
    const certified = isCutRecord(record) ? core.log.vouchers.of(author) : record;
    if (certified === undefined) continue;
    const proof = { author, bytes, credential: credentialOf(certified) };
    if (learnProof(core, proof, from, now)) tellProof(core, core.view.peers(), [proof], now);
    return true;
  }
  return false;
}

/** The signature of a delta that has no place here, where it may prove a fork. */
export function forkCheck(core: CoreState, delta: Uint8Array): SignatureCheck | undefined {
  const { author, epoch, nonce, firstSeq } = decodeDeltaHeader(delta, 0);
  const head = core.replica.head(author, epoch, nonce);
  if (head === undefined || firstSeq === 0) return undefined;
  const signed = signedHeaderOf(delta);
  const check = { publicKey: head.key, message: signed.bytes, signature: signed.signature };
  const ending = core.proofs.endingOf(nameOf({ author, epoch, nonce }));
  if (ending !== undefined) {
    const other = signedHeaderOf(ending);
    const isLater = other.header.firstSeq <= firstSeq;
    const pair = isLater ? ([other, signed] as const) : ([signed, other] as const);
    return contradict(pair, core.deps.kernels.blake3) ? check : undefined;
  }
  const isNext = firstSeq === head.seq + 1;
  return isNext && !bytesEqual(signed.header.prevHash, head.hash) ? check : undefined;
}
