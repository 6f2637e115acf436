/**
 * Partitions as they are, beside what the nodes make of them: who truly has a quorum, when each
 * node turned read-only and back, and how long the heal took.
 */
import { quorumOf } from "../../core/peers/quorum.ts";
import type { Violation } from "../result.ts";
import { isReadOnly, rootOf } from "./core-view.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import type { World } from "./world.ts";

/** P1: a node without a quorum refuses after this long. */
const DETECT_MS = 1_000;
/** P3: a heal is over after this long. */
const RECOVER_MS = 5_000;
/** How often a heal is looked at. */
const LOOK_MS = 50;
/** A quorum held without a break for this long leaves no excuse for an alarm. */
const SETTLED_MS = RECOVER_MS;

interface Watched {
  hasQuorum: boolean;
  sinceMs: number;
  readOnly: boolean;
  life: number;
}

export class QuorumWatch implements Observer {
  readonly detectedMs: number[] = [];
  readonly recoveredMs: number[] = [];
  falseAlarms = 0;
  readonly violations: Violation[] = [];
  active = false;
  readonly #world: World;
  readonly #watched = new Map<number, Watched>();
  #wasWhole = true;
  #healMs: number | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    this.active = true;
    this.#judge();
  }

  cutsChanged(): void {
    if (!this.active) return;
    this.#judge();
    const { isWhole } = this.#world.network.cuts;
    if (isWhole && !this.#wasWhole) this.#watchHeal();
    if (!isWhole) this.#healMs = undefined;
    this.#wasWhole = isWhole;
  }

  lost(): void {
    if (this.active) this.#world.schedule(this.#world.nowMs, () => this.#judge());
  }

  started(): void {
    if (this.active) this.#world.schedule(this.#world.nowMs, () => this.#judge());
  }

  settled(node: SimNode): void {
    if (!this.active) return;
    const watched = this.#watched.get(node.index);
    if (watched === undefined || node.core === undefined || watched.life !== node.life) return;
    const readOnly = isReadOnly(node.core);
    if (readOnly === watched.readOnly) return;
    watched.readOnly = readOnly;
    if (!readOnly) return;
    const { nowMs } = this.#world;
    const forMs = nowMs - watched.sinceMs;
    if (!watched.hasQuorum) {
      this.detectedMs.push(forMs);
    } else if (forMs >= SETTLED_MS && node.isCorrect(nowMs)) {
      this.falseAlarms += 1;
      this.#violated("P2", node, `read-only with a quorum for ${Math.round(forMs)} ms`);
    }
  }

  /** Works out who has a quorum now; tells late alarms when their time is over. */
  #judge(): void {
    const { nodes, nowMs, network } = this.#world;
    const components = network.cuts.components(nodes.length);
    const sizes = new Map<number, number>();
    let members = 0;
    for (const node of nodes) {
      if (!node.left) members += 1;
      if (node.core === undefined || node.isPaused(nowMs)) continue;
      const component = components[node.index] ?? 0;
      sizes.set(component, (sizes.get(component) ?? 0) + 1);
    }
    const quorum = quorumOf(Math.max(1, members)).size;
    for (const node of nodes) {
      const hasQuorum = (sizes.get(components[node.index] ?? 0) ?? 0) >= quorum;
      this.#note(node, hasQuorum);
    }
  }

  #note(node: SimNode, hasQuorum: boolean): void {
    const { nowMs } = this.#world;
    const held = this.#watched.get(node.index);
    if (held !== undefined && held.life === node.life && held.hasQuorum === hasQuorum) return;
    const readOnly = node.core === undefined ? false : isReadOnly(node.core);
    const watched = { hasQuorum, sinceMs: nowMs, readOnly, life: node.life };
    this.#watched.set(node.index, watched);
    // A process that has just begun knows nobody yet, and one that stood still knows nothing new.
    if (hasQuorum || node.core === undefined || node.isPaused(nowMs)) return;
    if (readOnly) return;
    this.#world.schedule(nowMs + DETECT_MS, () => {
      if (this.#watched.get(node.index) !== watched || watched.readOnly) return;
      if (!node.isCorrect(nowMs + DETECT_MS) || node.life !== watched.life) return;
      if (!this.#knowsTheMesh(node)) return;
      this.detectedMs.push(Number.POSITIVE_INFINITY);
      this.#violated("P1", node, `writable ${DETECT_MS} ms after its quorum was gone`);
    });
  }

  /** A node that has not met the mesh in this life has a quorum of its own. */
  #knowsTheMesh(node: SimNode): boolean {
    const present = this.#world.nodes.filter(({ left }) => !left).length;
    return (node.core?.status().members ?? 0) * 2 > present;
  }

  #watchHeal(): void {
    const { nowMs } = this.#world;
    this.#healMs = nowMs;
    const look = (): void => {
      if (this.#healMs !== nowMs) return;
      const sinceMs = this.#world.nowMs - nowMs;
      if (this.#isHealed()) {
        this.recoveredMs.push(sinceMs);
      } else if (sinceMs >= RECOVER_MS) {
        this.recoveredMs.push(Number.POSITIVE_INFINITY);
        const { healed, detail } = this.#unhealed();
        if (!healed) this.#violated("P3", undefined, detail);
      } else {
        this.#world.schedule(this.#world.nowMs + LOOK_MS, look);
      }
    };
    look();
  }

  #isHealed(): boolean {
    const { nodes, nowMs } = this.#world;
    const roots = new Set<string>();
    for (const node of nodes) {
      if (node.core === undefined || !node.isCorrect(nowMs)) continue;
      if (isReadOnly(node.core)) return false;
      roots.add(rootOf(node.core, node.now(nowMs)));
      if (roots.size > 1) return false;
    }
    return true;
  }

  #unhealed(): { healed: boolean; detail: string } {
    const { nodes, nowMs } = this.#world;
    const up = nodes.filter((node) => node.isCorrect(nowMs));
    const readOnly = up.filter((node) => node.core !== undefined && isReadOnly(node.core));
    const roots = new Set(up.map((node) => node.core && rootOf(node.core, node.now(nowMs))));
    const detail = `${RECOVER_MS} ms after the heal: ${readOnly.length} read-only, ${roots.size} roots`;
    // Roots differ while writes go on; only what is still read-only is a fault here. C1 judges roots.
    return { healed: readOnly.length === 0, detail };
  }

  #violated(invariant: string, node: SimNode | undefined, detail: string): void {
    this.violations.push({ invariant, at: this.#world.nowMs, node: node?.name, detail });
  }
}
