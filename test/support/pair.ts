/**
 * Real cores in virtual time with hand-delivered frames: nothing is lost, late or out of order
 * unless the test says so. No randomness but the cores' own, which the test seeds.
 *
 * Frames wait in `flight` until `deliver` is called; signatures are checked at once unless
 * `holdVerdicts` is set; `advance` fires every timer at its own instant and delivers in between.
 */
import type { CommandResult, Write } from "../../src/core/commands.ts";
import type { CoreConfig } from "../../src/core/core-state.ts";
import type { LinkRequest } from "../../src/core/gossip/active-view.ts";
import { MeshCore } from "../../src/core/mesh-core.ts";
import { hexFromBytes, type NodeId } from "../../src/core/node-id.ts";
import type { Now } from "../../src/core/now.ts";
import type { CoreEvent, VerifyRequest } from "../../src/core/outputs.ts";
import type { CompactedPart } from "../../src/core/state/compaction.ts";
import type { CELLS } from "../../src/core/telemetry/cells.gen.ts";
import { CELLS as SLOTS } from "../../src/core/telemetry/cells.gen.ts";
import type { Crypto, SigningKey } from "../../src/core/trust/crypto.ts";
import { encodeFrame, FRAME_PUSH, type Frame } from "../../src/core/wire/frame.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";

const WALL_START_MS = 1_700_000_000_000;

export interface SwarmOptions {
  readonly kernels: Kernels;
  /** Default: fake signatures. */
  readonly crypto?: Crypto;
  readonly config?: Partial<CoreConfig>;
}

export interface NodeOptions {
  readonly config?: Partial<CoreConfig>;
  /** Of the identity key; default: a number of its own per node. */
  readonly identity?: number;
  /** Of the life (nonce, incarnation key, randomness); default: the identity's. */
  readonly life?: number;
  /** Added to the swarm's wall clock. */
  readonly wallOffsetMs?: number;
  /** Default: the swarm's. */
  readonly kernels?: Kernels;
}

export interface Flying {
  readonly from: TestNode;
  readonly to: TestNode;
  readonly bytes: Uint8Array;
}

export class TestNode {
  readonly id: NodeId;
  readonly key: SigningKey;
  readonly core: MeshCore;
  readonly events: CoreEvent[] = [];
  readonly links: LinkRequest[] = [];
  /** Every delta applied, in order. */
  readonly stored: Uint8Array[] = [];
  /** What the store was told to drop. */
  readonly compacted: CompactedPart[] = [];
  /** Who has departed, as it would be stored. */
  departedStored: Uint8Array | undefined;
  /** The proofs of equivocation as they would be stored. */
  proofsStored: Uint8Array | undefined;
  /** Requests that wait while `holdVerdicts` is set. */
  readonly held: VerifyRequest[] = [];
  /** Signatures checked so far. */
  checks = 0;
  holdVerdicts = false;
  /** While set, the store confirms nothing; {@link TestNode.confirm} makes up for it. */
  holdStored = false;
  #unconfirmed = 0;
  wallOffsetMs: number;
  readonly peers = new Map<NodeId, TestNode>();
  readonly #swarm: Swarm;

  constructor(swarm: Swarm, options: Required<NodeOptions>) {
    const { crypto } = swarm;
    const { kernels } = options;
    this.#swarm = swarm;
    this.wallOffsetMs = options.wallOffsetMs;
    this.key = crypto.createSigningKey(kernels.blake3(text(`identity ${options.identity}`)));
    this.id = hexFromBytes(this.key.publicKey);
    const config: CoreConfig = {
      nodeId: this.id,
      meshId: swarm.meshId,
      region: "local",
      zone: "local",
      fanout: 3,
      roundIntervalMs: 100,
      convergenceThreshold: 1,
      batchDelayMs: 2,
      viewSize: 6,
      reputationThreshold: 0.5,
      ...options.config,
    };
    const seed = kernels.blake3(text(`life ${options.life}`));
    this.core = new MeshCore(config, { kernels, crypto, identityKey: this.key, seed }, this.now);
    const addresses = [`/test/${this.id.slice(0, 8)}`];
    this.core.handleCommand({ kind: "addresses", addresses }, this.now);
    this.timeout();
  }

