/** `sim`: the real core in a world that is drawn from a seed, with faults, measured and checked. */
import { Command } from "commander";
import { EXIT_OK, EXIT_VIOLATED } from "../exit-codes.ts";
import {
  type Load,
  replay,
  runOnce,
  type ShrinkFlags,
  type SweepFlags,
  shrinkRun,
  sweepSeeds,
} from "../sim/actions.ts";
import { type SimFlags, withRunFlags, withSeedFlag } from "../sim/flags.ts";
import { parseSeeds, parseWhole } from "../sim/notation.ts";

/**
 * @param exitWith told 5 when an invariant did not hold.
 * @param load default: the engine.
 */
export function simCommand(exitWith: (code: number) => void, load?: Load): Command {
  const end = (held: boolean): void => exitWith(held ? EXIT_OK : EXIT_VIOLATED);
  const sim = new Command("sim")
    .description("Run a mesh in a simulated world and check what must hold")
    .enablePositionalOptions()
    .addHelpText("after", HELP)
    .option("--plot <file>", "draw convergence over time and bandwidth as SVG")
    .action(async (flags: SimFlags & { readonly plot?: string }) => {
      end(await runOnce(flags, load));
    });
  withRunFlags(withSeedFlag(sim));
  sim.addCommand(replayCommand(end, load));
  sim.addCommand(shrinkCommand(end, load));
  sim.addCommand(sweepCommand(end, load));
  return sim;
}

type End = (held: boolean) => void;

function replayCommand(end: End, load: Load | undefined): Command {
  const command = new Command("replay")
    .description("Run twice and compare the traces: what a failure prints is such a line")
    .action(async (flags: SimFlags) => end(await replay(flags, load)));
  return withRunFlags(withSeedFlag(command));
}

function shrinkCommand(end: End, load: Load | undefined): Command {
  const command = new Command("shrink")
    .description("Find a smaller run that breaks the same invariant")
    .option("--invariant <id>", "which, such as S1 (default: the first that the run breaks)")
    .option("--runs <n>", "candidates run at most (default: 200)", parseWhole(1, 100_000))
    .option("--out <file>", "write the faults that are left (default: shrunk-SEED.jsonl)")
    .action(async (flags: ShrinkFlags) => end(await shrinkRun(flags, load)));
  return withRunFlags(withSeedFlag(command));
}

function sweepCommand(end: End, load: Load | undefined): Command {
  const command = new Command("sweep")
    .description("Run every seed of a range, a storm with 3 to 16 nodes unless told otherwise")
    .requiredOption("--seeds <A..B>", "first and last seed", parseSeeds)
    .option("--stop-at-first", "end at the first seed that fails")
    .action(async (flags: SweepFlags) => end(await sweepSeeds(flags, load)));
  return withRunFlags(command);
}

const HELP = `
The same options give the same events, to the byte. A run that breaks an invariant
ends with exit code 5 and one line that replays it.

Examples:
  knhk-mesh sim --nodes 7 --seed 1 --profile storm
  knhk-mesh sim --nodes 1000 --seed 1 --duration 20s --plot run.svg --json run.json
  knhk-mesh sim sweep --seeds 1..300
  knhk-mesh sim shrink --nodes 7 --seed 42 --profile storm`;
