/**
 * Mesh: the node as its user sees it. Joins, hands out collections, agents and topics, tells its
 * status, leaves. Everything it knows it asks of the driver's core.
 */
import type { Command, CommandResult, Write } from "../core/commands.ts";
import type { CoreEvent } from "../core/outputs.ts";
import type { Health } from "../core/partition/partition-state.ts";
import { MeshError, type MeshErrorCode } from "../errors.ts";
import type { Change } from "../kernels/kernels.ts";
import { Agent, type AgentEvent, type AgentHost } from "./api/agent.ts";
import { Agents } from "./api/agents.ts";
import { SharedCounter } from "./api/counter.ts";
import { SharedGauge } from "./api/gauge.ts";
import type { ChangeListener, WriteOptions } from "./api/host.ts";
import { type JoinConfig, type JoinOptions, parseJoinOptions } from "./api/join-options.ts";
import { SharedMap } from "./api/map.ts";
import { MeshEvents, publicEvent } from "./api/mesh-events.ts";
import type { MeshStatus } from "./api/mesh-status.ts";
import { PacedAcks } from "./api/paced-acks.ts";
import { SharedRegister } from "./api/register.ts";
import { SharedSet } from "./api/set.ts";
import { StoredWaiters } from "./api/stored-waiters.ts";
import { Topic } from "./api/topic.ts";
import { Waiters } from "./api/waiters.ts";
import type { Driver } from "./driver.ts";
import { peerIdFromNodeId } from "./node-id.ts";
import { NodeRuntime } from "./runtime.ts";

export class Mesh extends MeshEvents implements AgentHost {
  readonly agents: Agents;
  readonly #config: JoinConfig;
  readonly #runtime: NodeRuntime;
  readonly #waiters = new Waiters();
  readonly #acks: PacedAcks;
  readonly #stored = new StoredWaiters();
  readonly #changeListeners = new Map<string, Set<ChangeListener>>();
  readonly #agentListeners = new Map<string, (event: AgentEvent) => void>();
  readonly #localAgents = new Map<string, Agent>();
  #closing: Promise<void> | undefined;
  #failure: MeshError | undefined;

