// Laws of credentials on random input: exact round trips, no changed byte, no m - 1 issuers (C2, C6).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROLES } from "../../../../src/core/wire/certificate.ts";
import {
  CREDENTIAL_BYTES_MAX,
  decodeCredential,
  encodeCredential,
} from "../../../../src/core/wire/credential.ts";
import { ISSUERS_MAX } from "../../../../src/core/wire/issuers.ts";
import { credentialFault } from "../../../../src/node/security/verify.ts";
import { crypto, idOf, newKey, START_MS, TestAuthority } from "../../../support/credentials.ts";

const authority = new TestAuthority();
const node = idOf(newKey());
const keys = Array.from({ length: ISSUERS_MAX }, newKey);

/** Undefined when the bytes are a credential that holds. */
const faultOf = (bytes: Uint8Array) => {
  const credential = decodeCredential(bytes);
  if (credential === undefined) return "malformed";
  return credentialFault(credential, authority.anchor, crypto.verify);
};

const label = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 16 })
  .filter((text) => text.isWellFormed() && new TextEncoder().encode(text).length <= 64);
const fields = fc.record({
  role: fc.constantFrom(...ROLES),
  region: label,
  zone: label,
  serial: fc.nat(),
  notAfter: fc.integer({ min: START_MS, max: START_MS + 1e9 }),
});
/** m and how many of n = 16 sign. */
const quorum = fc.record({ m: fc.integer({ min: 1, max: 16 }), signers: fc.nat(16) });

describe("credentials", () => {
  it("come back from their bytes as they were, and within their bound", () => {
    fc.assert(
      fc.property(fields, fc.option(quorum), (changes, given) => {
        const statement = given === null ? undefined : authority.delegate(given.m, keys);
        const signers = given === null ? [authority.key] : keys.slice(0, given.signers);
        const credential = authority.issue(node, changes, statement, signers);
        const bytes = encodeCredential(credential);
        expect(bytes.length).toBeLessThanOrEqual(CREDENTIAL_BYTES_MAX);
        const decoded = decodeCredential(bytes);
        expect(decoded?.certificate).toEqual(credential.certificate);
        expect(decoded?.delegation?.issuers).toEqual(statement?.issuers);
        expect(encodeCredential(decoded ?? credential)).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it("hold with m of n signatures, and never with fewer", () => {
    fc.assert(
      fc.property(quorum, fc.shuffledSubarray(keys, { minLength: 16 }), ({ m, signers }, order) => {
        const by = order.slice(0, signers);
        const credential = authority.issue(node, {}, authority.delegate(m, keys), by);
        expect(faultOf(encodeCredential(credential))).toBe(signers < m ? "quorum" : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it("are refused when any byte is changed", () => {
    const whole = authority.issue(
      node,
      {},
      authority.delegate(2, keys.slice(0, 3)),
      keys.slice(0, 2),
    );
    for (const credential of [authority.issue(node), whole]) {
      const bytes = encodeCredential(credential);
      expect(faultOf(bytes)).toBeUndefined();
      for (const [at, byte] of bytes.entries()) {
        for (const by of [1, 0x80]) {
          const changed = bytes.with(at, byte ^ by);
          expect(faultOf(changed), `byte ${at} of ${bytes.length}`).toBeDefined();
        }
      }
    }
  });

  it("are refused when cut short or followed by bytes", () => {
    const bytes = encodeCredential(authority.issue(node));
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeCredential(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(decodeCredential(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });

  it("are decoded or refused, never thrown, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        expect(faultOf(bytes)).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });
});
