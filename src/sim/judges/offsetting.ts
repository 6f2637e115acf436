/**
 * B3: good conduct never offsets an offence. Nobody who is proven is heard again; a reputation rises
 * with time and with nothing else, leaving and returning included; and who sends nothing but
 * offences falls below the threshold.
 */
import type { SimNode } from "../engine/node.ts";
import type { Behaviour } from "../faults/fault.ts";
import { Findings, type Judge, type Stage } from "./judge.ts";

/** What clean conduct gives back: 0 to 1 in ten minutes (docs/ARCHITECTURE.md). */
const RISE_PER_MS = 1 / 600_000;
/** It is given in steps; so long may lie between a look and the last of them. */
const STEP_MS = 5_000;
/** Every frame of these is an offence, and so many of them leave no doubt. */
const OFFENDING: ReadonlySet<Behaviour | undefined> = new Set([
  "garbage",
  "future-time",
  "past-time",
]);
const OFFENCES = 200;

interface Held {
  readonly reputation: number;
  readonly atMs: number;
}

export class Offsetting implements Judge {
  readonly #findings: Findings;
  readonly #stage: Stage;
  /** By node and life, then peer: the last reputation of those below the full one. */
  readonly #held = new Map<string, Map<number, Held>>();
  /** By the same: frames from a peer that sends offences alone, until it is below the threshold. */
  readonly #offences = new Map<string, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#findings = new Findings(stage);
  }

  get violations() {
    return this.#findings.all;
  }

  frame(node: SimNode, from: SimNode): void {
    if (!OFFENDING.has(from.behaviour) || node.isByzantine) return;
    const name = nameOf(node, from);
    const count = (this.#offences.get(name) ?? 0) + 1;
    if (Number.isNaN(count)) return;
    this.#offences.set(name, count);
    if (count < OFFENCES) return;
    if (this.#isBelow(node, from)) {
      // Once is enough: ignored, it commits no more offences, and time gives back a little.
      this.#offences.set(name, Number.NaN);
      return;
    }
    this.#offences.set(name, Number.NaN);
    this.#findings.add("B3", node, `still hears ${from.name} after ${count} offences`);
  }

  look(): void {
    const { nodes, nowMs } = this.#stage;
    for (const node of nodes) {
      if (node.core === undefined || !node.isCorrect(nowMs)) continue;
      this.#checkProven(node);
      const life = `${node.index}.${node.life}`;
      let held = this.#held.get(life);
      // Where everybody has the full reputation, and had it, nothing can have risen.
      if (!node.core.registry.hasTarnished && held === undefined) continue;
      if (held === undefined) {
        held = new Map();
        this.#held.set(life, held);
      }
      for (const peer of nodes) this.#checkRise(node, peer, held);
      if (held.size === 0) this.#held.delete(life);
    }
  }

  #checkProven(node: SimNode): void {
    const { registry, proofs } = node.core ?? {};
    for (const [author] of proofs ?? []) {
      const reputation = registry?.get(author)?.reputation ?? 0;
      if (reputation < (registry?.reputationThreshold ?? 0)) continue;
      const name = this.#stage.nodeOf(author)?.name ?? author;
      this.#findings.add("B3", node, `holds ${name}, who is proven, at ${reputation.toFixed(2)}`);
    }
  }

  #checkRise(node: SimNode, peer: SimNode, held: Map<number, Held>): void {
    const { nowMs } = this.#stage;
    const reputation = node.core?.registry.get(peer.id)?.reputation;
    const before = held.get(peer.index);
    // Who is not known now keeps what it had: leaving washes nothing away.
    if (reputation === undefined) return;
    if (reputation < 1) held.set(peer.index, { reputation, atMs: nowMs });
    else held.delete(peer.index);
    if (before === undefined) return;
    const atMost = before.reputation + (nowMs - before.atMs + STEP_MS) * RISE_PER_MS;
    if (reputation <= atMost) return;
    const figures = `${before.reputation.toFixed(3)} to ${reputation.toFixed(3)}`;
    this.#findings.add("B3", node, `${peer.name} rose from ${figures}, more than time gives`);
  }

  #isBelow(node: SimNode, peer: SimNode): boolean {
    const { core } = node;
    if (core === undefined || core.proofs.some(([author]) => author === peer.id)) return true;
    const reputation = core.registry.get(peer.id)?.reputation;
    return reputation === undefined || reputation < core.registry.reputationThreshold;
  }
}

function nameOf(node: SimNode, peer: SimNode): string {
  return `${node.index}.${node.life} ${peer.index}`;
}
