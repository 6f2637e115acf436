/** An agent hosted on this node: a name others can send to, and an inbox. */
import type { MeshCore } from "../../core/mesh-core.ts";
import { isNodeId } from "../../core/node-id.ts";
import type { DirectMessage } from "../../core/wire/message.ts";
import { MeshError } from "../../errors.ts";
import { nodeIdFromPeerId } from "../node-id.ts";
import type { Host } from "./host.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

export interface AgentMessage<T = unknown> {
  /** Unique with `from`. */
  readonly id: string;
  /** Sender as `name@nodeId` (hex): an address to answer to. */
  readonly from: string;
  readonly body: T;
  /** The sender's wall clock. */
  readonly sentMs: number;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
}

/** What an agent needs from its node beyond a {@link Host}. */
export interface AgentHost extends Host {
  readonly core: MeshCore;
  /** Resolves when the recipient's node has answered; rejects with its refusal. */
  awaitMessage(id: bigint, signal: AbortSignal | undefined): Promise<void>;
  /** Calls back when the agent's inbox has something, or its name is lost. */
  onAgent(name: string, listener: (event: AgentEvent) => void): () => void;
}

export type AgentEvent =
  | { readonly kind: "message" }
  | { readonly kind: "closed"; readonly reason: MeshError };

/** Give up on an unanswered message after this long; the caller's signal may be shorter. */
const MESSAGE_TIMEOUT_MS = 10_000;

export class Agent {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly #host: AgentHost;
  readonly #stop: () => void;
  readonly #wakes = new Set<() => void>();
  #closed: MeshError | undefined;

  /** @internal Claims the name. @throws MeshError MESH_AGENT_NAME_TAKEN, MESH_KEY_INVALID. */
  constructor(host: AgentHost, name: string, capabilities: readonly string[]) {
    this.#host = host;
    this.name = name;
    this.capabilities = Object.freeze([...capabilities]);
    host.command({ kind: "agent.open", name, capabilities });
    this.#stop = host.onAgent(name, (event) => {
      if (event.kind === "closed") this.#end(event.reason);
      else for (const wake of this.#wakes) wake();
    });
  }

  /** This agent's full address, `name@nodeId` (hex). */
  get address(): string {
    return `${this.name}@${this.#host.core.status().nodeId}`;
  }

  /**
   * Messages as they come, oldest first; each is read once, by one reader. Ends when the agent is
   * closed; fails with MESH_AGENT_NAME_TAKEN when the name is lost to an older claim.
   */
  async *inbox<T = unknown>(options: SendOptions = {}): AsyncGenerator<AgentMessage<T>, void> {
    const { signal } = options;
    while (true) {
      signal?.throwIfAborted();
      const message = this.#host.core.takeMessage(this.name);
      if (message !== undefined) {
        yield agentMessage<T>(message);
        continue;
      }
      if (this.#closed?.code === "MESH_AGENT_NAME_TAKEN") throw this.#closed;
      if (this.#closed !== undefined) return;
      await this.#wait(signal);
    }
  }

  /**
   * Sends to an agent, by name or `name@nodeId`, wherever it lives.
   * @returns resolves when the recipient's node has put the message in the inbox.
   * @throws MeshError MESH_AGENT_UNKNOWN, MESH_QUEUE_FULL, MESH_VALUE_TOO_LARGE (synchronous part);
   *   rejects with MESH_AGENT_INBOX_FULL, MESH_AGENT_UNKNOWN or MESH_MESSAGE_TIMEOUT.
   */
  async send(to: string, body: unknown, options: SendOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    const at = to.lastIndexOf("@");
    const { codec, bytes } = encodeValue(body);
    const result = this.#host.command({
      kind: "send",
      fromAgent: this.name,
      toAgent: at === -1 ? to : to.slice(0, at),
      toNode: at === -1 ? undefined : nodeIdOf(to.slice(at + 1)),
      codec,
      body: bytes,
      timeoutMs: MESSAGE_TIMEOUT_MS,
    });
    if (result.kind === "message") await this.#host.awaitMessage(result.id, options.signal);
  }

  /** Gives the name back and ends the inbox. Idempotent. */
  close(): void {
    if (this.#closed !== undefined) return;
    this.#host.command({ kind: "agent.close", name: this.name });
    this.#end(new MeshError("MESH_CLOSED", `agent "${this.name}" is closed`));
  }

  #end(reason: MeshError): void {
    this.#closed ??= reason;
    this.#stop();
    for (const wake of this.#wakes) wake();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakes.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakes.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }
}

/** The hex id of a node given as hex or as peer id text. @throws MeshError MESH_AGENT_UNKNOWN. */
function nodeIdOf(text: string): string {
  if (isNodeId(text)) return text;
  try {
    return nodeIdFromPeerId(text);
  } catch (cause) {
    const message = `an address ends in a node id or peer id, got "${text}"`;
    throw new MeshError("MESH_AGENT_UNKNOWN", message, { details: { got: text }, cause });
  }
}

function agentMessage<T>(message: DirectMessage): AgentMessage<T> {
  return {
    id: message.id.toString(),
    from: `${message.fromAgent}@${message.fromNode}`,
    body: decodeValue(message.codec, message.body) as T,
    sentMs: message.wallMs,
  };
}
