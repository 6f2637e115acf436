/**
 * What a core wants done: queues that the driver polls until empty after every handle call. They
 * hold only what one call produced, so their bound is what one frame or timer can cause.
 */
import type { Change } from "../kernels/kernels.ts";
import type { LinkRequest } from "./gossip/active-view.ts";
import type { Converged } from "./gossip/convergence.ts";
import type { NodeId } from "./node-id.ts";
import type { Health, PartitionCause } from "./partition/partition-state.ts";
import type { CompactedPart } from "./state/compaction.ts";

/** Frame lanes, most urgent first; the transport's own numbers. */
export const LANE_CONTROL = 0;
export const LANE_STATE = 1;
export const LANE_MESSAGE = 2;
export type Lane = 0 | 1 | 2;

export interface Transmit {
  readonly peer: NodeId;
  /** Shared between peers when a frame goes to several: never write to it. */
  readonly bytes: Uint8Array;
  readonly lane: Lane;
}

/** Signatures to check before a frame goes on; answered by handleVerified. */
export interface VerifyRequest {
  readonly ticket: number;
  /**
   * Whose frame it is; the own id for what this node itself tries again. Requests of one peer are
   * best answered in order.
   */
  readonly peer: NodeId;
  readonly checks: readonly SignatureCheck[];
  /** Whether all that this peer sends is refused until this is answered: a Hello. */
  readonly isAwaited: boolean;
}

export interface SignatureCheck {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** A member record to store, in place of the last one of its node; not answered. */
export interface MemberStoreRequest {
  readonly node: NodeId;
  readonly bytes: Uint8Array;
}

/** A delta to store; answered by handleStored. */
export interface StoreRequest {
  readonly ticket: number;
  readonly bytes: Uint8Array;
}

export type CoreEvent =
  | { readonly kind: "peer:up"; readonly peer: NodeId }
  | { readonly kind: "peer:down"; readonly peer: NodeId; readonly reason: string }
  /** A peer was turned away: another mesh, another protocol version, a bad record. */
  | { readonly kind: "peer:refused"; readonly peer: NodeId; readonly reason: string }
  /** The own leave is over: the links may be closed. */
  | { readonly kind: "left" }
  | { readonly kind: "member:up"; readonly peer: NodeId }
  | { readonly kind: "member:left"; readonly peer: NodeId }
  /** A member does not answer; unless it refutes, it will be unreachable. */
  | { readonly kind: "member:suspected"; readonly peer: NodeId }
  /** It still counts in n. */
  | { readonly kind: "member:unreachable"; readonly peer: NodeId }
  /** A quorum has signed that it is gone: it counts no more. */
  | { readonly kind: "member:departed"; readonly peer: NodeId }
  /** A member suspected or unreachable before is alive. */
  | { readonly kind: "member:reachable"; readonly peer: NodeId }
  /** The first exchange with a peer has brought this replica up to it. */
  | { readonly kind: "synced"; readonly peer: NodeId }
  | { readonly kind: "changes"; readonly changes: readonly Change[] }
  /** Writes first..last are in this replica and on their way to the peers. */
  /** Deltas found no room in the replica. */
  | { readonly kind: "state:full"; readonly entries: number; readonly deltaBytes: number }
  | { readonly kind: "acknowledged"; readonly first: number; readonly last: number }
  | { readonly kind: "writes:failed"; readonly first: number; readonly last: number }
  /** Writes first..last that wait for a level have reached it. */
  | {
      readonly kind: "stored";
      readonly level: "durable" | "region";
      readonly first: number;
      readonly last: number;
    }
  /** Writes that wait for a level above `local` will not hear of it any more. */
  | { readonly kind: "writes:uncertain"; readonly reason: string }
  | ({ readonly kind: "converged" } & Converged)
  /** An author has signed two deltas for one place, and is expunged; `proof` shows it to anybody. */
  | { readonly kind: "fork"; readonly author: NodeId; readonly proof: Uint8Array }
  /** The authority or its issuers have ended a membership: everything of the node is expunged. */
  | { readonly kind: "revoked"; readonly peer: NodeId }
  | { readonly kind: "health:changed"; readonly health: Health; readonly from: Health }
  /** Fewer than a quorum answered, and this node's own links agree. */
  | {
      readonly kind: "partition:detected";
      readonly reachable: number;
      readonly quorum: number;
      readonly cause: PartitionCause;
    }
  /** Writable again: `elapsedMs` since a quorum answered. Follows a `partition:detected`. */
  | { readonly kind: "partition:recovered"; readonly elapsedMs: number }
  /** An agent's inbox has something to take. */
  | { readonly kind: "message"; readonly agent: string }
  | { readonly kind: "message:result"; readonly id: bigint; readonly result: MessageOutcome }
  /** Another node holds the better claim to a local agent's name. */
  | { readonly kind: "agent:conflict"; readonly agent: string; readonly holder: NodeId };

export type MessageOutcome = "accepted" | "unknown_agent" | "inbox_full" | "refused" | "timeout";

export class Outputs {
  readonly transmits = new Queue<Transmit>();
  readonly verifies = new Queue<VerifyRequest>();
  readonly stores = new Queue<StoreRequest>();
  /** Filled only when the store is durable. */
  readonly memberStores = new Queue<MemberStoreRequest>();
  /** All proofs of equivocation, to be kept in place of the last ones; not answered. */
  readonly proofStores = new Queue<Uint8Array>();
  /** All departed members, to be kept in place of the last list; not answered. */
  readonly departedStores = new Queue<Uint8Array>();
  /** What compaction has dropped, to be dropped from the store; not answered. */
  readonly compacted = new Queue<CompactedPart>();
  readonly links = new Queue<LinkRequest>();
  readonly events = new Queue<CoreEvent>();
}

/** First in, first out; O(1) both ways. */
class Queue<T> {
  #items: T[] = [];
  #next = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  poll(): T | undefined {
    const item = this.#items[this.#next];
    if (item === undefined) {
      // Most polls find nothing, and nothing was there before.
      if (this.#next > 0) this.#items.length = 0;
      this.#next = 0;
      return undefined;
    }
    this.#next += 1;
    return item;
  }
}
