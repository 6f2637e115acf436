/** `proof`: proofs of equivocation, written out by a node and checked by anybody. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { MeshError } from "../../errors.ts";
import type { MeshStatus } from "../../node/api/mesh-status.ts";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, jsonOption, outputOf } from "./client-command.ts";

export function proofCommand(): Command {
  return new Command("proof")
    .description("Proofs that an author has signed two histories")
    .addCommand(listCommand())
    .addCommand(verifyCommand());
}

function listCommand(): Command {
  return clientCommand("list", "List the authors that a running node has expunged")
    .option("--out <dir>", "write each proof to a file of the author's id")
    .action(async (flags: ClientFlags & { readonly out?: string }) => {
      const { proofs } = (await callNode(flags.dataDir, "status")) as MeshStatus;
      if (flags.out !== undefined) await mkdir(flags.out, { recursive: true });
      const listed: { author: string; file?: string }[] = [];
      for (const { author, proof } of proofs) {
        if (flags.out === undefined) listed.push({ author });
        else {
          const file = join(flags.out, `${author}.proof`);
          await writeFile(file, Buffer.from(proof, "hex"));
          listed.push({ author, file });
        }
      }
      const lines = listed.map(({ author, file }) => file ?? author);
      outputOf(flags).result({ proofs: listed }, lines.join("\n") || "nobody is expunged");
    });
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("Check a proof from its bytes alone; exit code 1 when it proves nothing")
    .argument("<file>")
    .addOption(jsonOption())
    .action(async (file: string, flags: { readonly json?: true }) => {
      const bytes = await bytesOf(file);
      // Loaded here only: kernels and signatures take a while to load.
      const { verifyProof } = await import("../../node/proof.ts");
      const proven = verifyProof(bytes);
      const lines = [
        `${proven.peerId} has signed both of these in one life (${proven.epoch}.${proven.nonce}):`,
        ...proven.headers.map(
          ({ firstSeq, lastSeq, hash }) => `  seq ${firstSeq} to ${lastSeq}, header ${hash}`,
        ),
      ];
      outputOf(flags).result({ valid: true, ...proven }, lines.join("\n"));
    });
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new MeshError("MESH_PROOF_INVALID", `${file} cannot be read`, {
      details: { file },
      cause,
    });
  }
}
