/** Whether a credential holds, with its signatures checked at once. */

import {
  credentialChecks,
  credentialFault as faultOf,
  type TrustAnchor,
} from "../../core/trust/credential-check.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Credential } from "../../core/wire/credential.ts";
import type { AdmissionReason } from "./reasons.ts";

export type { TrustAnchor } from "../../core/trust/credential-check.ts";

/** Why the credential does not hold, whosever it is; undefined when it does. */
export function credentialFault(
  credential: Credential,
  anchor: TrustAnchor,
  verify: Crypto["verify"],
): AdmissionReason | undefined {
  const fault = faultOf(credential, anchor);
  if (fault !== undefined) return fault;
  const holds = credentialChecks(credential).every(({ signature, message, publicKey }) =>
    verify(signature, message, publicKey),
  );
  return holds ? undefined : "signature";
}
