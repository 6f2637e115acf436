/**
 * Suite `crypto`: signing and verifying a delta's header on each backend, under the mesh's strict
 * rule, beside the native libraries called directly. The direct calls skip the rule's byte checks
 * and get their keys ready-made: they are the floor that N2 compares with.
 */
import {
  createPrivateKey,
  createPublicKey,
  sign as rawSign,
  verify as rawVerify,
} from "node:crypto";
import { createRequire } from "node:module";
import { BACKEND_NAMES, type BackendName } from "../../src/node/signature/backend.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";

export async function runCryptoSuite(options: SuiteOptions): Promise<Measured> {
  const cases = [...BACKEND_NAMES.flatMap(backendCases), ...nodeCases(), ...sodiumCases()];
  cases.sort((a, b) => a.name.localeCompare(b.name)); // stable: the backends keep their order
  const results = await runMicro(cases, options);
  for (const name of [SIGN, VERIFY]) assertEqualHashes(results.filter((row) => row.name === name));
  return { results, ratios: ratiosOf(results) };
}

/** A backend that is not on this machine has no rows. */
function backendCases(backend: BackendName): MicroCase[] {
  const crypto = cryptoOf(backend);
  if (crypto === undefined) return [];
  const key = crypto.createSigningKey(SEED);
  const signatures = MESSAGES.map((message) => crypto.sign(message, key));
  return pairOf(backend, signatures, {
    sign: (message) => crypto.sign(message, key),
    verify: (signature, message) => crypto.verify(signature, message, key.publicKey),
  });
}

function cryptoOf(backend: BackendName) {
  try {
    return createCrypto({ backend });
  } catch {
    return undefined; // not available on this platform
  }
}

/** node:crypto itself, with KeyObjects made beforehand. */
function nodeCases(): MicroCase[] {
  const der = Buffer.concat([PKCS8_PREFIX, SEED]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const open = createPublicKey(secret);
  const signatures = MESSAGES.map((message) => rawSign(null, message, secret));
  return pairOf("node:crypto raw", signatures, {
    sign: (message) => rawSign(null, message, secret),
    verify: (signature, message) => rawVerify(null, message, open, signature),
  });
}

interface SodiumNative {
  crypto_sign_seed_keypair(publicKey: Buffer, secretKey: Buffer, seed: Buffer): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Buffer): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, key: Buffer): boolean;
}

/** sodium-native itself. */
function sodiumCases(): MicroCase[] {
  let sodium: SodiumNative;
  try {
    sodium = createRequire(import.meta.url)("sodium-native") as SodiumNative;
  } catch {
    return []; // an optional dependency
  }
  const open = Buffer.alloc(32);
  const secret = Buffer.alloc(64);
  sodium.crypto_sign_seed_keypair(open, secret, Buffer.from(SEED));
  const sign = (message: Uint8Array): Uint8Array => {
    const signature = new Uint8Array(64);
    sodium.crypto_sign_detached(signature, message, secret);
    return signature;
  };
  return pairOf("sodium-native raw", MESSAGES.map(sign), {
    sign,
    verify: (signature, message) => sodium.crypto_sign_verify_detached(signature, message, open),
  });
}

function pairOf(
  impl: string,
  signatures: readonly Uint8Array[],
  calls: {
    readonly sign: (message: Uint8Array) => Uint8Array;
    readonly verify: (signature: Uint8Array, message: Uint8Array) => boolean;
  },
): MicroCase[] {
  const at = (i: number) => i % MESSAGES.length;
  const messageAt = (i: number): Uint8Array => MESSAGES[at(i)] ?? EMPTY;
  const signatureAt = (i: number): Uint8Array => signatures[at(i)] ?? EMPTY;
  return [
    {
      name: SIGN,
      impl,
      n: MESSAGE_BYTES,
      run: (times) => {
        let sum = 0;
        for (let i = 0; i < times; i++) sum += calls.sign(messageAt(i))[0] ?? 0;
        return sum;
      },
      produce: () => Buffer.concat(MESSAGES.map((message) => calls.sign(message))),
    },
    {
      name: VERIFY,
      impl,
      n: MESSAGE_BYTES,
      run: (times) => {
        let valid = 0;
        for (let i = 0; i < times; i++) if (calls.verify(signatureAt(i), messageAt(i))) valid += 1;
        if (valid !== times) throw new Error(`${impl} refused a good signature`);
        return valid;
      },
      // Good signatures, and each of them under the next message: yes and no must both be right.
      produce: () =>
        MESSAGES.map((message, i) => [
          calls.verify(signatureAt(i), message),
          calls.verify(signatureAt(i), messageAt(i + 1)),
        ]).join(),
    },
  ];
}

function assertEqualHashes(rows: readonly Result[]): void {
  if (new Set(rows.map(({ hash }) => hash)).size <= 1) return;
  throw new Error(rows.map(({ impl, name, hash }) => `${impl} ${name}: ${hash}`).join("; "));
}

/**
 * N2: a single cold verification within 1.2 of the faster native library called directly. Both must
 * load: without one of them there is no figure, which breaks the budget.
 */
function ratiosOf(results: readonly Result[]): Ratio[] {
  return [VERIFY, SIGN].flatMap((name) => {
    const rows = results.filter((row) => row.name === name);
    if (rows.length === 0) return [];
    const chosen = rows.find(({ impl }) => impl === createCrypto().backend);
    const floor = rows.filter(({ impl }) => impl.endsWith(" raw")).map(({ p50 }) => p50);
    const both = floor.length === 2 ? Math.min(...floor) : Number.NaN;
    const value = (chosen?.p50 ?? Number.NaN) / both;
    if (name === SIGN) return [{ name: "sign-vs-fastest-native", value, needed: "" }];
    return [{ name: "verify-vs-fastest-native", value, needed: "<= 1.2" }];
  });
}

/** The bytes a delta's signature covers: its header. */
const MESSAGE_BYTES = 160;
const SIGN = `sign-${MESSAGE_BYTES}`;
const VERIFY = `verify-${MESSAGE_BYTES}`;
const SEED = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
/** Different ones, so that no library can remember an answer. */
const MESSAGES: readonly Uint8Array[] = Array.from({ length: 64 }, (_, number) =>
  Uint8Array.from({ length: MESSAGE_BYTES }, (_byte, at) => (at * 7 + number * 13) & 0xff),
);
const EMPTY = new Uint8Array(0);
/** RFC 8410 PKCS#8, version 0, for a 32-byte seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
