/**
 * The packed package in an empty folder: it installs without scripts, joins a mesh from two
 * processes, brings its command and its types. What is run is examples/two-processes.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../support/source-tree.ts";

const folder = mkdtempSync(join(tmpdir(), "knhk-package-"));
const children: ChildProcess[] = [];

beforeAll(() => {
  const { stdout } = run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT);
  const tarball = stdout.trim().split("\n").at(-1) ?? "";
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  run("npm", ["install", ...INSTALL_FLAGS, `./${tarball}`]);
  cpSync(join(ROOT, "examples/two-processes"), folder, { recursive: true });
}, 300_000);

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("two processes of the installed package meet over QUIC and share a map", async () => {
  const first = start("first.mjs");
  const address = await first.line();
  expect(address).toMatch(/\/quic-v1\/p2p\//);
  const second = start("second.mjs", address);
  expect(await second.line()).toMatch(/^joined over .*quic/);
  expect(await first.line()).toBe("did t1: index the docs");
  expect(await second.line()).toBe("t1 is done");
  expect(await Promise.all([first.exit(), second.exit()])).toEqual([0, 0]);
}, 120_000);

test("the installed command prints its version and its help", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(npx("--version").trim()).toBe(version);
  expect(npx("--help")).toMatch(/^Usage: knhk-mesh /);
});

test("the installed package's demo command is there and explains itself", () => {
  expect(npx("demo", "--help")).toMatch(/^Usage: knhk-mesh demo /);
});

test("the signature and kernel entry points work on their own", () => {
  const script = `
    import { generateKey, sign, verify } from "knhk-mesh/signature";
    import { createKernels } from "knhk-mesh/kernels";
    const { seed, publicKey } = generateKey();
    const message = new TextEncoder().encode("mesh");
    const signature = sign(message, seed);
    const hash = (implementation) =>
      Buffer.from(createKernels({ implementation }).blake3(message)).toString("hex");
    console.log(JSON.stringify({
      valid: verify(signature, message, publicKey),
      forged: verify(signature, publicKey, publicKey),
      equal: hash("wasm") === hash("reference"),
      implementation: createKernels().implementation,
    }));`;
  const { stdout } = run(process.execPath, ["--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual({
    valid: true,
    forged: false,
    equal: true,
    implementation: "wasm",
  });
});

test("the JSON Schema of topology files can be imported", () => {
  const script = `
    import schema from "knhk-mesh/topology.schema.json" with { type: "json" };
    console.log(schema.$schema);`;
  const { stdout } = run(process.execPath, ["--input-type=module", "--eval", script]);
  expect(stdout.trim()).toMatch(/^http:\/\/json-schema\.org\//);
});

test("nothing outside the entry points can be imported", () => {
  const script = `
    const code = await import("knhk-mesh/dist/src/node/mesh.js").catch((error) => error.code);
    console.log(code);`;
  const { stdout } = run(process.execPath, ["--input-type=module", "--eval", script]);
  expect(stdout.trim()).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("strict TypeScript compiles against the installed types", () => {
  writeFileSync(join(folder, "consumer.ts"), CONSUMER);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONSUMER_CONFIG));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  expect(run(process.execPath, [tsc, "-p", folder]).stdout).toBe("");
});

test("strict TypeScript refuses a wrong value through the installed types", () => {
  writeFileSync(join(folder, "consumer.ts"), CONSUMER.replace('title: "a"', "title: 1"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONSUMER_CONFIG));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  expect(status).not.toBe(0);
  expect(stdout).toContain("TS2322");
});

const INSTALL_FLAGS = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];

const CONSUMER = `
import { isMeshError, Mesh, type MeshStatus, type SharedMap } from "knhk-mesh";
import { createKernels } from "knhk-mesh/kernels";
import { verify } from "knhk-mesh/signature";

interface Task { readonly title: string }

export async function work(signal: AbortSignal): Promise<MeshStatus | undefined> {
  try {
    await using mesh = await Mesh.join({ transport: "quic", signal });
    const tasks: SharedMap<Task> = mesh.map<Task>("tasks");
    await tasks.set("t1", { title: "a" }, { ack: "local", signal });
    mesh.addEventListener("peer:up", ({ detail }) => console.log(detail.peer));
    return mesh.status();
  } catch (error) {
    if (isMeshError(error, "MESH_SEED_UNREACHABLE")) return undefined;
    throw error;
  }
}

export const valid: boolean = verify(createKernels().blake3(new Uint8Array()), new Uint8Array(), new Uint8Array());
`;

const CONSUMER_CONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
    skipLibCheck: false,
  },
  files: ["consumer.ts"],
};

function run(command: string, args: readonly string[], cwd = folder) {
  const result = spawnSync(command, args, { cwd, encoding: "utf8", env: environment() });
  expect(result.status, `${command} ${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

function npx(...args: readonly string[]): string {
  return run("npx", ["--no-install", "knhk-mesh", ...args]).stdout;
}

/** Without what npm tells its scripts: a consumer's shell knows nothing of this repository. */
function environment(): NodeJS.ProcessEnv {
  const own = (part: string): boolean => part.startsWith(join(ROOT, "node_modules"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((part) => !own(part));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

function start(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async (): Promise<string> => (await lines.next()).value ?? "(no more lines)",
    exit: async (): Promise<number | null> => (await ended)[0],
  };
}
