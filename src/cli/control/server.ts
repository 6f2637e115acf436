/**
 * The control socket of a running node.
 *
 * It is opened before the node joins, so that a second node with the same data folder is refused
 * before it shows the same identity to the mesh; until `attach` every request is answered with
 * MESH_CONTROL_UNAVAILABLE. Connections and open requests are bounded; a client that does not
 * read is waited for, never buffered for.
 */
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { isMeshError, MeshError } from "../../errors.ts";
import type { Agent } from "../../node/api/agent.ts";
import type { Mesh } from "../../node/mesh.ts";
import { LineReader } from "./line-reader.ts";
import { CALLS, type ControlScope, STREAMS } from "./methods.ts";
import {
  type ControlRequest,
  type ControlResponse,
  encodeLine,
  parseRequest,
  requestError,
  toWireError,
} from "./protocol.ts";
import { clearStaleSocket, controlSocketPath, inUse } from "./socket-path.ts";

export class ControlServer {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #agents = new Map<string, Agent>();
  #mesh: Mesh | undefined;

  private constructor(path: string) {
    this.path = path;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /**
   * Takes the control socket of a data folder (created, 0700, if need be).
   * @throws MeshError MESH_DATA_DIR_IN_USE while another node listens there.
   */
  static async listen(dataDir: string): Promise<ControlServer> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const server = new ControlServer(controlSocketPath(dataDir));
    await clearStaleSocket(server.path);
    await server.#listen();
    return server;
  }

  /** From here on requests are answered by `mesh`. */
  attach(mesh: Mesh): void {
    this.#mesh = mesh;
  }

  /** Hangs up on every client and removes the socket file. Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (process.platform !== "win32") await rm(this.path, { force: true });
  }

  async #listen(): Promise<void> {
    const listening = once(this.#server, "listening");
    // The socket file is made inside listen(), before it returns: nobody else ever can open it.
    const umask = process.umask(OTHERS_MODE);
    try {
      this.#server.listen(this.path);
    } finally {
      process.umask(umask);
    }
    try {
      await listening;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
        throw inUse(this.path);
      }
      throw new MeshError("MESH_CONTROL_UNAVAILABLE", "the control socket cannot be opened", {
        details: { path: this.path },
        cause: error,
      });
    }
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const gone = new AbortController();
    socket.once("close", () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    socket.on("error", () => socket.destroy());
    void this.#serve(socket, gone.signal).catch(() => socket.destroy());
  }

  /** Reads requests until the client hangs up; the answers run beside the reading. */
  async #serve(socket: Socket, signal: AbortSignal): Promise<void> {
    const reader = new LineReader();
    let open = 0;
    const answer = async (request: ControlRequest): Promise<void> => {
      open += 1;
      try {
        await this.#answer(socket, request, signal);
      } finally {
        open -= 1;
      }
    };
    try {
      // Not destroyed by a bad line: its sender is answered first.
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        for (const line of reader.push(chunk)) {
          const request = parseRequest(line);
          if (open >= REQUESTS_MAX) {
            throw requestError(`at most ${REQUESTS_MAX} requests may be open on one connection`);
          }
          void answer(request).catch(() => socket.destroy());
        }
      }
    } catch (error) {
      if (signal.aborted || !isMeshError(error)) return;
      // Whoever does not speak the protocol is told so once.
      socket.end(encodeLine({ id: 0, error: toWireError(error) }), () => socket.destroy());
    }
  }

  async #answer(socket: Socket, request: ControlRequest, signal: AbortSignal): Promise<void> {
    const { id, method, params } = request;
    try {
      const scope = this.#scope();
      const call = CALLS.get(method);
      const stream = STREAMS.get(method);
      if (call !== undefined) {
        const result = await call(scope, params, signal);
        await send(socket, { id, result }, signal);
      } else if (stream !== undefined) {
        for await (const item of stream(scope, params, signal)) {
          await send(socket, { id, item }, signal);
        }
        await send(socket, { id, end: true }, signal);
      } else {
        throw requestError(`there is no method "${method}"`, {
          expected: [...CALLS.keys(), ...STREAMS.keys()],
          got: method,
        });
      }
    } catch (error) {
      if (!signal.aborted) await send(socket, { id, error: toWireError(error) }, signal);
    }
  }

  #scope(): ControlScope {
    if (this.#mesh !== undefined) return { mesh: this.#mesh, agents: this.#agents };
    throw new MeshError("MESH_CONTROL_UNAVAILABLE", "the node is still joining", {
      retryable: true,
    });
  }
}

async function send(socket: Socket, message: ControlResponse, signal: AbortSignal): Promise<void> {
  if (signal.aborted || socket.write(encodeLine(message))) return;
  await once(socket, "drain", { signal });
}

/** Clients at once. */
const CONNECTIONS_MAX = 64;
/** Open requests of one client. */
const REQUESTS_MAX = 16;
/** Owner only. */
const OTHERS_MODE = 0o177;
