/** A client command's side of the control socket: one connection, one request. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { MeshError } from "../../errors.ts";
import { LineReader } from "./line-reader.ts";
import {
  type ControlRequest,
  type ControlResponse,
  encodeLine,
  fromWireError,
  parseResponse,
} from "./protocol.ts";
import { controlSocketPath } from "./socket-path.ts";

type Params = ControlRequest["params"];

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Asks the node of a data folder.
 * @returns the method's result. @throws MeshError MESH_CONTROL_UNAVAILABLE, or what the node threw.
 */
export async function callNode(
  dataDir: string,
  method: string,
  params: Params = {},
  options: CallOptions = {},
): Promise<unknown> {
  for await (const response of exchange(dataDir, { id: 1, method, params }, options)) {
    if ("result" in response) return response.result;
  }
  throw unavailable(dataDir, "the node hung up before it answered");
}

/** Asks for a stream of items; ends when the node ends it, or when the reader stops reading. */
export async function* streamFromNode(
  dataDir: string,
  method: string,
  params: Params = {},
  options: CallOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  for await (const response of exchange(dataDir, { id: 1, method, params }, options)) {
    if ("item" in response) yield response.item;
    if ("end" in response) return;
  }
  throw unavailable(dataDir, "the node hung up");
}

async function* exchange(
  dataDir: string,
  request: ControlRequest,
  { signal }: CallOptions,
): AsyncGenerator<ControlResponse, void, undefined> {
  signal?.throwIfAborted();
  const line = encodeLine(request);
  const socket = await open(dataDir);
  const abort = (): void => {
    socket.destroy();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    socket.write(line);
    yield* responses(socket, dataDir);
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", abort);
    socket.destroy();
  }
}

async function* responses(
  socket: Socket,
  dataDir: string,
): AsyncGenerator<ControlResponse, void, undefined> {
  const reader = new LineReader();
  try {
    for await (const chunk of socket) {
      for (const line of reader.push(chunk)) {
        const response = parseResponse(line);
        if ("error" in response) throw fromWireError(response.error);
        yield response;
      }
    }
  } catch (error) {
    // A destroyed or reset connection ends like one that was closed.
    if (!(error instanceof Error && "code" in error) || error instanceof MeshError) throw error;
    if (!CONNECTION_ENDS.has(String(error.code))) throw unavailable(dataDir, error.message, error);
  }
}

async function open(dataDir: string): Promise<Socket> {
  const socket = connect(controlSocketPath(dataDir));
  try {
    await once(socket, "connect");
    return socket;
  } catch (cause) {
    socket.destroy();
    throw unavailable(dataDir, "no node answers", cause);
  }
}

function unavailable(dataDir: string, what: string, cause?: unknown): MeshError {
  return new MeshError("MESH_CONTROL_UNAVAILABLE", `${what} (data folder ${dataDir})`, {
    retryable: true,
    details: { dataDir },
    cause,
  });
}

const CONNECTION_ENDS: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
]);
