/** `demo`: a swarm of node processes that shares one real task, with a node killed in between. */
import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { requestError } from "../control/protocol.ts";
import { type DemoOptions, runDemo, type Swarm } from "../demo/demo.ts";
import { formatReport, isPassed } from "../demo/report.ts";
import { LiveTable } from "../demo/table.ts";
import { EXIT_FAILED } from "../exit-codes.ts";
import { Output } from "../output.ts";
import { interruptSignal } from "./client-command.ts";

interface DemoFlags {
  readonly nodes: number;
  readonly agents: number;
  readonly kill?: number;
  readonly transport: "quic" | "tcp";
  readonly input?: string;
  /** A file, or true for stdout. */
  readonly json?: string | true;
}

/** Each is a process with its own libp2p node. */
const NODES_MAX = 64;
const AGENTS_MAX = 64;

/** @param exitWith told 1 when the swarm ran but did not show what it should. */
export function demoCommand(exitWith: (code: number) => void): Command {
  return new Command("demo")
    .description("Run a swarm on loopback: index files together, survive a killed node")
    .option("-n, --nodes <n>", "node processes", wholeNumber(1, NODES_MAX), 10)
    .option("-a, --agents <n>", "agents on each node", wholeNumber(1, AGENTS_MAX), 2)
    .option(
      "-k, --kill <n>",
      "nodes to kill while they hold a claim (default: 1)",
      wholeNumber(0, NODES_MAX - 1),
    )
    .option("-i, --input <dir>", "folder to index (default: this package's own files)")
    .addOption(
      new Option("-t, --transport <name>", "how nodes talk")
        .choices(["quic", "tcp"])
        .default("quic"),
    )
    .option("--json [file]", "write the result as JSON to a file, or to stdout instead of text")
    .action(async (flags: DemoFlags) => {
      exitWith((await demo(flags)) ? 0 : EXIT_FAILED);
    });
}

/** @returns whether it passed. */
async function demo(flags: DemoFlags): Promise<boolean> {
  const { nodes, agents, transport, input, json } = flags;
  const kill = flags.kill ?? Math.min(1, nodes - 1);
  if (kill >= nodes) throw requestError(`of ${nodes} nodes at most ${nodes - 1} can be killed`);
  const output = new Output(json === true);
  const view = createView(output);
  const signal = interruptSignal();
  const options: DemoOptions = { nodes, agents, kill, transport, input, signal, ...view };
  const report = await runDemo(options).finally(view.stop);
  if (typeof json === "string") await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  output.result(report, formatReport(report));
  return isPassed(report);
}

/** Steps as lines; on a terminal a table beneath them. */
function createView(output: Output) {
  let table: LiveTable | undefined;
  return {
    note: (line: string): void => {
      if (table === undefined) output.progress(line);
      else table.note(line);
    },
    show: (swarm: Swarm): void => {
      if (process.stderr.isTTY && !output.json) table = new LiveTable(process.stderr, swarm);
    },
    stop: (): void => table?.stop(),
  };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
