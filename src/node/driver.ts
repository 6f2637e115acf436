/**
 * The driver: gives one core its inputs (frames, links, time, commands), carries out what it asks
 * for, and is the only reader of the clocks. It decides nothing.
 *
 * After every input it drains the core: signatures first (a backlog goes to workers), then
 * transmits, stores, links and events; then sets one timer to the core's next deadline.
 */
import type { Command, CommandResult } from "../core/commands.ts";
import type { CoreConfig, CoreDeps } from "../core/core-state.ts";
import type { LinkRequest } from "../core/gossip/active-view.ts";
import { MeshCore, type PeerChange } from "../core/mesh-core.ts";
import type { NodeId } from "../core/node-id.ts";
import type { Now } from "../core/now.ts";
import type { CoreEvent, SignatureCheck, Transmit } from "../core/outputs.ts";
import type { CompactedPart } from "../core/state/compaction.ts";
import type { StoredPart } from "../core/state/restore.ts";
import type { Crypto } from "../core/trust/crypto.ts";
import { carried } from "../core/wire/stub.ts";
import type { Sealer } from "./storage/seal.ts";
import type { Store } from "./storage/store.ts";
import { Verifier } from "./verification/verifier.ts";

/** What carries out a core's requests. Called synchronously; must not call back into the driver. */
export interface DriverPorts {
  transmit(transmit: Transmit): void;
  link(request: LinkRequest): void;
  event(event: CoreEvent): void;
  /** A store that failed: the node cannot go on. */
  failed(error: unknown): void;
  readonly store: Store;
  readonly sealer: Sealer;
}

export class Driver {
  readonly core: MeshCore;
  readonly #crypto: Crypto;
  readonly #ports: DriverPorts;
  readonly #verifier: Verifier;
  #timer: NodeJS.Timeout | undefined;
  /** Set instead of the timer, whose shortest wait is 1 ms, for what is due already. */
  #immediate: NodeJS.Immediate | undefined;
  #timerMonoMs = Number.POSITIVE_INFINITY;
  #draining = false;
  #stopped = false;

