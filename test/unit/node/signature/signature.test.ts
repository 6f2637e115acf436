import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashes } from "@noble/ed25519";
import { describe, expect, it } from "vitest";
import { isMeshError } from "../../../../src/errors.ts";
import type { Backend } from "../../../../src/node/signature/backend.ts";
import { createKeyObjectCache } from "../../../../src/node/signature/openssl.ts";
import { createPortableBackend } from "../../../../src/node/signature/portable.ts";
import { SELF_TEST_VECTORS } from "../../../../src/node/signature/self-test-vectors.ts";
import {
  createCrypto,
  generateKey,
  selectCrypto,
  sign,
  verify,
} from "../../../../src/node/signature/signature.ts";
import { strictRefusal } from "../../../../src/node/signature/strict.ts";
import {
  add,
  BASE,
  decodeLenient,
  encode,
  equal,
  hashInteger,
  IDENTITY,
  L,
  multiply,
  negate,
  toInteger,
  verdicts,
} from "../../../support/ed25519-reference.ts";
import { parseVectors } from "../../../support/ed25519-vectors.ts";
import { CRYPTOS, fromHex, toHex } from "../../../support/signature-backends.ts";

const vectorFile = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../../vectors", name), "utf8");

interface RfcVector {
  readonly name: string;
  readonly seed: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}
const RFC_8032 = (JSON.parse(vectorFile("rfc8032-ed25519.json")) as { vectors: RfcVector[] })
  .vectors;

const SEED = fromHex(RFC_8032[0]!.seed);
const MESSAGE = fromHex("6d657368");

describe.each(CRYPTOS)("%s backend", (name, crypto) => {
  it.each(RFC_8032)("derives, signs and verifies RFC 8032 $name", (vector) => {
    const key = crypto.createSigningKey(fromHex(vector.seed));
    const message = fromHex(vector.message);
    expect(toHex(key.publicKey)).toBe(vector.publicKey);
    expect(toHex(crypto.sign(message, key))).toBe(vector.signature);
    expect(crypto.verify(fromHex(vector.signature), message, key.publicKey)).toBe(true);
  });

  it("reports its name", () => {
    expect(crypto.backend).toBe(name);
  });

  it("refuses to sign once the key's public key is not the derived one", () => {
    const key = crypto.createSigningKey(SEED);
    key.publicKey[0]! ^= 1;
    expect(() => crypto.sign(MESSAGE, key)).toThrow(/not the derived one/);
  });

  it("refuses a signing key that another Crypto made", () => {
    const key = createCrypto({ backend: name }).createSigningKey(SEED);
    expect(() => crypto.sign(MESSAGE, key)).toThrow(/another Crypto/);
  });

  it.each([0, 31, 33, 64])("refuses a seed of %i bytes", (length) => {
    const error = caught(() => crypto.createSigningKey(new Uint8Array(length)));
    expect(isMeshError(error, "MESH_VALUE_INVALID")).toBe(true);
  });

  it("copies the seed, so that wiping it later changes no signature", () => {
    const seed = SEED.slice();
    const key = crypto.createSigningKey(seed);
    const before = crypto.sign(MESSAGE, key);
    seed.fill(0);
    expect(crypto.sign(MESSAGE, key)).toEqual(before);
  });

  it("judges views into a larger buffer by their own bytes", () => {
    const key = crypto.createSigningKey(SEED);
    const all = new Uint8Array(300).fill(0xaa);
    all.set(crypto.sign(MESSAGE, key), 3);
    all.set(MESSAGE, 101);
    all.set(key.publicKey, 201);
    const [signature, message, publicKey] = [
      all.subarray(3, 67),
      all.subarray(101, 105),
      all.subarray(201, 233),
    ] as const;
    expect(crypto.verify(signature, message, publicKey)).toBe(true);
    expect(crypto.verify(signature, all.subarray(101, 106), publicKey)).toBe(false);
  });
});

describe("choice of a backend", () => {
  it("takes sodium before openssl, and only native ones when told so", () => {
    expect(createCrypto().backend).toBe("sodium");
    expect(createCrypto({ backend: "native" }).backend).toBe("sodium");
  });

  it("falls to the next when one is absent", () => {
    expect(selectCrypto([() => undefined, createPortableBackend]).backend).toBe("portable");
  });

  it.each(wrongBackends())("refuses a backend that %s", (_, wrong) => {
    const error = caught(() => selectCrypto([() => wrong]));
    expect(isMeshError(error, "MESH_INVARIANT")).toBe(true);
    expect(selectCrypto([() => wrong, createPortableBackend]).backend).toBe("portable");
  });

  it("says of every candidate why it does not serve", () => {
    const [, wrong] = wrongBackends()[0]!;
    const error = caught(() => selectCrypto([() => undefined, () => wrong]));
    expect(isMeshError(error) && error.details).toEqual({
      tried: [
        "not available on this platform",
        "portable: RFC 8032 TEST 2 with another message: expected verdict false, got true",
      ],
    });
  });

  it("leaves noble's process-wide hash slot unset", () => {
    createCrypto({ backend: "portable" }).createSigningKey(SEED);
    expect(hashes.sha512).toBeUndefined();
  });
});

