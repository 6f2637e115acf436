/**
 * S6: nothing that was deleted comes back by an older write. As long as there is no stable cut, no
 * tombstone may be dropped at all, and each node that has seen a delete remembers it.
 */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import type { CoreEvent } from "../../core/outputs.ts";
import type { SimNode } from "../engine/node.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

interface Deletes {
  readonly life: number;
  /** By collection and key: the stamp of the newest delete that is in force. */
  readonly hlcs: Map<string, bigint>;
}

/** Deletes watched at one node; more are not. */
const DELETES_MAX = 1_024;

export class Resurrection implements Judge {
  readonly #findings: Findings;
  readonly #byNode = new Map<number, Deletes>();

  constructor(stage: Stage) {
    this.#findings = new Findings(stage);
  }

  get violations() {
    return this.#findings.all;
  }

  event(node: SimNode, event: CoreEvent): void {
    // What an expunged author deleted was never deleted.
    if (event.kind === "fork") this.#byNode.delete(node.index);
    if (event.kind !== "changes" || node.isByzantine) return;
    const { hlcs } = this.#of(node);
    for (const { type, collection, key, live, changed, stamp } of event.changes) {
      if (type !== TYPE_MAP) continue;
      const name = `${collection}\0${key}`;
      const deleted = hlcs.get(name);
      if (!live) {
        if (deleted === undefined && hlcs.size >= DELETES_MAX) continue;
        if (changed || deleted !== undefined) hlcs.set(name, larger(deleted, stamp.hlc));
      } else if (changed && deleted !== undefined) {
        hlcs.delete(name);
        if (stamp.hlc < deleted) {
          this.#findings.add("S6", node, `${collection}/${key} came back by an older write`);
        }
      }
    }
  }

  #of(node: SimNode): Deletes {
    const held = this.#byNode.get(node.index);
    if (held !== undefined && held.life === node.life) return held;
    const fresh = { life: node.life, hlcs: new Map<string, bigint>() };
    this.#byNode.set(node.index, fresh);
    return fresh;
  }
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}
