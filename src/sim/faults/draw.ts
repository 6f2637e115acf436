/**
 * What the profiles draw with: a window of virtual time, nodes, and the two. Every draw takes from
 * one stream, so the order of calls is part of what a seed means.
 */
import type { Random } from "../../core/random.ts";
import type { NodeSet } from "./fault.ts";

/** Who is there to suffer, and when. */
export interface Scene {
  readonly random: Random;
  /** `n0` to `n<nodes - 1>`. */
  readonly nodes: number;
  /** No fault begins before this or is still going on after the next. */
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Span {
  readonly at: number;
  readonly for: number;
}

/** Uniform in [min, max), to three digits: a line of a fault file is read by people. */
export function between({ random }: Scene, min: number, max: number): number {
  return Math.round((min + random.float() * (max - min)) * 1_000) / 1_000;
}

/** Uniform whole number in [min, max]. */
export function wholeBetween({ random }: Scene, min: number, max: number): number {
  return min + random.below(Math.max(1, Math.floor(max) - min + 1));
}

export function chance({ random }: Scene, probability: number): boolean {
  return random.float() < probability;
}

/** A span of `minMs` to `maxMs` inside the scene, whole ms; shorter where the scene is. */
export function spanIn(scene: Scene, minMs: number, maxMs: number): Span {
  const room = Math.floor(scene.untilMs - scene.fromMs);
  const length = Math.min(room, wholeBetween(scene, minMs, maxMs));
  return { at: scene.fromMs + scene.random.below(room - length + 1), for: length };
}

/** One moment in the scene, whole ms. */
export function momentIn(scene: Scene): number {
  return scene.fromMs + scene.random.below(Math.floor(scene.untilMs - scene.fromMs));
}

export function anyNode({ random, nodes }: Scene): string {
  return `n${random.below(nodes)}`;
}

/** `count` different nodes, ascending. */
export function someNodes({ random, nodes }: Scene, count: number): string[] {
  const all = Array.from({ length: nodes }, (_, index) => index);
  const chosen = random.shuffleHead(all, count).slice(0, count);
  return chosen.toSorted((a, b) => a - b).map((index) => `n${index}`);
}

/** All, one, or some: what a link's end may be. */
export function nodeSet(scene: Scene): NodeSet {
  const shape = scene.random.below(3);
  if (shape === 0) return "*";
  return shape === 1 ? anyNode(scene) : someNodes(scene, wholeBetween(scene, 1, scene.nodes));
}

/** Nodes in two groups, neither empty: each node by a coin, one against the rest, or halves. */
export function twoGroups(scene: Scene): [string[], string[]] {
  const { random, nodes } = scene;
  const shape = random.below(3);
  if (shape === 0) return splitBy(scene, wholeBetween(scene, 1, nodes - 1));
  return splitBy(scene, shape === 1 ? 1 : Math.floor(nodes / 2));
}

/** A first group of `count` nodes, drawn, and the others. */
export function splitBy(scene: Scene, count: number): [string[], string[]] {
  const first = someNodes(scene, count);
  const inFirst = new Set(first);
  const all = Array.from({ length: scene.nodes }, (_, index) => `n${index}`);
  return [first, all.filter((name) => !inFirst.has(name))];
}