  get crypto(): Crypto {
    return this.#swarm.crypto;
  }

  get now(): Now {
    const { nowMs } = this.#swarm;
    return { monoMs: nowMs, wallMs: WALL_START_MS + nowMs + this.wallOffsetMs };
  }

  /** A local write; the result as the core gave it. */
  write(write: Write): CommandResult {
    return this.command({ kind: "write", write });
  }

  command(command: Parameters<MeshCore["handleCommand"]>[0]): CommandResult {
    const result = this.core.handleCommand(command, this.now);
    this.drain();
    return result;
  }

  read(type: number, collection: string, key?: string) {
    const replica = this.core.read(type, collection, key, this.now);
    this.drain();
    return replica;
  }

  /** Hands the core a frame as if `from` had sent it. */
  frame(from: TestNode | NodeId, frame: Frame | Uint8Array, wallMs = this.now.wallMs): void {
    const bytes = frame instanceof Uint8Array ? frame : encodeFrame(frame, wallMs);
    this.core.handleFrame(typeof from === "string" ? from : from.id, bytes.slice(), this.now);
    this.drain();
  }

  /** Hands the core deltas in a Push of `from`. */
  push(from: TestNode, ...deltas: readonly Uint8Array[]): void {
    const root = from.core.read(0, "", undefined, from.now).root();
    this.frame(from, { type: FRAME_PUSH, reached: 1, root, deltas: join(deltas) });
  }

  timeout(): void {
    this.core.handleTimeout(this.now);
    this.drain();
  }

  /** Answers the verify requests held back. */
  release(): void {
    for (const request of this.held.splice(0)) this.#answer(request);
    this.drain();
  }

  /** The store has kept everything up to now. */
  confirm(): void {
    this.core.handleStored(this.#unconfirmed, this.now);
    this.timeout();
  }

  cell(name: keyof typeof CELLS): number {
    return this.core.cells.values[SLOTS[name]] ?? 0;
  }

  eventsOf<K extends CoreEvent["kind"]>(kind: K): Extract<CoreEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<CoreEvent, { kind: K }>[];
  }

  get root(): string {
    return this.core.status().root;
  }

  drain(): void {
    const { core } = this;
    for (let request = core.pollVerify(); request; request = core.pollVerify()) {
      if (this.holdVerdicts) this.held.push(request);
      else this.#answer(request);
    }
    for (let transmit = core.pollTransmit(); transmit; transmit = core.pollTransmit()) {
      const to = this.peers.get(transmit.peer);
      if (to !== undefined) this.#swarm.flight.push({ from: this, to, bytes: transmit.bytes });
    }
    for (let store = core.pollStore(); store; store = core.pollStore()) {
      this.stored.push(store.bytes);
      if (this.holdStored) this.#unconfirmed = store.ticket;
      else core.handleStored(store.ticket, this.now);
    }
    for (let part = core.pollCompacted(); part; part = core.pollCompacted()) {
      this.compacted.push(part);
    }
    for (let gone = core.pollDepartedStore(); gone; gone = core.pollDepartedStore()) {
      this.departedStored = gone;
    }
    for (let proofs = core.pollProofStore(); proofs; proofs = core.pollProofStore()) {
      this.proofsStored = proofs;
    }
    for (let link = core.pollLink(); link; link = core.pollLink()) this.links.push(link);
    for (let event = core.pollEvent(); event; event = core.pollEvent()) this.events.push(event);
  }

  #answer(request: VerifyRequest): void {
    this.checks += request.checks.length;
    const { crypto } = this.#swarm;
    // As the driver does it: benches time this.
    const verdicts = new Uint8Array(request.checks.length);
    let at = 0;
    for (const { signature, message, publicKey } of request.checks) {
      verdicts[at++] = crypto.verify(signature, message, publicKey) ? 1 : 0;
    }
    this.core.handleVerified(request.ticket, verdicts, this.now);
  }
}

export class Swarm {
  readonly kernels: Kernels;
  readonly crypto: Crypto;
  readonly meshId: Uint8Array;
  readonly nodes: TestNode[] = [];
  /** Frames sent and not yet delivered, in order. */
  flight: Flying[] = [];
  nowMs = 0;
  readonly #config: Partial<CoreConfig>;

