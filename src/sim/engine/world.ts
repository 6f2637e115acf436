/**
 * A world: many real cores in one virtual time, and everything between them. It carries frames,
 * timers and links, stops and slows processes, and tells observers what happens; it judges nothing.
 */
import type { Command, CommandResult } from "../../core/commands.ts";
import type { StandingLink } from "../../core/gossip/links.ts";
import { Interner } from "../../core/intern.ts";
import { MeshCore } from "../../core/mesh-core.ts";
import { hexFromBytes, type NodeId } from "../../core/node-id.ts";
import type { SignatureCheck } from "../../core/outputs.ts";
import type { Random } from "../../core/random.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { EventQueue } from "../event-queue.ts";
import { isReadOnly } from "./core-view.ts";
import { SYNC_MS, takeStored } from "./disk.ts";
import { Eclipses } from "./eclipses.ts";
import { Latency } from "./latency.ts";
import { type LinkHost, Links, type SimLink } from "./links.ts";
import { Misbehaviour } from "./misbehaviour.ts";
import { DATAGRAM_BYTES, Network } from "./network.ts";
import { type Handling, SimNode } from "./node.ts";
import { Observers } from "./observer.ts";
import { SignatureMemory } from "./signature-memory.ts";
import { type Streams, streamsOf } from "./streams.ts";
import { Sybils } from "./sybils.ts";
import { BlockTrace } from "./trace.ts";
import type { WorldOptions } from "./world-options.ts";

/** A frame costs a slowed host so much, times its factor, ms. */
const SERVICE_MS = 0.05;
/** What a stopped or slow process can have waiting; more is lost, as in a socket's buffer. */
const BACKLOG_MAX = 10_000;
const BACKLOG_MS_MAX = 10_000;
/** A dial to a seed while a node has no link. */
const SEEDS = 3;
/** Worlds above this join through random earlier nodes, or a seed would carry thousands. */
const COMMON_SEEDS_MAX = 256;

export class World implements LinkHost {
  readonly nodes: SimNode[] = [];
  readonly network: Network;
  readonly trace: BlockTrace;
  readonly streams: Streams;
  readonly links: Links;
  readonly observers: Observers;
  readonly misbehaviour: Misbehaviour;
  readonly sybils: Sybils;
  readonly eclipses: Eclipses;
  /** Bytes are counted by second from here on. */
  countFromMs = Number.POSITIVE_INFINITY;
  readonly #options: WorldOptions;
  readonly #queue = new EventQueue<() => void>();
  readonly #byId = new Map<NodeId, SimNode>();
  readonly #signatures: SignatureMemory;
  #nowMs = 0;
  #happenings = 0;

  /** 16 bytes, as every core of the world has them. */
  readonly meshId: Uint8Array;
  readonly interner: Interner;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.meshId = options.kernels.blake3(MESH_NAME).slice(0, 16);
    this.interner = new Interner(this.meshId, INTERNED_MAX);
    this.streams = streamsOf(options.seed);
    const latency = new Latency({ ...options.latency, seed: options.seed }, this.streams.latency);
    this.network = new Network(latency, this.streams, options.loss);
    this.trace = new BlockTrace(options.kernels);
    this.#signatures = new SignatureMemory(options.crypto, options.kernels);
    this.links = new Links(this);
    this.observers = new Observers(options.observers);
    this.misbehaviour = new Misbehaviour(this);
    this.sybils = new Sybils(this);
    this.eclipses = new Eclipses(this);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Inputs handled so far. */
  get happenings(): number {
    return this.#happenings;
  }

  get kernels(): Kernels {
    return this.#options.kernels;
  }

  /** The kernels of all nodes, one for each memory. */
  get memories(): readonly Kernels[] {
    return this.#options.memories ?? [this.kernels];
  }

  get crypto(): Crypto {
    return this.#options.crypto;
  }

  get seed(): number {
    return this.#options.seed;
  }

  get random(): Random {
    return this.streams.dialling;
  }

  node(index: number): SimNode | undefined {
    return this.nodes[index];
  }

  nodeOf(id: NodeId): SimNode | undefined {
    return this.#byId.get(id);
  }

  schedule(atMs: number, act: () => void): void {
    this.#queue.push(Math.max(atMs, this.#nowMs), act);
  }

