/** The files that the demo's swarm works on. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { requestError } from "../control/protocol.ts";

export interface InputFiles {
  /** Absolute; the paths are relative to it. */
  readonly root: string;
  /** What the user sees: the folder as given. */
  readonly label: string;
  /** Sorted, with "/" on every system. */
  readonly paths: readonly string[];
}

/** More would make the board larger than a demonstration needs. */
export const FILES_MAX = 5_000;

/**
 * The regular files beneath `input`, or beneath this package's own docs/ and src/. Hidden files,
 * node_modules and symbolic links are left out.
 * @throws MeshError MESH_CONTROL_REQUEST when there is none, or more than {@link FILES_MAX}.
 */
export async function findInputFiles(input: string | undefined): Promise<InputFiles> {
  const root = input === undefined ? packageRoot() : resolve(input);
  const folders = input === undefined ? ["docs", "src", "dist/src"] : ["."];
  const paths: string[] = [];
  const present: string[] = [];
  for (const folder of folders) {
    const path = join(root, folder);
    if (!(await isDirectory(path)) || (folder === "dist/src" && present.includes("src"))) continue;
    present.push(folder);
    for await (const file of filesBeneath(path)) {
      paths.push(relative(root, file).split(sep).join("/"));
      if (paths.length > FILES_MAX) {
        throw requestError(`the input holds more than ${FILES_MAX} files`, { max: FILES_MAX });
      }
    }
  }
  const label = input ?? `this package's ${present.map((folder) => `${folder}/`).join(" and ")}`;
  if (paths.length === 0) throw requestError(`no files in ${label}`, { got: label });
  return { root, label, paths: paths.sort() };
}

/** Those of the files that have been written to, or are gone, since an instant of the wall clock. */
export async function changedSince(
  { root, paths }: InputFiles,
  sinceMs: number,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const path of paths) {
    // One that is gone has changed, too.
    const found = await stat(join(root, path)).catch(() => undefined);
    if (found === undefined || found.mtimeMs >= sinceMs) changed.push(path);
  }
  return changed;
}

async function* filesBeneath(folder: string): AsyncGenerator<string, void, undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBeneath(path);
    else if (entry.isFile()) yield path;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** The folder of the nearest package.json: above src/ as above dist/src/. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}
