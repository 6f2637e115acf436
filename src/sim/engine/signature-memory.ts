/** Verdicts on signatures: equal bytes get equal ones, so each is worked out once a world. */
import type { SignatureCheck } from "../../core/outputs.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Kernels } from "../../kernels/kernels.ts";

const VERDICTS_MAX = 262_144;

export class SignatureMemory {
  readonly #crypto: Crypto;
  readonly #kernels: Pick<Kernels, "blake3">;
  /** By the hash of signature, message and key. */
  readonly #verdicts = new Map<string, boolean>();

  constructor(crypto: Crypto, kernels: Pick<Kernels, "blake3">) {
    this.#crypto = crypto;
    this.#kernels = kernels;
  }

  holds({ signature, message, publicKey }: SignatureCheck): boolean {
    // A fake one is a hash itself.
    if (this.#crypto.backend === "fake") {
      return this.#crypto.verify(signature, message, publicKey);
    }
    const whole = new Uint8Array(signature.length + message.length + publicKey.length);
    whole.set(signature);
    whole.set(message, signature.length);
    whole.set(publicKey, signature.length + message.length);
    const name = Buffer.from(this.#kernels.blake3(whole)).toString("latin1");
    let verdict = this.#verdicts.get(name);
    if (verdict === undefined) {
      verdict = this.#crypto.verify(signature, message, publicKey);
      if (this.#verdicts.size >= VERDICTS_MAX) this.#verdicts.clear();
      this.#verdicts.set(name, verdict);
    }
    return verdict;
  }
}
