/** `revoke`: gives a running node a revocation, which then travels to all members. */
import type { Command } from "commander";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function revokeCommand(): Command {
  return clientCommand("revoke <file>", "End a membership for good and expunge what it wrote")
    .addHelpText("after", HELP)
    .action(async (file: string, flags: ClientFlags) => {
      // Loaded here only: keys and signatures take a while to load.
      const { readCredential } = await import("../../node/security/credential-file.ts");
      const { encodeCredential } = await import("../../node/security/issue.ts");
      const credential = Buffer.from(encodeCredential(await readCredential(file))).toString("hex");
      await callNode(flags.dataDir, "revoke", { credential });
      outputOf(flags).result({ file }, "told; the members expunge the node as they learn of it");
    });
}

const HELP = `
The revocation is made by the authority or its issuers, and holds for ever:
  knhk-mesh cert revoke --mesh prod --key authority.key --node KEY --out KEY.revoked
  knhk-mesh revoke KEY.revoked --data-dir a      # at any one node that runs
Of whoever is only gone, knhk-mesh evict keeps what it wrote.`;
