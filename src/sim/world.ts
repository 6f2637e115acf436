/**
 * A small world: the real core, 3 to 16 times, in virtual time. Frames are dropped, duplicated,
 * reordered; nodes crash and come back with nothing. One random stream per concern, so that a
 * change of one does not reshuffle the others; the same seed gives the same trace, byte for byte.
 */
import type { Write } from "../core/commands.ts";
import type { CoreConfig } from "../core/core-state.ts";
import { MeshCore } from "../core/mesh-core.ts";
import { hexFromBytes, type NodeId } from "../core/node-id.ts";
import type { Now } from "../core/now.ts";
import { Random } from "../core/random.ts";
import type { Crypto, SigningKey } from "../core/trust/crypto.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { EventQueue } from "./event-queue.ts";
import { Trace } from "./trace.ts";

export interface WorldOptions {
  readonly seed: number;
  /** 3 to 16. */
  readonly nodes: number;
  readonly kernels: Kernels;
  readonly crypto: Crypto;
  readonly faults: WorldFaults;
  readonly config?: Partial<CoreConfig>;
}

/** Probabilities per frame; crashes per node and virtual second. Off from `healAtMs` on. */
export interface WorldFaults {
  readonly drop: number;
  readonly duplicate: number;
  /** Share of frames that take up to `reorderMs` longer. */
  readonly reorder: number;
  readonly reorderMs: number;
  readonly crashesPerSecond: number;
  /** A crashed node comes back after 0 to this. */
  readonly downMs: number;
  readonly healAtMs: number;
}

/** What the world counts. */
export interface WorldCounts {
  frames: number;
  bytes: number;
  dropped: number;
  duplicated: number;
  reordered: number;
  crashes: number;
  accepted: number;
  refused: number;
}

type WorldEvent =
  | {
      readonly kind: "frame";
      readonly link: SimLink;
      readonly to: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "link";
      readonly from: number;
      readonly to: number;
      readonly gossip: boolean;
    }
  | { readonly kind: "unlink"; readonly link: SimLink; readonly reason: string }
  | { readonly kind: "timer"; readonly node: SimNode; readonly life: number }
  | { readonly kind: "restart"; readonly node: SimNode }
  | { readonly kind: "act"; readonly act: () => void };

interface SimLink {
  readonly a: number;
  readonly b: number;
  up: boolean;
}

/** One simulated node. */
export interface SimNode {
  readonly index: number;
  readonly id: NodeId;
  readonly key: SigningKey;
  core: MeshCore | undefined;
  /** Peers to keep linked, by index; redialled like the pool does. */
  readonly wanted: Set<number>;
  /** Raised at each start, so that timers of an earlier life are void. */
  life: number;
  timerMs: number;
}

