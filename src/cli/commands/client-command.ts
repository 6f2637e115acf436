/** What the commands that talk to a running node have in common. */
import { Command, Option } from "commander";
import { Output } from "../output.ts";

export interface ClientFlags {
  readonly dataDir: string;
  readonly json?: true;
}

/** The folder of a node that was started without --data-dir, beneath the working folder. */
export const DEFAULT_DATA_DIR = "./mesh-data";

/** A command with --data-dir and --json. */
export function clientCommand(nameAndArguments: string, description: string): Command {
  const [name, ...parameters] = nameAndArguments.split(" ");
  const command = new Command(name).description(description);
  for (const parameter of parameters) command.argument(parameter);
  return command.addOption(dataDirOption()).addOption(jsonOption());
}

export function dataDirOption(): Option {
  return new Option("-d, --data-dir <dir>", "the node's data folder")
    .env("KNHK_MESH_DATA_DIR")
    .default(DEFAULT_DATA_DIR);
}

export function jsonOption(): Option {
  return new Option("--json", "print JSON, errors included");
}

/** A command that prints one item after the other. */
export function outputOf(flags: { readonly json?: true }): Output {
  return new Output(flags.json === true);
}

/** JSON where the text is JSON; the text itself otherwise. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value as a person reads it: text as it is, the rest as JSON. */
export function displayValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort();
    });
  }
  return controller.signal;
}
