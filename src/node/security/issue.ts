/**
 * Making statements and certificates: what the authority and its issuers do, each with its own key.
 * A certificate under m-of-n issuers is complete when m of them have endorsed it, one after another.
 */

import { MESH_ID_BYTES } from "../../../assembly/layout.ts";
import { hexFromBytes, type NodeId } from "../../core/node-id.ts";
import type { Crypto, SigningKey } from "../../core/trust/crypto.ts";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
} from "../../core/wire/certificate.ts";
import type { Credential, SignedIssuers } from "../../core/wire/credential.ts";
import { encodeIssuers, ISSUERS_MAX, type Issuers } from "../../core/wire/issuers.ts";
import { MeshError } from "../../errors.ts";
import { blake3 } from "../../kernels/reference/blake3.ts";

export { ROLES, type Role, type Validity } from "../../core/wire/certificate.ts";
export {
  type Credential,
  encodeCredential,
  type SignedIssuers,
} from "../../core/wire/credential.ts";
export { ISSUERS_MAX } from "../../core/wire/issuers.ts";

/** The mesh id of a name: the first 16 bytes of its BLAKE3. */
export function meshIdOfName(name: string): Uint8Array {
  return blake3(new TextEncoder().encode(name)).slice(0, MESH_ID_BYTES);
}

/**
 * The authority's statement that `keys` issue certificates, `threshold` of them together.
 * @throws MeshError MESH_VALUE_INVALID for no keys, too many, one twice, or no such threshold.
 */
export function delegate(
  statement: Omit<Issuers, "authority">,
  authority: SigningKey,
  crypto: Crypto,
): SignedIssuers {
  const keys = [...new Set(statement.keys)].sort();
  const { threshold } = statement;
  if (keys.length !== statement.keys.length || keys.length > ISSUERS_MAX) {
    throw new MeshError("MESH_VALUE_INVALID", `issuers: 1 to ${ISSUERS_MAX} different keys`);
  }
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > keys.length) {
    throw new MeshError("MESH_VALUE_INVALID", `threshold: 1 to ${keys.length}, got ${threshold}`);
  }
  const issuers = { ...statement, keys, authority: hexFromBytes(authority.publicKey) };
  const bytes = encodeIssuers(issuers);
  return { issuers, bytes, signature: crypto.sign(bytes, authority) };
}

/**
 * A certificate that nobody has signed yet.
 * @throws MeshError MESH_VALUE_INVALID when no decoder would take it.
 */
export function unsignedCredential(
  certificate: Certificate,
  delegation: SignedIssuers | undefined,
): Credential {
  const certificateBytes = encodeCertificate(certificate);
  if (decodeCertificate(certificateBytes) === undefined) {
    const { region, zone, notBefore, notAfter } = certificate;
    throw new MeshError(
      "MESH_VALUE_INVALID",
      "certificate: region and zone are 1 to 64 bytes, and it begins before it ends",
      { details: { region, zone, notBefore, notAfter } },
    );
  }
  return { delegation, certificate, certificateBytes, endorsements: [] };
}

/**
 * The credential with one more signature; signing twice with one key changes nothing.
 * @throws MeshError MESH_CERTIFICATE_INVALID when the statement does not name the key, or when there
 *   is none and another key has signed.
 */
export function endorse(credential: Credential, key: SigningKey, crypto: Crypto): Credential {
  const signer: NodeId = hexFromBytes(key.publicKey);
  const { delegation, certificateBytes } = credential;
  if (delegation !== undefined && !delegation.issuers.keys.includes(signer)) {
    throw new MeshError("MESH_CERTIFICATE_INVALID", "the key is none of the statement's issuers", {
      details: { expected: delegation.issuers.keys, got: signer },
    });
  }
  const others = credential.endorsements.filter((each) => each.signer !== signer);
  if (delegation === undefined && others.length > 0) {
    throw new MeshError(
      "MESH_CERTIFICATE_INVALID",
      "the authority has signed it, and needs nobody else",
    );
  }
  const signature = crypto.sign(certificateBytes, key);
  const endorsements = [...others, { signer, signature }].sort((a, b) =>
    a.signer < b.signer ? -1 : 1,
  );
  return { ...credential, endorsements };
}

/** Signatures that are still missing; 0 when the certificate is complete. */
export function missingSignatures({ delegation, endorsements }: Credential): number {
  return Math.max(0, (delegation?.issuers.threshold ?? 1) - endorsements.length);
}
