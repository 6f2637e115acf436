/** `get`: one value of a shared map. */
import type { Command } from "commander";
import { callNode } from "../control/client.ts";
import type { ShownValue } from "../control/methods.ts";
import { EXIT_FAILED } from "../exit-codes.ts";
import { type ClientFlags, clientCommand, displayValue, outputOf } from "./client-command.ts";

type Answer = ({ readonly found: true } & ShownValue) | { readonly found: false };

/** @param exitWith told 1 when the key has no value. */
export function getCommand(exitWith: (code: number) => void): Command {
  return clientCommand(
    "get <collection> <key>",
    "Print a value of a shared map; exit 1 if none",
  ).action(async (collection: string, key: string, flags: ClientFlags) => {
    const answer = (await callNode(flags.dataDir, "get", { collection, key })) as Answer;
    const output = outputOf(flags);
    if (answer.found) output.result(answer, displayValue(answer.value));
    else {
      exitWith(EXIT_FAILED);
      if (output.json) output.result(answer, "");
      else output.progress(`no value at "${key}" in "${collection}"`);
    }
  });
}
