/** Loads a library of bench/thirdparty, which has a package.json and a lockfile of its own. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** @throws Error that says how to install them, when they are not there. */
export async function loadPeer<T>(name: string): Promise<T> {
  const require = createRequire(import.meta.url);
  try {
    return (await import(resolved(require, name))) as T;
  } catch (cause) {
    throw new Error(`${name} is not there; run \`npm ci --prefix bench/thirdparty\``, { cause });
  }
}

/** Some packages have no entry for `require` at all, others only that one which runs here. */
function resolved(require: NodeJS.Require, name: string): string {
  try {
    return pathToFileURL(require.resolve(name)).href;
  } catch {
    return import.meta.resolve(name);
  }
}
