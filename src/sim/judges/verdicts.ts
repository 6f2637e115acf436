/**
 * S8: the verdict on one byte string is the same at every node and every time it is asked for. A run
 * has one verifier for all its nodes; backends are held against each other in test/differential.
 */
import type { SignatureCheck } from "../../core/outputs.ts";
import type { SimNode } from "../engine/node.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

interface Verdict {
  readonly holds: boolean;
  readonly node: string;
}

/** Verdicts remembered; beyond, all are forgotten: most of a delta's come within seconds. */
const VERDICTS_MAX = 16_384;

export class Verdicts implements Judge {
  readonly #findings: Findings;
  readonly #known = new Map<string, Verdict>();

  constructor(stage: Stage) {
    this.#findings = new Findings(stage);
  }

  get violations() {
    return this.#findings.all;
  }

  verified(node: SimNode, { signature, publicKey, message }: SignatureCheck, holds: boolean): void {
    const name = `${latin1(signature)}${latin1(publicKey)}${latin1(message)}`;
    const known = this.#known.get(name);
    if (known === undefined) {
      if (this.#known.size >= VERDICTS_MAX) this.#known.clear();
      this.#known.set(name, { holds, node: node.name });
    } else if (known.holds !== holds) {
      this.#findings.add("S8", node, `says ${holds} to a signature, ${known.node} ${known.holds}`);
    }
  }
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