  private constructor(config: JoinConfig, runtime: NodeRuntime) {
    super();
    this.#config = config;
    this.#runtime = runtime;
    this.agents = new Agents(this);
    this.#acks = new PacedAcks({
      settle: (first, last) => this.#waiters.settleWrites(first, last),
      isBehind: () => runtime.isBehind,
    });
    runtime.onEvent = (event) => this.#handle(event);
    runtime.onFailure = (error) => this.#fail(error);
    runtime.onMemory = (isPressed, rssBytes) => {
      const name = isPressed ? "memory:pressed" : "memory:relieved";
      this.dispatchEvent(new CustomEvent(name, { detail: Object.freeze({ rssBytes }) }));
    };
    runtime.onAdmission = (name, detail) => {
      this.dispatchEvent(new CustomEvent(name, { detail: Object.freeze(detail) }));
    };
  }

  /**
   * Starts a node and joins the mesh of its seeds.
   * @returns resolves after the first exchange with a member (at once without seeds). A node that
   *   comes back to members it knew is besides waited for until it has heard their quorum and takes
   *   writes, for `quorumWaitMs` at most: after that `readOnly` says that it does not, and
   *   `health:changed` when it does.
   * @throws MeshError MESH_VALUE_INVALID, MESH_LISTEN_FAILED, MESH_SEED_UNREACHABLE,
   *   MESH_SEED_IS_SELF, MESH_MISMATCH, MESH_PROTOCOL_VERSION, MESH_IDENTITY_FILE,
   *   MESH_ADMISSION_UNSTATED, MESH_CERTIFICATE_*.
   */
  static async join(options: JoinOptions = {}): Promise<Mesh> {
    const config = parseJoinOptions(options);
    const runtime = await NodeRuntime.start(config, options.signal);
    const mesh = new Mesh(config, runtime);
    try {
      await runtime.bootstrap(options.signal);
      return mesh;
    } catch (error) {
      await mesh.close();
      throw error;
    }
  }

  /** A shared map of JSON values or bytes. Names of 1 to 128 bytes, not starting with "$". */
  map<T = unknown>(name: string): SharedMap<T> {
    return new SharedMap<T>(this, collectionName(name));
  }

  counter(name: string): SharedCounter {
    return new SharedCounter(this, collectionName(name));
  }

  set(name: string): SharedSet {
    return new SharedSet(this, collectionName(name));
  }

  register<T = unknown>(name: string): SharedRegister<T> {
    return new SharedRegister<T>(this, collectionName(name));
  }

  gauge(name: string): SharedGauge {
    return new SharedGauge(this, collectionName(name));
  }

  topic<T = unknown>(name: string): Topic<T> {
    return new Topic<T>(this, collectionName(name));
  }

  /** Hosts an agent on this node. @throws MeshError MESH_AGENT_NAME_TAKEN, MESH_AGENT_LIMIT. */
  agent(name: string, options: { readonly capabilities?: readonly string[] } = {}): Agent {
    const agent = new Agent(this, name, options.capabilities ?? []);
    this.#localAgents.set(name, agent);
    return agent;
  }

  /** Multiaddrs with this node's peer id, to be given to others as seeds. */
  get addresses(): readonly string[] {
    return this.#runtime.addresses;
  }

  /** Cheap, for polling. @throws MeshError MESH_CLOSED. */
  get health(): Health {
    return this.#driver().core.health;
  }

  /**
   * Whether writes to maps, sets, registers and counters are refused now (MESH_READ_ONLY). Cheap,
   * for polling. @throws MeshError MESH_CLOSED.
   */
  get readOnly(): boolean {
    return this.#driver().core.readOnly;
  }

  /** @throws MeshError MESH_CLOSED. */
  status(): MeshStatus {
    const core = this.#driver().core.status();
    return {
      ...core,
      peerId: peerIdFromNodeId(core.nodeId),
      mesh: this.#config.mesh,
      transport: this.#config.transport,
      addresses: this.addresses,
      store: this.#runtime.storeInfo,
      admission: this.#runtime.admissionInfo,
      peers: this.#runtime.peerStatuses(),
    };
  }

  /**
   * Takes up the certificate's file now, as the node does by itself every ten seconds. Links stay.
   * @returns whether it holds a new certificate; false in an open mesh.
   * @throws MeshError MESH_CERTIFICATE_*; the node then goes on with the one it has. MESH_CLOSED.
   */
  async renewCertificate(): Promise<boolean> {
    this.#driver();
    return this.#runtime.renewCertificate();
  }

  /**
   * Ends a membership for good, by a revocation of the authority or its issuers (`cert revoke`):
   * everything that the node ever wrote is expunged, and it is heard no more. `revoked` follows, at
   * every member, when the signatures hold.
   * @param credential as the file holds it. @throws MeshError MESH_CERTIFICATE_INVALID, MESH_CLOSED.
   */
  revoke(credential: Uint8Array): void {
    this.command({ kind: "revoke", credential });
  }

  /**
   * What the authority is to sign so that a member which is gone counts no more.
   * @param node hex. @returns undefined in an open mesh, and for who is no member.
   * @throws MeshError MESH_CLOSED.
   */
  departureOf(node: string): Uint8Array | undefined {
    return this.#driver().core.departureOf(node);
  }

  /**
   * Takes a member that is gone out of n; what it wrote stays, and it may come back.
   * `member:departed` follows, at every member, when the signature holds.
   * @param statement what {@link Mesh.departureOf} gave, and the authority's signature behind it.
   * @throws MeshError MESH_CERTIFICATE_INVALID, MESH_VALUE_INVALID (it has been heard of since),
   *   MESH_CLOSED.
   */
  evict(statement: Uint8Array): void {
    this.command({ kind: "evict", statement });
  }

  /**
   * Leaves: sends what is queued, says goodbye, closes the links. Idempotent. What still waits
   * for an acknowledgement is rejected with MESH_CLOSED.
   */
  close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#closing ??= this.#close(options.signal);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // ---- AgentHost: what the collections and agents use --------------------------------------

  /** @internal */
  get core() {
    return this.#runtime.driver.core;
  }

  /** @internal */
  write(write: Write, options: WriteOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const ack = options.ack ?? "local";
    const { kind, durable } = this.#runtime.storeInfo;
    if (ack !== "local" && !durable) {
      throw new MeshError("MESH_ACK_UNAVAILABLE", `the ${kind} store cannot acknowledge "${ack}"`, {
        details: { expected: "local", got: ack },
      });
    }
    if (this.#acks.isFull) {
      const message = "writes are made faster than the mesh takes them; await some";
      throw new MeshError("MESH_QUEUE_FULL", message, { retryable: true });
    }
    const result = this.command({ kind: "write", write, ack });
    const id = result.kind === "write" ? result.id : 0;
    if (ack !== "local") return this.#stored.wait(id, ack, options.signal);
    return this.#waiters.write(id, options.signal);
  }

  /** @internal */
  read(type: number, collection: string, key?: string) {
    return this.#driver().read(type, collection, key);
  }

  /** @internal */
  command(command: Command): Exclude<CommandResult, { kind: "refused" }> {
    const result = this.#driver().command(command);
    if (command.kind === "agent.close") this.#localAgents.delete(command.name);
    if (result.kind !== "refused") return result;
    const { code, message, details } = result;
    throw new MeshError(code, message, { details, retryable: RETRYABLE.has(code) });
  }

  /** @internal */
  onChange(type: number, collection: string, listener: ChangeListener): () => void {
    this.#driver();
    const key = `${type}${collection}`;
    const listeners = this.#changeListeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#changeListeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#changeListeners.delete(key);
    };
  }

  /** @internal */
  awaitMessage(id: bigint, signal: AbortSignal | undefined): Promise<void> {
    return this.#waiters.message(id, signal);
  }

  /** @internal */
  onAgent(name: string, listener: (event: AgentEvent) => void): () => void {
    this.#agentListeners.set(name, listener);
    return () => {
      this.#agentListeners.delete(name);
    };
  }

  #driver(): Driver {
    if (this.#closing !== undefined) {
      const { message = "this mesh handle is closed" } = this.#failure ?? {};
      throw new MeshError("MESH_CLOSED", message, { cause: this.#failure });
    }
    return this.#runtime.driver;
  }

  #handle(event: CoreEvent): void {
    switch (event.kind) {
      case "changes":
        for (const change of event.changes) this.#tell(change);
        break;
      case "acknowledged":
        this.#acks.add(event.first, event.last);
        break;
      case "writes:failed": {
        const { first, last } = event;
        const message = "the replica is at its limit; the write was refused";
        const full = new MeshError("MESH_STATE_FULL", message);
        this.#waiters.settleWrites(first, last, full);
        this.#stored.failed(first, last, full);
        break;
      }
      case "stored":
        this.#stored.reached(event.level, event.first, event.last);
        break;
      case "writes:uncertain":
        this.#stored.giveUp(event.reason);
        break;
      case "message":
        this.#agentListeners.get(event.agent)?.({ kind: "message" });
        break;
      case "message:result":
        this.#waiters.settleMessage(event.id, event.result);
        break;
      case "agent:conflict":
        this.#loseAgent(event.agent, event.holder);
        break;
    }
    const shown = publicEvent(event);
    if (shown !== undefined) this.dispatchEvent(shown);
  }

  #tell(change: Change): void {
    const listeners = this.#changeListeners.get(`${change.type}${change.collection}`);
    for (const listener of listeners ?? []) listener.change(change);
  }

  #loseAgent(name: string, holder: string): void {
    const message = `agent "${name}" lives on another node by an older claim`;
    const details = { name, node: holder };
    const reason = new MeshError("MESH_AGENT_NAME_TAKEN", message, { details });
    this.#agentListeners.get(name)?.({ kind: "closed", reason });
    this.#localAgents.delete(name);
    queueMicrotask(() => {
      if (this.#closing === undefined) this.command({ kind: "agent.close", name });
    });
  }

  /** The node cannot go on: it tells, and closes. */
  #fail(error: MeshError): void {
    this.#failure = error;
    this.dispatchEvent(new CustomEvent("failed", { detail: Object.freeze({ error }) }));
    // A second failure while closing has nobody left to tell.
    this.close().catch(() => undefined);
  }

  async #close(signal: AbortSignal | undefined): Promise<void> {
    for (const agent of this.#localAgents.values()) agent.close();
    const left = this.#runtime.close(signal);
    // The last own writes have been told; what still arrives while the links flush is not.
    const listeners = [...this.#changeListeners.values()].flatMap((some) => [...some]);
    for (const listener of listeners) listener.closed();
    try {
      await left;
    } finally {
      const closed = new MeshError("MESH_CLOSED", "this mesh handle was closed");
      this.#acks.close();
      this.#waiters.close(this.#failure ?? closed);
      this.#stored.giveUp(closed.message, this.#failure);
    }
  }
}

/** Refusals that end by themselves. */
const RETRYABLE: ReadonlySet<MeshErrorCode> = new Set(["MESH_QUEUE_FULL", "MESH_READ_ONLY"]);

/** Names starting with "$" are the mesh's own. */
function collectionName(name: string): string {
  if (typeof name === "string" && name.length > 0 && !name.startsWith("$")) return name;
  throw new MeshError("MESH_KEY_INVALID", `a collection's name must be text without "$" first`, {
    details: { expected: 'non-empty, not starting with "$"', got: name },
  });
}
