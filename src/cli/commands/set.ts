/** `set`: writes or deletes one value of a shared map. */
import type { Command } from "commander";
import { callNode } from "../control/client.ts";
import { requestError } from "../control/protocol.ts";
import { type ClientFlags, clientCommand, jsonOrText, outputOf } from "./client-command.ts";

export function setCommand(): Command {
  return clientCommand("set <collection> <key> [value]", "Set a value of a shared map")
    .option("--delete", "delete the key instead")
    .addHelpText("after", "\nA value that is JSON is stored as such, anything else as text.")
    .action(async (collection: string, key: string, value: string | undefined, flags: SetFlags) => {
      if ((value === undefined) !== (flags.delete === true)) {
        throw requestError("set takes either a value or --delete");
      }
      const method = value === undefined ? "delete" : "set";
      const given = value === undefined ? {} : { value: jsonOrText(value) };
      await callNode(flags.dataDir, method, { collection, key, ...given });
      outputOf(flags).result({ done: method, collection, key }, `${method} ${collection} ${key}`);
    });
}

type SetFlags = ClientFlags & { readonly delete?: true };
