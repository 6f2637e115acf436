/**
 * `start`: runs one node until it is told to stop, or with --local several on loopback in place
 * of the configuration's seeds. The control socket is taken before the node joins.
 */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { MeshError } from "../../errors.ts";
import type { JoinOptions } from "../../node/api/join-options.ts";
import type { Mesh } from "../../node/mesh.ts";
import { ControlServer } from "../control/server.ts";
import type { Output } from "../output.ts";
import {
  type ClientFlags,
  dataDirOption,
  interruptSignal,
  jsonOption,
  outputOf,
} from "./client-command.ts";
import { type NodeFlags, startOptions } from "./start-options.ts";

type StartFlags = ClientFlags & NodeFlags & { readonly config?: string; readonly local?: number };

/** One running node and the socket it is asked through. */
interface StartedNode {
  readonly mesh: Mesh;
  readonly control: ControlServer;
  readonly dataDir: string;
}

/** Nodes that one process may run. */
const LOCAL_NODES_MAX = 32;

export function startCommand(): Command {
  const command = new Command("start")
    .description("Run a node until Ctrl-C; without --config and --seed it starts a new mesh")
    .option("-c, --config <file>", "topology file (YAML); see examples/topologies")
    .option("--local <n>", "run n nodes on loopback in place of the seeds", parseLocal)
    .option("-s, --seed <address...>", "node to join through: a multiaddr or host:port")
    .option("-l, --listen <multiaddr...>", "where to listen; default: loopback, any port")
    .option("-t, --transport <name>", "quic or tcp; default: quic")
    .option("-m, --mesh <name>", "name of the mesh; default: default")
    .option("--authority <key>", "admit by certificate: the public key of the mesh's authority")
    .option("--certificate <file>", "this node's; default: membership.cert in --data-dir")
    .option("--admission <mode>", "open: whoever reaches the port may join; or certificate")
    .option("--region <name>", "region label")
    .option("--zone <name>", "zone label")
    .option(
      "--when-partitioned <mode>",
      "read-only or available; default: read-only, a flat mesh's file: available",
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText("after", START_HELP);
  return command.action(run);
}

async function run(flags: StartFlags): Promise<void> {
  const output = outputOf(flags);
  const { options, warnings } = await startOptions(flags, flags.config);
  for (const warning of warnings) output.progress(`warning: ${warning}`);
  const signal = interruptSignal();
  const nodes: StartedNode[] = [];
  try {
    await startAll({ nodes, flags, options, output, signal });
    const told = warnings.length === 0 ? {} : { warnings };
    output.result({ ...describe(nodes, flags), ...told }, formatNodes(nodes, flags));
    for (const { mesh } of nodes) {
      tellReadOnly(mesh, output);
      tellAdmission(mesh, output, signal);
    }
    await Promise.race([aborted(signal), ...nodes.map(failed)]);
    output.progress("leaving the mesh");
  } finally {
    await Promise.all(nodes.map(stopNode));
  }
}

async function startAll(run: {
  /** Filled as they start, so that a failure stops those that run. */
  readonly nodes: StartedNode[];
  readonly flags: StartFlags;
  readonly options: JoinOptions;
  readonly output: Output;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { nodes, flags, options, output, signal } = run;
  const { local, dataDir } = flags;
  if (local === undefined) {
    const seeds = options.seeds?.length ?? 0;
    output.progress(seeds === 0 ? "starting a new mesh" : `joining through ${seeds} seeds`);
    nodes.push(await startNode(dataDir, options, signal));
    return;
  }
  output.progress(`starting ${local} nodes on loopback`);
  for (let number = 1; number <= local; number++) {
    const seeds = nodes.slice(0, LOCAL_SEEDS).flatMap(({ mesh }) => mesh.addresses.slice(0, 1));
    const folder = join(dataDir, `node-${number}`);
    // Those that are back before their quorum is wait for the last one, not each for itself.
    const waits = number === local ? {} : { quorumWaitMs: 0 };
    const joining = { ...options, ...waits, seeds, allowAlone: number === 1 };
    nodes.push(await startNode(folder, joining, signal));
  }
}

async function startNode(
  dataDir: string,
  options: JoinOptions,
  signal: AbortSignal,
): Promise<StartedNode> {
  const control = await ControlServer.listen(dataDir);
  try {
    // Loaded here only: libp2p takes half a second, and no other command needs it.
    const { Mesh } = await import("../../node/mesh.ts");
    const mesh = await Mesh.join({ ...options, dataDir, signal });
    control.attach(mesh);
    return { mesh, control, dataDir };
  } catch (error) {
    await control.close();
    throw error;
  }
}

async function stopNode({ mesh, control }: StartedNode): Promise<void> {
  await control.close();
  await mesh.close();
}

function describe(nodes: readonly StartedNode[], { local }: StartFlags): object {
  const described = nodes.map(({ mesh, control, dataDir }) => {
    const { peerId, nodeId, addresses, transport } = mesh.status();
    return {
      peerId,
      nodeId,
      mesh: mesh.status().mesh,
      transport,
      addresses,
      dataDir,
      control: control.path,
    };
  });
  return local === undefined ? { ...described[0] } : { nodes: described };
}

function formatNodes(nodes: readonly StartedNode[], { local }: StartFlags): string {
  const lines = nodes.flatMap(({ mesh, dataDir }) => [
    `node ${mesh.status().peerId}`,
    ...mesh.addresses.map((address) => `  listens on ${address}`),
    `  data in ${dataDir}`,
  ]);
  const where = local === undefined ? "" : ` (one of the folders above)`;
  return [...lines, `ask it with: knhk-mesh status --data-dir DIR${where}`, "Ctrl-C leaves"].join(
    "\n",
  );
}

/** A node that is back without its quorum runs, but takes no writes yet. */
function tellReadOnly(mesh: Mesh, output: Output): void {
  if (!mesh.readOnly) return;
  const { quorum, reachable } = mesh.status();
  output.progress(`read-only until ${quorum} members answer, itself included; ${reachable} do`);
}

/** Tells what happens to admission, and takes up a renewed certificate at once on SIGHUP. */
function tellAdmission(mesh: Mesh, output: Output, signal: AbortSignal): void {
  const options = { signal };
  mesh.addEventListener(
    "certificate:renewed",
    ({ detail }) => output.progress(`certificate renewed: ${until(detail)}`),
    options,
  );
  mesh.addEventListener(
    "certificate:due",
    ({ detail }) => output.progress(`the certificate should be renewed: ${until(detail)}`),
    options,
  );
  const show = (what: string) => (event: CustomEvent<{ readonly error: MeshError }>) =>
    output.progress(`${what}: ${event.detail.error.message}`);
  mesh.addEventListener("certificate:failed", show("certificate not taken up"), options);
  mesh.addEventListener("admission:refused", show("not linked"), options);
  // Elsewhere a lost terminal ends the node, as it always has.
  if (mesh.status().admission.mode === "open") return;
  const renew = (): void => {
    mesh.renewCertificate().catch((error: unknown) => output.failure(error));
  };
  process.on("SIGHUP", renew);
  signal.addEventListener("abort", () => process.off("SIGHUP", renew), { once: true });
}

function until({ notAfter }: { readonly notAfter: number }): string {
  return `valid until ${new Date(notAfter).toISOString()}`;
}

/** Rejects when the node cannot go on. */
function failed({ mesh }: StartedNode): Promise<never> {
  return new Promise((_, reject) => {
    mesh.addEventListener("failed", ({ detail }) => reject(detail.error), { once: true });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function parseLocal(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= LOCAL_NODES_MAX) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LOCAL_NODES_MAX}.`);
}

/** Local nodes through which the next one joins. */
const LOCAL_SEEDS = 3;

const START_HELP = `
Flags take the place of what the file says. On loopback whoever knows the mesh's name
may join; a node that listens outside needs --authority and a certificate (see
knhk-mesh cert --help), or --admission open in a network you trust.
SIGHUP takes up a renewed certificate at once; else it takes up to ten seconds.`;
