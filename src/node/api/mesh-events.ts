/** The mesh's events: a typed EventTarget; `detail` is frozen. */
import type { CoreEvent } from "../../core/outputs.ts";
import type { Health, PartitionCause } from "../../core/partition/partition-state.ts";
import type { MeshError } from "../../errors.ts";

/** Event name to detail. Node ids are hex. */
export interface MeshEventMap {
  /** A link to a peer is up and it has said Hello. */
  "peer:up": { readonly peer: string };
  "peer:down": { readonly peer: string; readonly reason: string };
  /**
   * Turned away: another mesh (`mesh`), another protocol (`version`), a bad record, or it sends more
   * than it may (`flood`).
   */
  "peer:refused": { readonly peer: string; readonly reason: string };
  /**
   * A connection ended before it became a link, for a certificate: this node refused the peer
   * (`by` "self") or the peer this node ("peer"). `error` says why and what to do.
   */
  "admission:refused": {
    readonly peer: string;
    readonly by: "self" | "peer";
    readonly reason: string;
    readonly error: MeshError;
  };
  /** A new certificate was taken up from its file. Times are ms since 1970. */
  "certificate:renewed": { readonly serial: number; readonly notAfter: number };
  /** The certificate should have been renewed by now: told once. */
  "certificate:due": { readonly serial: number; readonly notAfter: number };
  /** What the certificate's file holds now is of no use; the node goes on with what it has. */
  "certificate:failed": { readonly error: MeshError };
  /** A node is known for the first time. */
  "member:up": { readonly peer: string };
  "member:left": { readonly peer: string };
  /** A member does not answer; unless it refutes, it will be unreachable. */
  "member:suspected": { readonly peer: string };
  /** A member has been given up. It still counts in n. */
  "member:unreachable": { readonly peer: string };
  /** A member suspected or unreachable before is alive. */
  "member:reachable": { readonly peer: string };
  /** A quorum has signed that a member is gone: it counts no more, until it comes back. */
  "member:departed": { readonly peer: string };
  /** Every change of `mesh.health`. */
  "health:changed": { readonly health: Health; readonly from: Health };
  /**
   * Fewer than a quorum answered the last roll call, and own links are silent too: `isolated` when
   * none answers, `cut` when some do.
   */
  "partition:detected": {
    readonly reachable: number;
    readonly quorum: number;
    readonly cause: PartitionCause;
  };
  /** Writable again, `elapsedMs` after a quorum answered. */
  "partition:recovered": { readonly elapsedMs: number };
  /** Enough peers show the own root. */
  converged: { readonly elapsedMs: number; readonly rounds: number };
  /** An author has signed two deltas for one place, and is expunged; `proof` shows it to anybody. */
  fork: { readonly author: string; readonly proof: Uint8Array };
  /** The authority or its issuers have ended a membership: everything of the node is expunged. */
  revoked: { readonly peer: string };
  /**
   * The replica is at a limit: deltas of others are refused, so this node lacks what they hold, and
   * own writes fail with MESH_STATE_FULL. Told once a minute at most. What helps: fewer nodes in the
   * process, or the state spread over several meshes (docs/LIMITS.md). `deltaBytes` is the delta log.
   */
  "state:full": { readonly entries: number; readonly deltaBytes: number };
  /** The process uses more memory than `rssBytesMax`: no link is accepted, and some are closed. */
  "memory:pressed": { readonly rssBytes: number };
  "memory:relieved": { readonly rssBytes: number };
  /** The node cannot go on and is closing: its store failed. */
  failed: { readonly error: MeshError };
  /** A local agent's name is held by an older claim on another node. */
  "agent:conflict": { readonly agent: string; readonly holder: string };
}

type Listener<K extends keyof MeshEventMap> = (event: CustomEvent<MeshEventMap[K]>) => void;

interface ListenerOptions {
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

/** An EventTarget that knows its events' names and details. */
interface MeshEventTarget {
  addEventListener<K extends keyof MeshEventMap>(
    name: K,
    listener: Listener<K>,
    options?: ListenerOptions,
  ): void;
  removeEventListener<K extends keyof MeshEventMap>(name: K, listener: Listener<K>): void;
  dispatchEvent(event: Event): boolean;
}

// The platform's EventTarget, narrowed to the names above: every call fits the wider signature.
export const MeshEvents = EventTarget as unknown as { new (): MeshEventTarget };

/** The public event of a core event; undefined for those that stay inside. */
export function publicEvent(event: CoreEvent): CustomEvent | undefined {
  switch (event.kind) {
    case "synced":
    case "changes":
    case "acknowledged":
    case "writes:failed":
    case "stored":
    case "writes:uncertain":
    case "message":
    case "message:result":
    case "left":
      return undefined;
    default: {
      const { kind, ...detail } = event;
      return new CustomEvent(kind, { detail: Object.freeze(detail) });
    }
  }
}