describe("vectors of the self-test", () => {
  it("are RFC 8032's or lines of the vector file with the same verdict", () => {
    const known = new Map<string, boolean>();
    for (const v of parseVectors(vectorFile("ed25519-strict.json"))) {
      known.set([v.publicKey, v.message, v.signature].join(), v.strict);
    }
    for (const v of RFC_8032) known.set([v.publicKey, v.message, v.signature].join(), true);
    const unknown = SELF_TEST_VECTORS.filter(
      (v) => known.get([v.publicKey, v.message, v.signature].join()) !== v.valid,
    );
    expect(unknown.map((v) => v.name)).toEqual(["RFC 8032 TEST 2 with another message"]);
  });

  it("reach the backend with accepting and refusing verdicts", () => {
    const reaching = SELF_TEST_VECTORS.filter(
      (v) => strictRefusal(fromHex(v.signature), fromHex(v.publicKey)) === undefined,
    );
    expect(reaching.filter((v) => v.valid)).toHaveLength(7);
    expect(reaching.filter((v) => !v.valid)).toHaveLength(4);
  });
});

describe("knhk-mesh/signature", () => {
  it("verifies what it signs with a generated key, on every backend", () => {
    const { seed, publicKey } = generateKey();
    for (const [backend] of CRYPTOS) {
      const signature = sign(MESSAGE, seed, { backend });
      expect(verify(signature, MESSAGE, publicKey)).toBe(true);
      expect(verify(signature, MESSAGE, publicKey, { backend })).toBe(true);
    }
  });

  it("generates another key each time", () => {
    expect(generateKey().seed).not.toEqual(generateKey().seed);
  });

  it("refuses arguments that are no bytes with a typed error", () => {
    const notBytes = "x".repeat(64) as unknown as Uint8Array;
    for (const call of [
      () => verify(notBytes, MESSAGE, SEED),
      () => sign(notBytes, SEED),
      () => sign(MESSAGE, notBytes),
    ]) {
      expect(isMeshError(caught(call), "MESH_VALUE_INVALID")).toBe(true);
    }
  });
});

describe("cache of OpenSSL key objects", () => {
  const keys = [1, 2, 3].map((n) => generateKey({ backend: "portable" }).publicKey.fill(n, 0, 1));

  it("never holds more than its bound", () => {
    const cache = createKeyObjectCache(2);
    for (const key of [...keys, ...keys]) cache.get(key);
    expect(cache.size).toBe(2);
  });

  it("evicts the least recently used", () => {
    const cache = createKeyObjectCache(2);
    const [first, second, third] = keys as [Uint8Array, Uint8Array, Uint8Array];
    const held = cache.get(first);
    cache.get(second);
    cache.get(first);
    cache.get(third);
    expect(cache.get(first)).toBe(held);
  });
});

/** Each wraps the portable backend and errs in one way. */
function wrongBackends(): readonly (readonly [string, Backend])[] {
  const right = createPortableBackend();
  const throwing = () => {
    throw new Error("broken");
  };
  return [
    ["accepts everything", { ...right, verifyEquation: () => true }],
    ["refuses everything", { ...right, verifyEquation: () => false }],
    ["throws", { ...right, verifyEquation: throwing }],
    ["multiplies by the cofactor", { ...right, verifyEquation: holdsCofactored }],
    [
      "refuses keys of mixed order",
      { ...right, verifyEquation: (s, m, a) => isPrimeOrder(a) && right.verifyEquation(s, m, a) },
    ],
    ["does not reduce k", { ...right, verifyEquation: holdsWithUnreducedK }],
    [
      "signs under another key",
      { ...right, createSigner: () => right.createSigner(new Uint8Array(32)) },
    ],
    [
      "signs wrongly",
      {
        ...right,
        createSigner: (seed) => ({
          ...right.createSigner(seed),
          sign: () => new Uint8Array(64),
        }),
      },
    ],
  ];
}

function holdsCofactored(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) {
  return verdicts(signature, message, publicKey).cofactored;
}

function holdsWithUnreducedK(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) {
  const r = signature.subarray(0, 32);
  const k = hashInteger(r, publicKey, message);
  const sB = multiply(BASE, toInteger(signature.subarray(32)));
  return toHex(encode(add(sB, negate(multiply(decodeLenient(publicKey)!, k))))) === toHex(r);
}

function isPrimeOrder(publicKey: Uint8Array): boolean {
  return equal(multiply(decodeLenient(publicKey)!, L), IDENTITY);
}

function caught(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
