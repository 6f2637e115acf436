/**
 * The frontier's rows: one per incarnation, with its head, its key, and where its deltas stand.
 *
 * The places of a chain (96 bytes a delta: signature and header hash) answer "held" and find
 * forks. They grow with history until compaction below the stable cut exists; docs/LIMITS.md.
 */
import type { Head, VersionVector } from "../kernels.ts";

export interface IncarnationName {
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
}

/** One incarnation: mutable state of its row. */
export interface Incarnation extends IncarnationName {
  readonly row: number;
  readonly authorBytes: Uint8Array;
  readonly key: Uint8Array;
  /** Leaf key in the frontier tree. */
  readonly treeKey: Uint8Array;
  seq: number;
  hash: Uint8Array;
  hlc: bigint;
  ended: boolean;
  readonly places: Places;
}

export class Incarnations {
  readonly #rows: Incarnation[] = [];
  readonly #byName = new Map<string, Incarnation>();
  readonly #latest = new Map<string, Incarnation>();
  readonly #seqs: VersionVector;

  constructor(seqs: VersionVector) {
    this.#seqs = seqs;
  }

  get count(): number {
    return this.#rows.length;
  }

  get(name: string): Incarnation | undefined {
    return this.#byName.get(name);
  }

  at(row: number): Incarnation | undefined {
    return this.#rows[row];
  }

  latest(author: string): Incarnation | undefined {
    return this.#latest.get(author);
  }

  /** Adds an incarnation whose record has been applied. */
  add(incarnation: Omit<Incarnation, "row" | "places" | "ended">): Incarnation {
    const row = this.#rows.length;
    const added: Incarnation = { ...incarnation, row, places: new Places(), ended: false };
    this.#rows.push(added);
    this.#byName.set(incarnationName(added), added);
    const latest = this.#latest.get(added.author);
    if (latest === undefined || isLater(added, latest)) this.#latest.set(added.author, added);
    this.#seqs.set(row, added.seq);
    return added;
  }

  /** Moves a head forward. */
  advance(incarnation: Incarnation, head: { seq: number; hash: Uint8Array; hlc: bigint }): void {
    incarnation.seq = head.seq;
    incarnation.hash = head.hash;
    incarnation.hlc = head.hlc;
    this.#seqs.set(incarnation.row, head.seq);
  }
}

/** The map key of an incarnation. */
export function incarnationName(name: IncarnationName): string {
  return `${name.author}.${name.epoch.toString(36)}.${name.nonce.toString(36)}`;
}

export function headOf(incarnation: Incarnation): Head {
  const { row, author, epoch, nonce, seq, hash, hlc, key, ended } = incarnation;
  return { row, author, epoch, nonce, seq, hash, hlc, key, ended };
}

function isLater(a: IncarnationName, b: IncarnationName): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.nonce > b.nonce);
}

/** Where the deltas of one chain stand: first seqs ascending, signature and hash of each. */
export class Places {
  readonly #firstSeqs: number[] = [];
  #bytes = new Uint8Array(PLACE_BYTES * 2);

  append(firstSeq: number, signature: Uint8Array, hash: Uint8Array): void {
    const at = this.#firstSeqs.length * PLACE_BYTES;
    if (at + PLACE_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(signature, at);
    this.#bytes.set(hash, at + SIGNATURE_BYTES);
    this.#firstSeqs.push(firstSeq);
  }

  /** Whether a delta with this first seq and signature is held. */
  holds(firstSeq: number, signature: Uint8Array): boolean {
    const at = this.#find(firstSeq);
    return at !== undefined && equalAt(this.#bytes, at, signature);
  }

  /** Whether the delta at this first seq has this header hash. */
  hasHash(firstSeq: number, hash: Uint8Array): boolean {
    const at = this.#find(firstSeq);
    return at !== undefined && equalAt(this.#bytes, at + SIGNATURE_BYTES, hash);
  }

  #find(firstSeq: number): number | undefined {
    let low = 0;
    let high = this.#firstSeqs.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const seq = this.#firstSeqs[middle] ?? 0;
      if (seq === firstSeq) return middle * PLACE_BYTES;
      if (seq < firstSeq) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

function equalAt(bytes: Uint8Array, at: number, other: Uint8Array): boolean {
  for (let i = 0; i < other.length; i++) if (bytes[at + i] !== other[i]) return false;
  return true;
}

const SIGNATURE_BYTES = 64;
const PLACE_BYTES = 96;
