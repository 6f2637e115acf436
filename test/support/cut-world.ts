/**
 * Real cores in virtual time over a network that can be cut: latency of 1 to 10 ms one way, loss,
 * one-way cuts that leave the links standing, and processes that stand still. A link that carries
 * nothing for IDLE_MS goes down at both ends, as a transport's idle timeout has it.
 */
import type { CommandResult, Write } from "../../src/core/commands.ts";
import type { CoreConfig } from "../../src/core/core-state.ts";
import { MeshCore } from "../../src/core/mesh-core.ts";
import { hexFromBytes, type NodeId } from "../../src/core/node-id.ts";
import type { Now } from "../../src/core/now.ts";
import type { CoreEvent } from "../../src/core/outputs.ts";
import { Random } from "../../src/core/random.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { EventQueue } from "../../src/sim/event-queue.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { mapSet, text } from "./pair.ts";

/** Whether a frame from one node gets to another now; it is lost otherwise. */
export type Passes = (from: number, to: number) => boolean;

export interface CutWorldOptions {
  readonly kernels: Kernels;
  readonly seed: number;
  readonly config?: Partial<CoreConfig>;
}

/** A change of health, or of being read-only, as seen from outside. */
export interface Noted {
  readonly atMs: number;
  readonly node: number;
  readonly event: CoreEvent;
}

export interface CutNode {
  readonly index: number;
  readonly id: NodeId;
  readonly core: MeshCore;
  readonly wanted: Set<number>;
  timerMs: number;
  /** Stands still until then. */
  pausedMs: number;
  left: boolean;
}

type Happening = () => void;

export class CutWorld {
  readonly nodes: CutNode[] = [];
  readonly noted: Noted[] = [];
  frames = 0;
  bytes = 0;
  nowMs = 0;
  /** Share of frames that are lost. */
  loss = 0;
  passes: Passes = () => true;
  readonly #kernels: Kernels;
  readonly #crypto;
  readonly #config: Partial<CoreConfig>;
  readonly #seed: number;
  readonly #random: Random;
  readonly #queue = new EventQueue<Happening>();
  readonly #byId = new Map<NodeId, CutNode>();
  /** Links by key, and when each last carried anything to each end. */
  readonly #links = new Map<
    string,
    { readonly ends: readonly [number, number]; carried: number }
  >();

  constructor(options: CutWorldOptions) {
    this.#kernels = options.kernels;
    this.#crypto = createFakeCrypto((bytes) => options.kernels.blake3(bytes), options.seed);
    this.#config = options.config ?? {};
    this.#seed = options.seed;
    this.#random = Random.fromSeed(BigInt(options.seed));
    this.#sweep();
  }

