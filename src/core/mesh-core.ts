/**
 * The mesh protocol as one state machine without I/O.
 *
 * In:  handleFrame, handleVerified, handleStored, handleTimeout, handlePeer, handleCommand.
 * Out: after each call poll every queue until empty, transmits first; then read `deadline`.
 *
 * 1. `now.monoMs` never decreases; `now.wallMs` may jump and only the hybrid clock reads it.
 * 2. Nothing a peer sends makes a handler throw.
 * 3. Same config, seed and inputs give the same outputs, byte for byte.
 */
import type { Kernels, Replica } from "../kernels/kernels.ts";
import { closeAgent, openAgent, settleClaim } from "./agents/claims.ts";
import { Directory } from "./agents/directory.ts";
import { Inboxes } from "./agents/inboxes.ts";
import { expireMessages, resolveAndSend } from "./agents/messages.ts";
import { Outbox } from "./agents/outbox.ts";
import { type Command, type CommandResult, refusedCommand } from "./commands.ts";
import type { CoreConfig, CoreDeps, CoreState } from "./core-state.ts";
import { Acknowledgements } from "./durability/acknowledgements.ts";
import { OwnDisk } from "./durability/own-disk.ts";
import { answerStored, askAgain, confirmStored } from "./durability/stored.ts";
import { signDepartures } from "./failure/departing.ts";
import { detectFailures, failureDeadline, noteLateness } from "./failure/detect.ts";
import { createFailureState } from "./failure/detector.ts";
import type { Liveness } from "./failure/standings.ts";
import type { LinkRequest } from "./gossip/active-view.ts";
import { ActiveView } from "./gossip/active-view.ts";
import { Announcements } from "./gossip/announcements.ts";
import { announceMembers } from "./gossip/answer.ts";
import { Convergence } from "./gossip/convergence.ts";
import { announceHeads, announcePromptly, askMissing, LazyHeads } from "./gossip/ihave.ts";
import { linkDown, linkStands, linkUp, maintainLinks, type StandingLink } from "./gossip/links.ts";
import { MissingHeads } from "./gossip/missing.ts";
import { deriveParameters, firstParameters } from "./gossip/parameters.ts";
import { PromptHeads } from "./gossip/prompt-heads.ts";
import { Rounds, runRound } from "./gossip/rounds.ts";
import type { NodeId } from "./node-id.ts";
import type { Now } from "./now.ts";
import {
  type CoreEvent,
  type MemberStoreRequest,
  Outputs,
  type SignatureCheck,
  type StoreRequest,
  type Transmit,
  type VerifyRequest,
} from "./outputs.ts";
import { OwnLateness } from "./own-lateness.ts";
import { maintainPartition, readOnlyProblem, runPartition } from "./partition/detector.ts";
import { isReadOnly } from "./partition/health.ts";
import { heedLateness } from "./partition/own-pause.ts";
import { type Health, PartitionState } from "./partition/partition-state.ts";
import { MIX_MS, mixMembers } from "./peers/exchange-members.ts";
import { goOnLeaving, leave } from "./peers/leave.ts";
import { Leaving } from "./peers/leaving.ts";
import { Membership } from "./peers/membership.ts";
import { renewOwnRecord } from "./peers/own-record.ts";
import { PeerRegistry } from "./peers/peer-registry.ts";
import { adoptMembers } from "./peers/take-members.ts";
import { receive, receiveDue, resume } from "./pipeline.ts";
import { Random } from "./random.ts";
import { type CompactedPart, Compaction, compact, considerCompaction } from "./state/compaction.ts";
import { DeltaLog } from "./state/delta-log.ts";
import { digest } from "./state/digest.ts";
import { HybridClock } from "./state/hlc.ts";
import { LocalAuthor } from "./state/local-author.ts";
import { closeOpenDelta, LocalWrites, write } from "./state/local-writes.ts";
import { Parked } from "./state/parked.ts";
import { rebuild } from "./state/rebuild.ts";
import { Rebuilding } from "./state/rebuilding.ts";
import { restore, restoreChecks, type StoredPart } from "./state/restore.ts";
import { Room } from "./state/room.ts";
import { meshRoot } from "./state/root.ts";
import type { CoreStatus } from "./status.ts";
import { statusOf } from "./status.ts";
import { createCells } from "./telemetry/cells.ts";
import { Budgets } from "./trust/budgets.ts";
import { Certificates } from "./trust/certificates.ts";
import { IncarnationLimits } from "./trust/incarnation-limits.ts";
import { renewCertificate } from "./trust/own-certificate.ts";
import { recover } from "./trust/penalty.ts";
import { Proofs } from "./trust/proofs.ts";
import { RATE_LIMIT_PER_PEER_DEFAULT } from "./trust/rate-limits.ts";
import { departureOf, evict, revoke } from "./trust/removal.ts";
import { Tickets } from "./trust/tickets.ts";
import { concat } from "./wire/concat.ts";
import { decodeDeltaHeader } from "./wire/delta.ts";

