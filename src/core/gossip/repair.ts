/**
 * Repair: finds what two replicas hold apart and moves it. The frontier is a Merkle tree; the two
 * descend it 16 ways in bounded frames. Every answer is made from the question alone, so a
 * responder keeps no state, and whoever sees the last difference acts on it: wants what it lacks,
 * sends what the other lacks.
 */
import { DELTA_AUTHOR_OFFSET, HASH_BYTES } from "../../../assembly/layout.ts";
import { type Head, VV_EQUAL } from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { type NodeId, nodeIdFromBytes } from "../node-id.ts";
import type { Now } from "../now.ts";
import { meshRoot } from "../state/root.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { lastSeqOf } from "../wire/delta.ts";
import { FRAME_DELTA } from "../wire/delta-frame.ts";
import {
  FRAME_SYNC,
  FRAME_WANT,
  type FrontierEntry,
  PREFIX_NIBBLES_MAX,
  SYNC_ENTRIES_MAX,
  SYNC_RANGES_MAX,
  type SyncRange,
  WANT_ENTRIES_MAX,
  type Want,
} from "../wire/frame.ts";
import { bytesEqual } from "../wire/member.ts";
import { carried, isCutRecord } from "../wire/stub.ts";
import { inParts } from "./in-parts.ts";
import { nameOf } from "./missing.ts";
import { transmit } from "./transmit.ts";

/** A subtree of at most this many entries is listed, a larger one descended. */
export const RANGE_LEAF_MAX = 16;
/** Bytes of deltas in one answer; the asker asks again while there is more. */
export const REPAIR_BYTES_MAX = 524_288;
/** Of these in one frame: what is merged in one turn of the event loop, 5 ms at most. */
const REPAIR_FRAME_BYTES_MAX = 131_072;
/** An answer of that many bytes takes no less to send, verify and merge. */
const UNDER_WAY_MS_MIN = 50;

/** The whole frontier as one range: where every descent starts. */
export function wholeRange(core: CoreState): SyncRange {
  return rangeOf(core, new Uint8Array(HASH_BYTES), 0);
}

/** Acts on a peer's ranges: descends, wants, sends. True when anything differed. */
export function repair(
  core: CoreState,
  peer: NodeId,
  ranges: readonly SyncRange[],
  now: Now,
): boolean {
  const deeper: SyncRange[] = [];
  const gap: Gap = { wants: [], surplus: [] };
  let entriesLeft = SYNC_ENTRIES_MAX;
  for (const range of ranges) {
    if (range.kind === "leaf") compareLeaf(core, range, gap);
    for (const child of range.kind === "leaf"
      ? beyondLeaf(core, range)
      : differingChildren(core, range)) {
      const size = child.kind === "leaf" ? child.entries.length : 0;
      if (deeper.length >= SYNC_RANGES_MAX || size > entriesLeft) continue;
      entriesLeft -= size;
      deeper.push(child);
    }
  }
  if (deeper.length > 0) sendSync(core, peer, { echo: 0, ranges: deeper }, now);
  if (gap.wants.length > 0) {
    core.cells.add(CELLS.repairRequestsTransmit, 1);
    const wants = gap.wants.slice(0, WANT_ENTRIES_MAX);
    transmit(core, [peer], { type: FRAME_WANT, wants }, now);
  }
  if (gap.surplus.length > 0) sendDeltas(core, peer, gap, now);
  return deeper.length + gap.wants.length + gap.surplus.length > 0;
}

/** Answers a Want from the log. */
export function answerWant(core: CoreState, peer: NodeId, wants: readonly Want[], now: Now): void {
  core.cells.add(CELLS.repairRequestsReceive, 1);
  const surplus: Surplus[] = [];
  for (const want of wants) {
    const head = core.replica.head(want.author, want.epoch, want.nonce);
    if (head !== undefined && head.seq > want.after) {
      surplus.push({ row: head.row, after: want.after });
    }
  }
  sendDeltas(core, peer, { surplus }, now);
}

