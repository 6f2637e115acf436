/**
 * Compaction of the delta log: now and then, and in small parts, what later writes of the same
 * author dominate goes from log, replica and store (docs/decisions/0017-compaction.md). Nothing
 * that can be read changes, nor the root.
 */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { type Chain, hlcOf } from "./delta-log.ts";
import { findDominated } from "./dominated.ts";
import { hlcFromMs } from "./hlc.ts";
import { shortenChain } from "./shorten-chain.ts";

/** What the store is to drop: of a pass, in parts. */
export interface CompactedPart {
  /** Deltas and stubs that go; known by their signature. */
  readonly dropped: readonly Uint8Array[];
  /** Stubs that take the place of the delta with their signature. */
  readonly stubs: readonly Uint8Array[];
  /** Whether the pass has ended: from here on each part may go by itself. */
  readonly isLast: boolean;
}

/** When the next pass is due, and how far the one under way has come. */
export class Compaction {
  #pass: Pass | undefined;
  #dueMonoMs = Number.POSITIVE_INFINITY;
  #earliestMonoMs = Number.NEGATIVE_INFINITY;
  readonly #leastBytes: number;
  #fromBytes: number;
  /** Deltas that the last pass looked at and left. */
  oldKept = 0;

  /** @param leastBytes a log below this is left alone. */
  constructor(leastBytes: number = COMPACTION_BYTES_MIN) {
    this.#leastBytes = leastBytes;
    this.#fromBytes = leastBytes;
  }

  /** When the next part of a pass is due; infinity when there is none under way. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  /** Whether a log of so many bytes is worth a pass now. */
  isWanted(bytes: number, now: Now): boolean {
    if (this.#pass !== undefined) return false;
    return bytes >= this.#fromBytes && now.monoMs >= this.#earliestMonoMs;
  }

  begin(pass: Pass, now: Now): void {
    this.#pass = pass;
    this.#dueMonoMs = now.monoMs;
    this.#earliestMonoMs = now.monoMs + PASS_INTERVAL_MS;
  }

  /**
   * Does one part. After the last one the next pass waits until the log is twice what stays, or
   * until half of what was free is taken.
   */
  step(log: { readonly bytes: number; readonly bytesMax: number }, now: Now): void {
    this.#dueMonoMs = now.monoMs + PART_PAUSE_MS;
    const part = this.#pass?.next();
    if (part?.done !== true) return;
    this.#stop();
    const stays = Math.max(0, log.bytes - part.value);
    const wanted = Math.min(2 * stays, stays + (log.bytesMax - stays) / 2);
    this.#fromBytes = Math.max(this.#leastBytes, wanted);
  }

  /** Nothing to find yet: looks again later. */
  postpone(now: Now): void {
    this.#earliestMonoMs = now.monoMs + LOOK_INTERVAL_MS;
  }

  /** The log has been made anew: what the pass has found is not in it. */
  cancel(): void {
    this.oldKept = 0;
    this.#stop();
  }

  #stop(): void {
    this.#pass = undefined;
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
  }
}

/** One go over the log; ends with the bytes that were too young to be judged. */
type Pass = Generator<void, number>;

/** Begins a pass when one is due. */
export function considerCompaction(core: CoreState, now: Now): void {
  const { compaction, log } = core;
  if (!compaction.isWanted(log.bytes, now)) return;
  const isPressed = log.bytes > log.bytesMax / 2;
  const afterMs = core.config.compactAfterMs ?? COMPACT_AFTER_MS;
  const ageMs = isPressed ? Math.min(afterMs, COMPACT_PRESSED_AFTER_MS) : afterMs;
  const beforeHlc = hlcFromMs(now.wallMs - ageMs);
  // While nothing has grown old since the last pass there is nothing to find.
  const old = log.countBefore(beforeHlc);
  if (old > compaction.oldKept) compaction.begin(passOver(core, beforeHlc), now);
  else compaction.postpone(now);
}

