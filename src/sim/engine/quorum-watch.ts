/**
 * Partitions as they are, beside what the nodes make of them: who truly has a quorum, when each
 * node turned read-only and back, and how long the heal took.
 */

import type { CoreEvent } from "../../core/outputs.ts";
import { quorumOf } from "../../core/peers/quorum.ts";
import type { Violation } from "../result.ts";
import { isReadOnly, rootOf } from "./core-view.ts";
import type { Cut } from "./cuts.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import type { World } from "./world.ts";

/** P1: a node without a quorum refuses after this long. */
const DETECT_MS = 1_000;
/** P3: a heal is over after this long. */
const RECOVER_MS = 5_000;
/** One that has just begun, or gone on, is not yet linked with, and no quorum can rely on it. */
const YOUNG_MS = 2_000;
/** How often a heal is looked at. */
const LOOK_MS = 50;
/** The same once it is late anyway. */
const LATE_LOOK_MS = 500;
/** What has been so for this long, without a break, leaves no excuse. */
const SETTLED_MS = RECOVER_MS;

/**
 * `yes`: enough running, honest nodes can be reached without anybody's help. `no`: not enough by any way.
 * Between the two it depends on who is linked with whom, and nothing is promised.
 */
type Truth = "yes" | "no" | "unclear";

interface Watched {
  readonly truth: Truth;
  sinceMs: number;
  /** What was before had been so for long. */
  readonly wasSettled: boolean;
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
  /** Ids of those proven somewhere: they count no more, or soon. */
  readonly #proven = new Set<string>();
  /** Ids of those whose membership a quorum has ended somewhere, until somebody takes them back. */
  readonly #departed = new Set<string>();
  /** Ids of those whose leave somebody has heard of. */
  readonly #leftKnown = new Set<string>();
  /** Cuts that are over, and since when; those of long ago are forgotten. */
  readonly #healedMs = new Map<Cut, number>();
  /** As of the last look at who has a quorum: who can be relied on, and how many it takes. */
  #settled: readonly SimNode[] = [];
  #careful = 1;
  #wasWhole = true;
  #cutMs = Number.NEGATIVE_INFINITY;
  #sidesToldMs = Number.NEGATIVE_INFINITY;
  /** Until when hosts or paths have been too slow for anybody to be held to a time. */
  #muddyUntilMs = Number.NEGATIVE_INFINITY;
  #healMs: number | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    this.active = true;
    this.#judge();
    // What is so now has been so through the warm-up.
    const { nowMs } = this.#world;
    for (const watched of this.#watched.values()) watched.sinceMs = nowMs - SETTLED_MS;
  }

