/**
 * One roll call as one node keeps it: who has answered, and per link the stamps that prove it
 * carries both ways within this very call.
 */
import type { NodeId } from "../node-id.ts";
import type { Random } from "../random.ts";
import { bytesEqual } from "../wire/member.ts";
import {
  type Answered,
  bitmapBytes,
  FRAME_ROLL_CALL,
  type RollCallFrame,
} from "../wire/roll-call.ts";
import type { Roster } from "./roster.ts";

/** One link within one call. */
interface CallLink {
  /** Own stamp for the link, made since the own call began and lately; frames that echo it count. */
  readonly stamp: number;
  /** Since when at the earliest: an echo shows that the link has carried both ways after that. */
  readonly stampMonoMs: number;
  /** The peer's stamp; 0 until its first frame. */
  echo: number;
  /** Whether the peer still lacked a quorum, as its last frame said. */
  asks: boolean;
  /** Whether the peer's member list differs, as its last frame showed. */
  differs: boolean;
  /** When the peer was last answered apart from the regular sends. */
  answeredMonoMs: number;
  /** It has echoed the own stamp. */
  confirmed: boolean;
  /** When its last frame of this call came. */
  heardMonoMs: number;
  /** When it was last told, and what. */
  toldMonoMs: number;
  toldVersion: number;
  /** The peer has sent a stamp that no frame has echoed yet. */
  owesEcho: boolean;
  /** Who has answered, as far as the peer has shown; by place in the own roster. */
  shown: Uint8Array;
}

/** What a frame has brought. */
interface Taken {
  readonly mutual: boolean;
  readonly news: boolean;
  readonly gains: boolean;
}

export class RollCall {
  readonly id: number;
  /** When this node joined it. */
  readonly joinedMonoMs: number;
  /** When this node's own call began: it may have left others for this one since. */
  readonly beganMonoMs: number;
  /** Who brought it here; undefined for a call of this node's own. */
  readonly #caller: NodeId | undefined;
  readonly #random: Random;
  readonly #links = new Map<NodeId, CallLink>();
  /** Peers asked over links that carry no gossip; undefined until the flood has had its time. */
  reached: readonly NodeId[] | undefined;
  #roster: Roster;
  /** Raised by every answer that is new in this very call. */
  #version = 0;
  /** Raised by every answer that is new for the own verdict. */
  #gains = 0;
  /** Who has answered in this very call: what is sent. */
  #bits: Uint8Array;
  /** Who has answered this node of late, in calls it left for this one too. */
  #heard: Uint8Array;
  /** When each of those did, by place; in this call, or else in the one that it was carried from. */
  #heardMonoMs: Float64Array;
  /** Who has ever answered this node since its own call began. */
  #ever: Uint8Array;
  /** When somebody last answered, or since when this node has been in the call. */
  #heardLastMonoMs: number;
  /** Answers of the calls before were too old to be carried into this one. */
  readonly hasForgotten: boolean;