/** Sends own digests with the ranges that differ or may differ. */
export function sendSync(
  core: CoreState,
  peer: NodeId,
  answer: { readonly echo: number; readonly ranges: readonly SyncRange[] },
  now: Now,
): void {
  const root = meshRoot(core);
  const membersDigest = core.membership.digest();
  transmit(core, [peer], { type: FRAME_SYNC, root, membersDigest, ...answer }, now);
}

interface Surplus {
  readonly row: number;
  readonly after: number;
}

interface Gap {
  readonly wants: Want[];
  readonly surplus: Surplus[];
}

function rangeOf(core: CoreState, prefix: Uint8Array, nibbles: number): SyncRange {
  const tree = core.replica.frontierTree;
  const rows = new Uint32Array(RANGE_LEAF_MAX);
  const total = tree.rangeRows(prefix, nibbles, rows);
  if (total <= RANGE_LEAF_MAX || nibbles >= PREFIX_NIBBLES_MAX) {
    const entries = headsAt(core, rows.subarray(0, Math.min(total, RANGE_LEAF_MAX)));
    return { kind: "leaf", nibbles, prefix, entries };
  }
  const hashes = new Uint8Array(16 * HASH_BYTES);
  tree.rangeHashes(prefix, nibbles, hashes);
  return { kind: "inner", nibbles, prefix, hashes };
}

function* differingChildren(
  core: CoreState,
  range: Extract<SyncRange, { kind: "inner" }>,
): Generator<SyncRange> {
  if (range.nibbles >= PREFIX_NIBBLES_MAX) return;
  const mask = core.replica.frontierTree.rangeDiff(range.prefix, range.nibbles, range.hashes);
  // From a random child on: what differs for good must not hide what follows it.
  const first = core.random.below(16);
  for (let i = 0; i < 16; i++) {
    const nibble = (first + i) % 16;
    if ((mask & (1 << nibble)) === 0) continue;
    yield rangeOf(core, childPrefix(range.prefix, range.nibbles, nibble), range.nibbles + 1);
  }
}

/** The own side of a peer's leaf when it holds more than one list takes: to be descended. */
function beyondLeaf(core: CoreState, range: Extract<SyncRange, { kind: "leaf" }>): SyncRange[] {
  const own = rangeOf(core, range.prefix, range.nibbles);
  return own.kind === "inner" ? [own] : [];
}

function compareLeaf(core: CoreState, range: Extract<SyncRange, { kind: "leaf" }>, gap: Gap): void {
  const own = new Uint32Array(RANGE_LEAF_MAX);
  const total = core.replica.frontierTree.rangeRows(range.prefix, range.nibbles, own);
  if (range.nibbles === 0 && total === range.entries.length) {
    if (equalFrontiers(core, range.entries)) return;
  }
  const theirs = new Set<number>();
  for (const entry of range.entries) {
    if (core.proofs.has(entry.author)) continue;
    const head = core.replica.head(entry.author, entry.epoch, entry.nonce);
    if (head === undefined) {
      gap.wants.push(want(entry, -1));
      continue;
    }
    theirs.add(head.row);
    if (head.seq < entry.seq && !head.ended) gap.wants.push(want(entry, head.seq));
    else if (head.seq > entry.seq) gap.surplus.push({ row: head.row, after: entry.seq });
    // Two heads at one seq: the author has told each of us something else. Ours shows it to them.
    else if (!bytesEqual(head.hash, entry.hash)) {
      gap.surplus.push({ row: head.row, after: head.seq - 1 });
    }
  }
  for (const row of own.subarray(0, Math.min(total, RANGE_LEAF_MAX))) {
    if (!theirs.has(row)) gap.surplus.push({ row, after: -1 });
  }
}

/** Compares a whole frontier with the live one, lane by lane, in the kernel. */
function equalFrontiers(core: CoreState, entries: readonly FrontierEntry[]): boolean {
  const { kernels } = core.deps;
  const theirs = kernels.createVersionVector();
  let known = true;
  for (const entry of entries) {
    const head = core.replica.head(entry.author, entry.epoch, entry.nonce);
    if (head === undefined || !bytesEqual(head.hash, entry.hash)) known = false;
    else theirs.set(head.row, entry.seq);
  }
  const relation = kernels.vvCompare(core.replica.frontier, theirs);
  theirs.free();
  return known && relation === VV_EQUAL;
}

