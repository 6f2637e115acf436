/**
 * The byte checks of rule mesh-ed25519-v1 (docs/ARCHITECTURE.md); they come before any backend.
 *
 * Libraries differ exactly where RFC 8032 leaves freedom: S >= L, y >= p, points of order 1 to 8. A
 * member can craft such bytes with its own key, and a fleet that judges them differently splits. All
 * of them are refused here, so what a backend still decides is the cofactorless equation over
 * encodings on which every backend agrees. Verdicts are public: nothing here needs constant time.
 */

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;
export const SEED_BYTES = 32;

/** Why bytes are refused before any arithmetic; A is the public key, R and S the signature's halves. */
export type StrictRefusal =
  | "signature_length"
  | "public_key_length"
  | "s_not_reduced"
  | "a_not_canonical"
  | "r_not_canonical"
  | "a_low_order"
  | "r_low_order";

/**
 * The first byte check that fails, in a fixed order.
 * @param signature R || S, expected 64 bytes; borrowed.
 * @param publicKey A, expected 32 bytes; borrowed.
 * @returns undefined when the bytes may go to a backend. Total; never throws.
 */
export function strictRefusal(
  signature: Uint8Array,
  publicKey: Uint8Array,
): StrictRefusal | undefined {
  if (signature.length !== SIGNATURE_BYTES) return "signature_length";
  if (publicKey.length !== PUBLIC_KEY_BYTES) return "public_key_length";
  if (!isReducedScalar(signature, S_OFFSET)) return "s_not_reduced";
  if (!isCanonicalY(publicKey)) return "a_not_canonical";
  if (!isCanonicalY(signature)) return "r_not_canonical";
  if (isLowOrder(publicKey)) return "a_low_order";
  if (isLowOrder(signature)) return "r_low_order";
  return undefined;
}

/** Whether the 32 little-endian bytes at `offset` are below the group order L. */
export function isReducedScalar(bytes: Uint8Array, offset: number): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = byteAt(bytes, offset + i) - byteAt(GROUP_ORDER, i);
    if (difference !== 0) return difference < 0;
  }
  return false; // equal to L
}

/** Whether the y of the point encoded in the first 32 bytes is below p = 2^255 - 19; x's sign is ignored. */
export function isCanonicalY(point: Uint8Array): boolean {
  if ((byteAt(point, 31) & Y_TOP_MASK) !== Y_TOP_MASK) return true;
  for (let i = 30; i > 0; i--) if (byteAt(point, i) !== 0xff) return true;
  return byteAt(point, 0) < FIELD_PRIME_LOW_BYTE;
}

/** Whether the first 32 bytes are one of the 14 encodings of the 8 points of order 1, 2, 4 and 8. */
export function isLowOrder(point: Uint8Array): boolean {
  const top = byteAt(point, 31) & Y_TOP_MASK;
  for (const y of LOW_ORDER_Y) {
    if (byteAt(y, 31) === top && equalPrefix(point, y)) return true;
  }
  return false;
}

function equalPrefix(point: Uint8Array, y: Uint8Array): boolean {
  for (let i = 0; i < 31; i++) if (byteAt(point, i) !== byteAt(y, i)) return false;
  return true;
}

// Callers have checked the lengths; a missing byte reads as zero to keep every function total.
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

const S_OFFSET = 32;
const Y_TOP_MASK = 0x7f; // bit 255 is the sign of x, not part of y
const FIELD_PRIME_LOW_BYTE = 0xed; // p = 7fff..ffed, big-endian

/** L = 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032 section 5.1). */
export const GROUP_ORDER: Uint8Array = Buffer.from(
  "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
  "hex",
);

/**
 * The y of every low-order encoding, little-endian with the sign bit clear: 7 values, each refused
 * with either sign, make the 14 encodings. A test derives them by arithmetic.
 */
export const LOW_ORDER_Y: readonly Uint8Array[] = [
  "0100000000000000000000000000000000000000000000000000000000000000", // 1: order 1, and -0
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // -1: order 2, and -0
  "0000000000000000000000000000000000000000000000000000000000000000", // 0: order 4
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p: 0, not canonical
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p + 1: 1, not canonical
].map((hex) => Buffer.from(hex, "hex"));
