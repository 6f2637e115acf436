/**
 * B4: to ignore a peer concerns what it sends from then on. What it wrote before stays, or replicas
 * would differ by whom each ignores; only a proof takes an author out, and everywhere.
 */
import type { SimNode } from "../engine/node.ts";
import { TRACKED } from "../engine/workload.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

interface Kept {
  readonly life: number;
  /** Of the ignored peer, as they were here when it was first ignored. */
  readonly keys: readonly string[];
}

/** Keys watched of one ignored peer at one node. */
const KEYS_MAX = 1_024;

export class IgnoredWrites implements Judge {
  readonly #findings: Findings;
  readonly #stage: Stage;
  /** By node, then ignored peer. */
  readonly #kept = new Map<SimNode, Map<SimNode, Kept>>();

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
      if (node.core === undefined || !node.isCorrect(nowMs)) continue;
      const { registry } = node.core;
      for (const { id, reputation } of registry.tarnished()) {
        const peer = this.#stage.nodeOf(id);
        if (peer === undefined || reputation >= registry.reputationThreshold) continue;
        this.#ignores(node, peer);
      }
    }
  }

  end(): void {
    for (const [node, peers] of this.#kept) {
      if (node.core === undefined || !node.isCorrect(this.#stage.nowMs)) continue;
      const proven = new Set(node.core.proofs.map(([author]) => author));
      const held = new Set(this.#keysAt(node));
      for (const [peer, { life, keys }] of peers) {
        if (life !== node.life || proven.has(peer.id)) continue;
        const gone = keys.filter((key) => !held.has(key));
        if (gone.length === 0) continue;
        const detail = `lacks ${gone.length} writes of ${peer.name}, made before it was ignored`;
        this.#findings.add("B4", node, detail);
      }
    }
  }

  #ignores(node: SimNode, peer: SimNode): void {
    const peers = this.#kept.get(node) ?? new Map<SimNode, Kept>();
    this.#kept.set(node, peers);
    if (peers.get(peer)?.life === node.life) return;
    const keys = this.#keysAt(node).filter((key) => key.startsWith(`${peer.name}.`));
    peers.set(peer, { life: node.life, keys: keys.slice(0, KEYS_MAX) });
  }

  #keysAt(node: SimNode): readonly string[] {
    const now = node.now(this.#stage.nowMs);
    // Without closing an open delta: a judge changes nothing.
    return [...(node.core?.read(0, "", undefined, now).mapKeys(TRACKED) ?? [])];
  }
}
