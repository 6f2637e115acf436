/**
 * The storm: swarm testing (Groce et al., "Swarm Testing", ISSTA 2012). A seed first picks which
 * kinds of fault it has at all, then how many and how bad: with all kinds in every run the rare
 * combinations drown. Ranges: docs/TESTING.md.
 */
import { quorumOf } from "../../core/peers/quorum.ts";
import {
  anyNode,
  between,
  chance,
  momentIn,
  nodeSet,
  type Scene,
  type Span,
  someNodes,
  spanIn,
  twoGroups,
  wholeBetween,
} from "./draw.ts";
import type { Fault } from "./fault.ts";

/** Network and node faults of every kind that the seed picks, unsorted. */
export function drawStorm(scene: Scene): Fault[] {
  const kinds = Object.values(KINDS).filter(() => chance(scene, 0.5));
  // A storm without wind is no storm.
  if (kinds.length === 0) kinds.push(KINDS["net.drop"]);
  return kinds.flatMap((draw) => draw(scene));
}

/** Every kind of fault that a storm may have; the order is part of what a seed means. */
const KINDS = {
  "net.drop": (scene: Scene) => frameFaults(scene, "net.drop", 0.3),
  "net.duplicate": (scene: Scene) => frameFaults(scene, "net.duplicate", 0.3),
  "net.reorder": (scene: Scene) => frameFaults(scene, "net.reorder", 0.5),
  "net.corrupt": (scene: Scene) => frameFaults(scene, "net.corrupt", 0.1),
  "net.delay": (scene: Scene) =>
    times(scene, 3, () => ({
      ...spanIn(scene, 1_000, 10_000),
      do: "net.delay",
      src: nodeSet(scene),
      dst: nodeSet(scene),
      mean: between(scene, 1, 1_000),
      jitter: between(scene, 0, 500),
    })),
  "net.partition": (scene: Scene) =>
    withTwo(scene, () =>
      times(scene, 3, () => ({
        ...spanIn(scene, 1_000, 10_000),
        do: "net.partition",
        groups: twoGroups(scene),
      })),
    ),
  "net.oneway": (scene: Scene) =>
    withTwo(scene, () =>
      times(scene, 2, () => {
        const [from, to] = twoGroups(scene);
        return { ...spanIn(scene, 1_000, 8_000), do: "net.oneway", from, to };
      }),
    ),
  "net.flap": (scene: Scene) =>
    withTwo(scene, () =>
      times(scene, 2, () => ({
        ...spanIn(scene, 2_000, 8_000),
        do: "net.flap",
        groups: twoGroups(scene),
        period: wholeBetween(scene, 100, 2_000),
      })),
    ),
  "node.crash": drawCrashes,
  "node.pause": (scene: Scene) =>
    times(scene, 4, () => ({
      ...spanIn(scene, 100, 5_000),
      do: "node.pause",
      node: anyNode(scene),
    })),
  "node.slow": (scene: Scene) =>
    times(scene, 3, () => ({
      ...spanIn(scene, 1_000, 10_000),
      do: "node.slow",
      node: anyNode(scene),
      factor: between(scene, 2, 50),
    })),
  "node.join": (scene: Scene) => times(scene, 2, () => ({ at: momentIn(scene), do: "node.join" })),
  "node.leave": (scene: Scene) => {
    const leavers = leaversOf(scene);
    if (leavers.length === 0) return [];
    const count = wholeBetween(scene, 1, leavers.length);
    return leavers
      .slice(0, count)
      .map((node): Fault => ({ at: momentIn(scene), do: "node.leave", node }));
  },
  // Two clocks stay within 500 ms of one another, for which no correct node may be blamed (B1).
  "clock.jump": (scene: Scene) =>
    someNodes(scene, wholeBetween(scene, 1, scene.nodes)).map(
      (node): Fault => ({ at: momentIn(scene), do: "clock.jump", node, ms: jump(scene) }),
    ),
  "clock.skew": (scene: Scene) =>
    someNodes(scene, wholeBetween(scene, 1, scene.nodes)).map(
      (node): Fault => ({
        at: momentIn(scene),
        do: "clock.skew",
        node,
        ppm: wholeBetween(scene, -200, 200),
      }),
    ),
} as const satisfies Record<string, (scene: Scene) => Fault[]>;

function frameFaults(
  scene: Scene,
  name: "net.drop" | "net.duplicate" | "net.reorder" | "net.corrupt",
  pMax: number,
): Fault[] {
  return times(scene, 3, () => ({
    ...spanIn(scene, 1_000, 20_000),
    do: name,
    src: nodeSet(scene),
    dst: nodeSet(scene),
    p: between(scene, 0, pMax),
  }));
}

/**
 * Crashes with their restarts, kept or lost. Nobody crashes who is down or will have left, and at
 * least half of the nodes are up: a mesh whose every memory is lost has nothing left to check.
 */
function drawCrashes(scene: Scene): Fault[] {
  const leavers = new Set(leaversOf(scene));
  const down: (Span & { readonly node: string })[] = [];
  for (let left = wholeBetween(scene, 1, 6); left > 0; left--) {
    const node = anyNode(scene);
    const span = spanIn(scene, 100, 10_000);
    const others = down.filter((other) => overlap(other, span));
    const isFree = !leavers.has(node) && others.every((other) => other.node !== node);
    if (isFree && others.length < Math.floor(scene.nodes / 2)) down.push({ ...span, node });
  }
  return down.flatMap(({ at, for: length, node }): Fault[] => {
    const disk = chance(scene, 0.5) ? "kept" : "lost";
    return [
      { at, do: "node.crash", node },
      { at: at + length, do: "node.restart", node, disk },
    ];
  });
}

/** Who may leave: so few that those who stay are a quorum of all, whoever has noticed. */
function leaversOf({ nodes }: Scene): string[] {
  const { faults } = quorumOf(nodes);
  return Array.from({ length: faults }, (_, index) => `n${nodes - 1 - index}`);
}

/** Ends included, so that a restart and the next crash of a node are never at one moment. */
function overlap(a: Span, b: Span): boolean {
  return a.at <= b.at + b.for && b.at <= a.at + a.for;
}

function jump(scene: Scene): number {
  const ms = wholeBetween(scene, 1, 200);
  return chance(scene, 0.5) ? ms : -ms;
}

/** One to `max` faults. */
function times(scene: Scene, max: number, draw: () => Fault): Fault[] {
  return Array.from({ length: wholeBetween(scene, 1, max) }, draw);
}

/** A cut needs two nodes. */
function withTwo({ nodes }: Scene, draw: () => Fault[]): Fault[] {
  return nodes < 2 ? [] : draw();
}
