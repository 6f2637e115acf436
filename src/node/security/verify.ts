/**
 * Whether a credential holds: who signed it, for which mesh, for which key. A function of bytes and
 * of the one key a node trusts; time is judged apart (validity.ts).
 *
 * Cheap checks come before signatures, and no credential costs more than 17 verifications.
 */

import { type NodeId, nodeIdToBytes } from "../../core/node-id.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import { bytesEqual } from "../../core/wire/member.ts";
import type { Credential, SignedIssuers } from "./credential.ts";
import type { AdmissionReason } from "./reasons.ts";

/** What a node trusts. */
export interface TrustAnchor {
  readonly meshId: Uint8Array;
  readonly authority: NodeId;
}

type Verify = Crypto["verify"];

/** Why the credential does not hold, whosever it is; undefined when it does. */
export function credentialFault(
  credential: Credential,
  anchor: TrustAnchor,
  verify: Verify,
): AdmissionReason | undefined {
  const { certificate, delegation } = credential;
  if (!bytesEqual(certificate.meshId, anchor.meshId)) return "mesh";
  const fault =
    delegation === undefined
      ? signersFault(credential, [anchor.authority], 1)
      : delegationFault(credential, delegation, anchor, verify);
  return fault ?? (areSigned(credential, verify) ? undefined : "signature");
}

/** Checks the statement with its signature, and everything but the certificate's signatures. */
function delegationFault(
  credential: Credential,
  { issuers, bytes, signature }: SignedIssuers,
  anchor: TrustAnchor,
  verify: Verify,
): AdmissionReason | undefined {
  const { certificate } = credential;
  if (!bytesEqual(issuers.meshId, anchor.meshId)) return "mesh";
  if (issuers.authority !== anchor.authority) return "issuer";
  const inside =
    certificate.notBefore >= issuers.notBefore && certificate.notAfter <= issuers.notAfter;
  if (!inside) return "issuer";
  const fault = signersFault(credential, issuers.keys, issuers.threshold);
  if (fault !== undefined) return fault;
  return verify(signature, bytes, nodeIdToBytes(anchor.authority)) ? undefined : "signature";
}

function signersFault(
  { endorsements }: Credential,
  keys: readonly NodeId[],
  threshold: number,
): AdmissionReason | undefined {
  if (endorsements.some(({ signer }) => !keys.includes(signer))) return "issuer";
  return endorsements.length < threshold ? "quorum" : undefined;
}

function areSigned({ endorsements, certificateBytes }: Credential, verify: Verify): boolean {
  return endorsements.every(({ signer, signature }) =>
    verify(signature, certificateBytes, nodeIdToBytes(signer)),
  );
}
