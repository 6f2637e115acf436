/**
 * What has been verified, so that bytes that come again cost a comparison instead of point
 * arithmetic: a delta refused as `full` and offered again each round, one that waited for its time or
 * its ancestor, one that comes over several links at once.
 *
 * Only good verdicts are kept, and only of short messages: headers and records. Peers choose what is
 * verified, so the memory is bounded and lets the least recently used go. It compares all of the
 * bytes: a hit is the very triple that has passed the rule.
 */
import type { SignatureCheck } from "../../core/outputs.ts";

/** Triples kept; at most about 900 bytes each. */
const VERIFIED_MAX = 4_096;
/** Longer messages are verified each time. */
const VERIFIED_MESSAGE_BYTES_MAX = 512;

interface Verified {
  readonly message: Buffer;
  readonly publicKey: Buffer;
}

export class VerifiedMemory {
  readonly #max: number;
  readonly #held = new Map<string, Verified>(); // by signature; insertion order is order of use

  /** @param max triples kept, at least 1. */
  constructor(max: number = VERIFIED_MAX) {
    this.#max = max;
  }

  /** Whether this very triple has passed the rule. */
  knows({ signature, message, publicKey }: SignatureCheck): boolean {
    if (message.length > VERIFIED_MESSAGE_BYTES_MAX) return false;
    const name = nameOf(signature);
    const known = this.#held.get(name);
    if (known === undefined) return false;
    if (!known.message.equals(message) || !known.publicKey.equals(publicKey)) return false;
    this.#held.delete(name);
    this.#held.set(name, known);
    return true;
  }

  /** Keeps a triple that has passed; its bytes are copied. */
  add({ signature, message, publicKey }: SignatureCheck): void {
    if (message.length > VERIFIED_MESSAGE_BYTES_MAX) return;
    const name = nameOf(signature);
    if (!this.#held.delete(name) && this.#held.size >= this.#max) this.#dropOldest();
    this.#held.set(name, { message: Buffer.from(message), publicKey: Buffer.from(publicKey) });
  }

  #dropOldest(): void {
    const oldest = this.#held.keys().next();
    if (oldest.done !== true) this.#held.delete(oldest.value);
  }
}

function nameOf(signature: Uint8Array): string {
  const { buffer, byteOffset, length } = signature;
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}