  /** A heal that is not over by now lasted at least so long. */
  end(): void {
    if (this.#healMs !== undefined) this.recoveredMs.push(this.#world.nowMs - this.#healMs);
    this.#healMs = undefined;
  }

  /** Whether enough running nodes can be reached from here without anybody's help. */
  hasQuorum(node: SimNode): boolean {
    return this.#watched.get(node.index)?.truth === "yes";
  }

  event(_node: SimNode, event: CoreEvent): void {
    if (event.kind === "member:left" && !this.#leftKnown.has(event.peer)) {
      this.#leftKnown.add(event.peer);
      this.#judgeSoon();
    }
    if (event.kind === "member:departed" && !this.#departed.has(event.peer)) {
      this.#departed.add(event.peer);
      this.#judgeSoon();
    }
    if (event.kind === "member:up" && this.#departed.delete(event.peer)) this.#judgeSoon();
    if (event.kind !== "fork" || this.#proven.has(event.author)) return;
    this.#proven.add(event.author);
    this.#judgeSoon();
  }

  cutsChanged(): void {
    if (!this.active) return;
    this.#noteHealed();
    this.#judge();
    this.#cutMs = this.#world.nowMs;
    const { isWhole } = this.#world.network.cuts;
    if (isWhole && !this.#wasWhole) this.#watchHeal();
    if (!isWhole) this.#healMs = undefined;
    this.#wasWhole = isWhole;
  }

  lost(): void {
    if (this.active) this.#world.schedule(this.#world.nowMs, () => this.#judge());
  }

  started(): void {
    this.#judgeSoon();
  }

  resumed(): void {
    this.#judgeSoon();
  }

  /** A process runs: it can be reached from now on, and relied on when it is no longer young. */
  #judgeSoon(): void {
    if (!this.active) return;
    for (const inMs of [0, YOUNG_MS]) {
      this.#world.schedule(this.#world.nowMs + inMs, () => this.#judge());
    }
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
    if (watched.truth === "no") {
      if (watched.wasSettled) this.detectedMs.push(forMs);
    } else if (watched.truth === "yes" && forMs >= SETTLED_MS && this.#isFair(node)) {
      if (this.#leansOnHeal(node)) return;
      this.falseAlarms += 1;
      this.#violated("P2", node, `read-only with a quorum for ${Math.round(forMs)} ms`);
    }
  }

  /** To be called now and then: notes what makes times unfair. */
  look(): void {
    const { nodes, nowMs, network } = this.#world;
    const isSlow = nodes.some((node) => node.slowFactor > 1 || node.busyUntilMs > nowMs);
    if (isSlow || network.isSluggish) this.#muddyUntilMs = nowMs + SETTLED_MS;
  }

  /** P4: once a cut has lasted, only one side of it is writable. To be called now and then. */
  checkSides(): void {
    const { nodes, nowMs, network } = this.#world;
    const isLasting = nowMs - this.#cutMs >= SETTLED_MS && this.#sidesToldMs < this.#cutMs;
    if (!this.active || network.cuts.isWhole || !isLasting) return;
    const components = network.cuts.components(nodes.length);
    const sides = new Map<number, SimNode>();
    for (const node of nodes) {
      const side = components[node.index] ?? 0;
      if (sides.has(side) || node.core === undefined || isReadOnly(node.core)) continue;
      // One that has just begun may be writable for as long as it knows nobody.
      const isSettled = nowMs - (this.#watched.get(node.index)?.sinceMs ?? nowMs) >= SETTLED_MS;
      if (isSettled && this.#isFair(node) && this.#knowsTheMesh(node)) sides.set(side, node);
    }
    if (sides.size < 2) return;
    this.#sidesToldMs = nowMs;
    const names = [...sides.values()].map(({ name }) => name).join(", ");
    this.#violated("P4", undefined, `writable on ${sides.size} sides of a cut: ${names}`);
  }

  #isFair(node: SimNode): boolean {
    this.look();
    const { nowMs } = this.#world;
    return this.#muddyUntilMs <= nowMs && node.isCorrect(nowMs);
  }

  /** Works out who has a quorum now; tells late alarms when their time is over. */
  #judge(): void {
    const { nodes, nowMs, network } = this.#world;
    const components = network.cuts.components(nodes.length);
    const sizes = new Map<number, number>();
    const settled: SimNode[] = [];
    let [members, unheard, uncounted] = [0, 0, 0];
    for (const node of nodes) {
      if (!node.left) members += 1;
      else if (node.leftUnheard || !this.#isKnown(node)) unheard += 1;
      const isProven = this.#proven.has(node.id);
      if (!node.left && (isProven || this.#departed.has(node.id))) uncounted += 1;
      if (node.core === undefined || node.left || node.isPaused(nowMs)) continue;
      // A liar may answer or not: nothing is promised that needs it.
      const isReliable = !isProven && !node.isByzantine;
      if (nowMs - node.sinceMs >= YOUNG_MS && isReliable) settled.push(node);
      const component = components[node.index] ?? 0;
      sizes.set(component, (sizes.get(component) ?? 0) + 1);
    }
    const quorum = quorumOf(Math.max(1, members - uncounted)).size;
    // Of invented members nobody knows how many have been told to whom.
    const careful = quorumOf(Math.max(1, members + unheard + this.#world.sybils.silent)).size;
    this.#settled = settled;
    this.#careful = careful;
    const { isWhole } = network.cuts;
    for (const node of nodes) {
      const reach = this.#eclipsedReach(node) ?? sizes.get(components[node.index] ?? 0) ?? 0;
      if (reach < quorum) this.#note(node, "no");
      else {
        const joined = isWhole ? settled.length : this.#joined(node, settled);
        this.#note(node, joined >= careful ? "yes" : "unclear");
      }
    }
  }

  /**
   * Whether anybody who runs has heard of a leave. If not, the member is a silent one to all: no
   * node could tell it from a crashed one, so it counts in n, as those do whose path was cut.
   * What a leaver does to be heard while anybody can hear it: core/peers/leaving.ts.
   */
  #isKnown(node: SimNode): boolean {
    const { nodes, nowMs } = this.#world;
    return nodes.some(
      (other) => other.isCorrect(nowMs) && other.core?.membership.get(node.id)?.left === true,
    );
  }

  /** How many liars, and itself, can answer an eclipsed node. */
  #eclipsedReach(node: SimNode): number | undefined {
    const reach = this.#world.eclipses.reachOf(node.index);
    return reach?.filter((index) => this.#world.node(index)?.core !== undefined).length;
  }

  #joined(node: SimNode, settled: readonly SimNode[]): number {
    const { cuts } = this.#world.network;
    return settled.filter((other) => other === node || cuts.joins(node.index, other.index)).length;
  }

  #noteHealed(): void {
    const { nowMs, network } = this.#world;
    for (const [cut, healedMs] of this.#healedMs) {
      if (nowMs - healedMs >= RECOVER_MS) this.#healedMs.delete(cut);
    }
    for (const cut of network.cuts.takeRemoved()) this.#healedMs.set(cut, nowMs);
  }

  /**
   * Whether a node's quorum takes a path that has healed less than RECOVER_MS ago: nobody need have
   * linked over it yet, so who is lost meanwhile, elsewhere, may take the quorum along.
   */
  #leansOnHeal(node: SimNode): boolean {
    const { nowMs } = this.#world;
    const healing = [...this.#healedMs]
      .filter(([, healedMs]) => nowMs - healedMs < RECOVER_MS)
      .map(([cut]) => cut);
    const isHealing = ({ index }: SimNode): boolean =>
      healing.some((cut) => cut.blocks(node.index, index) || cut.blocks(index, node.index));
    const linked = this.#settled.filter((other) => other === node || !isHealing(other));
    return this.#joined(node, linked) < this.#careful;
  }

  #note(node: SimNode, truth: Truth): void {
    const { nowMs } = this.#world;
    const held = this.#watched.get(node.index);
    if (held !== undefined && held.life === node.life && held.truth === truth) return;
    const readOnly = node.core === undefined ? false : isReadOnly(node.core);
    const hadQuorum =
      held?.truth === "yes" && held.life === node.life && nowMs - held.sinceMs >= SETTLED_MS;
    // After an own stop a core gives no verdict for a second, and then takes its time for one.
    const wasSettled = hadQuorum && nowMs - node.sinceMs >= YOUNG_MS;
    const watched = { truth, sinceMs: nowMs, readOnly, life: node.life, wasSettled };
    this.#watched.set(node.index, watched);
    if (truth !== "no" || node.core === undefined || readOnly || !wasSettled) return;
    if (!this.#isFair(node)) return;
    this.#world.schedule(nowMs + DETECT_MS, () => {
      if (this.#watched.get(node.index) !== watched || watched.readOnly) return;
      if (!this.#isFair(node) || node.life !== watched.life) return;
      // Who stood still meanwhile gives no verdict for a second either, as one that did just before.
      if (node.sinceMs > nowMs) return;
      if (!this.#knowsTheMesh(node)) return;
      // A lower bound: when it does notice, that is told, too.
      this.detectedMs.push(DETECT_MS);
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
    let [isLate, isTold] = [false, false];
    const look = (): void => {
      if (this.#healMs !== nowMs) return;
      const sinceMs = this.#world.nowMs - nowMs;
      if (this.#isHealed()) {
        this.recoveredMs.push(sinceMs);
        this.#healMs = undefined;
        return;
      }
      isLate = sinceMs >= RECOVER_MS;
      if (isLate && !isTold) {
        const { stuck, detail } = this.#unhealed(sinceMs);
        this.look();
        // Muddy at any time since the heal: no path has been fast for long enough.
        isTold = stuck && this.#muddyUntilMs <= this.#world.nowMs;
        if (isTold) this.#violated("P3", undefined, detail);
      }
      this.#world.schedule(this.#world.nowMs + (isLate ? LATE_LOOK_MS : LOOK_MS), look);
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

  /**
   * Who is read-only though it has had a quorum for as long as a heal takes: while too many are
   * down, or left where nobody heard them, read-only is right. Roots differ while writes go on:
   * C1 judges them.
   */
  #unhealed(sinceMs: number): { stuck: boolean; detail: string } {
    const { nodes, nowMs } = this.#world;
    const up = nodes.filter((node) => node.isCorrect(nowMs));
    const readOnly = up.filter((node) => node.core !== undefined && isReadOnly(node.core));
    const roots = new Set(up.map((node) => node.core && rootOf(node.core, node.now(nowMs))));
    const stuck = readOnly.some((node) => {
      const watched = this.#watched.get(node.index);
      return watched?.truth === "yes" && nowMs - watched.sinceMs >= RECOVER_MS;
    });
    const detail = `${Math.round(sinceMs)} ms after the heal: ${readOnly.length} read-only, ${roots.size} roots`;
    return { stuck, detail };
  }

  #violated(invariant: string, node: SimNode | undefined, detail: string): void {
    this.violations.push({ invariant, at: this.#world.nowMs, node: node?.name, detail });
  }
}
