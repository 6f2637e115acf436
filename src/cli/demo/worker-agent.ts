/**
 * One agent of the demo: claims a file, counts it, publishes the result, and again until every
 * file is done. Everything it knows of the others it reads from the shared board.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SharedMap } from "../../node/api/map.ts";
import {
  type BoardEntry,
  type Claimant,
  type ClaimedEntry,
  claimOf,
  doneOf,
  isClaimable,
  isOwnedBy,
  leaseMs,
  pickFile,
  renewed,
} from "./board.ts";
import type { FileResult } from "./messages.ts";
import { countFile } from "./word-count.ts";

/** What an agent works with. */
export interface AgentWork {
  readonly claimant: Claimant;
  /** Folder of the input files. */
  readonly root: string;
  readonly board: SharedMap<BoardEntry>;
  /** The board as the node's watch shows it; own writes are entered at once. */
  readonly mirror: Map<string, BoardEntry>;
  readonly results: SharedMap<FileResult>;
  readonly paceMs: number;
  readonly isDone: () => boolean;
  /** How long a claim needs at present to be known everywhere. */
  readonly settleMs: () => number;
  readonly owned: (path: string) => void;
  /** The file is no longer this agent's: finished by this claim, or lost to another. */
  readonly released: (path: string, finished: ClaimedEntry | undefined) => void;
  readonly signal: AbortSignal;
}

/** Runs until all is done or the signal aborts (then it rejects with its reason). */
export async function runAgent(work: AgentWork): Promise<void> {
  const { claimant, mirror, signal } = work;
  while (!work.isDone()) {
    const path = pickFile(mirror, claimant.by, Date.now());
    const claim = path === undefined ? undefined : await settleClaim(work, path);
    if (path === undefined) await delay(IDLE_MS, undefined, { signal });
    else if (claim !== undefined) await workOn(work, path, claim);
  }
}

/** Claims a file. @returns the claim if it stands, undefined if it does not. */
async function settleClaim(work: AgentWork, path: string): Promise<ClaimedEntry | undefined> {
  const { claimant, board, signal } = work;
  const entry = board.get(path);
  const nowMs = Date.now();
  if (entry === undefined || !isClaimable(entry, nowMs)) {
    if (entry !== undefined) work.mirror.set(path, entry);
    return undefined;
  }
  const settleMs = work.settleMs();
  const claim = claimOf(entry, claimant, { atMs: nowMs, leaseMs: leaseMs(settleMs) });
  write(work, path, claim);
  await delay(settleMs, undefined, { signal });
  const standing = board.get(path);
  if (standing !== undefined) work.mirror.set(path, standing);
  return isOwnedBy(standing, claim) ? claim : undefined;
}

async function workOn(work: AgentWork, path: string, claim: ClaimedEntry): Promise<void> {
  const { board, claimant, results, signal } = work;
  work.owned(path);
  const renewal = setInterval(() => {
    if (isOwnedBy(board.get(path), claim)) write(work, path, renewed(claim, Date.now()));
  }, claim.leaseMs / RENEWALS_PER_LEASE);
  let finished: ClaimedEntry | undefined;
  try {
    const count = await countFile(join(work.root, path));
    if (work.paceMs > 0) await delay(work.paceMs, undefined, { signal });
    if (isOwnedBy(board.get(path), claim)) {
      const { attempt } = claim;
      const atNs = process.hrtime.bigint().toString();
      void results.set(path, { ...count, ...claimant, attempt, atNs });
      write(work, path, doneOf(claim, Date.now()));
      finished = claim;
    }
  } finally {
    clearInterval(renewal);
    work.released(path, finished);
  }
}

function write({ board, mirror }: AgentWork, path: string, entry: BoardEntry): void {
  void board.set(path, entry);
  mirror.set(path, entry);
}

const RENEWALS_PER_LEASE = 3;
/** Between looks at a board on which nothing can be claimed. */
const IDLE_MS = 40;
