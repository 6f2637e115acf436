/** What a running node does for its client commands: one function per method of the protocol. */
import { MeshError } from "../../errors.ts";
import type { Agent } from "../../node/api/agent.ts";
import type { Mesh } from "../../node/mesh.ts";
import { type ControlRequest, optionalTextParam, requestError, textParam } from "./protocol.ts";

type Params = ControlRequest["params"];

/** What the methods work on: the node and the agents it hosts for client commands. */
export interface ControlScope {
  readonly mesh: Mesh;
  readonly agents: Map<string, Agent>;
}

/** A map's value in JSON's terms: bytes are given as base64. */
export interface ShownValue {
  readonly encoding: "json" | "base64";
  readonly value: unknown;
}

/** Answered once. */
export type CallMethod = (scope: ControlScope, params: Params, signal: AbortSignal) => unknown;
/** Answered item by item until the client hangs up. */
export type StreamMethod = (
  scope: ControlScope,
  params: Params,
  signal: AbortSignal,
) => AsyncIterable<unknown>;

export const CALLS: ReadonlyMap<string, CallMethod> = new Map<string, CallMethod>([
  ["status", ({ mesh }) => mesh.status()],
  ["agents", ({ mesh }, params) => findAgents(mesh, params)],
  ["get", ({ mesh }, params) => get(mesh, params)],
  ["set", ({ mesh }, params, signal) => set(mesh, params, signal)],
  ["delete", ({ mesh }, params, signal) => remove(mesh, params, signal)],
  ["send", send],
  ["revoke", ({ mesh }, params) => revoke(mesh, params)],
  ["departure", ({ mesh }, params) => departure(mesh, params)],
  ["evict", ({ mesh }, params) => evict(mesh, params)],
]);

export const STREAMS: ReadonlyMap<string, StreamMethod> = new Map<string, StreamMethod>([
  ["watch", watch],
  ["inbox", inbox],
]);

function revoke(mesh: Mesh, params: Params) {
  mesh.revoke(bytesParam(params, "credential"));
  return {};
}

function evict(mesh: Mesh, params: Params) {
  mesh.evict(bytesParam(params, "statement"));
  return {};
}

/** What the authority is to sign, in hex; it says nothing of the authority's key. */
function departure(mesh: Mesh, params: Params): { readonly statement: string } {
  const node = textParam(params, "node");
  const statement = mesh.departureOf(node);
  if (statement !== undefined) return { statement: Buffer.from(statement).toString("hex") };
  const message =
    "nobody to evict: the mesh has no authority, or it does not count this node as a member";
  throw new MeshError("MESH_VALUE_INVALID", message, { details: { node } });
}

function bytesParam(params: Params, name: string): Uint8Array {
  const text = textParam(params, name);
  if (!/^([0-9a-f]{2})+$/.test(text)) throw requestError(`${name} must be bytes in hex`);
  return new Uint8Array(Buffer.from(text, "hex"));
}

function findAgents(mesh: Mesh, params: Params) {
  const capability = optionalTextParam(params, "capability");
  return mesh.agents.find(capability === undefined ? {} : { capability });
}

function get(mesh: Mesh, params: Params): { readonly found: boolean } & Partial<ShownValue> {
  const value = mesh.map(textParam(params, "collection")).get(textParam(params, "key"));
  return value === undefined ? { found: false } : { found: true, ...shown(value) };
}

async function set(mesh: Mesh, params: Params, signal: AbortSignal) {
  if (params.value === undefined) throw requestError("value is missing");
  const map = mesh.map(textParam(params, "collection"));
  await map.set(textParam(params, "key"), params.value, { signal });
  return {};
}

async function remove(mesh: Mesh, params: Params, signal: AbortSignal) {
  const map = mesh.map(textParam(params, "collection"));
  await map.delete(textParam(params, "key"), { signal });
  return {};
}

async function* watch({ mesh }: ControlScope, params: Params, signal: AbortSignal) {
  const map = mesh.map(textParam(params, "collection"));
  const initial = params.initial === true;
  for await (const { key, value, author } of map.watch({ signal, initial })) {
    yield value === undefined
      ? { key, author, deleted: true }
      : { key, author, deleted: false, ...shown(value) };
  }
}

/** Sends as an agent that a client hosts here, or as one that lives for this message only. */
async function send(scope: ControlScope, params: Params, signal: AbortSignal) {
  const from = optionalTextParam(params, "from");
  const to = textParam(params, "to");
  if (params.body === undefined) throw requestError("body is missing");
  const hosted = from === undefined ? undefined : scope.agents.get(from);
  if (hosted !== undefined) {
    await hosted.send(to, params.body, { signal });
    return { from: hosted.address, to };
  }
  const sender = scope.mesh.agent(
    from ?? `cli-${++senderCount}-${scope.mesh.status().nodeId.slice(0, 8)}`,
  );
  try {
    await sender.send(to, params.body, { signal });
    return { from: sender.address, to };
  } finally {
    sender.close();
  }
}

/** Hosts an agent on the node for as long as the client listens. */
async function* inbox(scope: ControlScope, params: Params, signal: AbortSignal) {
  const name = textParam(params, "agent");
  const { capabilities = [] } = params;
  if (!Array.isArray(capabilities) || !capabilities.every((text) => typeof text === "string")) {
    throw requestError("capabilities must be a list of text");
  }
  if (scope.agents.has(name)) {
    throw new MeshError("MESH_AGENT_NAME_TAKEN", `agent "${name}" is already hosted here`);
  }
  const agent = scope.mesh.agent(name, { capabilities });
  scope.agents.set(name, agent);
  try {
    yield { open: true, address: agent.address };
    for await (const message of agent.inbox({ signal })) {
      yield { ...message, body: shown(message.body) };
    }
  } finally {
    scope.agents.delete(name);
    agent.close();
  }
}

function shown(value: unknown): ShownValue {
  if (!(value instanceof Uint8Array)) return { encoding: "json", value };
  return { encoding: "base64", value: Buffer.from(value).toString("base64") };
}

/** Tells the short-lived senders of this process apart. */
let senderCount = 0;