export class World {
  readonly nodes: readonly SimNode[];
  readonly counts: WorldCounts = {
    frames: 0,
    bytes: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    crashes: 0,
    accepted: 0,
    refused: 0,
  };
  readonly trace: Trace;
  /** The workload's own stream. */
  readonly workload: Random;
  readonly #options: WorldOptions;
  readonly #queue = new EventQueue<WorldEvent>();
  readonly #links = new Map<string, SimLink>();
  readonly #byId = new Map<NodeId, SimNode>();
  readonly #network: Random;
  readonly #crashes: Random;
  #nowMs = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.trace = new Trace(options.kernels);
    const stream = (concern: number): Random =>
      Random.fromSeed((BigInt(options.seed) << 8n) | BigInt(concern));
    this.#network = stream(1);
    this.#crashes = stream(2);
    this.workload = stream(3);
    this.nodes = Array.from({ length: options.nodes }, (_, index) => this.#createNode(index));
    for (const node of this.nodes) this.#start(node);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Nodes that are up. */
  get up(): SimNode[] {
    return this.nodes.filter((node) => node.core !== undefined);
  }

  /** Runs until a virtual instant. */
  runUntil(untilMs: number): void {
    this.#queue.push(untilMs, { kind: "act", act: () => undefined });
    while (this.#nowMs < untilMs) {
      const next = this.#queue.pop();
      if (next === undefined) return;
      this.#nowMs = next.atMs;
      this.#happen(next.event);
    }
  }

  /** Schedules anything. */
  at(atMs: number, act: () => void): void {
    this.#queue.push(atMs, { kind: "act", act });
  }

  /** A local write at a node; false when it is down or refuses. */
  write(node: SimNode, write: Write): boolean {
    const result = node.core?.handleCommand({ kind: "write", write }, this.#now());
    const accepted = result?.kind === "write";
    if (accepted) this.counts.accepted += 1;
    else this.counts.refused += 1;
    this.#drain(node);
    return accepted;
  }

  /** The replica of a node, with its own writes in it. */
  read(node: SimNode, type: number, collection: string, key?: string) {
    const replica = node.core?.read(type, collection, key, this.#now());
    this.#drain(node);
    return replica;
  }

  /** Ends a node's process: links break, everything in memory is lost. */
  crash(node: SimNode): void {
    if (node.core === undefined) return;
    this.counts.crashes += 1;
    this.trace.add(this.#nowMs, node.index, TRACE_CRASH);
    node.core.free();
    node.core = undefined;
    for (const link of [...this.#links.values()]) {
      if (link.a === node.index || link.b === node.index) this.#unlink(link, "crash");
    }
    const downMs = this.#crashes.float() * this.#options.faults.downMs;
    this.#queue.push(this.#nowMs + downMs, { kind: "restart", node });
  }

  free(): void {
    for (const node of this.nodes) node.core?.free();
  }

  #createNode(index: number): SimNode {
    const { crypto, kernels, seed } = this.#options;
    const key = crypto.createSigningKey(kernels.blake3(label(seed, index, 0)));
    const id = hexFromBytes(key.publicKey);
    const node: SimNode = {
      index,
      id,
      key,
      core: undefined,
      wanted: new Set(),
      life: 0,
      timerMs: 0,
    };
    this.#byId.set(id, node);
    return node;
  }

  #start(node: SimNode): void {
    const { crypto, kernels, seed, config } = this.#options;
    node.life += 1;
    node.wanted.clear();
    node.timerMs = Number.POSITIVE_INFINITY;
    node.core = new MeshCore(
      {
        nodeId: node.id,
        meshId: kernels.blake3(new Uint8Array(1)).slice(0, 16),
        region: "sim",
        zone: "sim",
        fanout: 3,
        roundIntervalMs: 100,
        convergenceThreshold: 1,
        batchDelayMs: 2,
        viewSize: 6,
        reputationThreshold: 0.5,
        ...config,
      },
      {
        kernels,
        crypto,
        identityKey: node.key,
        seed: kernels.blake3(label(seed, node.index, node.life)),
      },
      this.#now(),
    );
    this.trace.add(this.#nowMs, node.index, TRACE_START);
    const addresses = [`/sim/${node.index}`];
    node.core.handleCommand({ kind: "addresses", addresses }, this.#now());
    this.#scheduleCrash(node);
    this.#drain(node);
    this.#dialSeed(node);
  }

  #scheduleCrash(node: SimNode): void {
    const { crashesPerSecond, healAtMs } = this.#options.faults;
    if (crashesPerSecond <= 0) return;
    const { life } = node;
    const inMs = (-Math.log(1 - this.#crashes.float()) / crashesPerSecond) * 1000;
    if (this.#nowMs + inMs >= healAtMs) return;
    this.at(this.#nowMs + inMs, () => {
      if (node.life === life) this.crash(node);
    });
  }

  /** Node 0 and 1 are everybody's seeds. */
  #dialSeed(node: SimNode): void {
    const seed = node.index === 0 ? 1 : 0;
    this.#dial(node.index, seed, true);
  }

  #dial(from: number, to: number, gossip: boolean): void {
    const atMs = this.#nowMs + 2 * this.#latencyMs();
    this.#queue.push(atMs, { kind: "link", from, to, gossip });
  }

  #redial(node: SimNode, to: number): void {
    if (!node.wanted.has(to)) return;
    const { life } = node;
    this.at(this.#nowMs + REDIAL_MS, () => {
      if (node.life === life && node.wanted.has(to)) this.#dial(node.index, to, true);
    });
  }

  #happen(event: WorldEvent): void {
    switch (event.kind) {
      case "act":
        return event.act();
      case "frame":
        return this.#deliver(event.link, event.to, event.bytes);
      case "link":
        return this.#link(event.from, event.to, event.gossip);
      case "unlink":
        return this.#unlink(event.link, event.reason);
      case "restart":
        return this.#start(event.node);
      case "timer":
        return this.#fire(event.node, event.life);
    }
  }

  #fire(node: SimNode, life: number): void {
    if (node.core === undefined || node.life !== life || node.timerMs > this.#nowMs) return;
    node.timerMs = Number.POSITIVE_INFINITY;
    node.core.handleTimeout(this.#now());
    this.#drain(node);
  }

  #deliver(link: SimLink, to: number, bytes: Uint8Array): void {
    const node = this.nodes[to];
    const from = this.nodes[link.a === to ? link.b : link.a];
    if (!link.up || node?.core === undefined || from === undefined) return;
    this.trace.add(this.#nowMs, to, TRACE_FRAME, bytes);
    node.core.handleFrame(from.id, bytes, this.#now());
    this.#drain(node);
  }

  #link(from: number, to: number, gossip: boolean): void {
    const key = linkKey(from, to);
    const [a, b] = [this.nodes[from], this.nodes[to]];
    if (a?.core === undefined || this.#links.has(key)) return;
    if (b?.core === undefined) return this.#redial(a, to);
    this.#links.set(key, { a: from, b: to, up: true });
    this.trace.add(this.#nowMs, from, TRACE_LINK, Uint8Array.of(to));
    a.core.handlePeer({ kind: "up", peer: b.id, gossip }, this.#now());
    b.core.handlePeer({ kind: "up", peer: a.id, gossip: false }, this.#now());
    this.#drain(a);
    this.#drain(b);
  }

  #unlink(link: SimLink, reason: string): void {
    if (!link.up) return;
    link.up = false;
    this.#links.delete(linkKey(link.a, link.b));
    this.trace.add(this.#nowMs, link.a, TRACE_UNLINK, Uint8Array.of(link.b));
    for (const [at, other] of [
      [link.a, link.b],
      [link.b, link.a],
    ] as const) {
      const node = this.nodes[at];
      const peer = this.nodes[other];
      if (node?.core === undefined || peer === undefined) continue;
      node.core.handlePeer({ kind: "down", peer: peer.id, reason }, this.#now());
      this.#drain(node);
      this.#redial(node, other);
    }
  }

  /** Carries out what a core asks for: signatures at once, frames through the network. */
  #drain(node: SimNode): void {
    const { core } = node;
    if (core === undefined) return;
    const { crypto } = this.#options;
    for (let request = core.pollVerify(); request; request = core.pollVerify()) {
      const verdicts = Uint8Array.from(request.checks, (check) =>
        crypto.verify(check.signature, check.message, check.publicKey) ? 1 : 0,
      );
      core.handleVerified(request.ticket, verdicts, this.#now());
    }
    for (let transmit = core.pollTransmit(); transmit; transmit = core.pollTransmit()) {
      this.#send(node, transmit.peer, transmit.bytes);
    }
    for (let store = core.pollStore(); store; store = core.pollStore()) {
      core.handleStored(store.ticket, this.#now());
    }
    for (let request = core.pollLink(); request; request = core.pollLink()) {
      const to = "peer" in request ? this.#byId.get(request.peer)?.index : undefined;
      if (request.kind === "unwant" && to !== undefined) node.wanted.delete(to);
      if (request.kind === "want" && to !== undefined) {
        node.wanted.add(to);
        this.#dial(node.index, to, true);
      } else if (request.kind === "reach" && to !== undefined) {
        this.#dial(node.index, to, false);
      } else if (request.kind === "disconnect") {
        const link = to === undefined ? undefined : this.#links.get(linkKey(node.index, to));
        const { reason } = request;
        if (link) this.#queue.push(this.#nowMs, { kind: "unlink", link, reason });
      } else if (request.kind === "bootstrap") {
        this.#dialSeed(node);
      }
    }
    for (let event = core.pollEvent(); event; event = core.pollEvent()) {
      // Events are the user's; a world reads the cores directly.
    }
    this.#arm(node, core);
  }

  #arm(node: SimNode, core: MeshCore): void {
    const dueMs = Math.max(core.deadline, this.#nowMs);
    if (dueMs >= node.timerMs) return;
    node.timerMs = dueMs;
    this.#queue.push(dueMs, { kind: "timer", node, life: node.life });
  }

  #send(node: SimNode, peer: NodeId, bytes: Uint8Array): void {
    const to = this.#byId.get(peer);
    const link = to && this.#links.get(linkKey(node.index, to.index));
    if (to === undefined || link === undefined) return;
    this.counts.frames += 1;
    this.counts.bytes += bytes.length;
    const { faults } = this.#options;
    const faulty = this.#nowMs < faults.healAtMs;
    if (faulty && this.#network.float() < faults.drop) {
      this.counts.dropped += 1;
      return;
    }
    const copies = faulty && this.#network.float() < faults.duplicate ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      let delayMs = this.#latencyMs();
      if (faulty && this.#network.float() < faults.reorder) {
        delayMs += this.#network.float() * faults.reorderMs;
        this.counts.reordered += 1;
      }
      // Each receiver gets bytes of its own: a frame belongs to whoever handles it.
      const event = { kind: "frame", link, to: to.index, bytes: bytes.slice() } as const;
      this.#queue.push(this.#nowMs + delayMs, event);
    }
  }

  /** One way within a region: 1 to 10 ms. */
  #latencyMs(): number {
    return 1 + this.#network.float() * 9;
  }

  #now(): Now {
    return { monoMs: this.#nowMs, wallMs: WALL_START_MS + this.#nowMs };
  }
}

function linkKey(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}

function label(seed: number, index: number, life: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, seed);
  view.setUint32(8, index);
  view.setUint32(12, life);
  return bytes;
}

const WALL_START_MS = 1_700_000_000_000;
/** A dial that failed, or a link that broke, is tried again after this. */
const REDIAL_MS = 300;
const TRACE_START = 1;
const TRACE_CRASH = 2;
const TRACE_LINK = 3;
const TRACE_UNLINK = 4;
const TRACE_FRAME = 5;
