/** A swarm with more members than links, whose push tree is in use and at rest. */
import type { Kernels } from "../../src/kernels/kernels.ts";
import { linkedSwarm, mapSet, type Swarm } from "./pair.ts";

export const TREE_NODES = 14;

export function treeSwarm(kernels: Kernels): Swarm {
  const swarm = linkedSwarm(TREE_NODES, { kernels });
  swarm.advance(2_000);
  // A few writes prune what the backbone does not need.
  for (const [i, node] of swarm.nodes.entries()) {
    node.write(mapSet(`warm ${i}`, "v"));
    swarm.advance(200);
  }
  swarm.advance(3_000);
  return swarm;
}
