/** The flags that say what is run, from a command line to SimOptions and back to a command line. */
import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Fault } from "../../sim/faults/fault.ts";
import { parseFaults } from "../../sim/faults/parse.ts";
import { PROFILE_NAMES } from "../../sim/faults/profiles.ts";
import type { SimOptions } from "../../sim/options.ts";
import type { Violation } from "../../sim/result.ts";
import { requestError } from "../control/protocol.ts";
import {
  formatDuration,
  parseDuration,
  parseLatency,
  parseLoss,
  parseNumber,
  parseSwitch,
  parseWhole,
} from "./notation.ts";

/** As commander hands them over. */
export interface SimFlags {
  readonly nodes?: number;
  readonly agentsPerNode?: number;
  readonly regions?: number;
  readonly fanout?: number;
  readonly seed: number;
  readonly duration?: number;
  /** A file. */
  readonly faults?: string;
  readonly profile?: SimOptions["profile"];
  readonly writesPerSecond?: number;
  readonly kernels?: SimOptions["kernels"];
  readonly signatures?: SimOptions["signatures"];
  readonly loss?: number;
  readonly push?: boolean;
  readonly tree?: boolean;
  readonly latency?: SimOptions["latencyMs"];
  /** A file, or `-` for stdout. */
  readonly json?: string;
}

/** Most nodes of one simulated mesh. */
const SIM_NODES_MAX = 100_000;
/** Longest fault file. */
const FAULT_FILE_BYTES_MAX = 16_777_216;

/** Adds the flags that every `sim` command takes. */
export function withRunFlags(command: Command): Command {
  return command
    .option("--nodes <n>", "nodes", parseWhole(1, SIM_NODES_MAX))
    .option(
      "--agents-per-node <n>",
      "agents opened on each node (default: 0)",
      parseWhole(0, 1_000),
    )
    .option("--regions <n>", "regions that nodes are dealt to (default: 1)", parseWhole(1, 64))
    .option("--fanout <n>", "peers asked per round (default: derived)", parseWhole(1, 128))
    .option("--duration <time>", "virtual time of writes and faults (default: 60s)", parseDuration)
    .addOption(new Option("--faults <file>", "apply faults, JSON lines").conflicts("profile"))
    .addOption(new Option("--profile <name>", "draw faults from the seed").choices(PROFILE_NAMES))
    .option("--writes-per-second <n>", "writes over the whole mesh (default: 10)", parseNumber)
    .addOption(
      new Option("--kernels <name>", "default: wasm").choices(["wasm", "reference"] as const),
    )
    .addOption(
      new Option("--signatures <kind>", "default: fake").choices(["real", "fake"] as const),
    )
    .option("--loss <share>", "of every frame, independently (default: 0)", parseLoss)
    .option("--push <on|off>", "eager push (default: on)", parseSwitch)
    .option("--tree <on|off>", "the push tree (default: on)", parseSwitch)
    .option("--latency <ms>", "one way, inside a region (default: 1-10)", parseLatency)
    .option("--json <file>", "write the result as JSON to a file, or to stdout for -");
}

export function withSeedFlag(command: Command): Command {
  return command.option(
    "--seed <n>",
    "everything random is drawn from it",
    parseWhole(0, Number.MAX_SAFE_INTEGER),
    1,
  );
}

/**
 * What to run.
 * @throws MeshError MESH_CONTROL_REQUEST for a fault file that cannot be read, MESH_FAULTS_INVALID
 *   for what is in it.
 */
export async function simOptions(
  flags: SimFlags & { readonly nodes: number },
): Promise<SimOptions> {
  const faults =
    flags.faults === undefined ? undefined : await readFaults(flags.faults, flags.nodes);
  const { nodes, seed } = flags;
  return { nodes, seed, ...sharedOptions(flags), ...(faults === undefined ? {} : { faults }) };
}

/** What does not depend on the seed or the number of nodes. */
export function sharedOptions(flags: SimFlags): Omit<SimOptions, "seed" | "nodes" | "faults"> {
  return given({
    agentsPerNode: flags.agentsPerNode,
    regions: flags.regions,
    fanout: flags.fanout,
    durationMs: flags.duration,
    profile: flags.profile,
    writesPerSecond: flags.writesPerSecond,
    kernels: flags.kernels,
    signatures: flags.signatures,
    loss: flags.loss,
    push: flags.push,
    tree: flags.tree,
    latencyMs: flags.latency,
  });
}

/** The one line that runs it again, and why one should. @param file its fault file, if it has one. */
export function replayLine(
  options: SimOptions,
  violation: Violation | undefined,
  file?: string,
): string {
  const words = ["knhk-mesh sim replay", `--nodes ${options.nodes}`, `--seed ${options.seed}`];
  for (const [name, write] of Object.entries(WRITE)) {
    const value = options[name as keyof typeof WRITE];
    // Faults are drawn or given, never both.
    const isGiven = name === "profile" && file !== undefined;
    if (value !== undefined && !isGiven) words.push(write(value as never));
  }
  if (file !== undefined) words.push(`--faults ${quoted(file)}`);
  if (violation === undefined) return words.join(" ");
  const { invariant, at, node, detail } = violation;
  const where = node === undefined ? "" : `, node ${node}`;
  const why = `${invariant} at ${(at / 1_000).toFixed(3)} s${where}: ${detail}`;
  return `${words.join(" ")}  # ${why.replaceAll(/\s+/g, " ")}`;
}

async function readFaults(file: string, nodes: number): Promise<Fault[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw requestError(`${file} cannot be read (${code})`, { file, code });
  }
  if (text.length > FAULT_FILE_BYTES_MAX) {
    throw requestError(`${file} is longer than ${FAULT_FILE_BYTES_MAX} bytes`, { file });
  }
  return parseFaults(text, { nodes, file });
}

/** Without what was not said, so that a default is written in one place only. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function quoted(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

function onOff(value: boolean): string {
  return value ? "on" : "off";
}

/** How each option is written as a flag; `faults` as a file, by the caller; `lifeguard` is none. */
const WRITE: {
  readonly [K in Exclude<keyof SimOptions, "seed" | "nodes" | "faults" | "lifeguard">]-?: (
    value: NonNullable<SimOptions[K]>,
  ) => string;
} = {
  agentsPerNode: (value) => `--agents-per-node ${value}`,
  regions: (value) => `--regions ${value}`,
  fanout: (value) => `--fanout ${value}`,
  durationMs: (value) => `--duration ${formatDuration(value)}`,
  profile: (value) => `--profile ${value}`,
  writesPerSecond: (value) => `--writes-per-second ${value}`,
  kernels: (value) => `--kernels ${value}`,
  signatures: (value) => `--signatures ${value}`,
  loss: (value) => `--loss ${value}`,
  push: (value) => `--push ${onOff(value)}`,
  tree: (value) => `--tree ${onOff(value)}`,
  latencyMs: ({ min, max }) => `--latency ${min}-${max}`,
};
