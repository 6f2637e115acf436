/**
 * Statements that members are gone, by member, until a quorum has signed; then the certificate, for
 * those who missed it. Statements are taken only about members that are unreachable here, so their
 * number is bounded by the member list squared; a sum bounds them further.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Random } from "../random.ts";
import { DEPART_STATEMENTS_MAX, type SignedDeparture } from "../wire/departure.ts";

/** Statements held at once, those of certificates included: 10 MB. */
const STATEMENTS_HELD_MAX = 65_536;
const GATHER_MS = 50;

/** The statements about one record of one member. */
interface Case {
  readonly epoch: bigint;
  readonly counter: number;
  /** By signer. */
  readonly statements: Map<NodeId, Uint8Array>;
  /** A quorum has signed. */
  closed: boolean;
}

export class Departures {
  readonly #cases = new Map<NodeId, Case>();
  #held = 0;
  #waiting: { readonly bytes: Uint8Array; readonly from: NodeId | undefined }[] = [];
  #dueMonoMs = Number.POSITIVE_INFINITY;
  /** When open cases are next told again. */
  repeatMonoMs = Number.NEGATIVE_INFINITY;

  /** When statements are to be handed on; infinity when none wait. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  /** Whether a statement would be taken: asked before its signature is verified. */
  wants({ departure }: SignedDeparture): boolean {
    const { member, epoch, counter, by } = departure;
    const open = this.#cases.get(member);
    if (open === undefined || open.epoch !== epoch || open.counter !== counter) return true;
    return !open.closed && !open.statements.has(by);
  }

  /** Takes a verified statement; false when it is not news, or there is no room. */
  add(signed: SignedDeparture): boolean {
    const { member, epoch, counter, by } = signed.departure;
    if (!this.wants(signed)) return false;
    const known = this.#cases.get(member);
    if (known === undefined || known.epoch !== epoch || known.counter !== counter) {
      this.delete(member);
      this.#cases.set(member, { epoch, counter, statements: new Map(), closed: false });
    }
    if (this.#held >= STATEMENTS_HELD_MAX && !this.#dropClosed()) return false;
    const statements = this.#cases.get(member)?.statements;
    if (statements === undefined) return false;
    statements.set(by, signed.bytes.slice());
    this.#held += 1;
    return true;
  }

  /** Who has signed that a member is gone. */
  signersOf(member: NodeId): NodeId[] {
    return [...(this.#cases.get(member)?.statements.keys() ?? [])];
  }

  has(member: NodeId, signer: NodeId): boolean {
    return this.#cases.get(member)?.statements.has(signer) === true;
  }

  close(member: NodeId): void {
    const open = this.#cases.get(member);
    if (open !== undefined) open.closed = true;
  }

  /** Forgets a case: the member is back. */
  delete(member: NodeId): void {
    this.#held -= this.#cases.get(member)?.statements.size ?? 0;
    this.#cases.delete(member);
  }

  /** The statements that ended a membership; empty when they are not held (any more). */
  certificate(member: NodeId): readonly Uint8Array[] {
    const closed = this.#cases.get(member);
    return closed?.closed === true ? [...closed.statements.values()] : [];
  }

  /** Statements of one open case, for a neighbour that may have missed some. */
  sample(random: Random): readonly Uint8Array[] {
    const open = [...this.#cases.values()].filter(({ closed }) => !closed);
    if (open.length === 0) return [];
    const statements = [...(open[random.below(open.length)]?.statements.values() ?? [])];
    return random.shuffleHead(statements, SAMPLE_COUNT).slice(0, SAMPLE_COUNT);
  }

  handOn(bytes: Uint8Array, from: NodeId | undefined, now: Now): void {
    this.#waiting.push({ bytes, from });
    this.#dueMonoMs = Math.min(this.#dueMonoMs, now.monoMs + GATHER_MS);
  }

  /** Takes what waits for a peer's frames, in parts that fit; `take` ends the waiting. */
  partsFor(peer: NodeId): Uint8Array[][] {
    const bytes = this.#waiting.filter(({ from }) => from !== peer).map((each) => each.bytes);
    return partsOf(bytes);
  }

  handedOn(): void {
    this.#waiting = [];
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
  }

  /** Room is made by the oldest certificate. */
  #dropClosed(): boolean {
    for (const [member, { closed }] of this.#cases) {
      if (!closed) continue;
      this.delete(member);
      return true;
    }
    return false;
  }
}

/** Statements cut into frames. */
export function partsOf(statements: readonly Uint8Array[]): Uint8Array[][] {
  const parts: Uint8Array[][] = [];
  for (let i = 0; i < statements.length; i += DEPART_STATEMENTS_MAX) {
    parts.push(statements.slice(i, i + DEPART_STATEMENTS_MAX));
  }
  return parts;
}

const SAMPLE_COUNT = 64;
