/** `keygen`: writes a node's identity key. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { MeshError } from "../../errors.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function keygenCommand(): Command {
  return clientCommand("keygen [file]", "Write a new identity key (0600) and print its peer id")
    .addHelpText("after", `\nDefault file: <data-dir>/identity.key. An existing file is kept.`)
    .action(async (file: string | undefined, flags: ClientFlags) => {
      // Loaded here only: what the node is built of takes half a second to load.
      const { loadOrCreateIdentity } = await import("../../node/identity.ts");
      const { IDENTITY_FILE } = await import("../../node/runtime.ts");
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
