/**
 * One stream of random numbers per concern, so that a change of one does not reshuffle the others.
 */
import { Random } from "../../core/random.ts";

const CONCERNS = ["latency", "network", "workload", "faults", "byzantine", "dialling"] as const;
export type Streams = Readonly<Record<(typeof CONCERNS)[number], Random>>;

export function streamsOf(seed: number): Streams {
  const made = CONCERNS.map((name, concern) => [
    name,
    Random.fromSeed((BigInt(seed) << 8n) | BigInt(concern + 32)),
  ]);
  return Object.fromEntries(made) as Streams;
}
