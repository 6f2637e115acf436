/**
 * Signature checks as one byte string, for a worker: public key 32 | signature 64 | message length
 * u32 | message, end to end. Both ends are this build, so nothing is versioned; lengths that do not
 * fit a check (a key of 31 bytes, say) are the caller's to keep out.
 */
import { NODE_ID_BYTES, SIGNATURE_BYTES } from "../../../assembly/layout.ts";
import type { SignatureCheck } from "../../core/outputs.ts";

const HEAD_BYTES = NODE_ID_BYTES + SIGNATURE_BYTES + 4;

/** @returns a fresh buffer, to be transferred. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array<ArrayBuffer> {
  const bytes = checks.reduce((sum, { message }) => sum + HEAD_BYTES + message.length, 0);
  const packed = new Uint8Array(bytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { publicKey, signature, message } of checks) {
    packed.set(publicKey, at);
    packed.set(signature, at + NODE_ID_BYTES);
    view.setUint32(at + HEAD_BYTES - 4, message.length, true);
    packed.set(message, at + HEAD_BYTES);
    at += HEAD_BYTES + message.length;
  }
  return packed;
}

/** Whether a check's parts have their lengths: the rule refuses any others without arithmetic. */
export function isPackable({ publicKey, signature }: SignatureCheck): boolean {
  return publicKey.length === NODE_ID_BYTES && signature.length === SIGNATURE_BYTES;
}

/** The checks of {@link packChecks}, as views. */
export function unpackChecks(packed: Uint8Array): SignatureCheck[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const checks: SignatureCheck[] = [];
  let at = 0;
  while (at < packed.length) {
    const signature = at + NODE_ID_BYTES;
    const message = at + HEAD_BYTES;
    const end = message + view.getUint32(message - 4, true);
    checks.push({
      publicKey: packed.subarray(at, signature),
      signature: packed.subarray(signature, signature + SIGNATURE_BYTES),
      message: packed.subarray(message, end),
    });
    at = end;
  }
  return checks;
}
