/** `watch`: the changes of a shared map, as they reach a running node. */
import type { Command } from "commander";
import { streamFromNode } from "../control/client.ts";
import type { ShownValue } from "../control/methods.ts";
import {
  type ClientFlags,
  clientCommand,
  displayValue,
  interruptSignal,
  outputOf,
} from "./client-command.ts";

type Item = Partial<ShownValue> & {
  readonly key: string;
  readonly author: string;
  readonly deleted: boolean;
};

export function watchCommand(): Command {
  return clientCommand("watch <collection>", "Print every change of a shared map; Ctrl-C ends")
    .option("--initial", "start with the present entries")
    .addHelpText("after", "\nWith --json: one JSON document per change and line.")
    .action(async (collection: string, flags: ClientFlags & { readonly initial?: true }) => {
      const output = outputOf(flags);
      const params = { collection, initial: flags.initial === true };
      const options = { signal: interruptSignal() };
      for await (const item of streamFromNode(flags.dataDir, "watch", params, options)) {
        const { key, deleted, value } = item as Item;
        output.result(item, deleted ? `${key} (deleted)` : `${key} ${displayValue(value)}`);
      }
    });
}
