/**
 * The Proof frame: proofs of equivocation, and a digest of the set that the sender holds. Layout:
 * docs/wire.md.
 */
import { HASH_BYTES, RECORD_CREDENTIAL_BYTES_MAX } from "../../../assembly/layout.ts";
import { PROOF_BYTES_MAX } from "./proof.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export const FRAME_PROOF = 18;
/** Proofs in one frame: 36 KB, or 200 with the largest credentials. */
export const PROOFS_PER_FRAME_MAX = 64;

/** Tells, and wants nothing back. */
export const PROOF_TELL = 0;
/** Shows the own set's digest: the receiver answers with its proofs if its own differs. */
export const PROOF_ASK = 1;
/** Answers an Ask: the receiver tells what it holds if the sets still differ. */
export const PROOF_ANSWER = 2;

/** In the step's byte: a credential for each proof follows. */
const CERTIFIED = 4;

export interface ProofFrame {
  readonly type: typeof FRAME_PROOF;
  readonly step: 0 | 1 | 2;
  /** Of the ids whose equivocation the sender holds proven; zero when there are none. */
  readonly digest: Uint8Array;
  readonly proofs: readonly CarriedProof[];
}

/** A proof, and what shows that its author was a member; or a revocation. */
export interface CarriedProof {
  /** Empty: a revocation. */
  readonly bytes: Uint8Array;
  /** The author's credential, or its revocation, in a mesh with an authority; else empty. */
  readonly credential: Uint8Array;
}

export function encodeProofFrame(writer: Writer, frame: ProofFrame): Writer {
  const isCertified = frame.proofs.some(({ credential }) => credential.length > 0);
  writer
    .u8(frame.step | (isCertified ? CERTIFIED : 0))
    .bytes(frame.digest)
    .u16(frame.proofs.length);
  for (const { bytes } of frame.proofs) writer.u16(bytes.length).bytes(bytes);
  if (!isCertified) return writer;
  for (const { credential } of frame.proofs) writer.u16(credential.length).bytes(credential);
  return writer;
}

export function decodeProofFrame(reader: Reader): ProofFrame | undefined {
  const flags = reader.u8();
  const step = flags & ~CERTIFIED;
  if (step !== PROOF_TELL && step !== PROOF_ASK && step !== PROOF_ANSWER) return undefined;
  const digest = reader.view(HASH_BYTES);
  const proofs: Uint8Array[] = [];
  const count = reader.count(PROOFS_PER_FRAME_MAX);
  for (let i = 0; i < count && reader.ok; i++) {
    const length = reader.count(PROOF_BYTES_MAX);
    proofs.push(reader.view(length));
  }
  const credentials = (flags & CERTIFIED) !== 0 ? readCredentials(reader, proofs.length) : [];
  const carried = proofs.map((bytes, i) => ({ bytes, credential: credentials[i] ?? NONE }));
  return { type: FRAME_PROOF, step, digest, proofs: carried };
}

/** One for each proof, not all of them empty. */
function readCredentials(reader: Reader, count: number): Uint8Array[] {
  const credentials: Uint8Array[] = [];
  for (let i = 0; i < count && reader.ok; i++) {
    credentials.push(reader.view(reader.count(RECORD_CREDENTIAL_BYTES_MAX)));
  }
  if (credentials.every(({ length }) => length === 0)) reader.fail();
  return credentials;
}

const NONE = new Uint8Array(0);