function headsAt(core: CoreState, rows: Uint32Array): FrontierEntry[] {
  const entries: FrontierEntry[] = [];
  for (const row of rows) {
    const head: Head | undefined = core.replica.headAt(row);
    if (head === undefined) continue;
    const { author, epoch, nonce, seq, hash } = head;
    entries.push({ author, epoch, nonce, seq, hash });
  }
  return entries;
}

function want(entry: FrontierEntry, after: number): Want {
  return { author: entry.author, epoch: entry.epoch, nonce: entry.nonce, after };
}

function sendDeltas(core: CoreState, peer: NodeId, gap: Pick<Gap, "surplus">, now: Now): void {
  if (!core.budgets.mayAnswer(peer, now.monoMs)) return;
  const parts: Uint8Array[] = [];
  let room = REPAIR_BYTES_MAX;
  let more = false;
  const sent = new Set<number>();
  const underWay = core.view.link(peer)?.underWay;
  const forMs = underWayMs(core, peer);
  for (const { row, after } of gap.surplus) {
    const head = core.replica.headAt(row);
    if (head === undefined || core.proofs.has(head.author)) continue;
    // A question that names an incarnation twice is answered once.
    if (sent.has(row)) continue;
    sent.add(row);
    const name = nameOf(head);
    const from = underWay?.from(name, after, now) ?? after;
    const { deltas, complete } = core.log.above(row, from, room);
    const voucher = voucherFor(core, peer, deltas[0], now);
    if (voucher === "none") continue;
    if (voucher !== undefined) {
      parts.push(voucher);
      room -= voucher.length;
    }
    const last = deltas.at(-1);
    if (last !== undefined) underWay?.sent(name, { after, seq: lastSeqOf(last) }, forMs, now);
    for (const delta of deltas) {
      parts.push(delta);
      room -= delta.length;
    }
    if (!complete) {
      more = true;
      break;
    }
  }
  if (parts.length === 0) return;
  const root = meshRoot(core);
  core.budgets.answered(peer, REPAIR_BYTES_MAX - room, now.monoMs);
  const answers = inParts(parts, REPAIR_FRAME_BYTES_MAX);
  for (const [i, part] of answers.entries()) {
    const isLast = i === answers.length - 1;
    const frame = { type: FRAME_DELTA, more: isLast && more, root, ...carried(part) } as const;
    transmit(core, [peer], isLast ? frame : { ...frame, follows: true }, now);
  }
}

/**
 * The record that stands for a cut one and has not just been sent; undefined when none is to go before,
 * and `"none"` when there is none: without it the peer would not take the other.
 */
function voucherFor(
  core: CoreState,
  peer: NodeId,
  first: Uint8Array | undefined,
  now: Now,
): Uint8Array | "none" | undefined {
  if (first === undefined || !isCutRecord(first)) return undefined;
  const author = nodeIdFromBytes(first, DELTA_AUTHOR_OFFSET);
  const voucher = core.log.vouchers.of(author);
  if (voucher === undefined) return "none";
  return core.view.link(peer)?.vouched.isDue(author, now) === false ? undefined : voucher;
}

/** How long an answer may be on its way before it counts as lost: less than a round's interval. */
function underWayMs(core: CoreState, peer: NodeId): number {
  const rttMs = core.registry.get(peer)?.rtt?.currentMs ?? 0;
  return Math.max(UNDER_WAY_MS_MIN, 2 * rttMs);
}

/** The prefix one half-byte longer. */
function childPrefix(prefix: Uint8Array, nibbles: number, nibble: number): Uint8Array {
  const child = prefix.slice();
  const at = nibbles >> 1;
  const byte = child[at] ?? 0;
  child[at] = nibbles % 2 === 0 ? (nibble << 4) | (byte & 15) : (byte & 0xf0) | nibble;
  return child;
}
