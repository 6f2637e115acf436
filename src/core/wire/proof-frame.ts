/**
 * The Proof frame: proofs of equivocation, and a digest of the set that the sender holds. Layout:
 * docs/wire.md.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import { PROOF_BYTES_MAX } from "./proof.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export const FRAME_PROOF = 18;
/** Proofs in one frame: 36 KB. */
export const PROOFS_PER_FRAME_MAX = 64;

/** Tells, and wants nothing back. */
export const PROOF_TELL = 0;
/** Shows the own set's digest: the receiver answers with its proofs if its own differs. */
export const PROOF_ASK = 1;
/** Answers an Ask: the receiver tells what it holds if the sets still differ. */
export const PROOF_ANSWER = 2;

export interface ProofFrame {
  readonly type: typeof FRAME_PROOF;
  readonly step: 0 | 1 | 2;
  /** Of the ids whose equivocation the sender holds proven; zero when there are none. */
  readonly digest: Uint8Array;
  readonly proofs: readonly Uint8Array[];
}

export function encodeProofFrame(writer: Writer, frame: ProofFrame): Writer {
  writer.u8(frame.step).bytes(frame.digest).u16(frame.proofs.length);
  for (const proof of frame.proofs) writer.u16(proof.length).bytes(proof);
  return writer;
}

export function decodeProofFrame(reader: Reader): ProofFrame | undefined {
  const step = reader.u8();
  if (step !== PROOF_TELL && step !== PROOF_ASK && step !== PROOF_ANSWER) return undefined;
  const digest = reader.view(HASH_BYTES);
  const proofs: Uint8Array[] = [];
  const count = reader.count(PROOFS_PER_FRAME_MAX);
  for (let i = 0; i < count && reader.ok; i++) {
    const length = reader.count(PROOF_BYTES_MAX);
    proofs.push(reader.view(length));
  }
  return { type: FRAME_PROOF, step, digest, proofs };
}