/** A change of the links, as the transport reports it. */
export type PeerChange =
  /**
   * `gossip`: dialled for gossip (a want, or a seed); false when accepted or dialled for messages.
   * `standing`: only where a world begins in the middle of its life.
   */
  | {
      readonly kind: "up";
      readonly peer: NodeId;
      readonly gossip: boolean;
      readonly standing?: StandingLink;
    }
  | { readonly kind: "down"; readonly peer: NodeId; readonly reason: string };

export class MeshCore {
  readonly #core: CoreState;
  #maintainMonoMs: number;
  #mixMonoMs: number;
  #storedTicket = 0;
  /** When something is next due; undefined while an input may have changed it. */
  #dueMonoMs: number | undefined;

  constructor(config: CoreConfig, deps: CoreDeps, start: Now) {
    this.#core = createCore(config, deps, start);
    this.#maintainMonoMs = start.monoMs;
    this.#mixMonoMs = start.monoMs + MIX_MS;
    renewOwnRecord(this.#core, { addresses: [], left: false });
  }

  /** One whole frame of a peer; `bytes` is kept. */
  handleFrame(peer: NodeId, bytes: Uint8Array, now: Now): void {
    this.#begin(now);
    receive(this.#core, peer, bytes, now);
  }

  /** Answers a {@link VerifyRequest}: one byte per check, 1 = the strict rule holds. */
  handleVerified(ticket: number, verdicts: Uint8Array, now: Now): void {
    this.#dueMonoMs = undefined;
    resume(this.#core, ticket, verdicts, now);
  }

  /** The signatures that must hold in a part of the store; undefined when it is damaged. */
  restoreChecks(part: StoredPart, now: Now): readonly SignatureCheck[] | undefined {
    return restoreChecks(this.#core, part, now);
  }

  /**
   * Takes back what an earlier life has stored, with one verdict per check; all of it before the
   * first link: member records first, then the departed, then proofs of equivocation. False when the
   * part is damaged: make another core.
   */
  handleRestored(part: StoredPart, verdicts: Uint8Array, now: Now): boolean {
    this.#dueMonoMs = undefined;
    const whole = restore(this.#core, part, verdicts, now);
    this.#storedTicket = this.#core.log.count;
    digest(this.#core, undefined, now);
    return whole;
  }

  /** Whether a stored delta is of an author that is expunged: it is not to be restored. */
  isExpunged(delta: Uint8Array): boolean {
    return this.#core.proofs.has(decodeDeltaHeader(delta, 0).author);
  }

  /** Author and proof of each that is expunged, by id. */
  get proofs(): readonly (readonly [NodeId, Uint8Array])[] {
    return this.#core.proofs.all().map(([author, { bytes }]) => [author, bytes]);
  }

  /** The mesh's root, 32 bytes: over frontier and state, and the authors that are expunged. */
  root(): Uint8Array {
    return meshRoot(this.#core);
  }

  /** Answers a {@link StoreRequest}. */
  handleStored(ticket: number, now: Now): void {
    this.#dueMonoMs = undefined;
    this.#storedTicket = Math.max(this.#storedTicket, ticket);
    confirmStored(this.#core, ticket, now);
  }

  handlePeer(change: PeerChange, now: Now): void {
    this.#begin(now);
    if (change.kind === "up") {
      const { peer, gossip, standing } = change;
      if (standing === undefined) linkUp(this.#core, peer, gossip, now);
      else linkStands(this.#core, peer, { gossip, ...standing }, now);
    } else linkDown(this.#core, change.peer, change.reason, now);
  }

  /** Does what is due; call it at {@link MeshCore.deadline} or later. */
  handleTimeout(now: Now): void {
    const core = this.#core;
    this.#begin(now);
    if (core.writes.closeMonoMs <= now.monoMs) closeOpenDelta(core, now);
    if (core.announcements.dueMonoMs <= now.monoMs) announceMembers(core, now);
    if (core.missing.dueMonoMs <= now.monoMs) askMissing(core, now);
    if (core.promptHeads.dueMonoMs <= now.monoMs) announcePromptly(core, now);
    if (core.lazyHeads.dueMonoMs <= now.monoMs) announceHeads(core, now);
    if (core.disk.dueMonoMs <= now.monoMs) answerStored(core, now);
    if (core.rounds.dueMonoMs <= now.monoMs) runRound(core, now);
    if (core.outbox.nextDeadline() <= now.monoMs) expireMessages(core, now);
    if (failureDeadline(core) <= now.monoMs) detectFailures(core, now);
    if (core.partition.dueMonoMs <= now.monoMs) runPartition(core, now);
    if (core.rebuilding.dueMonoMs <= now.monoMs) rebuild(core, now);
    if (core.compaction.dueMonoMs <= now.monoMs) compact(core, now);
    if (this.#maintainMonoMs <= now.monoMs) this.#maintain(now);
    if (core.leaving.dueMonoMs <= now.monoMs) goOnLeaving(core, now);
  }

  handleCommand(command: Command, now: Now): CommandResult {
    const core = this.#core;
    core.lateness.commanded(this.deadline);
    this.#dueMonoMs = undefined;
    switch (command.kind) {
      case "write":
        if (core.leaving.isOn) return refusedCommand("MESH_CLOSED", "this node leaves the mesh");
        return readOnlyProblem(core, command.write) ?? write(core, command.write, now, command.ack);
      case "send":
        settleClaim(core, command.toAgent, now);
        return resolveAndSend(core, command, now);
      case "agent.open":
        return openAgent(core, command.name, command.capabilities, now);
      case "agent.close":
        return closeAgent(core, command.name, now);
      case "members":
        adoptMembers(core, command.table, now);
        return { kind: "done" };
      case "addresses": {
        const { addresses } = command;
        core.announcements.add([renewOwnRecord(core, { addresses, left: false })], now);
        return { kind: "done" };
      }
      case "certificate":
        return renewCertificate(core, command.credential, now);
      case "revoke":
        return revoke(core, command.credential, now);
      case "evict":
        return evict(core, command.statement, now);
      case "leave":
        closeOpenDelta(core, now);
        leave(core, now);
        return { kind: "done" };
    }
  }

  /**
   * The replica, with every local write to the address (or, without a key, the collection) in it:
   * a read closes the open delta when that delta touches what is read. Borrowed for reading.
   */
  read(type: number, collection: string, key: string | undefined, now: Now): Replica {
    if (this.#core.writes.touches(type, collection, key)) {
      this.#dueMonoMs = undefined;
      closeOpenDelta(this.#core, now);
    }
    return this.#core.replica;
  }

  /** Takes the oldest message of a local agent's inbox. */
  takeMessage(agent: string) {
    return this.#core.inboxes.take(agent);
  }

  get directory(): Directory {
    return this.#core.directory;
  }

  get registry(): PeerRegistry {
    return this.#core.registry;
  }

  /** Who is known to belong to the mesh. */
  get membership(): Pick<Membership, "get" | "present" | "isPartial" | "estimate"> {
    return this.#core.membership;
  }

  /** What the authority is to sign so that a member is evicted; undefined when nobody can. */
  departureOf(member: NodeId): Uint8Array | undefined {
    return departureOf(this.#core, member);
  }

  /** The signed records of all members known, to be kept for a next life. */
  memberRecords(): Uint8Array[] {
    return this.#core.membership.signed().map(({ bytes }) => bytes);
  }

  /** Every delta that is held, and stubs, each chain in its order. Borrowed. */
  deltas(): readonly Uint8Array[] {
    return this.#core.log.inOrder();
  }

  get cells() {
    return this.#core.cells;
  }

  /** Whether a peer has flooded this node and is refused for a while. */
  isRefused(peer: NodeId, now: Pick<Now, "monoMs">): boolean {
    return this.#core.budgets.isCut(peer, now.monoMs);
  }

  /** Whom new deltas are pushed to at once. */
  pushPeers(): readonly NodeId[] {
    return this.#core.view.eagerPeers();
  }

  /** What failure detection holds of a member; whoever is unknown or gone counts as alive. */
  liveness(peer: NodeId): Liveness {
    return this.#core.failure.standings.livenessOf(peer);
  }

  get health(): Health {
    return this.#core.partition.health;
  }

  /** Whether user writes are refused: the health is not `healthy`, unless configured `available`. */
  get readOnly(): boolean {
    return isReadOnly(this.#core);
  }

  status(): CoreStatus {
    return statusOf(this.#core);
  }

  pollTransmit(): Transmit | undefined {
    return this.#core.out.transmits.poll();
  }

  pollVerify(): VerifyRequest | undefined {
    return this.#core.out.verifies.poll();
  }

  pollStore(): StoreRequest | undefined {
    return this.#core.out.stores.poll();
  }

  pollMemberStore(): MemberStoreRequest | undefined {
    return this.#core.out.memberStores.poll();
  }

  /** What the store is to drop, after everything that was to be stored before. */
  pollCompacted(): CompactedPart | undefined {
    return this.#core.out.compacted.poll();
  }

  /** All departed members, when there is another one: to be stored in place of the last list. */
  pollDepartedStore(): Uint8Array | undefined {
    return this.#core.out.departedStores.poll();
  }

  /** All proofs of equivocation, when there is a new one: to be stored in place of the last ones. */
  pollProofStore(): Uint8Array | undefined {
    return this.#core.out.proofStores.poll();
  }

  pollLink(): LinkRequest | undefined {
    return this.#core.out.links.poll();
  }

  pollEvent(): CoreEvent | undefined {
    return this.#core.out.events.poll();
  }

  /** Monotonic ms at which handleTimeout is next due. */
  get deadline(): number {
    this.#dueMonoMs ??= this.#nextDue();
    return this.#dueMonoMs;
  }

  /** The newest delta that the store has confirmed; tickets count from 1. */
  get storedTicket(): number {
    return this.#storedTicket;
  }

  /** Returns the replica's memory; the core must not be used afterwards. */
  free(): void {
    this.#core.replica.free();
  }

  #nextDue(): number {
    const { writes, announcements, missing, promptHeads, lazyHeads } = this.#core;
    const { rounds, outbox, partition, disk } = this.#core;
    return Math.min(
      disk.dueMonoMs,
      this.#core.rebuilding.dueMonoMs,
      this.#core.compaction.dueMonoMs,
      writes.closeMonoMs,
      announcements.dueMonoMs,
      missing.dueMonoMs,
      promptHeads.dueMonoMs,
      lazyHeads.dueMonoMs,
      rounds.dueMonoMs,
      outbox.nextDeadline(),
      failureDeadline(this.#core),
      partition.dueMonoMs,
      this.#core.leaving.dueMonoMs,
      this.#maintainMonoMs,
    );
  }

  /** At the head of every input from outside: how late it comes decides how far this node may judge others. */
  #begin(now: Now): void {
    const lateMs = this.#core.lateness.note(this.deadline, now);
    this.#dueMonoMs = undefined;
    if (lateMs === 0) return;
    noteLateness(this.#core, lateMs, now);
    heedLateness(this.#core, lateMs, now);
  }

  #maintain(now: Now): void {
    this.#maintainMonoMs = now.monoMs + MAINTAIN_MS;
    this.#core.parameters = deriveParameters(this.#core);
    maintainLinks(this.#core, now);
    if (this.#mixMonoMs <= now.monoMs) {
      this.#mixMonoMs = now.monoMs + MIX_MS;
      mixMembers(this.#core, now);
    }
    recover(this.#core, MAINTAIN_MS);
    this.#core.parked.expire(now.monoMs);
    this.#core.room.maintain(now.monoMs);
    receiveDue(this.#core, now);
    signDepartures(this.#core, now);
    maintainPartition(this.#core, now);
    askAgain(this.#core, now);
    considerCompaction(this.#core, now);
  }
}

function createCore(config: CoreConfig, deps: CoreDeps, start: Now): CoreState {
  const { kernels, seed } = deps;
  const random = Random.fromSeed(seed);
  const replica = kernels.openReplica({ meshId: config.meshId });
  const clock = new HybridClock();
  const { nodeId, meshId } = config;
  const certificates = certificatesOf(config, kernels);
  const sampleKey = kernels.blake3(concat([SAMPLE_LABEL, seed]));
  const membership = new Membership({ selfId: nodeId, kernels, sampleKey });
  return {
    config,
    deps,
    epoch: BigInt(Math.floor(start.wallMs)) + 1n,
    messageCount: 0n,
    cells: createCells(),
    random,
    out: new Outputs(),
    registry: new PeerRegistry({
      selfId: nodeId,
      selectPeers: kernels.selectPeers.bind(kernels),
      random,
      reputationThreshold: config.reputationThreshold,
    }),
    membership,
    view: new ActiveView({ selfId: nodeId, size: config.viewSize, random }),
    announcements: new Announcements(),
    leaving: new Leaving(),
    lazyHeads: new LazyHeads(),
    promptHeads: new PromptHeads(),
    missing: new MissingHeads(),
    parameters: firstParameters(config),
    lateness: new OwnLateness(),
    failure: createFailureState({ lifeguard: config.lifeguard !== false, random }),
    replica,
    proofs: new Proofs(kernels),
    certificates,
    log: new DeltaLog(),
    compaction: new Compaction(config.compactFromBytes),
    rebuilding: new Rebuilding(),
    disk: new OwnDisk(),
    acks: new Acknowledgements(),
    parked: new Parked(),
    room: new Room(),
    clock,
    author: new LocalAuthor({ nodeId, meshId, ...deps, replica, clock, certificates }),
    writes: new LocalWrites(),
    tickets: new Tickets(),
    incarnations: new IncarnationLimits(),
    budgets: new Budgets(config.rateLimitPerPeer ?? RATE_LIMIT_PER_PEER_DEFAULT),
    convergence: new Convergence(config.convergenceThreshold),
    rounds: new Rounds(config.roundIntervalMs, start.monoMs),
    partition: new PartitionState(),
    directory: new Directory(replica, membership),
    inboxes: new Inboxes(),
    outbox: new Outbox(),
  };
}

function certificatesOf({ admission, meshId }: CoreConfig, kernels: Kernels): Certificates {
  const anchor = admission && { meshId, authority: admission.authority };
  const certificates = new Certificates(anchor, kernels.blake3.bind(kernels));
  if (admission !== undefined) certificates.install(admission.credential);
  return certificates;
}

/** Links, reputations and parked deltas are looked after this often. */
const MAINTAIN_MS = 250;
const SAMPLE_LABEL = new TextEncoder().encode("knhk-mesh/1/member-sample");