/** Does the part of a pass that is due. */
export function compact(core: CoreState, now: Now): void {
  core.compaction.step(core.log, now);
}

function* passOver(core: CoreState, beforeHlc: bigint): Pass {
  const chains = core.log.chains();
  const window = { beforeHlc, sliceOperations: PART_OPERATIONS };
  const log = { [Symbol.iterator]: () => deltasOf(chains) };
  const { gone, youngBytes } = yield* findDominated(log, window);
  core.compaction.oldKept = core.log.countBefore(beforeHlc);
  yield* addCuttable(core, chains, beforeHlc, gone);
  if (gone.size === 0) return youngBytes;
  let looked = 0;
  for (const chain of chains) {
    looked += chain.count;
    if (looked >= PART_DELTAS) {
      looked = 0;
      yield;
    }
    yield* shortenOne(core, chain, gone);
  }
  core.out.compacted.push({ dropped: [], stubs: [], isLast: true });
  core.compaction.oldKept = core.log.countBefore(beforeHlc);
  return youngBytes;
}

/** Adds the old records for which another of their author stands (docs/decisions/0018-past-lives.md). */
function* addCuttable(
  { log }: CoreState,
  chains: readonly Chain[],
  beforeHlc: bigint,
  gone: Set<Uint8Array>,
): Generator<void> {
  for (const [i, { deltas }] of chains.entries()) {
    if (i % PART_OPERATIONS === PART_OPERATIONS - 1) yield;
    const [record] = deltas;
    if (record === undefined || hlcOf(record) >= beforeHlc) continue;
    if (log.vouchers.canCut(record)) gone.add(record);
  }
}

function* deltasOf(chains: readonly Chain[]): Generator<Uint8Array> {
  for (const { deltas, count } of chains) {
    for (let i = 0; i < count; i++) yield deltas[i] ?? NOTHING;
  }
}

function* shortenOne(core: CoreState, chain: Chain, gone: ReadonlySet<Uint8Array>) {
  const shortened = yield* shortenChain(chain, gone, PART_DELTAS);
  const { kept, dropped, stubs, seqs, whole, bytes } = shortened;
  if (bytes === 0) return;
  // The replica first: what it has forgotten and the log still has does no harm.
  for (const [i, seq] of seqs.entries()) {
    core.replica.forget(chain.row, seq);
    if (i % PART_FORGOTTEN === PART_FORGOTTEN - 1) yield;
  }
  core.replica.reclaim(chain.row);
  core.log.shorten(chain, kept, bytes);
  core.cells.add(CELLS.logDropped, whole);
  yield* tellStore(core, { dropped, stubs });
}

function* tellStore(core: CoreState, { dropped, stubs }: Omit<CompactedPart, "isLast">) {
  for (let i = 0; i < Math.max(dropped.length, stubs.length); i += PART_DELTAS) {
    if (i > 0) yield;
    core.out.compacted.push({
      dropped: dropped.slice(i, i + PART_DELTAS),
      stubs: stubs.slice(i, i + PART_DELTAS),
      isLast: false,
    });
  }
}

const NOTHING = new Uint8Array(0);
/** Writes younger than this stay: who was away for less gets all of them, events too. */
const COMPACT_AFTER_MS = 300_000;
/** The same in a log that is half full: twice the age at which a stub is believed. */
const COMPACT_PRESSED_AFTER_MS = 120_000;
/** A log below this is left alone: 8 MiB. */
const COMPACTION_BYTES_MIN = 8_388_608;
/** A pass begins so long after the last one began at the earliest. */
const PASS_INTERVAL_MS = 30_000;
/** While nothing in the log has grown old it is looked at so often. */
const LOOK_INTERVAL_MS = 5_000;
/** Between two parts of a pass others have their turn. */
const PART_PAUSE_MS = 5;
/** Operations looked at in one part, deltas passed by, marks forgotten: 0.7 ms p99, 7.5 at most. */
const PART_OPERATIONS = 128;
const PART_DELTAS = 4_096;
const PART_FORGOTTEN = 1_024;
