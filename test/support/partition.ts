/** Small meshes that are cut, for the tests of the partition detector. */
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import { createKernels } from "../../src/kernels/index.ts";
import {
  type Flying,
  linkedSwarm,
  type Swarm,
  type SwarmOptions,
  type TestNode,
  typeOf,
} from "./pair.ts";

const kernels = createKernels();

/** A mesh whose members count: they have been known for long enough. */
export function settled(count: number, options: Partial<SwarmOptions> = {}): Swarm {
  const swarm = linkedSwarm(count, { kernels, ...options });
  swarm.advance(1_500);
  return swarm;
}

/** Loses what goes between a node and all others; the links stay. */
export function around(...alone: readonly TestNode[]): (frame: Flying) => boolean {
  return ({ from, to }) => alone.includes(from) !== alone.includes(to);
}

export const isCall = (frame: Flying): boolean => typeOf(frame) === FRAME_ROLL_CALL;

/** Lets time pass in small steps until something holds; the ms that took. */
export function passUntil(
  swarm: Swarm,
  lossy: (frame: Flying) => boolean,
  holds: () => boolean,
): number {
  const startMs = swarm.nowMs;
  while (!holds()) {
    if (swarm.nowMs - startMs > 10_000) throw new Error("it never holds");
    swarm.advance(5, lossy);
  }
  return swarm.nowMs - startMs;
}
