/** What a stored delta is known by, whole or as a stub: its signature. */
import { DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES } from "../../../assembly/layout.ts";

/** The signature of a delta or stub; a view. */
export function signatureIn(delta: Uint8Array): Uint8Array {
  return delta.subarray(DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES);
}
