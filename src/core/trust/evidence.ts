/**
 * Equivocation: two signed headers of one incarnation that no honest author can have made. Either
 * both cover a seq, or one follows the other and names another predecessor. Judged from the bytes.
 */
import { NODE_ID_BYTES, RECORD_KEY_OFFSET } from "../../../assembly/layout.ts";
import { nodeIdToBytes } from "../node-id.ts";
import type { SignatureCheck } from "../outputs.ts";
import { bytesEqual } from "../wire/member.ts";
import {
  encodeProof,
  type Hash,
  type Proof,
  type SignedHeader,
  signedHeaderOf,
} from "../wire/proof.ts";

/**
 * The proof that two deltas make.
 * @param record the record delta of their incarnation.
 * @returns undefined when an honest author may have made both.
 */
export function proofOf(
  record: Uint8Array,
  deltas: readonly [Uint8Array, Uint8Array],
  hash: Hash,
): Uint8Array | undefined {
  const [a, b] = [signedHeaderOf(deltas[0]), signedHeaderOf(deltas[1])];
  const headers = inOrder(a, b);
  // A record and a delta that names another predecessor: the other record is the proof.
  if (a.header.kind !== b.header.kind || !contradict(headers, hash)) return undefined;
  return encodeProof(a.header.firstSeq === 0 ? undefined : record, headers);
}

/** Whether both headers cannot be honest; of one incarnation, the lower first seq first. */
export function contradict(
  [first, second]: readonly [SignedHeader, SignedHeader],
  hash: Hash,
): boolean {
  if (bytesEqual(first.bytes, second.bytes)) return false;
  const next = first.header.firstSeq + first.header.count;
  if (second.header.firstSeq < next) return true;
  return second.header.firstSeq === next && !bytesEqual(second.header.prevHash, hash(first.bytes));
}

/** The signatures that a proof rests on. */
export function proofChecks(proof: Proof): SignatureCheck[] {
  const { record, headers, author } = proof;
  const identity = nodeIdToBytes(author);
  const checks: SignatureCheck[] = [];
  if (record !== undefined) checks.push(check(record, identity));
  const key = record?.body.subarray(RECORD_KEY_OFFSET, RECORD_KEY_OFFSET + NODE_ID_BYTES);
  for (const header of headers) checks.push(check(header, key ?? identity));
  return checks;
}

function check({ bytes, signature }: SignedHeader, publicKey: Uint8Array): SignatureCheck {
  return { publicKey, message: bytes, signature };
}

function inOrder(a: SignedHeader, b: SignedHeader): readonly [SignedHeader, SignedHeader] {
  return a.header.firstSeq <= b.header.firstSeq ? [a, b] : [b, a];
}
