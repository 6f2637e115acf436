/** Where `--json` goes: a file, `-` for stdout, or nowhere. */
import { writeFile } from "node:fs/promises";
import { requestError } from "../control/protocol.ts";
import { Output } from "../output.ts";

/** The command's output: with `--json -` stdout carries JSON alone and stderr nothing. */
export function outputFor(json: string | undefined): Output {
  return new Output(json === "-");
}

/** @throws MeshError MESH_CONTROL_REQUEST when the file cannot be written. */
export async function writeJson(json: string | undefined, value: unknown): Promise<void> {
  if (json === undefined || json === "-") return;
  await writeText(json, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** @throws MeshError MESH_CONTROL_REQUEST when the file cannot be written. */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw requestError(`${file} cannot be written (${code})`, { file, code });
  }
}
