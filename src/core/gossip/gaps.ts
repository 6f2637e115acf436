/**
 * Where gaps are wrong: two nodes with equal frontiers and different roots have not passed over the
 * same. Each asks the other what it holds where it has stubs itself (docs/decisions/0017-compaction.md).
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { meshRoot } from "../state/root.ts";
import { firstSeqOf, lastSeqOf } from "../wire/delta.ts";
import { FRAME_FILL, FRAME_GAPS, GAPS_ENTRIES_MAX, type Gap } from "../wire/gap-frames.ts";
import { bytesEqual } from "../wire/member.ts";
import { carried, isStub } from "../wire/stub.ts";
import { REPAIR_BYTES_MAX } from "./repair.ts";
import { transmit } from "./transmit.ts";

/** A peer with an equal frontier has shown its root: a difference that lasts is looked into. */
export function compareGaps(core: CoreState, peer: NodeId, root: Uint8Array, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined || !core.log.hasStubs) return;
  if (bytesEqual(root, meshRoot(core))) {
    link.gaps.agreed();
    return;
  }
  if (!link.gaps.mayAsk(now)) return;
  const gaps = someGaps(core);
  if (gaps.length === 0) return;
  link.gaps.asked(now);
  transmit(core, [peer], { type: FRAME_GAPS, gaps }, now);
}

/** Sends what the own log holds in the gaps of a peer; nothing where it holds no whole delta. */
export function answerGaps(core: CoreState, peer: NodeId, gaps: readonly Gap[], now: Now): void {
  if (!core.budgets.mayAnswer(peer, now.monoMs)) return;
  const parts: Uint8Array[] = [];
  let room = REPAIR_BYTES_MAX;
  for (const { author, epoch, nonce, after, upTo } of gaps) {
    const head = core.replica.head(author, epoch, nonce);
    if (head === undefined || core.proofs.has(author)) continue;
    const { deltas } = core.log.above(head.row, after, room, upTo);
    const within = deltas.filter((delta) => firstSeqOf(delta) > after && lastSeqOf(delta) <= upTo);
    if (within.every(isStub)) continue;
    for (const delta of within) {
      parts.push(delta);
      room -= delta.length;
    }
  }
  if (parts.length === 0) return;
  core.budgets.answered(peer, REPAIR_BYTES_MAX - room, now.monoMs);
  transmit(core, [peer], { type: FRAME_FILL, ...carried(parts) }, now);
}

/** As many of the own gaps as one question takes, from a random delta on: no gap is always left out. */
function someGaps(core: CoreState): Gap[] {
  const chains = core.log.chains();
  const gaps: Gap[] = [];
  const first = core.random.below(Math.max(1, chains.length));
  const firstAt = core.random.below(Math.max(1, chains[first]?.count ?? 0));
  let looked = 0;
  // The first chain comes again at the end, for what lies before the delta it began at.
  for (let i = 0; i <= chains.length; i++) {
    const chain = chains[(first + i) % chains.length];
    const head = chain && core.replica.headAt(chain.row);
    if (head === undefined || chain === undefined) continue;
    const { author, epoch, nonce } = head;
    const end = i === chains.length ? firstAt : chain.count;
    for (let at = i === 0 ? Math.max(1, firstAt) : 1; at < end; at++) {
      if (++looked > LOOKED_MAX) return gaps;
      const [before, stub] = [chain.deltas[at - 1], chain.deltas[at]];
      if (before === undefined || stub === undefined || !isStub(stub)) continue;
      gaps.push({ author, epoch, nonce, after: lastSeqOf(before), upTo: lastSeqOf(stub) });
      if (gaps.length === GAPS_ENTRIES_MAX) return gaps;
    }
  }
  return gaps;
}

/** Deltas passed by in search of gaps; the rest is looked at another time. */
const LOOKED_MAX = 16_384;
