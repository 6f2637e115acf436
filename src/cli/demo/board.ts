/**
 * The rules of the shared board: who may claim which file, and who owns it. Pure functions.
 *
 * The board is a shared map, path to {@link BoardEntry}. It converges but does not lock: two
 * agents may claim one file at once. So an agent writes its claim, lets the mesh settle, reads
 * again, and owns the file only if its claim is the one that stands. Both the settling and the lease
 * follow what entries of others take to arrive, so that agents on a busy machine claim less often and
 * the mesh keeps up. Should it be slower all the same, a file is counted twice with the same result,
 * and the demo reports it as redone. Times are on the wall clock, which the processes of one machine
 * share.
 */

export type BoardEntry =
  | { readonly state: "open" }
  | ({ readonly state: "claimed"; readonly leaseMs: number } & Claim)
  | ({ readonly state: "done" } & Claim);

interface Claim {
  readonly by: string;
  /** Number of the agent's node, from 1. */
  readonly node: number;
  /** When the entry was written. */
  readonly atMs: number;
  /** 1 for the first claim of a file, one more with every takeover. */
  readonly attempt: number;
  /** Nodes whose leases on this file ran out, oldest first, at most {@link HOLDERS_MAX}. */
  readonly lapsed: readonly number[];
}

export type ClaimedEntry = Extract<BoardEntry, { state: "claimed" }>;
export type DoneEntry = Extract<BoardEntry, { state: "done" }>;

/** Who claims. */
export interface Claimant {
  readonly by: string;
  readonly node: number;
}

/** Between writing a claim and reading whose claim stands: at least, and at most. */
export const SETTLE_MS_MIN = 60;
export const SETTLE_MS_MAX = 10_000;
/** A claim that is not renewed ends after this, or after so many times the settling. */
export const LEASE_MS_MIN = 1_500;
const LEASE_SETTLES = 6;
/** Former holders that an entry remembers. */
export const HOLDERS_MAX = 8;

/** How long to wait for the mesh, judged by how long the last entries took to arrive. */
export function settleMs(recentDelaysMs: readonly number[]): number {
  return Math.min(SETTLE_MS_MAX, Math.max(SETTLE_MS_MIN, ...recentDelaysMs.map((ms) => 1.5 * ms)));
}

/** How long a claim holds that took so long to settle: renewals must outrun it everywhere. */
export function leaseMs(settledMs: number): number {
  return Math.max(LEASE_MS_MIN, LEASE_SETTLES * settledMs);
}

/** Whether an agent may claim: nobody holds it, or the holder's lease has run out. */
export function isClaimable(entry: BoardEntry, nowMs: number): boolean {
  return entry.state === "open" || (entry.state === "claimed" && isOver(entry, nowMs));
}

function isOver({ atMs, leaseMs }: ClaimedEntry, nowMs: number): boolean {
  return atMs + leaseMs <= nowMs;
}

/** The claim to write over a claimable entry. */
export function claimOf(
  entry: BoardEntry,
  claimant: Claimant,
  { atMs, leaseMs }: Pick<ClaimedEntry, "atMs" | "leaseMs">,
): ClaimedEntry {
  const lapsed = entry.state === "claimed" ? [...entry.lapsed, entry.node].slice(-HOLDERS_MAX) : [];
  const attempt = entry.state === "open" ? 1 : entry.attempt + 1;
  return { state: "claimed", ...claimant, atMs, attempt, lapsed, leaseMs };
}

/** The same claim with a fresh lease. */
export function renewed(claim: ClaimedEntry, atMs: number): ClaimedEntry {
  return { ...claim, atMs };
}

/** What the owner writes when the result is published. */
export function doneOf({ by, node, attempt, lapsed }: ClaimedEntry, atMs: number): DoneEntry {
  return { state: "done", by, node, atMs, attempt, lapsed };
}

/** Whether the entry that stands is this very claim, whatever its lease. */
export function isOwnedBy(entry: BoardEntry | undefined, claim: ClaimedEntry): boolean {
  if (entry?.state !== "claimed") return false;
  return entry.by === claim.by && entry.attempt === claim.attempt;
}

/** Whether another node finished the file after this one's lease on it ran out. */
export function isTakenOverFrom(entry: BoardEntry, nodes: ReadonlySet<number>): boolean {
  if (entry.state !== "done" || nodes.has(entry.node)) return false;
  return entry.lapsed.some((node) => nodes.has(node));
}

/**
 * The claimable file that comes first in this agent's own order. Every agent has another order,
 * so that they seldom reach for the same file.
 */
export function pickFile(
  board: ReadonlyMap<string, BoardEntry>,
  agent: string,
  nowMs: number,
): string | undefined {
  let best: string | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const [path, entry] of board) {
    if (!isClaimable(entry, nowMs)) continue;
    const rank = rankOf(agent, path);
    if (rank < bestRank) {
      best = path;
      bestRank = rank;
    }
  }
  return best;
}

/** FNV-1a over both names, mixed: rendezvous hashing needs no more. */
function rankOf(agent: string, path: string): number {
  let hash = 0x811c9dc5;
  for (const text of [agent, "\n", path]) {
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
