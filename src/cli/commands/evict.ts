/** `evict`: takes a member that is gone out of the count, by the authority's word. */
import type { Command } from "commander";
import { callNode } from "../control/client.ts";
import { requestError } from "../control/protocol.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

interface EvictFlags extends ClientFlags {
  readonly key: string;
}

export function evictCommand(): Command {
  return clientCommand("evict <node>", "Count a member no more that is gone; it may come back")
    .requiredOption("-k, --key <file>", "the authority's key; it is read here and not sent")
    .addHelpText("after", HELP)
    .action(async (node: string, flags: EvictFlags) => {
      // Loaded here only: signatures take a while to load.
      const { authorityId } = await import("../../node/security/admission-options.ts");
      const id = authorityId(node);
      if (id === undefined) throw requestError(`a public key as status prints it, got "${node}"`);
      const answer = await callNode(flags.dataDir, "departure", { node: id });
      const statement = Buffer.from((answer as { statement: string }).statement, "hex");
      const { loadIdentity } = await import("../../node/identity.ts");
      const { createCrypto } = await import("../../node/signature/signature.ts");
      const crypto = createCrypto();
      const signature = crypto.sign(
        statement,
        crypto.createSigningKey((await loadIdentity(flags.key)).seed),
      );
      const signed = Buffer.concat([statement, signature]).toString("hex");
      await callNode(flags.dataDir, "evict", { statement: signed });
      outputOf(flags).result({ node: id }, `told; ${node} counts no more`);
    });
}

const HELP = `
More members dead than a quorum bears leave a mesh read-only: each one evicted makes the quorum
smaller. What the node wrote stays; when it comes back it counts again. Whoever lives answers with
a newer record, which undoes the eviction. Only a mesh with an authority has this.`;