  constructor(options: SwarmOptions) {
    this.kernels = options.kernels;
    this.crypto = options.crypto ?? createFakeCrypto((bytes) => options.kernels.blake3(bytes));
    this.meshId = options.kernels.blake3(text("test")).slice(0, 16);
    this.#config = options.config ?? {};
  }

  add(options: NodeOptions = {}): TestNode {
    const identity = options.identity ?? this.nodes.length + 1;
    const config = { ...this.#config, ...options.config };
    const { life = identity, wallOffsetMs = 0, kernels = this.kernels } = options;
    const node = new TestNode(this, { identity, life, wallOffsetMs, kernels, config });
    this.nodes.push(node);
    return node;
  }

  /** A link between two nodes; frames of both Hellos are in flight afterwards. */
  link(a: TestNode, b: TestNode, gossip = true): void {
    a.peers.set(b.id, b);
    b.peers.set(a.id, a);
    a.core.handlePeer({ kind: "up", peer: b.id, gossip }, a.now);
    b.core.handlePeer({ kind: "up", peer: a.id, gossip: false }, b.now);
    a.drain();
    b.drain();
  }

  /** Ends a link; what was in flight on it is lost. */
  unlink(a: TestNode, b: TestNode, reason = "test"): void {
    this.drop(
      (frame) => (frame.from === a && frame.to === b) || (frame.from === b && frame.to === a),
    );
    a.peers.delete(b.id);
    b.peers.delete(a.id);
    a.core.handlePeer({ kind: "down", peer: b.id, reason }, a.now);
    b.core.handlePeer({ kind: "down", peer: a.id, reason }, b.now);
    a.drain();
    b.drain();
  }

  /** Delivers everything in flight and what that causes, until nothing flies. */
  deliver(): void {
    for (let turns = 0; this.flight.length > 0; turns++) {
      if (turns > 100_000) throw new Error("frames never come to rest");
      this.deliverOne();
    }
  }

  /** Delivers the oldest frame. */
  deliverOne(): Flying | undefined {
    const frame = this.flight.shift();
    if (frame?.to.peers.get(frame.from.id) === frame?.from)
      frame?.to.frame(frame.from, frame.bytes);
    return frame;
  }

  /** Takes frames out of flight; returns them. */
  drop(which: (frame: Flying) => boolean): Flying[] {
    const dropped = this.flight.filter(which);
    this.flight = this.flight.filter((frame) => !which(frame));
    return dropped;
  }

  /** Lets virtual time pass; `lossy` decides which frames are lost on the way. */
  advance(ms: number, lossy: (frame: Flying) => boolean = () => false): void {
    const untilMs = this.nowMs + ms;
    while (true) {
      this.drop(lossy);
      while (this.flight.length > 0) {
        this.deliverOne();
        this.drop(lossy);
      }
      const dueMs = Math.min(...this.nodes.map((node) => node.core.deadline));
      if (dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      for (const node of this.nodes) if (node.core.deadline <= this.nowMs) node.timeout();
    }
    this.nowMs = untilMs;
  }
}

/** `count` nodes, all linked, having said Hello and come to rest. */
export function linkedSwarm(count: number, options: SwarmOptions): Swarm {
  const swarm = new Swarm(options);
  for (let i = 0; i < count; i++) swarm.add();
  for (const [i, a] of swarm.nodes.entries()) {
    for (const b of swarm.nodes.slice(i + 1)) swarm.link(a, b);
  }
  swarm.deliver();
  return swarm;
}

export function linkedPair(options: SwarmOptions): readonly [Swarm, TestNode, TestNode] {
  const swarm = linkedSwarm(2, options);
  const [a, b] = swarm.nodes;
  if (a === undefined || b === undefined) throw new Error("two nodes were made");
  return [swarm, a, b];
}

/** Type number of an encoded frame. */
export function typeOf(frame: { readonly bytes: Uint8Array }): number {
  return frame.bytes[1] ?? -1;
}

export function mapSet(key: string, value: string | Uint8Array): Write {
  const bytes = typeof value === "string" ? text(value) : value;
  return { op: "map.set", collection: "m", key, codec: 0, value: bytes };
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
