/**
 * Completes package-lock.json: `node scripts/lock.ts [FOLDER]` (default: this repository), after
 * `npm install` has changed it.
 *
 * npm leaves out of the lockfile what it could not look up, such as binaries for other platforms on
 * a registry that mirrors only some; `npm ci` then calls the lockfile out of step (npm 11.19). The
 * entries are added with the exact version that their dependant asks for and the platform in their
 * name. They have no hash: npm skips them on any other platform.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface LockedPackage {
  version?: string;
  cpu?: string[];
  dev?: boolean;
  libc?: string[];
  optional?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
}

const folder = process.argv[2] ?? dirname(import.meta.dirname);
const path = join(folder, "package-lock.json");
const lockfile = JSON.parse(readFileSync(path, "utf8")) as {
  packages: Record<string, LockedPackage>;
};

let added = 0;
for (const [parent, { dev, optionalDependencies }] of Object.entries(lockfile.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    const own = `${parent}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (own in lockfile.packages || hoisted in lockfile.packages) continue;
    lockfile.packages[hoisted] = platformPackage(name, version, dev === true);
    added += 1;
  }
}
const { "": root = {}, ...others } = lockfile.packages;
const sorted = Object.entries(others).sort(([a], [b]) => a.localeCompare(b, "en"));
lockfile.packages = { "": root, ...Object.fromEntries(sorted) };
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
console.log(`lock: added ${added} packages of other platforms`);

/** @throws Error for a version that is no exact one, or a name that ends in no platform. */
function platformPackage(name: string, version: string, dev: boolean): LockedPackage {
  const platform =
    /-(?<os>android|darwin|freebsd|linux|openharmony|win32|sunos|aix|netbsd|openbsd)-(?<cpu>[a-z0-9]+)(?:-(?<abi>[a-z]+))?$/.exec(
      name,
    )?.groups;
  if (platform?.os === undefined || platform.cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`${name}@${version}: expected an exact version and a platform in the name`);
  const { os, cpu, abi = "" } = platform;
  const libc = os === "linux" ? libcOf(abi) : undefined;
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

function libcOf(abi: string): string | undefined {
  if (abi.startsWith("musl")) return "musl";
  return abi.startsWith("gnu") ? "glibc" : undefined;
}
