/** `send`: a direct message to an agent, wherever it lives. */
import type { Command } from "commander";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, jsonOrText, outputOf } from "./client-command.ts";

export function sendCommand(): Command {
  return clientCommand("send <to> <body>", "Send a message to an agent (name or name@node)")
    .option("--from <agent>", "the sending agent's name; default: one made for this message")
    .addHelpText("after", "\nA body that is JSON is sent as such, anything else as text.")
    .action(async (to: string, body: string, flags: ClientFlags & { readonly from?: string }) => {
      const from = flags.from === undefined ? {} : { from: flags.from };
      const params = { to, body: jsonOrText(body), ...from };
      const result = await callNode(flags.dataDir, "send", params);
      outputOf(flags).result(result, `delivered to ${to}`);
    });
}
