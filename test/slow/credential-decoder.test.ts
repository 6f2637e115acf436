// A million changed credentials (C6): each decoded or refused, none thrown, none kept too large.
import { describe, expect, test } from "vitest";
import { encodeCertificate } from "../../src/core/wire/certificate.ts";
import {
  type Credential,
  decodeCredential,
  encodeCredential,
} from "../../src/core/wire/credential.ts";
import { encodeIssuers } from "../../src/core/wire/issuers.ts";
import { idOf, newKey, TestAuthority } from "../support/credentials.ts";

const MUTATIONS = 1_000_000;
const SEED = 0x6b6e686b;

/** Xorshift: the same changes on every run. */
function createDraw(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe("the decoder of credentials", () => {
  test("stands a million mutations, and gives back only what it would write", () => {
    const authority = new TestAuthority();
    const keys = Array.from({ length: 16 }, newKey);
    const node = idOf(newKey());
    const sound = [
      authority.issue(node),
      authority.issue(node, {}, authority.delegate(2, keys.slice(0, 3)), keys.slice(0, 2)),
      authority.issue(node, {}, authority.delegate(16, keys), keys),
    ].map(encodeCredential);
    const draw = createDraw(SEED);
    let decoded = 0;
    let different = 0;
    for (let run = 0; run < MUTATIONS; run++) {
      const base = sound[draw(sound.length)] ?? new Uint8Array(0);
      const bytes = mutated(base, draw);
      const credential = decodeCredential(bytes);
      if (credential === undefined) continue;
      decoded += 1;
      // Canonical: what a credential says has one form, so its bytes are all it can have held.
      if (!isEqual(canonical(credential), bytes)) different += 1;
    }
    expect(different).toBe(0);
    expect(decoded).toBeGreaterThan(MUTATIONS / 100);
    expect(decoded).toBeLessThan(MUTATIONS);
  });
});

/** The bytes of what a credential says, each part encoded anew. */
function canonical(credential: Credential): Uint8Array {
  const { certificate, delegation } = credential;
  return encodeCredential({
    ...credential,
    certificateBytes: encodeCertificate(certificate),
    delegation: delegation && { ...delegation, bytes: encodeIssuers(delegation.issuers) },
  });
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** One to four changed bytes, then perhaps cut, lengthened or doubled. */
function mutated(base: Uint8Array, draw: (below: number) => number): Uint8Array {
  const bytes = new Uint8Array(base);
  for (let left = 1 + draw(4); left > 0; left--) bytes[draw(bytes.length)] = draw(256);
  switch (draw(8)) {
    case 0:
      return bytes.subarray(0, draw(bytes.length));
    case 1:
      return Uint8Array.of(...bytes, draw(256));
    case 2:
      return Uint8Array.of(...bytes, ...bytes);
    default:
      return bytes;
  }
}
