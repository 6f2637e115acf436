/**
 * One node of the public API as a process whose TCP dials go through a relay. Its first message is
 * its setting; then it answers each {@link Ask} with one {@link Reply}.
 */
import { Socket } from "node:net";
import { isMeshError } from "../../src/errors.ts";
import type { JoinOptions } from "../../src/node/api/join-options.ts";
import { Mesh } from "../../src/node/mesh.ts";

export interface Setting {
  readonly options: JoinOptions;
  /** Port to dial in place of a node's own. */
  readonly detours: Readonly<Record<number, number>>;
}

export type Ask =
  | { readonly do: "set"; readonly key: string; readonly value: string }
  | { readonly do: "gauge" | "event" | "status" };

export interface Reply {
  /** Code of the refusal, if there was one. */
  readonly refused?: string;
  readonly retryable?: boolean;
  readonly health?: string;
  readonly readOnly?: boolean;
  readonly reachable?: number;
  readonly quorum?: number;
  readonly members?: number;
  readonly links?: number;
  readonly root?: string;
  /** Every health that the node has had since it joined. */
  readonly told?: readonly string[];
}

function detour(detours: Readonly<Record<number, number>>): void {
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
    // net.connect hands its normalized arguments on: a list of options and callback.
    const [first] = given;
    const options = (Array.isArray(first) ? first[0] : first) as { port?: number };
    const other = options.port === undefined ? undefined : detours[options.port];
    if (other !== undefined) options.port = other;
    return Reflect.apply(connect, this, given);
  } as typeof connect;
}

async function answer(mesh: Mesh, told: readonly string[], ask: Ask): Promise<Reply> {
  let written: Promise<void> | undefined;
  try {
    if (ask.do === "set") written = mesh.map("m").set(ask.key, ask.value);
    if (ask.do === "gauge") written = mesh.gauge("g").set(1);
    if (ask.do === "event") written = mesh.topic("t").publish(1);
  } catch (error) {
    // A refusal is thrown by the call itself; one that came later would end this process.
    if (isMeshError(error)) return { refused: error.code, retryable: error.retryable };
    throw error;
  }
  await written;
  const { health, readOnly, reachable, quorum, members, links, root } = mesh.status();
  return { health, readOnly, reachable, quorum, members, links, root, told };
}

process.once("message", async ({ options, detours }: Setting) => {
  detour(detours);
  const mesh = await Mesh.join(options);
  const told: string[] = [];
  mesh.addEventListener("health:changed", ({ detail }) => told.push(detail.health));
  process.on("message", async (ask: Ask) => process.send?.(await answer(mesh, told, ask)));
  process.on("disconnect", () => process.exit(0));
  process.send?.({});
});
