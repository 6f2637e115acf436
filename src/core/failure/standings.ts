/**
 * The members in doubt: suspected, then unreachable. Bounded by the member list; a member without
 * an entry is alive. The table is also what ends a rumour: a word is handed on only when it changes
 * an entry, and each entry takes in few of them.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Word } from "../wire/suspect.ts";
import { WORD_UNREACHABLE } from "../wire/suspect.ts";

export type Liveness = "alive" | "suspect" | "unreachable";

/** Accusers that are remembered and handed on: the first, and CONFIRMATIONS_WANTED that confirm. */
const ACCUSERS_MAX = 4;

/** One member in doubt. */
export interface Standing {
  readonly member: NodeId;
  state: "suspect" | "unreachable";
  /** The member record that the doubt is about: a newer one ends it. */
  epoch: bigint;
  counter: number;
  readonly accusers: Set<NodeId>;
  /** When the suspicion began, or the member became unreachable. */
  sinceMonoMs: number;
  /** Somebody has just heard from it: confirmations no longer hurry. */
  comforted: boolean;
  /** A verdict was put off until then. */
  notBeforeMonoMs: number;
  /** Neighbours were asked this many times whether the member has refuted. */
  inquiries: number;
  /** "unreachable" was heard from somebody, and has been handed on. */
  toldUnreachable: boolean;
}

export class Standings {
  readonly #standings = new Map<NodeId, Standing>();
  #unreachable = 0;
  #verdicts = 0;

  get(member: NodeId): Standing | undefined {
    return this.#standings.get(member);
  }

  livenessOf(member: NodeId): Liveness {
    return this.#standings.get(member)?.state ?? "alive";
  }

  isUnreachable(member: NodeId): boolean {
    return this.#unreachable > 0 && this.#standings.get(member)?.state === "unreachable";
  }

  /** Members in doubt of either kind. */
  get size(): number {
    return this.#standings.size;
  }

  /** Another number whenever other members are unreachable. */
  get verdicts(): number {
    return this.#verdicts;
  }

  get unreachableCount(): number {
    return this.#unreachable;
  }

  get suspectedCount(): number {
    return this.#standings.size - this.#unreachable;
  }

  all(): Iterable<Standing> {
    return this.#standings.values();
  }

  /** Takes an accusation in; says whether it was the first, news, or known or outdated. */
  accuse(word: Word, now: Now): "first" | "news" | "known" {
    const standing = this.#standings.get(word.member);
    if (standing === undefined) {
      this.#standings.set(word.member, standingOf(word, now));
      return "first";
    }
    if (isNewer(word, standing)) return this.#renew(standing, word, now);
    if (isNewer(standing, word)) return "known";
    let news = false;
    if (word.state === WORD_UNREACHABLE && !standing.toldUnreachable) {
      standing.toldUnreachable = true;
      news = true;
    }
    if (standing.accusers.size < ACCUSERS_MAX && !standing.accusers.has(word.by)) {
      standing.accusers.add(word.by);
      news = true;
    }
    return news ? "news" : "known";
  }

  convict(standing: Standing, now: Now): void {
    standing.state = "unreachable";
    standing.sinceMonoMs = now.monoMs;
    this.#unreachable += 1;
    this.#verdicts += 1;
  }

  /** The member is alive, or no member any more. */
  delete(member: NodeId): Standing | undefined {
    const standing = this.#standings.get(member);
    if (standing === undefined) return undefined;
    this.#standings.delete(member);
    if (standing.state === "unreachable") {
      this.#unreachable -= 1;
      this.#verdicts += 1;
    }
    return standing;
  }

  /** A later life or record is in doubt: those who accused the earlier one have said nothing of it. */
  #renew(standing: Standing, word: Word, now: Now): "news" {
    standing.epoch = word.epoch;
    standing.counter = word.counter;
    standing.accusers.clear();
    standing.accusers.add(word.by);
    standing.comforted = false;
    standing.inquiries = 0;
    standing.toldUnreachable = word.state === WORD_UNREACHABLE;
    if (standing.state === "suspect") standing.sinceMonoMs = now.monoMs;
    return "news";
  }
}

function standingOf(word: Word, now: Now): Standing {
  return {
    member: word.member,
    state: "suspect",
    epoch: word.epoch,
    counter: word.counter,
    accusers: new Set([word.by]),
    sinceMonoMs: now.monoMs,
    comforted: false,
    notBeforeMonoMs: Number.NEGATIVE_INFINITY,
    inquiries: 0,
    toldUnreachable: word.state === WORD_UNREACHABLE,
  };
}

interface Version {
  readonly epoch: bigint;
  readonly counter: number;
}

/** Whether `a` is about a later record of the same member than `b`. */
export function isNewer(a: Version, b: Version): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.counter > b.counter);
}
