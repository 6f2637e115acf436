/** What comes before a run's workload: everybody joins, and the world agrees. */
import { rootOf } from "./engine/core-view.ts";
import { beginSteady } from "./engine/steady.ts";
import type { Workload } from "./engine/workload.ts";
import type { World } from "./engine/world.ts";
import type { SimOptions } from "./options.ts";
import type { Violation } from "./result.ts";

/** Worlds up to this many nodes join through their seeds, one after another. */
const ORGANIC_MAX = 300;
/** A new node each so often while the world is being built. */
const JOIN_EVERY_MS = 5;
/** A world that has not agreed within this, and as much per node, never will. */
const WARM_UP_MS_MAX = 30_000;
const WARM_UP_MS_PER_NODE = 20;
const WARM_UP_STEP_MS = 250;
const WARM_WRITES = 20;
const WARM_WRITE_EVERY_MS = 100;
/** After the world agrees, until links have found their places. */
const SETTLE_MS = 5_000;

/** Joins everybody and waits until all links stand and all roots are equal. */
export function warmUp(
  world: World,
  workload: Workload,
  options: SimOptions,
  onProgress: ((virtualMs: number) => void) | undefined,
): Violation[] {
  const organic = options.nodes <= ORGANIC_MAX;
  for (let i = 0; i < options.nodes; i++) {
    world.schedule(organic ? i * JOIN_EVERY_MS : 0, () => {
      const node = world.add();
      for (let agent = 0; agent < (options.agentsPerNode ?? 0); agent++) {
        world.command(node, {
          kind: "agent.open",
          name: `a${agent}.${node.name}`,
          capabilities: [],
        });
      }
    });
  }
  if (organic) world.runUntil(options.nodes * JOIN_EVERY_MS + WARM_UP_STEP_MS);
  else beginSteady(world);
  const limitMs = world.nowMs + WARM_UP_MS_MAX + options.nodes * WARM_UP_MS_PER_NODE;
  while (!isWarm(world)) {
    onProgress?.(world.nowMs - limitMs);
    if (world.nowMs >= limitMs) {
      const detail = "the world has not agreed before the workload";
      return [{ invariant: "C1", at: world.nowMs, node: undefined, detail }];
    }
    world.runUntil(world.nowMs + WARM_UP_STEP_MS);
  }
  const warmMs = world.nowMs + WARM_WRITES * WARM_WRITE_EVERY_MS + SETTLE_MS;
  // A few writes, not measured, show the push tree its superfluous links.
  for (let i = 0; i < WARM_WRITES; i++) {
    world.schedule(world.nowMs + i * WARM_WRITE_EVERY_MS, () => workload.warm(i));
  }
  world.runUntil(warmMs, (nowMs) => onProgress?.(nowMs - warmMs));
  return [];
}

function isWarm(world: World): boolean {
  const { nodes, nowMs } = world;
  const roots = new Set<string>();
  for (const node of nodes) {
    if (node.core === undefined || (nodes.length > 1 && node.links.size === 0)) return false;
    roots.add(rootOf(node.core, node.now(nowMs)));
  }
  if (roots.size > 1) return false;
  return nodes.every((node) => {
    const membership = node.core?.membership;
    return membership?.isPartial === true || membership?.present().length === nodes.length;
  });
}