  /**
   * @param options.before the call that this node leaves for this one before its verdict.
   * @param options.freshMonoMs answers and stamps of that call that are older count no more.
   */
  constructor(options: {
    readonly id: number;
    readonly self: NodeId;
    readonly roster: Roster;
    readonly random: Random;
    readonly joinedMonoMs: number;
    readonly caller: NodeId | undefined;
    readonly before: RollCall | undefined;
    readonly freshMonoMs: number;
  }) {
    this.id = options.id;
    this.#caller = options.caller;
    this.joinedMonoMs = options.joinedMonoMs;
    this.beganMonoMs = options.before?.beganMonoMs ?? options.joinedMonoMs;
    this.reached = options.before?.reached;
    this.#random = options.random;
    this.#roster = options.roster;
    const members = options.roster.ids.length;
    if (options.before !== undefined) {
      for (const [peer, link] of options.before.#links) {
        const isStampGood = link.stampMonoMs >= options.freshMonoMs;
        const stamped = isStampGood ? link : { ...link, ...this.#newStamp() };
        this.#links.set(peer, carried(stamped, members));
      }
    }
    this.#bits = new Uint8Array(bitmapBytes(members));
    this.#heard = new Uint8Array(bitmapBytes(members));
    this.#heardMonoMs = new Float64Array(members).fill(Number.NEGATIVE_INFINITY);
    this.#heardLastMonoMs = options.joinedMonoMs;
    this.#ever = options.before === undefined ? this.#bits.slice() : options.before.#ever.slice();
    this.#add(options.roster.placeOf(options.self), options.joinedMonoMs);
    this.hasForgotten =
      options.before !== undefined && this.#carry(options.before, options.freshMonoMs);
  }

  /** Whether others have answered, and nobody more for `ms`: how they are linked may have changed. */
  isStalled(ms: number, monoMs: number): boolean {
    return monoMs - this.#heardLastMonoMs >= ms && isMany(this.#heard);
  }

  /** Members that have answered, by place in the roster, for the own verdict. Borrowed. */
  get heard(): Uint8Array {
    return this.#heard;
  }

  /** Whether a member has answered. */
  hears(id: NodeId): boolean {
    const place = this.#roster.placeOf(id);
    return place !== undefined && isSet(this.#heard, place);
  }

  /**
   * Whether answers go over a link while the call keeps to its own tree: over that which brought it
   * here, and those whose peers have shown that they hear this node.
   */
  isBranch(peer: NodeId): boolean {
    return peer === this.#caller || this.#links.get(peer)?.confirmed === true;
  }

  /** Whether a peer has been told of the call. */
  hasTold(peer: NodeId): boolean {
    return this.#linkTo(peer).toldMonoMs !== Number.NEGATIVE_INFINITY;
  }

  /** The member list has changed: those who answered keep their answer. */
  follow(roster: Roster): void {
    if (roster === this.#roster) return;
    this.#bits = moved(this.#bits, this.#roster, roster);
    this.#heard = moved(this.#heard, this.#roster, roster);
    this.#ever = moved(this.#ever, this.#roster, roster);
    this.#heardMonoMs = Float64Array.from(roster.ids, (id) => {
      const place = this.#roster.placeOf(id);
      return this.#heardMonoMs[place ?? -1] ?? Number.NEGATIVE_INFINITY;
    });
    for (const link of this.#links.values()) link.shown = moved(link.shown, this.#roster, roster);
    this.#roster = roster;
  }

  /**
   * Takes a frame of this call. `mutual`: it echoes the own stamp, so its answers count; `news`:
   * somebody new has answered, or the peer's stamp is to be echoed; `gains`: somebody who had not
   * answered in the calls before this one either.
   */
  take(peer: NodeId, frame: RollCallFrame, monoMs: number): Taken {
    const gainsBefore = this.#gains;
    const link = this.#linkTo(peer);
    link.heardMonoMs = monoMs;
    let news = link.echo !== frame.stamp;
    if (news) link.owesEcho = true;
    link.echo = frame.stamp;
    link.asks = frame.asks;
    link.differs = !bytesEqual(frame.roster, this.#roster.digest);
    this.#noteShown(link, frame.answered);
    if (frame.echo !== link.stamp) return { mutual: false, news, gains: false };
    link.confirmed = true;
    if (this.#add(this.#roster.placeOf(peer), monoMs)) news = true;
    if (this.#merge(frame.answered, link.differs, monoMs)) news = true;
    return { mutual: true, news, gains: this.#gains > gainsBefore };
  }

  /**
   * Whether a link is to be told: what its peer has not shown, once it has answered what it was told
   * before; all of it again after a while, as frames get lost. A late peer's frames wait for it: sent
   * as fast as news comes, they would keep it late.
   */
  isDue(peer: NodeId, resendMs: number, monoMs: number): boolean {
    const link = this.#linkTo(peer);
    const sinceMs = monoMs - link.toldMonoMs;
    if (link.heardMonoMs < link.toldMonoMs) return sinceMs >= resendMs;
    if (link.owesEcho) return true;
    const knows = isWithin(this.#bits, link.shown);
    if (!knows && link.toldVersion !== this.#version) return true;
    return sinceMs >= (knows && link.confirmed ? CONFIRMED_RESENDS * resendMs : resendMs);
  }

  /**
   * The same once this node has its quorum: who still asks is told what is new at once, others what they
   * have not shown, now and then, so that their count becomes complete; who has not answered, no more.
   */
  isOwed(peer: NodeId, gapMs: number, monoMs: number): boolean {
    const link = this.#linkTo(peer);
    if (link.asks && link.owesEcho) return true;
    if (link.heardMonoMs < link.toldMonoMs || link.toldVersion === this.#version) return false;
    if (isWithin(this.#bits, link.shown)) return false;
    return link.asks || monoMs - link.toldMonoMs >= gapMs;
  }

  /** The frame for one link has been sent. */
  told(peer: NodeId, monoMs: number): void {
    const link = this.#linkTo(peer);
    link.owesEcho = false;
    link.toldVersion = this.#version;
    link.toldMonoMs = monoMs;
  }

  /** The frame for one link. */
  frameTo(peer: NodeId, asks: boolean): RollCallFrame {
    const { stamp, echo, differs } = this.#linkTo(peer);
    const roster = this.#roster.digest;
    const answered: Answered = differs
      ? { kind: "list", prefixes: this.#prefixes() }
      : { kind: "bitmap", members: this.#roster.ids.length, bits: this.#bits };
    return { type: FRAME_ROLL_CALL, call: this.id, stamp, echo, asks, roster, answered };
  }

  /** Whether a peer may be answered out of turn now; notes that it is. */
  mayAnswer(peer: NodeId, gapMs: number, monoMs: number): boolean {
    const link = this.#linkTo(peer);
    if (monoMs - link.answeredMonoMs < gapMs) return false;
    link.answeredMonoMs = monoMs;
    return true;
  }

  #newStamp(): { stamp: number; stampMonoMs: number } {
    const stamp = (this.#random.nextU32() | 1) >>> 0; // 0 means "none"
    return { stamp, stampMonoMs: this.joinedMonoMs };
  }

  /** Links come and go, a call is short: bounded by the peers linked meanwhile. */
  #linkTo(peer: NodeId): CallLink {
    let link = this.#links.get(peer);
    if (link === undefined) {
      link = {
        ...this.#newStamp(),
        echo: 0,
        asks: false,
        differs: false,
        confirmed: false,
        answeredMonoMs: Number.NEGATIVE_INFINITY,
        heardMonoMs: Number.NEGATIVE_INFINITY,
        toldMonoMs: Number.NEGATIVE_INFINITY,
        owesEcho: true,
        shown: new Uint8Array(this.#bits.length),
        toldVersion: -1,
      };
      this.#links.set(peer, link);
    }
    return link;
  }

  /** A list of ids is not worth the look-up: its sender is told once more. */
  #noteShown({ shown, differs }: CallLink, answered: Answered): void {
    if (differs || answered.kind === "list" || answered.members !== this.#roster.ids.length) return;
    for (let i = 0; i < shown.length; i++) shown[i] = (shown[i] ?? 0) | (answered.bits[i] ?? 0);
  }

  /** Takes over who answered lately enough; true when somebody did not. Both have one roster. */
  #carry(before: RollCall, freshMonoMs: number): boolean {
    let hasForgotten = false;
    for (const [place, monoMs] of before.#heardMonoMs.entries()) {
      if (!isSet(before.#heard, place) || isSet(this.#heard, place)) continue;
      if (monoMs < freshMonoMs) hasForgotten = true;
      else this.#hear(place, monoMs);
    }
    return hasForgotten;
  }

  /** Places mean the same only in equal lists; first bytes of ids mean the same in all. */
  #merge(answered: Answered, differs: boolean, monoMs: number): boolean {
    let news = false;
    if (answered.kind === "list") {
      for (const prefix of answered.prefixes) {
        if (this.#add(this.#roster.placeOfPrefix(prefix), monoMs)) news = true;
      }
    } else if (!differs && answered.members === this.#roster.ids.length) {
      for (let i = 0; i < this.#bits.length; i++) {
        const fresh = (answered.bits[i] ?? 0) & ~(this.#bits[i] ?? 0);
        if (fresh === 0) continue;
        for (let bit = 0; bit < 8; bit++) {
          if (((fresh >> bit) & 1) === 1) this.#add(i * 8 + bit, monoMs);
        }
        news = true;
      }
    }
    return news;
  }

  /** True when it is new in this very call. */
  #add(place: number | undefined, monoMs: number): boolean {
    if (place === undefined || isSet(this.#bits, place)) return false;
    set(this.#bits, place);
    this.#version += 1;
    if (!isSet(this.#ever, place)) this.#gains += 1;
    if (!isSet(this.#heard, place)) this.#heardLastMonoMs = monoMs;
    set(this.#ever, place);
    this.#hear(place, monoMs);
    return true;
  }

  #hear(place: number, monoMs: number): void {
    set(this.#heard, place);
    this.#heardMonoMs[place] = monoMs;
  }

  #prefixes(): number[] {
    const prefixes: number[] = [];
    for (const [place, prefix] of this.#roster.prefixes.entries()) {
      if (isSet(this.#bits, place)) prefixes.push(prefix);
    }
    return prefixes;
  }
}

/** A link in the call that this node leaves the present one for. */
function carried(link: CallLink, members: number): CallLink {
  const { stamp, stampMonoMs, echo, differs, answeredMonoMs } = link;
  return {
    stamp,
    stampMonoMs,
    echo,
    asks: false,
    differs,
    answeredMonoMs,
    confirmed: false,
    heardMonoMs: Number.NEGATIVE_INFINITY,
    toldMonoMs: Number.NEGATIVE_INFINITY,
    toldVersion: -1,
    owesEcho: true,
    shown: new Uint8Array(bitmapBytes(members)),
  };
}

/** Whether call `a` is later than `b`, in serial arithmetic (RFC 1982). */
export function isLaterCall(a: number, b: number): boolean {
  return a !== b && (a - b) >>> 0 < 0x8000_0000;
}

/** The same members' bits at their places in another roster. */
function moved(bits: Uint8Array, from: Roster, to: Roster): Uint8Array {
  const result = new Uint8Array(bitmapBytes(to.ids.length));
  for (const [place, id] of from.ids.entries()) {
    const at = to.placeOf(id);
    if (at !== undefined && isSet(bits, place)) set(result, at);
  }
  return result;
}

/** Whether `others` has every bit of `bits`. */
function isWithin(bits: Uint8Array, others: Uint8Array): boolean {
  return bits.every((byte, i) => (byte & ~(others[i] ?? 0)) === 0);
}

function isSet(bits: Uint8Array, place: number): boolean {
  return (((bits[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;
}

function set(bits: Uint8Array, place: number): void {
  bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
}

/** Whether more than one place is set. */
function isMany(bits: Uint8Array): boolean {
  const some = bits.filter((byte) => byte !== 0);
  return some.length > 1 || some.some((byte) => (byte & (byte - 1)) !== 0);
}

/** A link that has echoed is told again so many times more seldom, for what may have been lost. */
const CONFIRMED_RESENDS = 3;
