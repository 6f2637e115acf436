/**
 * Seals on stored deltas: proof that this node verified a delta before it stored it, at a
 * small part of what its signature costs to verify. A seal is keyed by the node's identity, so only who holds
 * the identity can make one; it covers the header, which holds the body's hash, and the signature.
 */
import { DELTA_PREFIX_BYTES } from "../../../assembly/layout.ts";
import type { Kernels } from "../../kernels/kernels.ts";

export class Sealer {
  readonly #blake3: Kernels["blake3"];
  /** The key, and room for what is sealed behind it. */
  readonly #keyed: Uint8Array;

  /** @param identitySeed the node's secret, 32 bytes; a key of its own is derived from it. */
  constructor(kernels: Pick<Kernels, "blake3">, identitySeed: Uint8Array) {
    this.#blake3 = (bytes) => kernels.blake3(bytes);
    const key = this.#blake3(Buffer.concat([KEY_LABEL, identitySeed]));
    this.#keyed = new Uint8Array(key.length + DELTA_PREFIX_BYTES);
    this.#keyed.set(key);
  }

  /** A verified delta as it is stored: with its seal behind it. */
  seal(delta: Uint8Array): Uint8Array {
    const record = new Uint8Array(delta.length + SEAL_BYTES);
    record.set(delta);
    record.set(this.#sealOf(delta), delta.length);
    return record;
  }

  /** The delta of a record, and whether its seal holds. */
  open(record: Uint8Array): { readonly delta: Uint8Array; readonly sealed: boolean } {
    const delta = record.subarray(0, Math.max(0, record.length - SEAL_BYTES));
    if (delta.length < DELTA_PREFIX_BYTES) return { delta, sealed: false };
    const sealed = Buffer.compare(record.subarray(delta.length), this.#sealOf(delta)) === 0;
    return { delta, sealed };
  }

  #sealOf(delta: Uint8Array): Uint8Array {
    const { length } = this.#keyed;
    this.#keyed.set(delta.subarray(0, DELTA_PREFIX_BYTES), length - DELTA_PREFIX_BYTES);
    return this.#blake3(this.#keyed).subarray(0, SEAL_BYTES);
  }
}

const KEY_LABEL = new TextEncoder().encode("knhk-mesh/1/store-seal");
const SEAL_BYTES = 16;
