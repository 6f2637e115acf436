import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFakeCrypto } from "../../../src/sim/fake-crypto.ts";

// Any 32-byte hash serves: the fake takes its hash, so that a simulation can pass the kernels' one.
const hash = (bytes: Uint8Array) => Uint8Array.from(createHash("sha256").update(bytes).digest());
const seedOf = (n: number) => new Uint8Array(32).fill(n);
const MESSAGE = Uint8Array.of(1, 2, 3);

describe("fake crypto", () => {
  const crypto = createFakeCrypto(hash);

  it("verifies what it signed and nothing else", () => {
    const key = crypto.createSigningKey(seedOf(1));
    const signature = crypto.sign(MESSAGE, key);
    const bent = signature.slice();
    bent[63]! ^= 1;
    expect(crypto.verify(signature, MESSAGE, key.publicKey)).toBe(true);
    expect(crypto.verify(bent, MESSAGE, key.publicKey)).toBe(false);
    expect(crypto.verify(signature, Uint8Array.of(1, 2), key.publicKey)).toBe(false);
    expect(crypto.verify(signature, MESSAGE, seedOf(9))).toBe(false);
    expect(crypto.verify(signature.subarray(1), MESSAGE, key.publicKey)).toBe(false);
  });

  it("gives equal bytes for equal run key, seed and message", () => {
    const again = createFakeCrypto(hash);
    const made = [crypto, again].map((c) => c.sign(MESSAGE, c.createSigningKey(seedOf(1))));
    expect(made[0]).toEqual(made[1]);
  });

  it("does not accept the signatures of another run", () => {
    const key = crypto.createSigningKey(seedOf(1));
    const other = createFakeCrypto(hash, 7);
    expect(other.verify(crypto.sign(MESSAGE, key), MESSAGE, key.publicKey)).toBe(false);
  });

  it("does not let a liar sign for a victim by overwriting its own public key", () => {
    const victim = crypto.createSigningKey(seedOf(1));
    const liar = crypto.createSigningKey(seedOf(2));
    liar.publicKey.set(victim.publicKey);
    expect(crypto.verify(crypto.sign(MESSAGE, liar), MESSAGE, victim.publicKey)).toBe(false);
  });
});
