/** The faults of the rows, made by rule: which nodes, when. */
import { Random } from "../../src/core/random.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";

/** Nodes in two groups, `percent` of every hundred in the first, spread over all names. */
export function twoSides(nodes: number, percent: number): [string[], string[]] {
  const sides: [string[], string[]] = [[], []];
  for (let index = 0; index < nodes; index++) {
    // Bresenham: the first side takes its share evenly, whatever the number of nodes.
    const before = Math.floor((index * percent) / 100);
    const isFirst = Math.floor(((index + 1) * percent) / 100) > before;
    sides[isFirst ? 0 : 1].push(`n${index}`);
  }
  return sides;
}

/** Each `everyMs` another `count` nodes are paused for `forMs`; the rest of the time all run. */
export function pauses(options: {
  readonly seed: number;
  readonly nodes: number;
  readonly count: number;
  readonly everyMs: number;
  readonly forMs: number;
  readonly untilMs: number;
}): Fault[] {
  const { seed, nodes, count, everyMs, forMs, untilMs } = options;
  const random = Random.fromSeed(BigInt(seed));
  const faults: Fault[] = [];
  for (let at = everyMs; at + forMs <= untilMs; at += everyMs) {
    faults.push({ at, do: "node.pause", node: sample(random, nodes, count), for: forMs });
  }
  return faults;
}

/** CPU starvation: each `everyMs` another share of the nodes is too slow, and stalls now and then. */
export function starvation(options: {
  readonly seed: number;
  readonly nodes: number;
  readonly count: number;
  readonly factor: number;
  readonly everyMs: number;
  readonly untilMs: number;
}): Fault[] {
  const { seed, nodes, count, factor, everyMs, untilMs } = options;
  const random = Random.fromSeed(BigInt(seed));
  const faults: Fault[] = [];
  for (let at = everyMs; at + everyMs <= untilMs; at += everyMs) {
    const node = sample(random, nodes, count);
    faults.push({ at, do: "node.slow", node, factor, for: everyMs });
    // A starved process is not evenly slow: it stands still, runs a moment, stands still again.
    for (let stall = at; stall < at + everyMs; stall += STALL_EVERY_MS) {
      faults.push({ at: stall, do: "node.pause", node, for: STALL_MS });
    }
  }
  return faults;
}

/** One join every `everyMs`, then as many leaves, youngest last. */
export function growAndShrink(options: {
  readonly nodes: number;
  readonly joins: number;
  readonly everyMs: number;
  readonly pauseMs: number;
}): { readonly faults: Fault[]; readonly endMs: number } {
  const { nodes, joins, everyMs, pauseMs } = options;
  const faults: Fault[] = [];
  let at = pauseMs;
  for (let joined = 0; joined < joins; joined++, at += everyMs)
    faults.push({ at, do: "node.join" });
  at += pauseMs;
  for (let left = 0; left < joins; left++, at += everyMs) {
    faults.push({ at, do: "node.leave", node: `n${nodes + left}` });
  }
  return { faults, endMs: at + pauseMs };
}

/** Every `everyMs` in turn: a crash that restarts after `downMs`, a leave, a join. */
export function churn(options: {
  readonly seed: number;
  readonly nodes: number;
  readonly everyMs: number;
  readonly downMs: number;
  readonly untilMs: number;
}): Fault[] {
  const { seed, nodes, everyMs, downMs, untilMs } = options;
  const random = Random.fromSeed(BigInt(seed));
  const faults: Fault[] = [];
  const present = Array.from({ length: nodes }, (_, index) => index);
  let next = nodes;
  let crashedUntil = new Map<number, number>();
  for (let at = everyMs, turn = 0; at + downMs < untilMs; at += everyMs, turn++) {
    crashedUntil = new Map([...crashedUntil].filter(([, until]) => until > at));
    const free = present.filter((index) => !crashedUntil.has(index));
    const index = free[random.below(free.length)] ?? 0;
    if (turn % 3 === 0) {
      faults.push({ at, do: "node.crash", node: `n${index}` });
      faults.push({ at: at + downMs, do: "node.restart", node: `n${index}`, disk: "kept" });
      crashedUntil.set(index, at + downMs);
    } else if (turn % 3 === 1) {
      faults.push({ at, do: "node.leave", node: `n${index}` });
      present.splice(present.indexOf(index), 1);
    } else {
      faults.push({ at, do: "node.join" });
      present.push(next++);
    }
  }
  return faults.toSorted((a, b) => a.at - b.at);
}

function sample(random: Random, nodes: number, count: number): string[] {
  const all = Array.from({ length: nodes }, (_, index) => index);
  return random
    .shuffleHead(all, count)
    .slice(0, count)
    .map((index) => `n${index}`);
}

/** Longer than a probe waits, shorter than a suspicion lasts. */
const STALL_MS = 1_500;
const STALL_EVERY_MS = 2_500;
