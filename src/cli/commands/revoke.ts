/** `revoke`: gives a running node a revocation, which then travels to all members. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MeshError } from "../../errors.ts";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function revokeCommand(): Command {
  return clientCommand("revoke <file>", "End a membership for good and expunge what it wrote")
    .addHelpText("after", HELP)
    .action(async (file: string, flags: ClientFlags) => {
      const credential = (await bytesOf(file)).toString("hex");
      await callNode(flags.dataDir, "revoke", { credential });
      outputOf(flags).result({ file }, "told; the members expunge the node as they learn of it");
    });
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new MeshError("MESH_CERTIFICATE_FILE", `${file} cannot be read`, {
      details: { file },
      cause,
    });
  }
}

const HELP = `
The revocation is made by the authority or its issuers, and holds for ever:
  knhk-mesh cert revoke --mesh prod --key authority.key --node KEY --out KEY.revoked
  knhk-mesh revoke KEY.revoked --data-dir a      # at any one node that runs
Of whoever is only gone, knhk-mesh evict keeps what it wrote.`;
