/**
 * Whether a credential holds: who signed it, for which mesh. A function of its bytes and of the one
 * key that a node trusts, so all correct nodes judge alike; what time means for it is said apart.
 *
 * Cheap checks come before signatures, and no credential costs more than 17 verifications.
 */
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import type { SignatureCheck } from "../outputs.ts";
import type { Credential, SignedIssuers } from "../wire/credential.ts";
import { bytesEqual } from "../wire/member.ts";

/** What a node trusts. */
export interface TrustAnchor {
  readonly meshId: Uint8Array;
  readonly authority: NodeId;
}

export type CredentialFault = "mesh" | "issuer" | "quorum";

/** What is wrong with a credential but for its signatures, whosever it is. */
export function credentialFault(
  credential: Credential,
  anchor: TrustAnchor,
): CredentialFault | undefined {
  const { certificate, delegation } = credential;
  if (!bytesEqual(certificate.meshId, anchor.meshId)) return "mesh";
  return delegation === undefined
    ? signersFault(credential, [anchor.authority], 1)
    : delegationFault(credential, delegation, anchor);
}

/** The signatures that a credential rests on. */
export function credentialChecks(credential: Credential): SignatureCheck[] {
  const { delegation, endorsements, certificateBytes } = credential;
  const checks = endorsements.map(({ signer, signature }) => ({
    publicKey: nodeIdToBytes(signer),
    message: certificateBytes,
    signature,
  }));
  if (delegation === undefined) return checks;
  const { issuers, bytes, signature } = delegation;
  const publicKey = nodeIdToBytes(issuers.authority);
  return [{ publicKey, message: bytes, signature }, ...checks];
}

function delegationFault(
  credential: Credential,
  { issuers }: SignedIssuers,
  anchor: TrustAnchor,
): CredentialFault | undefined {
  const { certificate } = credential;
  if (!bytesEqual(issuers.meshId, anchor.meshId)) return "mesh";
  if (issuers.authority !== anchor.authority) return "issuer";
  const inside =
    certificate.notBefore >= issuers.notBefore && certificate.notAfter <= issuers.notAfter;
  if (!inside) return "issuer";
  return signersFault(credential, issuers.keys, issuers.threshold);
}

function signersFault(
  { endorsements }: Credential,
  keys: readonly NodeId[],
  threshold: number,
): CredentialFault | undefined {
  if (endorsements.some(({ signer }) => !keys.includes(signer))) return "issuer";
  return endorsements.length < threshold ? "quorum" : undefined;
}
