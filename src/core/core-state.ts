/**
 * What one core is made of: plain parts that the stage functions read and write. Built by
 * MeshCore; no stage keeps state of its own.
 */
import type { Kernels, Replica } from "../kernels/kernels.ts";
import type { Directory } from "./agents/directory.ts";
import type { Inboxes } from "./agents/inboxes.ts";
import type { Outbox } from "./agents/outbox.ts";
import type { Acknowledgements } from "./durability/acknowledgements.ts";
import type { OwnDisk } from "./durability/own-disk.ts";
import type { FailureState } from "./failure/detector.ts";
import type { ActiveView } from "./gossip/active-view.ts";
import type { Announcements } from "./gossip/announcements.ts";
import type { Convergence } from "./gossip/convergence.ts";
import type { LazyHeads } from "./gossip/ihave.ts";
import type { MissingHeads } from "./gossip/missing.ts";
import type { GossipParameters } from "./gossip/parameters.ts";
import type { PromptHeads } from "./gossip/prompt-heads.ts";
import type { Rounds } from "./gossip/rounds.ts";
import type { Interner } from "./intern.ts";
import type { NodeId } from "./node-id.ts";
import type { Outputs } from "./outputs.ts";
import type { OwnLateness } from "./own-lateness.ts";
import type { PartitionState } from "./partition/partition-state.ts";
import type { Leaving } from "./peers/leaving.ts";
import type { Membership } from "./peers/membership.ts";
import type { PeerRegistry } from "./peers/peer-registry.ts";
import type { Random } from "./random.ts";
import type { Compaction } from "./state/compaction.ts";
import type { DeltaLog } from "./state/delta-log.ts";
import type { HybridClock } from "./state/hlc.ts";
import type { LocalAuthor } from "./state/local-author.ts";
import type { LocalWrites } from "./state/local-writes.ts";
import type { Parked } from "./state/parked.ts";
import type { Rebuilding } from "./state/rebuilding.ts";
import type { Room } from "./state/room.ts";
import type { Cells } from "./telemetry/cells.ts";
import type { Budgets } from "./trust/budgets.ts";
import type { Certificates } from "./trust/certificates.ts";
import type { Crypto, SigningKey } from "./trust/crypto.ts";
import type { IncarnationLimits } from "./trust/incarnation-limits.ts";
import type { Proofs } from "./trust/proofs.ts";
import type { Tickets } from "./trust/tickets.ts";

/** Fixed for the life of a core. Times in ms. */
export interface CoreConfig {
  readonly nodeId: NodeId;
  /** 16 bytes: BLAKE3 of the mesh's name, cut. */
  readonly meshId: Uint8Array;
  readonly region: string;
  readonly zone: string;
  /** Peers asked per round; 1 to 64. */
  readonly fanout: number;
  /** Time between rounds while anything differs; idle rounds back off to 16 times this. */
  readonly roundIntervalMs: number;
  /** Share of peers that must show the own root, in (0, 1]. */
  readonly convergenceThreshold: number;
  /** Least time between two own deltas: a lone write leaves at once, later ones gather. */
  readonly batchDelayMs: number;
  /** Links aimed for; at most this many others are all linked. */
  readonly viewSize: number;
  /** Peers below are ignored, 0 to 1. */
  readonly reputationThreshold: number;
  /** Eager push; default true. Off: rounds alone carry state. */
  readonly push?: boolean;
  /** The push tree; default true. Off: every push floods the links. */
  readonly tree?: boolean;
  /** Time between probes of links. Default: from 150 (16 members) to 450 (1,000), failure/timing.ts. */
  readonly probeIntervalMs?: number;
  /** Default true. False is plain SWIM: fixed timeouts, no confirmations, no local health. */
  readonly lifeguard?: boolean;
  /** How long a member is unreachable before this node signs its departure. Default 600,000. */
  readonly departAfterMs?: number;
  /** Writes younger than this are not compacted. Default 300,000. */
  readonly compactAfterMs?: number;
  /** A delta log of fewer bytes is left alone. Default 8 MiB. */
  readonly compactFromBytes?: number;
  /** Without a quorum: refuse user writes (default), or go on taking them. */
  readonly whenPartitioned?: "read-only" | "available";
  /** Frames a second taken from one peer; the other budgets derive from it. Default 10,000. */
  readonly rateLimitPerPeer?: number;
  /**
   * Who certifies members, and this node's own credential (wire/credential.ts), which has been
   * checked. Undefined: the mesh is open.
   */
  readonly admission?: { readonly authority: NodeId; readonly credential: Uint8Array };
  /** Whether what the store has confirmed survives the process. Default false. */
  readonly durable?: boolean;
}

export interface CoreDeps {
  readonly kernels: Kernels;
  readonly crypto: Crypto;
  /** The node's identity, whose public key is config.nodeId. */
  readonly identityKey: SigningKey;
  /** Shared with other cores of the process; without it a core keeps copies of its own. */
  readonly interner?: Interner;
  /** 32 bytes, fresh for each life: the only source of randomness. */
  readonly seed: Uint8Array;
}

export interface CoreState {
  readonly config: CoreConfig;
  readonly deps: CoreDeps;
  /** This life of the node in member records and agent claims. */
  epoch: bigint;
  /** Direct messages sent in this life: the next one's id, less one. */
  messageCount: bigint;
  readonly cells: Cells;
  readonly random: Random;
  readonly out: Outputs;
  readonly registry: PeerRegistry;
  readonly membership: Membership;
  readonly view: ActiveView;
  readonly announcements: Announcements;
  readonly leaving: Leaving;
  readonly lazyHeads: LazyHeads;
  readonly promptHeads: PromptHeads;
  readonly missing: MissingHeads;
  /** Derived from what is observed, every maintenance. */
  parameters: GossipParameters;
  readonly lateness: OwnLateness;
  readonly failure: FailureState;
  /** Made anew when an author is expunged, or a gap was filled. */
  replica: Replica;
  readonly proofs: Proofs;
  readonly certificates: Certificates;
  readonly log: DeltaLog;
  readonly compaction: Compaction;
  readonly rebuilding: Rebuilding;
  readonly disk: OwnDisk;
  readonly acks: Acknowledgements;
  readonly parked: Parked;
  readonly room: Room;
  readonly clock: HybridClock;
  readonly author: LocalAuthor;
  readonly writes: LocalWrites;
  readonly tickets: Tickets;
  readonly budgets: Budgets;
  readonly incarnations: IncarnationLimits;
  readonly convergence: Convergence;
  readonly rounds: Rounds;
  readonly partition: PartitionState;
  readonly directory: Directory;
  readonly inboxes: Inboxes;
  readonly outbox: Outbox;
}