  /** Runs until a virtual instant; `progress` is called now and then. */
  runUntil(untilMs: number, progress: (nowMs: number) => void = () => undefined): void {
    let reached = false;
    this.#queue.push(untilMs, () => {
      reached = true;
    });
    for (let turn = 0; !reached; turn++) {
      const next = this.#queue.pop();
      if (next === undefined) return;
      this.#nowMs = next.atMs;
      next.event();
      if (turn % PROGRESS_EVENTS === 0) progress(this.#nowMs);
    }
  }

  /** Adds a node and starts its process. */
  add(): SimNode {
    const { crypto, kernels, seed } = this.#options;
    const index = this.nodes.length;
    const key = crypto.createSigningKey(kernels.blake3(label(seed, index, 0)));
    const node = new SimNode(index, hexFromBytes(key.publicKey), key);
    this.nodes.push(node);
    this.#byId.set(node.id, node);
    this.start(node);
    return node;
  }

  /** Starts a node's process, with what its disk has, or with nothing remembered. */
  start(node: SimNode): void {
    if (node.core !== undefined) return;
    node.life += 1;
    node.sinceMs = this.#nowMs;
    node.left = false;
    node.timerMs = Number.POSITIVE_INFINITY;
    node.busyUntilMs = 0;
    node.pausedUntilMs = 0;
    node.backlog.length = 0;
    node.core = this.createCore(node);
    this.#restore(node, node.core);
    this.trace.add(this.#nowMs, node.index, TRACE_START);
    this.observers.started(node);
    this.command(node, { kind: "addresses", addresses: [`/sim/${node.index}`] });
    this.#bootstrap(node);
  }

  /** A core as this node's process makes it in its present life. @param as whose name it uses. */
  createCore(node: SimNode, as = node): MeshCore {
    const { crypto, seed, config, admission } = this.#options;
    const kernels = this.memories[node.index % this.memories.length] ?? this.kernels;
    const region = this.network.latency.regionName(node.index);
    return new MeshCore(
      {
        nodeId: as.id,
        meshId: this.meshId,
        region: "sim",
        zone: region,
        fanout: 5,
        roundIntervalMs: 100,
        convergenceThreshold: 0.99,
        batchDelayMs: 2,
        viewSize: 10,
        reputationThreshold: 0.5,
        ...config,
        ...admission?.configOf(as, this.meshId),
      },
      {
        kernels,
        crypto,
        identityKey: node.key,
        interner: this.interner,
        seed: kernels.blake3(label(seed, node.index, node.life)),
      },
      node.now(this.#nowMs),
    );
  }

  /** Ends a node's process, at once or when it has taken leave. */
  stop(node: SimNode, reason: "crash" | "leave"): void {
    if (node.core === undefined || (reason === "leave" && node.left)) return;
    this.trace.add(this.#nowMs, node.index, TRACE_STOP);
    if (reason === "leave") node.leaves(this.#nowMs, this.network.cuts.isWhole);
    this.observers.lost(node);
    // A process that stands still is killed in the end, and says nothing.
    if (reason === "leave" && !node.isPaused(this.#nowMs)) this.command(node, { kind: "leave" });
    else this.#end(node);
  }

  /** A core has taken leave: its process flushes the links, closes them and ends. */
  #go(node: SimNode, core: MeshCore): void {
    if (node.core !== core) return;
    this.links.flush(node);
    this.#end(node);
  }

  /** What a process held in memory is gone. */
  #end(node: SimNode): void {
    node.core?.free();
    node.core = undefined;
    this.links.abandon(node);
  }

  /** Stops a process for a while (SIGSTOP); what reaches it waits. */
  pause(node: SimNode, forMs: number): void {
    if (node.core === undefined) return;
    const { life } = node;
    const untilMs = this.#nowMs + forMs;
    if (node.pausedUntilMs >= untilMs) return;
    node.pausedUntilMs = untilMs;
    this.trace.add(this.#nowMs, node.index, TRACE_PAUSE);
    this.observers.lost(node);
    this.schedule(untilMs, () => {
      if (node.life === life && node.pausedUntilMs === untilMs) this.#resume(node);
    });
  }

  /** Does something as the node's own user. Undefined when its process is down or stopped. */
  command(node: SimNode, command: Command): CommandResult | undefined {
    if (node.core === undefined || node.isPaused(this.#nowMs)) return undefined;
    const wasReadOnly = isReadOnly(node.core);
    const result = node.core.handleCommand(command, node.now(this.#nowMs));
    if (command.kind === "write") this.observers.wrote(node, result.kind === "write", wasReadOnly);
    this.drain(node, undefined);
    return result;
  }

  /** Whether both ends of a dial let each other in. */
  admits(from: SimNode, to: SimNode): boolean {
    const { admission } = this.#options;
    if (admission === undefined) return true;
    const wallMs = (node: SimNode): number => node.now(this.#nowMs).wallMs;
    return (
      admission.admits(from, to, true, wallMs(from)) &&
      admission.admits(to, from, false, wallMs(to))
    );
  }

  linkUp(node: SimNode, peer: SimNode, gossip: boolean, standing?: StandingLink): void {
    this.trace.add(this.#nowMs, node.index, TRACE_LINK, Uint8Array.of(peer.index, peer.index >> 8));
    this.#handle(node, "link", () =>
      node.core?.handlePeer(
        { kind: "up", peer: peer.id, gossip, ...(standing && { standing }) },
        node.now(this.#nowMs),
      ),
    );
  }

  linkDown(node: SimNode, peer: SimNode, reason: string): void {
    this.trace.add(
      this.#nowMs,
      node.index,
      TRACE_UNLINK,
      Uint8Array.of(peer.index, peer.index >> 8),
    );
    this.#handle(node, "link", () =>
      node.core?.handlePeer({ kind: "down", peer: peer.id, reason }, node.now(this.#nowMs)),
    );
  }

  /** Carries a frame over a link as if `from` had sent it. */
  transmit(from: SimNode, to: SimNode, bytes: Uint8Array): void {
    const link = from.links.get(to.index);
    if (link === undefined) return;
    this.#countBytes(from, bytes.length + DATAGRAM_BYTES);
    for (const { delayMs, bytes: arrived } of this.network.carry(from.index, to.index, bytes)) {
      link.arrivesMs = Math.max(link.arrivesMs, this.#nowMs + delayMs);
      this.schedule(this.#nowMs + delayMs, () => this.#arrive(link, from, to, arrived));
    }
  }

  free(): void {
    for (const node of this.nodes) node.core?.free();
  }

  /** Carries out what a core asks for. */
  drain(node: SimNode, cause: SimNode | undefined): void {
    const { core } = node;
    if (core === undefined) return;
    for (let request = core.pollVerify(); request; request = core.pollVerify()) {
      const verdicts = Uint8Array.from(request.checks, (check) =>
        this.#verify(node, check) ? 1 : 0,
      );
      core.handleVerified(request.ticket, verdicts, node.now(this.#nowMs));
    }
    for (let sent = core.pollTransmit(); sent; sent = core.pollTransmit()) {
      const to = this.#byId.get(sent.peer);
      if (to === undefined) continue;
      if (node.isByzantine) this.misbehaviour.send(node, to, sent.bytes);
      else this.transmit(node, to, sent.bytes);
    }
    this.#store(node, core);
    this.#drainLinks(node, core);
    for (let event = core.pollEvent(); event; event = core.pollEvent()) {
      this.observers.event(node, event, cause);
      if (event.kind === "left") this.schedule(this.#nowMs, () => this.#go(node, core));
    }
    this.#arm(node, core);
    this.observers.settled(node);
  }

  /** Keeps what a core wants stored; a disk confirms when it has synced. */
  #store(node: SimNode, core: MeshCore): void {
    const taken = takeStored(core);
    if (taken === undefined) return;
    const { ticket, stored } = taken;
    if (this.#options.config.durable !== true)
      return core.handleStored(ticket, node.now(this.#nowMs));
    const { life, disk } = node;
    this.schedule(this.#nowMs + SYNC_MS, () => {
      // What a crash overtakes was never synced.
      if (node.life !== life || node.core === undefined) return;
      disk.sync(stored);
      if (ticket > 0)
        this.#handle(node, "timer", () => core.handleStored(ticket, node.now(this.#nowMs)));
    });
  }

  /** Gives a new process what its disk has. */
  #restore(node: SimNode, core: MeshCore): void {
    if (node.disk.isEmpty) return;
    const now = node.now(this.#nowMs);
    const whole = node.disk.restoreInto(core, now, (check) => this.#verify(node, check));
    this.observers.opened(node, whole);
    if (!whole) this.observers.thrown(node, new Error("the disk's own deltas were refused"));
  }

  #drainLinks(node: SimNode, core: MeshCore): void {
    for (let request = core.pollLink(); request; request = core.pollLink()) {
      if (request.kind === "bootstrap") {
        this.#bootstrap(node);
        continue;
      }
      const to = this.#byId.get(request.peer)?.index;
      if (to === undefined) continue;
      if (request.kind === "want") {
        if (!node.wanted.has(to)) node.wanted.set(to, 0);
        this.links.dial(node, to, true);
      } else if (request.kind === "reach") {
        this.links.dial(node, to, false);
      } else if (request.kind === "unwant") {
        node.wanted.delete(to);
      } else {
        const link = node.links.get(to);
        const { reason } = request;
        if (link !== undefined) this.schedule(this.#nowMs, () => this.links.close(link, reason));
      }
    }
  }

  #bootstrap(node: SimNode): void {
    // A world in the middle of its life has no newcomers.
    if (this.links.areStanding) return;
    const known = this.nodes.length;
    for (let i = 0; i < SEEDS; i++) {
      const seed = known <= COMMON_SEEDS_MAX ? i : this.random.below(Math.max(1, node.index));
      if (seed !== node.index && seed < known) this.links.dial(node, seed, true);
    }
  }

  #arrive(link: SimLink, from: SimNode, to: SimNode, bytes: Uint8Array): void {
    if (!link.up || to.core === undefined || to.links.get(from.index) !== link) return;
    if ((link.a === to ? link.lifeA : link.lifeB) !== to.life) return;
    this.links.heard(link, to);
    if (this.eclipses.swallows(from, to, bytes)) return;
    this.#handle(
      to,
      "frame",
      () => {
        this.trace.add(this.#nowMs, to.index, TRACE_FRAME, bytes);
        this.observers.frame(to, from, bytes);
        to.core?.handleFrame(from.id, bytes, to.now(this.#nowMs));
      },
      from,
    );
  }

  #fire(node: SimNode): void {
    if (node.core === undefined || node.timerMs > this.#nowMs) return;
    node.timerMs = Number.POSITIVE_INFINITY;
    this.#handle(node, "timer", () => node.core?.handleTimeout(node.now(this.#nowMs)));
  }

  /** Lets a node's process do something: now, once it goes on, or when its slow host gets to it. */
  #handle(node: SimNode, kind: Handling["kind"], act: () => void, from?: SimNode): void {
    if (!node.isHeldUp(this.#nowMs)) return this.#perform(node, act, from);
    const { life } = node;
    const run = (): void => {
      if (node.life === life) this.#perform(node, act, from);
    };
    if (node.isPaused(this.#nowMs)) {
      // Frames fill a socket's buffer; what the process itself awaits is never lost.
      if (kind !== "frame" || node.backlog.length < BACKLOG_MAX) node.backlog.push({ kind, run });
      return;
    }
    const waits = Math.max(0, node.busyUntilMs - this.#nowMs);
    if (waits > BACKLOG_MS_MAX && kind === "frame") return;
    node.busyUntilMs = this.#nowMs + waits + SERVICE_MS * node.slowFactor;
    this.schedule(node.busyUntilMs, () => {
      if (node.isPaused(this.#nowMs)) node.backlog.push({ kind, run });
      else run();
    });
  }

  #perform(node: SimNode, act: () => void, from: SimNode | undefined): void {
    if (node.core === undefined) return;
    this.#happenings += 1;
    const { handlers } = this.#options;
    handlers?.begin();
    try {
      act();
    } catch (error) {
      this.observers.thrown(node, error);
    }
    handlers?.end();
    this.drain(node, from);
  }

  /** A process that goes on runs its timers first and then reads what has come, as Node.js does. */
  #resume(node: SimNode): void {
    node.pausedUntilMs = 0;
    node.sinceMs = this.#nowMs;
    this.observers.resumed(node);
    const waiting = node.backlog.splice(0);
    for (const { kind, run } of waiting) if (kind === "timer") run();
    for (const { kind, run } of waiting) if (kind !== "timer") run();
    this.drain(node, undefined);
  }

  #arm(node: SimNode, core: MeshCore): void {
    const dueMs = Math.max(core.deadline, this.#nowMs);
    if (dueMs >= node.timerMs) return;
    node.timerMs = dueMs;
    const { life } = node;
    this.#queue.push(dueMs, () => {
      if (node.life === life) this.#fire(node);
    });
  }

  #verify(node: SimNode, check: SignatureCheck): boolean {
    const holds = this.holds(check);
    this.observers.verified(node, check, holds);
    return holds;
  }

  /** Whether a signature holds. */
  holds(check: SignatureCheck): boolean {
    return this.#signatures.holds(check);
  }

  #countBytes(node: SimNode, bytes: number): void {
    node.bytesSent += bytes;
    const second = Math.floor((this.#nowMs - this.countFromMs) / 1_000);
    if (second >= 0) node.bytesBySecond[second] = (node.bytesBySecond[second] ?? 0) + bytes;
  }
}

function label(seed: number, index: number, life: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, seed);
  view.setUint32(8, index);
  view.setUint32(12, life);
  return bytes;
}

const MESH_NAME = new TextEncoder().encode("sim");
const PROGRESS_EVENTS = 4_096;
const INTERNED_MAX = 262_144;
const TRACE_START = 1;
const TRACE_STOP = 2;
const TRACE_PAUSE = 3;
const TRACE_LINK = 4;
const TRACE_UNLINK = 5;
const TRACE_FRAME = 6;
