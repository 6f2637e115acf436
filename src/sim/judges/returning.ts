/**
 * B5: who behaves again is heard again. The reputation of a peer that gives no more offence rises
 * without a stop, so that it is above the threshold within ten minutes; only a proof is for good.
 */
import type { SimNode } from "../engine/node.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

/** What a liar sent last may come so late. */
const GRACE_MS = 15_000;
/** A reputation that has not risen for so long does not rise. */
const STANDSTILL_MS = 30_000;
/** By then it must be above the threshold. */
const RETURN_MS = 600_000;

interface Watched {
  readonly life: number;
  reputation: number;
  risenMs: number;
  isTold: boolean;
}

export class Returning implements Judge {
  readonly #findings: Findings;
  readonly #stage: Stage;
  readonly #watched = new Map<string, Watched>();
  /** By peer: when it last misbehaved. */
  readonly #lastBadMs = new Map<number, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#findings = new Findings(stage);
  }

  get violations() {
    return this.#findings.all;
  }

  look(): void {
    const { nodes, nowMs } = this.#stage;
    for (const node of nodes) {
      if (node.behaviour !== undefined) this.#lastBadMs.set(node.index, nowMs);
    }
    for (const node of nodes) {
      if (node.core === undefined || !node.isCorrect(nowMs)) continue;
      const proven = new Set(node.core.proofs.map(([author]) => author));
      for (const { id, reputation } of node.core.registry.tarnished()) {
        const peer = this.#stage.nodeOf(id);
        if (peer !== undefined && !proven.has(id)) this.#check(node, peer, reputation);
      }
    }
  }

  #check(node: SimNode, peer: SimNode, reputation: number): void {
    const { nowMs } = this.#stage;
    const name = `${node.index} ${peer.index}`;
    const badMs = this.#lastBadMs.get(peer.index) ?? Number.NEGATIVE_INFINITY;
    const isClean = nowMs - badMs > GRACE_MS;
    const held = this.#watched.get(name);
    if (held === undefined || held.life !== node.life || !isClean) {
      this.#watched.set(name, { life: node.life, reputation, risenMs: nowMs, isTold: false });
      return;
    }
    if (reputation > held.reputation) held.risenMs = nowMs;
    held.reputation = reputation;
    // A stopped process gives nothing back.
    const stillMs = nowMs - Math.max(held.risenMs, node.sinceMs);
    const threshold = node.core?.registry.reputationThreshold ?? 0;
    const isLate = nowMs - badMs > RETURN_MS + GRACE_MS && Number.isFinite(badMs);
    if (held.isTold || (stillMs <= STANDSTILL_MS && !(isLate && reputation < threshold))) return;
    held.isTold = true;
    const figure = `${peer.name}, who behaves, at ${reputation.toFixed(2)}`;
    this.#findings.add("B5", node, `holds ${figure}${isLate ? " for ten minutes" : ""}`);
  }
}
