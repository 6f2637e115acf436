/**
 * Replica: dots that a remove named before their adds came.
 *
 * A pending dot kills exactly one add: same incarnation, seq, delta hash and element. It goes when
 * its seq is covered, whatever stood there, or when its incarnation ends; so at equal frontiers
 * every replica holds the same ones. A full table refuses the delta (APPLY_FULL) rather than
 * forget a remove: state stays a function of the frontier, and a refused delta comes again by
 * repair, when the adds it names are there. One author's removes fill at most a share of it.
 */
import type { Author, Incarnation } from "./frontier.ts";
import { INCARNATION_ID_BYTES } from "./identity.ts";
import { rawText } from "./text.ts";

/** seq -> token of (delta hash, element) -> authors whose removes named it. */
type PendingDots = Map<number, Map<string, Author[]>>;

export interface Pending {
  /** By the raw text of author | epoch | nonce. */
  readonly byIncarnation: Map<string, PendingDots>;
  /** (dot, element, remover) triples. */
  count: number;
}

export function createPending(): Pending {
  return { byIncarnation: new Map(), count: 0 };
}

/** Remembers that `remover` named a dot; once per remover. */
export function addPending(
  pending: Pending,
  remover: Author,
  dot: { readonly incarnation: string; readonly seq: number; readonly token: string },
): void {
  let dots = pending.byIncarnation.get(dot.incarnation);
  if (dots === undefined) {
    dots = new Map();
    pending.byIncarnation.set(dot.incarnation, dots);
  }
  let tokens = dots.get(dot.seq);
  if (tokens === undefined) {
    tokens = new Map();
    dots.set(dot.seq, tokens);
  }
  const removers = tokens.get(dot.token);
  if (removers?.includes(remover)) return;
  if (removers === undefined) tokens.set(dot.token, [remover]);
  else removers.push(remover);
  remover.pendingDots += 1;
  pending.count += 1;
}

/** What waits for adds of this incarnation. */
export function pendingOf(pending: Pending, incarnation: Incarnation): PendingDots | undefined {
  if (pending.count === 0) return undefined;
  return pending.byIncarnation.get(incarnationText(incarnation));
}

/** Forgets the dots of one seq: it is covered now. */
export function coverPending(
  pending: Pending,
  dots: PendingDots,
  incarnation: Incarnation,
  seq: number,
): void {
  const tokens = dots.get(seq);
  if (tokens === undefined) return;
  release(pending, tokens);
  dots.delete(seq);
  if (dots.size === 0) pending.byIncarnation.delete(incarnationText(incarnation));
}

/** Forgets the dots of an incarnation up to `seq`: they are covered now. */
export function coverPendingTo(pending: Pending, incarnation: Incarnation, seq: number): void {
  const dots = pendingOf(pending, incarnation);
  if (dots === undefined) return;
  for (const covered of [...dots.keys()]) {
    if (covered <= seq) coverPending(pending, dots, incarnation, covered);
  }
}

/** Forgets every dot of an incarnation that has ended: its adds never come. */
export function dropPending(pending: Pending, incarnation: Incarnation): void {
  const dots = pendingOf(pending, incarnation);
  if (dots === undefined) return;
  for (const tokens of dots.values()) release(pending, tokens);
  pending.byIncarnation.delete(incarnationText(incarnation));
}

function release(pending: Pending, tokens: ReadonlyMap<string, readonly Author[]>): void {
  for (const removers of tokens.values()) {
    for (const remover of removers) remover.pendingDots -= 1;
    pending.count -= removers.length;
  }
}

function incarnationText(incarnation: Incarnation): string {
  return rawText(incarnation.identity.id, 0, INCARNATION_ID_BYTES);
}
