/** `keygen`: writes a key: a node's identity, an authority's or an issuer's. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { MeshError } from "../../errors.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function keygenCommand(): Command {
  return clientCommand("keygen [file]", "Write a new key (0600) and print its public key")
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, flags: ClientFlags) => {
      // Loaded here only: no other command needs the libraries of keys and peer ids.
      const { IDENTITY_FILE, loadOrCreateIdentity } = await import("../../node/identity.ts");
      const path = file ?? join(flags.dataDir, IDENTITY_FILE);
      await refuseExisting(path);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const { peerIdText, nodeId } = await loadOrCreateIdentity(path);
      outputOf(flags).result({ file: path, peerId: peerIdText, nodeId }, peerIdText);
    });
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await stat(path);
  } catch {
    return; // Whatever else is wrong with the path shows when it is written.
  }
  throw new MeshError("MESH_IDENTITY_FILE", `${path} exists and is not overwritten`, {
    details: { path },
  });
}

const HELP = `
Default file: identity.key in --data-dir, the node's identity. An existing file is kept.
The key of a mesh's authority, or of an issuer, is made in the same way:
  knhk-mesh keygen authority.key     # then see knhk-mesh cert --help`;
