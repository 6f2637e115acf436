import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { L, toBytes, toInteger, verdicts } from "../../../support/ed25519-reference.ts";
import { CRYPTOS } from "../../../support/signature-backends.ts";

const SEED = 0x6d657368; // fixed: the same cases on every run

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

interface Signed {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** One way to bend an honest signature; `at` and `by` choose the place and the new value. */
type Mutation = (signed: Signed, at: number, by: number) => Signed;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  none: (signed) => signed,
  signatureByte: (signed, at, by) => ({ ...signed, signature: bent(signed.signature, at, by) }),
  publicKeyByte: (signed, at, by) => ({ ...signed, publicKey: bent(signed.publicKey, at, by) }),
  messageByte: (signed, at, by) => ({ ...signed, message: bent(signed.message, at, by) }),
  signOfA: (signed) => ({ ...signed, publicKey: bent(signed.publicKey, 31, 0x80) }),
  signOfR: (signed) => ({ ...signed, signature: bent(signed.signature, 31, 0x80) }),
  scalarPlusL: (signed, at) => {
    const s = toInteger(signed.signature.subarray(32)) + BigInt(1 + (at % 14)) * L;
    return { ...signed, signature: withScalar(signed.signature, s) };
  },
  scalarNegated: (signed) => {
    const s = L - toInteger(signed.signature.subarray(32));
    return { ...signed, signature: withScalar(signed.signature, s) };
  },
  swappedHalves: (signed) => {
    const [r, s] = [signed.signature.subarray(0, 32), signed.signature.subarray(32)];
    return { ...signed, signature: Uint8Array.of(...s, ...r) };
  },
};

describe("verdicts on mutated signatures", () => {
  it("are the reference's on every backend", () => {
    fc.assert(
      fc.property(
        bytes32,
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...Object.keys(MUTATIONS)),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 255 }),
        (seed, message, mutation, at, by) => {
          const signed = MUTATIONS[mutation]!(honest(seed, message), at, by);
          const expected = verdicts(signed.signature, signed.message, signed.publicKey).strict;
          for (const [name, crypto] of CRYPTOS) {
            const verdict = crypto.verify(signed.signature, signed.message, signed.publicKey);
            expect([name, verdict]).toEqual([name, expected]);
          }
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe("signatures", () => {
  it("are equal bytes from every backend", () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ maxLength: 300 }), (seed, message) => {
        const made = CRYPTOS.map(([, crypto]) =>
          crypto.sign(message, crypto.createSigningKey(seed)),
        );
        expect(made[1]).toEqual(made[0]);
        expect(made[2]).toEqual(made[0]);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });
});

describe("verify is total", () => {
  // Lengths around the right ones, and the right ones with arbitrary bytes, A on no point included.
  const around = (length: number) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 2 * length }),
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.uint8Array({ minLength: length - 1, maxLength: length + 1 }),
    );

  it.each(CRYPTOS)("gives false and throws nothing for arbitrary bytes on %s", (_, crypto) => {
    fc.assert(
      fc.property(around(64), fc.uint8Array({ maxLength: 100 }), around(32), (s, m, a) => {
        if (s.length === 64) s[63]! &= 0x0f; // below L, so that a half of the cases reach the backend
        expect(crypto.verify(s, m, a)).toBe(false);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

function honest(seed: Uint8Array, message: Uint8Array): Signed {
  const [, crypto] = CRYPTOS[0]!;
  const key = crypto.createSigningKey(seed);
  return { signature: crypto.sign(message, key), message, publicKey: key.publicKey };
}

function bent(bytes: Uint8Array, at: number, by: number): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(by);
  const copy = bytes.slice();
  copy[at % bytes.length]! ^= by;
  return copy;
}

function withScalar(signature: Uint8Array, s: bigint): Uint8Array {
  return Uint8Array.of(...signature.subarray(0, 32), ...toBytes(s));
}
