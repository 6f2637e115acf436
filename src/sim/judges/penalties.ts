/**
 * B2: whoever is expunged is so by a proof that a third party can check: this judge does, from the
 * bytes alone. All other penalties are a node's own: no frame carries a reputation.
 */
import type { CoreEvent, SignatureCheck } from "../../core/outputs.ts";
import { contradict, proofChecks } from "../../core/trust/evidence.ts";
import { decodeProof } from "../../core/wire/proof.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { SimNode } from "../engine/node.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

export class Penalties implements Judge {
  readonly #findings: Findings;
  readonly #hash: Kernels["blake3"];
  readonly #holds: (check: SignatureCheck) => boolean;
  /** Proofs found good, as all nodes tend to have the same. */
  readonly #checked = new Set<string>();

  constructor(stage: Stage, hash: Kernels["blake3"], holds: (check: SignatureCheck) => boolean) {
    this.#findings = new Findings(stage);
    this.#hash = hash;
    this.#holds = holds;
  }

  get violations() {
    return this.#findings.all;
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.kind !== "fork" || node.isByzantine) return;
    const name = `${event.author} ${Buffer.from(event.proof).toString("latin1")}`;
    if (this.#checked.has(name)) return;
    const problem = this.#problemOf(event.author, event.proof);
    if (problem === undefined) this.#checked.add(name);
    else this.#findings.add("B2", node, `expunges by a proof that ${problem}`);
  }

  #problemOf(author: string, bytes: Uint8Array): string | undefined {
    const proof = decodeProof(bytes, this.#hash);
    if (proof === undefined) return "cannot be read";
    if (proof.author !== author) return "is of another author";
    if (!contradict(proof.headers, this.#hash)) return "contradicts nothing";
    return proofChecks(proof).every(this.#holds) ? undefined : "its author has not signed";
  }
}