  /** Starts a node and dials one of the first `seeds` nodes. */
  add(seeds = 3): CutNode {
    const index = this.nodes.length;
    const key = this.#crypto.createSigningKey(this.#hash(`key ${this.#seed} ${index}`));
    const id = hexFromBytes(key.publicKey);
    const config: CoreConfig = {
      nodeId: id,
      meshId: this.#hash("mesh").slice(0, 16),
      region: "sim",
      zone: "sim",
      fanout: 3,
      roundIntervalMs: 100,
      convergenceThreshold: 1,
      batchDelayMs: 2,
      viewSize: 10,
      reputationThreshold: 0.5,
      ...this.#config,
    };
    const deps = { kernels: this.#kernels, crypto: this.#crypto, identityKey: key };
    const seed = this.#hash(`life ${this.#seed} ${index}`);
    const core = new MeshCore(config, { ...deps, seed }, this.now);
    const state = { wanted: new Set<number>(), timerMs: Number.POSITIVE_INFINITY, pausedMs: 0 };
    const node: CutNode = { index, id, core, left: false, ...state };
    this.nodes.push(node);
    this.#byId.set(id, node);
    core.handleCommand({ kind: "addresses", addresses: [`/sim/${index}`] }, this.now);
    this.#drain(node);
    if (index > 0) this.#dial(node, this.#random.below(Math.min(index, seeds)));
    return node;
  }

  write(node: CutNode, key: string): CommandResult {
    return this.command(node, { kind: "write", write: mapSet(key, `${this.nowMs}`) });
  }

  command(node: CutNode, command: Parameters<MeshCore["handleCommand"]>[0]): CommandResult {
    const result = node.core.handleCommand(command, this.now);
    this.#drain(node);
    return result;
  }

  op(node: CutNode, write: Write): CommandResult {
    return this.command(node, { kind: "write", write });
  }

  /** Hands a node a frame as if another had sent it. */
  inject(from: CutNode, to: CutNode, bytes: Uint8Array): void {
    to.core.handleFrame(from.id, bytes, this.now);
    this.#drain(to);
  }

  /** Says goodbye and goes. */
  leave(node: CutNode): void {
    this.command(node, { kind: "leave" });
    node.left = true;
    for (const [key, { ends }] of this.#links) {
      if (ends.includes(node.index)) this.#at(20, () => this.#unlink(key, "peer_close"));
    }
  }

  /** The process stands still; what comes meanwhile waits. */
  pause(node: CutNode, ms: number): void {
    node.pausedMs = this.nowMs + ms;
  }

  at(ms: number, act: () => void): void {
    this.#at(ms - this.nowMs, act);
  }

  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    let isOver = false;
    this.#at(ms, () => {
      isOver = true;
    });
    while (!isOver) {
      const next = this.#queue.pop();
      if (next === undefined) break;
      this.nowMs = next.atMs;
      next.event();
    }
    this.nowMs = untilMs;
  }

  get now(): Now {
    return { monoMs: this.nowMs, wallMs: WALL_START_MS + this.nowMs };
  }

  /** Nodes that refuse user writes. */
  get readOnly(): number[] {
    return this.nodes.filter(({ core }) => core.readOnly).map(({ index }) => index);
  }

  get roots(): number {
    const present = this.nodes.filter(({ left }) => !left);
    return new Set(present.map(({ core }) => core.status().root)).size;
  }

  eventsOf<K extends CoreEvent["kind"]>(kind: K, sinceMs = 0): (Noted & { event: { kind: K } })[] {
    const found = this.noted.filter(({ event, atMs }) => event.kind === kind && atMs >= sinceMs);
    return found as (Noted & { event: { kind: K } })[];
  }

  free(): void {
    for (const { core } of this.nodes) core.free();
  }

  #at(inMs: number, happening: Happening): void {
    this.#queue.push(this.nowMs + inMs, happening);
  }

  #dial(node: CutNode, to: number, gossip = true): void {
    this.#at(2 * this.#latencyMs(), () => {
      const peer = this.nodes[to];
      const key = keyOf(node.index, to);
      if (node.left || peer === undefined || peer.left || this.#links.has(key)) return;
      if (!this.passes(node.index, to) || !this.passes(to, node.index))
        return this.#redial(node, to);
      this.#links.set(key, { ends: [node.index, to], carried: this.nowMs });
      node.core.handlePeer({ kind: "up", peer: peer.id, gossip }, this.now);
      peer.core.handlePeer({ kind: "up", peer: node.id, gossip: false }, this.now);
      this.#drain(node);
      this.#drain(peer);
    });
  }

  #redial(node: CutNode, to: number): void {
    this.#at(REDIAL_MS, () => {
      if (node.wanted.has(to)) this.#dial(node, to);
    });
  }

  #unlink(key: string, reason: string): void {
    const link = this.#links.get(key);
    if (link === undefined) return;
    this.#links.delete(key);
    for (const [own, other] of [link.ends, [...link.ends].reverse()] as [number, number][]) {
      const node = this.nodes[own];
      const peer = this.nodes[other];
      if (node === undefined || peer === undefined || node.left) continue;
      node.core.handlePeer({ kind: "down", peer: peer.id, reason }, this.now);
      this.#drain(node);
      this.#redial(node, other);
    }
  }

  /** Links that a cut has kept silent for long go down. */
  #sweep(): void {
    for (const [key, { carried }] of this.#links) {
      if (this.nowMs - carried > IDLE_MS) this.#unlink(key, "peer_lost");
    }
    this.#at(SWEEP_MS, () => this.#sweep());
  }

  #send(from: CutNode, to: CutNode, bytes: Uint8Array): void {
    const link = this.#links.get(keyOf(from.index, to.index));
    if (link === undefined) return;
    this.frames += 1;
    this.bytes += bytes.length;
    if (!this.passes(from.index, to.index) || this.#random.float() < this.loss) return;
    const own = bytes.slice();
    const arrive = (): void => {
      if (to.left || this.#links.get(keyOf(from.index, to.index)) !== link) return;
      if (to.pausedMs > this.nowMs) return this.#at(to.pausedMs - this.nowMs + 1, arrive);
      link.carried = this.nowMs;
      to.core.handleFrame(from.id, own, this.now);
      this.#drain(to);
    };
    this.#at(this.#latencyMs(), arrive);
  }

  #drain(node: CutNode): void {
    const { core } = node;
    for (let request = core.pollVerify(); request; request = core.pollVerify()) {
      const verdicts = Uint8Array.from(request.checks, (check) =>
        this.#crypto.verify(check.signature, check.message, check.publicKey) ? 1 : 0,
      );
      core.handleVerified(request.ticket, verdicts, this.now);
    }
    for (let sent = core.pollTransmit(); sent; sent = core.pollTransmit()) {
      const to = this.#byId.get(sent.peer);
      if (to !== undefined) this.#send(node, to, sent.bytes);
    }
    for (let store = core.pollStore(); store; store = core.pollStore()) {
      core.handleStored(store.ticket, this.now);
    }
    for (let request = core.pollLink(); request; request = core.pollLink()) {
      if (request.kind === "bootstrap") {
        if (node.index > 0 || this.nodes.length > 1) this.#dial(node, node.index === 0 ? 1 : 0);
        continue;
      }
      const to = this.#byId.get(request.peer)?.index;
      if (to === undefined) continue;
      if (request.kind === "unwant") node.wanted.delete(to);
      if (request.kind === "reach") this.#dial(node, to, false);
      if (request.kind !== "want") continue;
      node.wanted.add(to);
      this.#dial(node, to);
    }
    for (let event = core.pollEvent(); event; event = core.pollEvent()) {
      if (NOTED.has(event.kind)) this.noted.push({ atMs: this.nowMs, node: node.index, event });
    }
    this.#arm(node);
  }

  #arm(node: CutNode): void {
    const dueMs = Math.max(node.core.deadline, this.nowMs);
    if (dueMs >= node.timerMs || node.left) return;
    node.timerMs = dueMs;
    const fire = (): void => {
      if (node.left || node.timerMs > this.nowMs) return;
      // Timers come first when a process goes on, and only then what waits in its sockets.
      if (node.pausedMs > this.nowMs) {
        node.timerMs = node.pausedMs;
        return this.#at(node.pausedMs - this.nowMs, fire);
      }
      node.timerMs = Number.POSITIVE_INFINITY;
      node.core.handleTimeout(this.now);
      this.#drain(node);
    };
    this.#at(dueMs - this.nowMs, fire);
  }

  #latencyMs(): number {
    return 1 + this.#random.float() * 9;
  }

  #hash(label: string): Uint8Array {
    return this.#kernels.blake3(text(label));
  }
}

/** A mesh of `count` nodes that have found each other. */
export function grownWorld(count: number, options: CutWorldOptions): CutWorld {
  const world = new CutWorld(options);
  for (let i = 0; i < count; i++) {
    world.at(i * 5, () => {
      world.add();
    });
  }
  world.run(count * 5 + 4_000);
  return world;
}

/** Frames pass within each group only. */
export function cutBetween(...groups: readonly (readonly number[])[]): Passes {
  const groupOf = new Map(groups.flatMap((group, i) => group.map((node) => [node, i] as const)));
  return (from, to) => groupOf.get(from) === groupOf.get(to);
}

/** `first` to `last`, both included. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function keyOf(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}

const NOTED: ReadonlySet<string> = new Set([
  "health:changed",
  "partition:detected",
  "partition:recovered",
]);
const WALL_START_MS = 1_700_000_000_000;
const REDIAL_MS = 300;
const IDLE_MS = 10_000;
const SWEEP_MS = 500;
