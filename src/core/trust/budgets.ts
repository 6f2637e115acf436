/**
 * Limits before work (C6): what each linked peer may still send, and who has been cut off.
 *
 * 1. Frames and bytes are charged before a frame is decoded, operations before its deltas are
 *    scanned, signatures before they are verified.
 * 2. A budget that is empty refuses the frame; rounds bring back what was in it. A budget in debt to
 *    its limit cuts the peer off: its link ends, and it is refused for a while, twice as long
 *    each time. Only what the peer itself has done cuts it off: frames, bytes, bad signatures and
 *    operations of its own. What it hands on for others is refused alone, or a flooder could have
 *    its honest relays cut off.
 * 3. History that this node has asked for is not charged: the asker sets the pace.
 * 4. History that a peer asks for is charged to it as well: beyond its budget it gets none, and asks
 *    again in a later round.
 * 5. Rates are local evidence: they change no reputation and are told to nobody.
 */
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { deriveRateLimits, type RateLimits } from "./rate-limits.ts";
import { type Charge, TokenBucket } from "./token-bucket.ts";

/** Answers that a peer owes at most: further questions grant nothing. */
const ANSWERS_OWED_MAX = 16;
/** Frames of one answer before its last: half a MiB is four. */
const FOLLOWING_MAX = 8;
/** A first cut lasts so long, each further one twice the last. */
const CUT_MS_MIN = 30_000;
const CUT_MS_MAX = 600_000;
/** Cuts remembered; beyond, the oldest is forgotten. */
const CUTS_MAX = 1_024;
/** Budgets kept, of links that have ended too, so that a new link brings no new budget. */
const BUDGETS_MAX = 4_096;

interface Budget {
  /** The peer's id as headers hold it, once it has been asked for. */
  id: Uint8Array | undefined;
  readonly frames: TokenBucket;
  readonly bytes: TokenBucket;
  readonly operations: TokenBucket;
  readonly handedOn: TokenBucket;
  readonly answers: TokenBucket;
  readonly signatures: TokenBucket;
  owed: number;
  /** Frames of the answer that is coming in. */
  following: number;
  isLinked: boolean;
}

interface Cut {
  untilMonoMs: number;
  lastsMs: number;
}

export class Budgets {
  readonly #limits: RateLimits;
  readonly #budgets = new Map<NodeId, Budget>();
  readonly #cuts = new Map<NodeId, Cut>(); // insertion order is order of the last cut

  constructor(framesPerSecond: number) {
    this.#limits = deriveRateLimits(framesPerSecond);
  }

