/**
 * Runs a decoder over mutated inputs and reports what strained it: a throw, more memory than 8 times
 * the input and 64 KiB, or more than 100 ms. Memory and time are the process's, so a reading counts
 * only when the same input shows it again and again: a pause of the process is over at the third
 * try, and code that the engine has just thrown away (then every word above 2^31 is a heap number,
 * 100 KiB for a hash of 1.4 KB) is compiled again within a few hundred.
 */
import { getHeapStatistics } from "node:v8";
import { Random } from "../../src/core/random.ts";
import { mutate } from "./mutate.ts";

export interface Strain {
  readonly kind: "throw" | "memory" | "time";
  readonly input: string;
  readonly detail: string;
}

export interface StrainOptions {
  readonly seed: bigint;
  readonly inputs: number;
  readonly samples: readonly Uint8Array[];
  decode(bytes: Uint8Array): unknown;
}

/** What strained the decoder (the first few), and how many of the inputs it took as sound. */
export function strain(options: StrainOptions): { found: Strain[]; taken: number } {
  const random = Random.fromSeed(options.seed);
  const found: Strain[] = [];
  let taken = 0;
  for (let i = 0; i < options.inputs && found.length < FOUND_MAX; i++) {
    const input = mutate(random, options.samples);
    const { result, fault } = attempt(options, input);
    if (result) taken += 1;
    if (fault !== undefined) found.push(fault);
  }
  return { found, taken };
}

function attempt(
  { decode }: StrainOptions,
  input: Uint8Array,
): { result: boolean; fault: Strain | undefined } {
  for (let tries = 1; ; tries++) {
    const before = bytesHeld();
    const fromMs = performance.now();
    let result: unknown;
    try {
      result = decode(input);
    } catch (error) {
      return { result: false, fault: faultOf("throw", input, String(error)) };
    }
    const elapsedMs = performance.now() - fromMs;
    const bytes = bytesHeld() - before;
    if (elapsedMs > HANG_MS) {
      if (tries >= TIME_TRIES)
        return { result: false, fault: faultOf("time", input, `${elapsedMs} ms`) };
    } else if (bytes > 8 * input.length + 65_536) {
      if (tries >= MEMORY_TRIES)
        return { result: false, fault: faultOf("memory", input, `${bytes} bytes`) };
    } else return { result: result !== undefined && result !== false, fault: undefined };
  }
}

function bytesHeld(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function faultOf(kind: Strain["kind"], input: Uint8Array, detail: string): Strain {
  return { kind, detail, input: Buffer.from(input).toString("hex").slice(0, 2_000) };
}

const TIME_TRIES = 3;
const MEMORY_TRIES = 500;
const HANG_MS = 100;
const FOUND_MAX = 5;
