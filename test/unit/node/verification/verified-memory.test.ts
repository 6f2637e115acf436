// What has been verified is not verified again; nothing else is let through.
import { describe, expect, it } from "vitest";
import { createCrypto } from "../../../../src/node/signature/signature.ts";
import { VerifiedMemory } from "../../../../src/node/verification/verified-memory.ts";

const crypto = createCrypto();
const key = crypto.createSigningKey(new Uint8Array(32).fill(1));
const other = crypto.createSigningKey(new Uint8Array(32).fill(2));

function signed(text: string) {
  const message = new TextEncoder().encode(text);
  return { message, signature: crypto.sign(message, key), publicKey: key.publicKey };
}

describe("the memory of verified headers", () => {
  it("knows the same bytes again", () => {
    const memory = new VerifiedMemory();
    const check = signed("header");
    expect(memory.knows(check)).toBe(false);
    memory.add(check);
    const { message, signature } = check;
    expect(memory.knows({ ...check, message: message.slice(), signature: signature.slice() })).toBe(
      true,
    );
  });

  it("does not know a remembered signature over another message or under another key", () => {
    const memory = new VerifiedMemory();
    const check = signed("header");
    memory.add(check);
    expect(memory.knows({ ...check, message: signed("another").message })).toBe(false);
    expect(memory.knows({ ...check, publicKey: other.publicKey })).toBe(false);
    expect(memory.knows(check)).toBe(true);
  });

  it("keeps its own copy, since a frame's bytes are its owner's", () => {
    const memory = new VerifiedMemory();
    const check = signed("header");
    const original = check.message.slice();
    memory.add(check);
    check.message.fill(0);
    expect(memory.knows(check)).toBe(false);
    expect(memory.knows({ ...check, message: original })).toBe(true);
  });

  it("lets the least recently used go at its bound", () => {
    const memory = new VerifiedMemory(2);
    const [a, b, c] = [signed("a"), signed("b"), signed("c")];
    memory.add(a);
    memory.add(b);
    memory.knows(a);
    memory.add(c);
    expect([a, b, c].map((check) => memory.knows(check))).toEqual([true, false, true]);
  });

  it("does not keep long messages", () => {
    const memory = new VerifiedMemory();
    const long = signed("x".repeat(513));
    memory.add(long);
    expect(memory.knows(long)).toBe(false);
  });
});