  /** A link is up: its peer starts with full budgets, unless it has been here lately. */
  open(peer: NodeId, monoMs: number): void {
    const { frames, bytes, operations, answers, signatures } = this.#limits;
    const held = this.#budgets.get(peer);
    this.#budgets.delete(peer);
    if (this.#budgets.size >= BUDGETS_MAX) this.#forgetOldest();
    if (held !== undefined) {
      this.#budgets.set(peer, Object.assign(held, { owed: 0, following: 0, isLinked: true }));
      return;
    }
    this.#budgets.set(peer, {
      id: undefined,
      frames: new TokenBucket(frames, monoMs),
      bytes: new TokenBucket(bytes, monoMs),
      operations: new TokenBucket(operations, monoMs),
      handedOn: new TokenBucket(operations, monoMs),
      answers: new TokenBucket(answers, monoMs),
      signatures: new TokenBucket(signatures, monoMs),
      owed: 0,
      following: 0,
      isLinked: true,
    });
  }

  close(peer: NodeId): void {
    const budget = this.#budgets.get(peer);
    if (budget !== undefined) budget.isLinked = false;
  }

  /** This node has asked a peer for history: one answer is not charged. */
  expect(peer: NodeId): void {
    const budget = this.#budgets.get(peer);
    if (budget !== undefined) budget.owed = Math.min(ANSWERS_OWED_MAX, budget.owed + 1);
  }

  /**
   * Whether a frame of history was asked for; takes one answer off what the peer owes.
   * @param follows another frame of the same answer follows: it is not the last of it.
   */
  takeOwed(peer: NodeId, follows: boolean): boolean {
    const budget = this.#budgets.get(peer);
    if (budget === undefined || budget.owed === 0) return false;
    if (follows && budget.following < FOLLOWING_MAX) {
      budget.following += 1;
      return true;
    }
    budget.following = 0;
    budget.owed -= 1;
    return true;
  }

  /** Charges one frame; `frames` is more than 1 where each counts for several. */
  chargeFrame(
    peer: NodeId,
    cost: { readonly frames: number; readonly bytes: number },
    monoMs: number,
  ): Charge {
    const budget = this.#budgets.get(peer);
    if (budget === undefined) return "within"; // without a link nothing is admitted anyway
    const frames = budget.frames.charge(cost.frames, monoMs);
    const bytes = budget.bytes.charge(cost.bytes, monoMs);
    return worse(frames, bytes);
  }

  /** The 32 bytes of a budgeted peer's id; borrowed. */
  idBytes(peer: NodeId): Uint8Array | undefined {
    const budget = this.#budgets.get(peer);
    if (budget !== undefined) budget.id ??= nodeIdToBytes(peer);
    return budget?.id;
  }

  /** Charges operations pushed by a peer: its own, and those it hands on. */
  chargeOperations(
    peer: NodeId,
    operations: { readonly own: number; readonly handedOn: number },
    monoMs: number,
  ): Charge {
    const budget = this.#budgets.get(peer);
    if (budget === undefined) return "within";
    const { own, handedOn } = operations;
    const charge = own === 0 ? "within" : budget.operations.charge(own, monoMs);
    if (charge !== "within") return charge;
    return handedOn === 0 || budget.handedOn.take(handedOn, monoMs) ? "within" : "over";
  }

  /** Whether a peer may be sent history now: a few bytes ask for half a megabyte. */
  mayAnswer(peer: NodeId, monoMs: number): boolean {
    return this.#budgets.get(peer)?.answers.take(0, monoMs) ?? true;
  }

  /** History has been sent to a peer. */
  answered(peer: NodeId, bytes: number, monoMs: number): void {
    this.#budgets.get(peer)?.answers.charge(bytes, monoMs);
  }

  chargeSignatures(peer: NodeId, count: number, monoMs: number): Charge {
    return this.#budgets.get(peer)?.signatures.charge(count, monoMs) ?? "within";
  }

  /** Signatures that hold cost their sender nothing. */
  refundSignatures(peer: NodeId, count: number): void {
    this.#budgets.get(peer)?.signatures.refund(count);
  }

  /** Refuses a peer from now on; returns for how many ms. */
  cut(peer: NodeId, monoMs: number): number {
    const before = this.#cuts.get(peer);
    const lastsMs = before === undefined ? CUT_MS_MIN : Math.min(CUT_MS_MAX, before.lastsMs * 2);
    if (!this.#cuts.delete(peer) && this.#cuts.size >= CUTS_MAX) {
      const [oldest] = this.#cuts.keys();
      if (oldest !== undefined) this.#cuts.delete(oldest);
    }
    this.#cuts.set(peer, { untilMonoMs: monoMs + lastsMs, lastsMs });
    return lastsMs;
  }

  isCut(peer: NodeId, monoMs: number): boolean {
    if (this.#cuts.size === 0) return false;
    const cut = this.#cuts.get(peer);
    if (cut === undefined) return false;
    // Clean for as long as the longest cut: forgotten, and the next one is short again.
    if (monoMs - cut.untilMonoMs > CUT_MS_MAX) this.#cuts.delete(peer);
    return monoMs < cut.untilMonoMs;
  }

  /** Of those without a link the one that was linked first. */
  #forgetOldest(): void {
    for (const [peer, { isLinked }] of this.#budgets) {
      if (isLinked) continue;
      this.#budgets.delete(peer);
      return;
    }
  }
}

function worse(a: Charge, b: Charge): Charge {
  if (a === "flood" || b === "flood") return "flood";
  return a === "over" || b === "over" ? "over" : "within";
}
