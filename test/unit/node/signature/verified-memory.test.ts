// What has been verified is not verified again; nothing else is let through.
import { beforeEach, describe, expect, it } from "vitest";
import type { Crypto } from "../../../../src/core/trust/crypto.ts";
import { createCrypto } from "../../../../src/node/signature/signature.ts";
import { rememberVerified } from "../../../../src/node/signature/verified-memory.ts";

const real = createCrypto();
const key = real.createSigningKey(new Uint8Array(32).fill(1));
const other = real.createSigningKey(new Uint8Array(32).fill(2));
let asked = 0;
const counting: Crypto = {
  ...real,
  verify(signature, message, publicKey) {
    asked += 1;
    return real.verify(signature, message, publicKey);
  },
};

beforeEach(() => {
  asked = 0;
});

function signed(text: string) {
  const message = new TextEncoder().encode(text);
  return { message, signature: real.sign(message, key) };
}

describe("the memory of verified headers", () => {
  it("answers for the same bytes without asking again", () => {
    const crypto = rememberVerified(counting);
    const { message, signature } = signed("header");
    expect(crypto.verify(signature, message, key.publicKey)).toBe(true);
    expect(crypto.verify(signature.slice(), message.slice(), key.publicKey)).toBe(true);
    expect(asked).toBe(1);
  });

  it("refuses a remembered signature over another message or under another key", () => {
    const crypto = rememberVerified(counting);
    const { message, signature } = signed("header");
    crypto.verify(signature, message, key.publicKey);
    expect(crypto.verify(signature, signed("another").message, key.publicKey)).toBe(false);
    expect(crypto.verify(signature, message, other.publicKey)).toBe(false);
    expect(crypto.verify(signature, message, key.publicKey)).toBe(true);
    expect(asked).toBe(3);
  });

  it("keeps its own copy, since a frame's bytes are its owner's", () => {
    const crypto = rememberVerified(counting);
    const { message, signature } = signed("header");
    const original = message.slice();
    crypto.verify(signature, message, key.publicKey);
    message.fill(0);
    expect(crypto.verify(signature, message, key.publicKey)).toBe(false);
    expect(crypto.verify(signature, original, key.publicKey)).toBe(true);
    expect(asked).toBe(2);
  });

  it("never remembers a bad verdict", () => {
    const crypto = rememberVerified(counting);
    const { message, signature } = signed("header");
    for (let i = 0; i < 3; i++) crypto.verify(signature, message, other.publicKey);
    expect(asked).toBe(3);
  });

  it("lets the least recently used go at its bound", () => {
    const crypto = rememberVerified(counting, 2);
    const [a, b, c] = [signed("a"), signed("b"), signed("c")];
    const check = (one: ReturnType<typeof signed>) =>
      crypto.verify(one.signature, one.message, key.publicKey);
    [a, b, a, c].map(check);
    expect(asked).toBe(3);
    expect([a, c].map(check)).toEqual([true, true]);
    expect(asked).toBe(3);
    expect(check(b)).toBe(true);
    expect(asked).toBe(4);
  });

  it("does not keep long messages", () => {
    const crypto = rememberVerified(counting);
    const long = signed("x".repeat(513));
    for (let i = 0; i < 2; i++) crypto.verify(long.signature, long.message, key.publicKey);
    expect(asked).toBe(2);
  });
});
