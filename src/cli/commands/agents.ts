/** `agents`: the agents of the whole mesh. */
import type { Command } from "commander";
import type { AgentInfo } from "../../node/api/agents.ts";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function agentsCommand(): Command {
  return clientCommand("agents", "List the agents of the mesh, as a running node knows them")
    .option("--capability <name>", "only those that have it")
    .action(async (flags: ClientFlags & { readonly capability?: string }) => {
      const { dataDir, capability } = flags;
      const params = capability === undefined ? {} : { capability };
      const agents = (await callNode(dataDir, "agents", params)) as readonly AgentInfo[];
      outputOf(flags).result(agents, agents.length === 0 ? "no agents" : formatAgents(agents));
    });
}

function formatAgents(agents: readonly AgentInfo[]): string {
  const width = Math.max(...agents.map(({ name }) => name.length)) + 2;
  const lines = agents.map(({ name, node, capabilities }) => {
    return `${name.padEnd(width)}${node.slice(0, 16)}  ${capabilities.join(", ")}`.trimEnd();
  });
  return lines.join("\n");
}
