/**
 * Ed25519 in plain BigInt, written from RFC 8032 section 5.1 and the projective addition law of the
 * twisted Edwards curve (add-2008-bbjlp); it shares no code with src/ or any library. It is the
 * oracle of the signature tests: slow, readable, and it can encode what no honest signer would.
 */
import { createHash } from "node:crypto";

export const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** x = X / Z, y = Y / Z. */
export interface Point {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
}

export const IDENTITY: Point = { X: 0n, Y: 1n, Z: 1n };

function mod(value: bigint, modulus: bigint = P): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if ((bits & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

export function add(left: Point, right: Point): Point {
  const zz = mod(left.Z * right.Z);
  const xx = mod(left.X * right.X);
  const yy = mod(left.Y * right.Y);
  const e = mod(D * mod(xx * yy));
  const zz2 = mod(zz * zz);
  const f = zz2 - e;
  const g = zz2 + e;
  const cross = (left.X + left.Y) * (right.X + right.Y) - xx - yy;
  return { X: mod(zz * mod(f * mod(cross))), Y: mod(zz * mod(g * (yy + xx))), Z: mod(f * g) };
}

export function negate(point: Point): Point {
  return { ...point, X: mod(-point.X) };
}

export function multiply(point: Point, scalar: bigint): Point {
  let result = IDENTITY;
  let doubled = point;
  for (let bits = scalar; bits > 0n; bits >>= 1n) {
    if ((bits & 1n) === 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

export function equal(left: Point, right: Point): boolean {
  return (
    mod(left.X * right.Z - right.X * left.Z) === 0n &&
    mod(left.Y * right.Z - right.Y * left.Z) === 0n
  );
}

export function encode(point: Point): Uint8Array {
  const inverse = power(point.Z, P - 2n);
  return encodeRaw(mod(point.Y * inverse), (mod(point.X * inverse) & 1n) === 1n);
}

/** Any y below 2^255 with any sign bit: also what no point encodes to. */
export function encodeRaw(y: bigint, sign: boolean): Uint8Array {
  return toBytes(y | (sign ? 1n << 255n : 0n));
}

/** Decodes leniently: y is taken mod p, and x = 0 with the sign bit set is x = 0. */
export function decodeLenient(bytes: Uint8Array): Point | undefined {
  const number = toInteger(bytes);
  const y = mod(number & (2n ** 255n - 1n));
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const square = mod(u * power(v, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * SQRT_MINUS_ONE);
  if (mod(x * x) !== square) return undefined;
  if ((x & 1n) !== number >> 255n) x = mod(-x);
  return { X: x, Y: y, Z: 1n };
}

export function toInteger(littleEndian: Uint8Array): bigint {
  let value = 0n;
  for (let i = littleEndian.length - 1; i >= 0; i--)
    value = value * 256n + BigInt(littleEndian[i]!);
  return value;
}

export function toBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 255n);
  return bytes;
}

/** SHA-512 of the parts as an unreduced integer. */
export function hashInteger(...parts: readonly Uint8Array[]): bigint {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return toInteger(hash.digest());
}

/** The 8 points of order 1, 2, 4, 8: multiples 0..7 of one of order 8. */
export function torsionPoints(): readonly Point[] {
  for (let y = 2n; ; y++) {
    const point = decodeLenient(encodeRaw(y, false));
    if (point === undefined) continue;
    const torsion = multiply(point, L);
    if (equal(multiply(torsion, 4n), IDENTITY)) continue;
    return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => multiply(torsion, n));
  }
}

/** Every 32-byte string that decodes leniently to a point whose order divides 8. */
export function lowOrderEncodings(): readonly Uint8Array[] {
  const encodings = new Map<string, Uint8Array>();
  for (const point of torsionPoints()) {
    const y = toInteger(encode(point)) & (2n ** 255n - 1n);
    for (let raw = y; raw < 2n ** 255n; raw += P) {
      for (const sign of [false, true]) {
        const bytes = encodeRaw(raw, sign);
        encodings.set(Buffer.from(bytes).toString("hex"), bytes);
      }
    }
  }
  return [...encodings.values()];
}

export interface Verdicts {
  /** Lenient decoding, [8][S]B = [8]R + [8][k]A, S < L: ZIP 215. */
  readonly cofactored: boolean;
  /** Lenient decoding of A, encode([S]B - [k]A) = R's bytes, S < L: what ref10 does. */
  readonly cofactorless: boolean;
  /** The mesh's rule: cofactorless, canonical A and R, neither of low order. */
  readonly strict: boolean;
}

export function verdicts(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): Verdicts {
  const none = { cofactored: false, cofactorless: false, strict: false };
  if (signature.length !== 64 || publicKey.length !== 32) return none;
  const rBytes = signature.subarray(0, 32);
  const s = toInteger(signature.subarray(32));
  const a = decodeLenient(publicKey);
  if (s >= L || a === undefined) return none;
  const k = hashInteger(rBytes, publicKey, message) % L;
  const expected = add(multiply(BASE, s), negate(multiply(a, k)));
  const r = decodeLenient(rBytes);
  const cofactorless = Buffer.compare(encode(expected), rBytes) === 0;
  const cofactored = r !== undefined && equal(multiply(r, 8n), multiply(expected, 8n));
  const strict =
    cofactorless && r !== undefined && isStrictPoint(publicKey, a) && isStrictPoint(rBytes, r);
  return { cofactored, cofactorless, strict };
}

function isStrictPoint(bytes: Uint8Array, point: Point): boolean {
  return Buffer.compare(encode(point), bytes) === 0 && !equal(multiply(point, 8n), IDENTITY);
}

const D = mod(-121665n * power(121666n, P - 2n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);
const BASE_Y = mod(4n * power(5n, P - 2n));
/** y = 4/5 with even x. */
export const BASE: Point = decodeLenient(encodeRaw(BASE_Y, false))!;
