/**
 * Node's own cache of compiled modules, in the system's temporary folder: loading libp2p takes
 * half a second of processor time without it and a fifth with it, in every process.
 */
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";

/** Before anything large is imported. Without a writable folder it does nothing. */
export function useCompileCache(): void {
  enableCompileCache();
}

/** Compiles a module here, once, for the processes about to be started with this environment. */
export async function compiledEnvironment(
  load: () => Promise<unknown>,
): Promise<NodeJS.ProcessEnv> {
  const folder = getCompileCacheDir();
  if (folder === undefined) return process.env;
  await load();
  flushCompileCache();
  return { ...process.env, NODE_COMPILE_CACHE: folder };
}