  constructor(config: CoreConfig, deps: CoreDeps, ports: DriverPorts) {
    this.#crypto = deps.crypto;
    this.#ports = ports;
    this.#verifier = new Verifier({
      self: config.nodeId,
      crypto: deps.crypto,
      answer: (ticket, verdicts) => this.#verified(ticket, verdicts),
    });
    this.core = new MeshCore(config, deps, readClocks());
  }

  /**
   * Gives the core back member records that were stored, before {@link Driver.begin}.
   * @returns false when one is damaged; this driver is then of no use.
   */
  restoreMembers(members: readonly Uint8Array[]): boolean {
    return this.#restore({ kind: "members", members }, new Set());
  }

  /** The same for the list of those who have departed, after the member records. */
  restoreDeparted(departed: Uint8Array): boolean {
    return this.#restore({ kind: "departed", departed }, new Set());
  }

  /** The same for the proofs of equivocation, before the deltas. */
  restoreProofs(proofs: Uint8Array): boolean {
    return this.#restore({ kind: "proofs", proofs }, new Set());
  }

  /** The same for deltas, as they were stored; not those of expunged authors. A seal that holds stands for the signature. */
  restoreDeltas(records: readonly Uint8Array[]): boolean {
    const deltas: Uint8Array[] = [];
    const sealed = new Set<number>();
    let at = 0;
    for (const record of records) {
      const opened = this.#ports.sealer.open(record);
      if (this.core.isExpunged(opened.delta)) continue;
      if (opened.sealed) sealed.add(at);
      deltas.push(opened.delta);
      at += opened.delta.length;
    }
    return this.#restore({ kind: "deltas", ...carried(deltas) }, sealed);
  }

  /** @param sealed offsets in the part at which nothing need be verified. */
  #restore(part: StoredPart, sealed: ReadonlySet<number>): boolean {
    const checks = this.core.restoreChecks(part, readClocks());
    if (checks === undefined) return false;
    const start = part.kind === "deltas" ? part.deltas.byteOffset : 0;
    const buffer = part.kind === "deltas" ? part.deltas.buffer : undefined;
    const isSealed = ({ message }: SignatureCheck): boolean =>
      message.buffer === buffer && sealed.has(message.byteOffset - start);
    const isGood = (check: SignatureCheck): boolean => isSealed(check) || this.#holds(check);
    const verdicts = Uint8Array.from(checks, (check) => (isGood(check) ? 1 : 0));
    return this.core.handleRestored(part, verdicts, readClocks());
  }

  /** Carries out what has gathered, and runs from here on. */
  begin(): void {
    this.#drain();
  }

  frame(peer: NodeId, bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.core.handleFrame(peer, bytes, readClocks());
    this.#drain();
  }

  peer(change: PeerChange): void {
    if (this.#stopped) return;
    this.core.handlePeer(change, readClocks());
    this.#drain();
  }

  command(command: Command): CommandResult {
    const result = this.core.handleCommand(command, readClocks());
    this.#drain();
    return result;
  }

  /** The replica for reading; closes the open delta when that holds what is read. */
  read(type: number, collection: string, key: string | undefined) {
    const replica = this.core.read(type, collection, key, readClocks());
    this.#drain();
    return replica;
  }

  /** Stops time for the core and returns its memory. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#disarm();
    this.#verifier.close().catch(this.#ports.failed);
    this.core.free();
  }

  #drain(): void {
    // An event listener may write or read, which drains: the outer loop picks up what that made.
    if (this.#draining || this.#stopped) return;
    this.#draining = true;
    try {
      while (this.#drainOnce());
    } finally {
      this.#draining = false;
    }
    this.#arm();
  }

  /** One pass over the queues; false when nothing was there. */
  #drainOnce(): boolean {
    let worked = false;
    for (let request = this.core.pollVerify(); request; request = this.core.pollVerify()) {
      const verdicts = this.#verifier.take(request);
      if (verdicts !== undefined) {
        this.core.handleVerified(request.ticket, verdicts, readClocks());
      }
      worked = true;
    }
    for (let transmit = this.core.pollTransmit(); transmit; transmit = this.core.pollTransmit()) {
      this.#ports.transmit(transmit);
      worked = true;
    }
    for (let request = this.core.pollStore(); request; request = this.core.pollStore()) {
      this.#store(request.ticket, request.bytes);
      worked = true;
    }
    for (let member = this.core.pollMemberStore(); member; member = this.core.pollMemberStore()) {
      this.#ports.store.putMember(member.node, member.bytes).catch(this.#ports.failed);
      worked = true;
    }
    for (let gone = this.core.pollDepartedStore(); gone; gone = this.core.pollDepartedStore()) {
      this.#ports.store.putMeta(DEPARTED_META, gone).catch(this.#ports.failed);
      worked = true;
    }
    for (let part = this.core.pollCompacted(); part; part = this.core.pollCompacted()) {
      this.#compact(part);
      worked = true;
    }
    for (let proofs = this.core.pollProofStore(); proofs; proofs = this.core.pollProofStore()) {
      this.#ports.store.putMeta(PROOFS_META, proofs).catch(this.#ports.failed);
      worked = true;
    }
    for (let request = this.core.pollLink(); request; request = this.core.pollLink()) {
      this.#ports.link(request);
      worked = true;
    }
    for (let event = this.core.pollEvent(); event; event = this.core.pollEvent()) {
      this.#ports.event(event);
      worked = true;
    }
    return worked && !this.#stopped;
  }

  #holds({ signature, message, publicKey }: SignatureCheck): boolean {
    return this.#crypto.verify(signature, message, publicKey);
  }

  #verified(ticket: number, verdicts: Uint8Array): void {
    if (this.#stopped) return;
    this.core.handleVerified(ticket, verdicts, readClocks());
    this.#drain();
  }

  #store(ticket: number, bytes: Uint8Array): void {
    const { store, sealer } = this.#ports;
    store.append(store.durable ? sealer.seal(bytes) : bytes).then(
      () => {
        if (this.#stopped) return;
        this.core.handleStored(ticket, readClocks());
        this.#drain();
      },
      (error: unknown) => this.#ports.failed(error),
    );
  }

  #compact(part: CompactedPart): void {
    const { store, sealer, failed } = this.#ports;
    const stubs = store.durable ? part.stubs.map((stub) => sealer.seal(stub)) : part.stubs;
    store.compact({ ...part, stubs }).catch(failed);
  }

  #arm(): void {
    if (this.#stopped) return;
    const { deadline } = this.core;
    const isArmed = this.#timer !== undefined || this.#immediate !== undefined;
    if (deadline === this.#timerMonoMs && isArmed) return;
    this.#disarm();
    this.#timerMonoMs = deadline;
    const delay = Math.ceil(deadline - performance.now());
    if (delay <= 0) this.#immediate = setImmediate(() => this.#timeout());
    else this.#timer = setTimeout(() => this.#timeout(), Math.min(delay, TIMER_MS_MAX));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #timeout(): void {
    this.#disarm();
    this.core.handleTimeout(readClocks());
    this.#drain();
  }
}

function readClocks(): Now {
  return { monoMs: performance.now(), wallMs: Date.now() };
}

/** The store's name for the proofs of equivocation. */
export const PROOFS_META = "proofs-2";
/** The same for the members that have departed. */
export const DEPARTED_META = "departed-1";
/** Longer delays are cut: setTimeout overflows at 2^31 ms. */
const TIMER_MS_MAX = 60_000;
