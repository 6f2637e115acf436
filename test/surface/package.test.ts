/** What `npm pack` ships, and what package.json and the lockfile promise to whoever installs. */
import { spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { ROOT, readText, sourcesBeneath } from "../support/source-tree.ts";

/** Everything outside dist/src; there, each file of src gives one .js and one .d.ts. */
const SHIPPED = [
  "LICENSE",
  "README.md",
  "build/core.wasm",
  "dist/assembly/layout.d.ts",
  "dist/assembly/layout.js",
  "dist/topology.schema.json",
  "package.json",
  "registry/manifest.yaml",
  "registry/mesh-networking-schema.yaml",
];

const ENTRY_POINTS = {
  ".": { types: "./dist/src/index.d.ts", default: "./dist/src/index.js" },
  "./signature": { types: "./dist/src/signature.d.ts", default: "./dist/src/signature.js" },
  "./kernels": { types: "./dist/src/kernels.d.ts", default: "./dist/src/kernels.js" },
  "./topology.schema.json": "./dist/topology.schema.json",
  "./package.json": "./package.json",
};

/** Run by npm when this package is installed by others; prepack only runs when it is packed. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare", "preprepare"];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: unknown;
  readonly imports: unknown;
  readonly bin: Readonly<Record<string, string>>;
  readonly type: string;
  readonly license: string;
  readonly engines: { readonly node: string };
}

interface LockedPackage {
  readonly integrity?: string;
  readonly libc?: readonly string[];
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

const manifest = JSON.parse(readText("package.json")) as Manifest;
const lockfile = JSON.parse(readText("package-lock.json")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
let packed: readonly { readonly path: string; readonly mode: number }[];

beforeAll(() => {
  const run = spawnSync("npm", ["pack", "--dry-run", "--json", "--silent"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(run.status, run.stderr).toBe(0);
  packed = JSON.parse(run.stdout)[0].files;
}, 120_000);

test("npm pack ships exactly the listed files beside what src compiles to", () => {
  const outside = packed.map(({ path }) => path).filter((path) => !path.startsWith("dist/src/"));
  expect(outside.toSorted()).toEqual(SHIPPED);
});

test("npm pack ships one module and its types for each file of src, and nothing stale", () => {
  const wanted = [...sourcesBeneath("src"), "src/core/telemetry/cells.gen.ts"].flatMap((path) => {
    const base = `dist/${path.replace(/\.ts$/, "")}`;
    return [`${base}.d.ts`, `${base}.js`];
  });
  const inside = packed.map(({ path }) => path).filter((path) => path.startsWith("dist/src/"));
  expect(inside.toSorted()).toEqual(wanted.toSorted());
});

test("shipped modules are plain JavaScript whose relative imports end in .js", () => {
  for (const { path } of packed.filter(({ path }) => path.endsWith(".js"))) {
    const specifiers = [...readText(path).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)];
    for (const [, specifier] of specifiers) expect(specifier, path).toMatch(/\.js$/);
  }
});

test("the entry points are these and their files are shipped", () => {
  expect(manifest.exports).toEqual(ENTRY_POINTS);
  expect(manifest.imports).toEqual({ "#core.wasm": "./build/core.wasm" });
  expect(manifest.bin).toEqual({ "knhk-mesh": "./dist/src/cli/main.js" });
  const targets = Object.values(ENTRY_POINTS).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry),
  );
  const paths = packed.map(({ path }) => `./${path}`);
  for (const target of [...targets, ...Object.values(manifest.bin)])
    expect(paths).toContain(target);
});

test("the command is shipped executable and asks for node", () => {
  const command = packed.find(({ path }) => path === "dist/src/cli/main.js");
  expect((command?.mode ?? 0) & 0o111).toBe(0o111);
  expect(readText("dist/src/cli/main.js")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("the shipped JSON Schema is the committed one", () => {
  expect(readText("dist/topology.schema.json")).toBe(
    readText("src/config/topology.schema.gen.json"),
  );
});

test("every dependency is pinned to one version", () => {
  const all = {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  };
  for (const [name, version] of Object.entries(all))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the package is an Apache-2.0 ES module for Node 24 without install scripts", () => {
  expect(manifest).toMatchObject({
    type: "module",
    license: "Apache-2.0",
    engines: { node: ">=24.12" },
  });
  expect(Object.keys(manifest.scripts).filter((name) => INSTALL_SCRIPTS.includes(name))).toEqual(
    [],
  );
});

test("the version files name the Node that the package brings along", () => {
  const [version] = new Set(
    Object.entries(manifest.optionalDependencies)
      .filter(([name]) => name.startsWith("node-"))
      .map(([, value]) => value),
  );
  expect(readText(".nvmrc").trim()).toBe(version);
  expect(readText(".node-version").trim()).toBe(version);
});

test("every dependency is imported by src", () => {
  const text = sourcesBeneath("src").map(readText).join("\n");
  const unused = Object.keys(manifest.dependencies).filter(
    (name) => !new RegExp(`["']${name.replace("/", "\\/")}(/[^"']*)?["']`).test(text),
  );
  expect(unused).toEqual([]);
});

test("the lockfile holds no address of a registry", () => {
  const text = readText("package-lock.json");
  for (const [path, entry] of Object.entries(lockfile.packages))
    expect(entry, path).not.toHaveProperty("resolved");
  const addresses = [...text.matchAll(/"(\w+)": "https?:/g)].map(([, key]) => key);
  expect(addresses.filter((key) => key !== "url")).toEqual([]); // url: where to fund an author
  expect(readText(".npmrc")).toContain("omit-lockfile-registry-resolved=true");
});

test("the lockfile holds a hash for every package that Linux x64 with glibc installs", () => {
  for (const [path, entry] of Object.entries(lockfile.packages)) {
    if (path === "" || isOfOtherPlatform(entry)) continue;
    expect(entry.integrity, path).toMatch(/^sha512-/);
  }
});

test("the lockfile names every optional package, or npm ci would refuse it", () => {
  const missing = Object.entries(lockfile.packages).flatMap(([parent, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) =>
        !(`node_modules/${name}` in lockfile.packages) &&
        !(`${parent}/node_modules/${name}` in lockfile.packages),
    ),
  );
  expect(missing, "run: node scripts/lock.ts").toEqual([]);
});

test("the lockfile agrees with package.json", () => {
  const { packages } = lockfile;
  for (const key of ["dependencies", "optionalDependencies", "devDependencies", "bin", "engines"]) {
    const locked = (packages[""] as Readonly<Record<string, unknown>>)[key];
    const wanted = manifest[key as keyof Manifest];
    if (key === "bin") expect(Object.keys(locked as object)).toEqual(Object.keys(wanted as object));
    else expect(locked, key).toEqual(wanted);
  }
});

test("the licence is the whole text of Apache-2.0", () => {
  expect(readText("LICENSE")).toMatch(/Apache License\s+Version 2\.0[\s\S]+END OF TERMS/);
});

/** Optional, and not for Linux x64 with glibc. */
function isOfOtherPlatform({ optional, os, cpu, libc }: LockedPackage): boolean {
  if (optional !== true) return false;
  const here = os?.includes("linux") !== false && libc?.includes("musl") !== true;
  return !here || cpu?.includes("x64") === false;
}
