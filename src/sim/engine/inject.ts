/** Faults put into effect: at their time, for as long as they say. */
import type { Fault, NodeSet } from "../faults/fault.ts";
import { type Cut, oneWayCut, partitionCut } from "./cuts.ts";
import type { Disturbance, DisturbanceKind } from "./network.ts";
import type { SimNode } from "./node.ts";
import { nodesOf } from "./node-set.ts";
import type { Workload } from "./workload.ts";
import type { World } from "./world.ts";
import type { Writes } from "./writes.ts";

export interface InjectionOptions {
  readonly world: World;
  readonly workload: Workload;
  readonly writes: Writes;
  /** Virtual ms at which the faults' time 0 is. */
  readonly startMs: number;
}

/** Schedules all of a run's faults; returns when the last of them ends, world time. */
export function injectFaults(faults: readonly Fault[], options: InjectionOptions): number {
  const { world, startMs } = options;
  let endMs = startMs;
  for (const fault of faults) {
    world.schedule(startMs + fault.at, () => apply(fault, options));
    endMs = Math.max(endMs, startMs + fault.at + lengthOf(fault));
  }
  return endMs;
}

function lengthOf(fault: Fault): number {
  if (fault.do === "byz.sybil") return (1_000 * fault.count) / fault.perSecond;
  return "for" in fault ? fault.for : 0;
}

function apply(fault: Fault, options: InjectionOptions): void {
  const { world, workload } = options;
  switch (fault.do) {
    case "net.drop":
    case "net.duplicate":
    case "net.reorder":
    case "net.corrupt":
      return disturb(world, fault, { kind: fault.do.slice(4) as DisturbanceKind, p: fault.p });
    case "net.delay": {
      const { mean: meanMs, jitter: jitterMs } = fault;
      return disturb(world, fault, { kind: "delay", p: 1, meanMs, jitterMs });
    }
    case "net.partition":
      return cutFor(world, partitionCut(fault.groups.map(nodesOf)), fault.for);
    case "net.oneway":
      return cutFor(world, oneWayCut(nodesOf(fault.from), nodesOf(fault.to)), fault.for);
    case "net.flap":
      return flap(world, partitionCut(fault.groups.map(nodesOf)), fault.period, fault.for);
    case "node.join":
      world.add();
      return;
    case "byz.eclipse":
      return eclipse(fault, world);
    case "op.set":
    case "op.add":
    case "op.remove":
    case "op.inc":
      return workload.operate(fault);
    default:
      for (const node of named(world, fault.node)) applyToNode(fault, node, options);
  }
}

type NodeFault = Exclude<Extract<Fault, { node: unknown }>, { do: "byz.eclipse" }>;

/** A victim is no liar, whatever the line says. */
function eclipse(fault: Extract<Fault, { do: "byz.eclipse" }>, world: World): void {
  const [victim] = named(world, fault.victim);
  if (victim === undefined) return;
  const liars = named(world, fault.node).filter((node) => node !== victim);
  for (const liar of liars) world.misbehaviour.corrupt(liar);
  world.eclipses.begin(victim, new Set(liars.map(({ index }) => index)), fault.for);
}

function applyToNode(fault: NodeFault, node: SimNode, options: InjectionOptions): void {
  const { world, writes } = options;
  switch (fault.do) {
    case "node.crash":
      return world.stop(node, "crash");
    case "node.leave":
      return world.stop(node, "leave");
    case "node.restart":
      world.stop(node, "crash");
      if (fault.disk !== "kept") writes.durable.harmed(node, world.nowMs);
      if (fault.disk === "lost") node.disk.lose();
      else if (fault.disk === "rolledback") node.disk.rollBack(world.streams.faults.float());
      return world.start(node);
    case "node.away": {
      world.stop(node, "crash");
      const { life } = node;
      return world.schedule(world.nowMs + fault.for, () => {
        if (node.life === life) world.start(node);
      });
    }
    case "node.pause":
      return world.pause(node, fault.for);
    case "node.slow": {
      node.slowFactor = fault.factor;
      return world.schedule(world.nowMs + fault.for, () => {
        node.slowFactor = 1;
      });
    }
    case "clock.jump":
      node.wallOffsetMs += fault.ms;
      return;
    case "clock.skew": {
      // What has drifted so far stays.
      node.wallOffsetMs += ((world.nowMs - node.skewSinceMs) * node.skewPpm) / 1e6;
      node.skewSinceMs = world.nowMs;
      node.skewPpm = fault.ppm;
      return;
    }
    case "byz.behave":
      world.misbehaviour.begin(node, fault.as);
      return world.schedule(world.nowMs + fault.for, () => world.misbehaviour.end(node));
    case "byz.sybil":
      return world.sybils.begin(node, fault);
  }
}

function disturb(
  world: World,
  fault: Extract<Fault, { src: unknown; dst: unknown }>,
  given: Partial<Disturbance> & Pick<Disturbance, "kind" | "p">,
): void {
  const disturbance: Disturbance = {
    src: nodesOf(fault.src),
    dst: nodesOf(fault.dst),
    meanMs: 0,
    jitterMs: 0,
    ...given,
  };
  world.network.disturbances.add(disturbance);
  world.schedule(world.nowMs + fault.for, () => world.network.disturbances.delete(disturbance));
}

function cutFor(world: World, cut: Cut, forMs: number): void {
  world.network.cuts.add(cut);
  world.observers.cutsChanged();
  world.schedule(world.nowMs + forMs, () => {
    world.network.cuts.remove(cut);
    world.observers.cutsChanged();
  });
}

function flap(world: World, cut: Cut, periodMs: number, leftMs: number): void {
  if (leftMs <= 0) return;
  cutFor(world, cut, Math.min(periodMs, leftMs));
  world.schedule(world.nowMs + 2 * periodMs, () =>
    flap(world, cut, periodMs, leftMs - 2 * periodMs),
  );
}

function named(world: World, set: NodeSet): SimNode[] {
  return nodesOf(set)
    .list(world.nodes.length)
    .flatMap((index) => world.node(index) ?? []);
}
