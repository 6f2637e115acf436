/** What a simulated run reports; also the JSON of `knhk-mesh sim --json`. */

import type { Situation } from "./situations.ts";

/** One broken invariant: docs/TESTING.md names them. */
export interface Violation {
  /** S1 to S8, C1 to C3, B1 to B5, P1 to P4, R1 to R4. */
  readonly invariant: string;
  /** Virtual ms. */
  readonly at: number;
  /** `n3`; undefined where it concerns the mesh. */
  readonly node: string | undefined;
  readonly detail: string;
}

export interface SimResult {
  readonly seed: number;
  readonly nodes: number;
  readonly agents: number;
  readonly virtualMs: number;
  readonly wallMs: number;
  /** BLAKE3 over every event; equal for equal options on every machine and kernel implementation. */
  readonly traceHash: string;
  readonly violations: readonly Violation[];
  /** Rare situations that the run came into. */
  readonly situations: readonly Situation[];
  /** From a write to its last correct, reachable node; `rounds` is the largest number of intervals. */
  readonly convergence: {
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
    readonly rounds: number;
    readonly samples: number;
    /** Writes that some node which had to get them never got. */
    readonly unfinished: number;
  };
  readonly partition: {
    /** From a cut to read-only, over nodes without a quorum. */
    readonly detectedMs: { readonly p50: number; readonly max: number };
    /** Read-only entered by nodes that had a quorum. */
    readonly falseAlarms: number;
    /** From the heal to equal roots and writable. */
    readonly recoveredMs: { readonly p50: number; readonly max: number };
  };
  readonly failure: {
    /** From a crash to the last correct node that calls it unreachable. */
    readonly detectedMs: number;
    /** Running, connected nodes called unreachable by a correct one. */
    readonly falsePositives: number;
  };
  readonly trust: {
    readonly equivocators: number;
    /** Pairs of a correct node and an equivocator that it has not expunged at the end. */
    readonly unproven: number;
    /** From the equivocation to the last correct node that expunged its author. */
    readonly provenRounds: number;
    /** From the last write until all correct nodes are equal; -1 when they never are. */
    readonly quietRounds: number;
    /** Writes in another's name that correct nodes hold. */
    readonly forgedMerged: number;
    /** Proofs of equivocation against a correct node, at correct nodes. */
    readonly selfProofs: number;
    /** Lives, at each correct node, whose own counter is above what that life was told. */
    readonly doubleCounts: number;
  };
  readonly disks: {
    /** Restarts that found something on their disk, and those of them that could not take it. */
    readonly opens: number;
    readonly failedOpens: number;
    /** Disks lost or set back. */
    readonly harmed: number;
    /** Operations acknowledged as durable that had to be found again: 0 where too many disks went. */
    readonly durable: number;
    /** Of these, what some correct node lacks at the end. */
    readonly durableLost: number;
  };
  readonly network: {
    readonly messages: number;
    /** Encoded bytes plus 60 a datagram. */
    readonly bytes: number;
    /** Sent. */
    readonly bytesPerNodePerSecond: { readonly mean: number; readonly p99: number };
    /** Relative message redundancy: deliveries of a delta per node that lacked it, less one. */
    readonly redundancy: number;
    readonly lastDeliveryHop: number;
  };
  readonly distinctRoots: number;
  readonly acknowledged: number;
  /** Operations that a read-only, crashed or full node turned down. */
  readonly refused: number;
  /** Acknowledged operations of surviving authors that some correct node lacks at the end. */
  readonly lost: number;
  readonly eventsPerSecond: number;
  readonly heapBytesPerNode: number;
}
