/** `inbox`: hosts an agent on a running node and prints what it is sent. */
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

type Item =
  | { readonly open: true; readonly address: string }
  | { readonly open?: never; readonly from: string; readonly body: ShownValue };

export function inboxCommand(): Command {
  return clientCommand("inbox <agent>", "Host an agent and print its messages; Ctrl-C ends")
    .option("--capability <name...>", "what the agent can do")
    .addHelpText("after", "\nWith --json: one JSON document per message and line.")
    .action(async (agent: string, flags: ClientFlags & { readonly capability?: string[] }) => {
      const output = outputOf(flags);
      const params = { agent, capabilities: flags.capability ?? [] };
      const options = { signal: interruptSignal() };
      for await (const given of streamFromNode(flags.dataDir, "inbox", params, options)) {
        const item = given as Item;
        const text =
          item.open === true
            ? `${agent} listens as ${item.address}`
            : `${item.from} ${displayValue(item.body.value)}`;
        output.result(item, text);
      }
    });
}
