/**
 * A replica of maps as fast as JavaScript goes: entries as columns of typed arrays behind an
 * open-addressed table, names and values in one byte heap, a frame copied in once. It does what
 * frameScan and frameApply do for a delta of map writes by one author: format and limits, body hash,
 * header hash, chain, strict parse, last writer wins, marks of held deltas, dirty entries, and a
 * list of changes. Everything else (other types, more authors, forks, roots) is left out, which
 * makes it a rival that is a little too fast.
 */
import {
  COLLECTION_BYTES_MAX,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  KEY_BYTES_MAX,
  MESH_ID_OFFSET,
  OP_HEAD_BYTES,
  OP_MAP_SET,
  SIGNATURE_BYTES,
  VALUE_BYTES_MAX,
  WIRE_VERSION,
} from "../../assembly/layout.ts";
import { bestBlake3, INPUT_BYTES } from "./blake3.ts";

const FRAME_WORDS = INPUT_BYTES >> 2;
const HASH_WORDS = 8;
const MARK_BYTES = 104;

export class BestMapReplica {
  readonly #words = new Uint32Array(FRAME_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  /** Where bodies are hashed: their place in a frame need not be a multiple of 4. */
  readonly #input = new Uint32Array(FRAME_WORDS);
  readonly #inputBytes = new Uint8Array(this.#input.buffer);
  readonly #head = new Uint32Array(HASH_WORDS);
  readonly #headBytes = new Uint8Array(this.#head.buffer);
  /** Fixed part of the headers: mesh id, author, epoch, nonce. */
  readonly #identity = new Uint8Array(DELTA_FIRST_SEQ_OFFSET - MESH_ID_OFFSET);
  #seq = -1;
  #hlcLow = 0;
  #hlcHigh = 0;
  #marks = new Uint8Array(MARK_BYTES * 1024);
  #markCount = 0;
  readonly #operations = new Int32Array(DELTA_OPS_MAX * 2);
  readonly #table = new Int32Array(CAPACITY).fill(-1);
  readonly #hashes = new Int32Array(CAPACITY);
  readonly #nameAt = new Int32Array(CAPACITY);
  readonly #nameBytes = new Int32Array(CAPACITY);
  readonly #valueAt = new Int32Array(CAPACITY);
  readonly #valueBytes = new Int32Array(CAPACITY);
  readonly #codecs = new Uint8Array(CAPACITY);
  readonly #stamps = new Uint32Array(CAPACITY * 5);
  readonly #isDirty = new Uint8Array(CAPACITY);
  readonly #dirty = new Int32Array(CAPACITY);
  #dirtyCount = 0;
  #entries = 0;
  readonly #heap = new Uint8Array(HEAP_BYTES);
  #heapEnd = 0;
  /** Three numbers a change, as the kernel lists them. */
  readonly changes = new Int32Array(DELTA_OPS_MAX * 3);
  changeCount = 0;

  /** Takes the author's record on trust: its id and the hash that the first delta chains to. */
  begin(record: Uint8Array): void {
    this.#words.fill(0, 0, 64);
    this.#bytes.set(record.subarray(0, DELTA_HEADER_BYTES));
    this.#identity.set(record.subarray(MESH_ID_OFFSET, DELTA_FIRST_SEQ_OFFSET));
    this.#head.set(bestBlake3(this.#words, 0, DELTA_HEADER_BYTES));
    this.#seq = 0;
  }

  /** Applies one delta whose signature is good; false when it is refused. */
  apply(delta: Uint8Array): boolean {
    const words = this.#words;
    this.#bytes.set(delta);
    const count = words[DELTA_COUNT_OFFSET >> 2] ?? 0;
    const bodyBytes = words[DELTA_BODY_BYTES_OFFSET >> 2] ?? 0;
    const end = DELTA_PREFIX_BYTES + bodyBytes;
    if (this.#bytes[0] !== WIRE_VERSION || end !== delta.length) return false;
    if (count < 1 || count > DELTA_OPS_MAX || !this.#isOwn() || !this.#isNext()) return false;
    this.#inputBytes.set(delta.subarray(DELTA_PREFIX_BYTES, end));
    const bodyHash = bestBlake3(this.#input, 0, bodyBytes);
    if (!equalHash(bodyHash, words, DELTA_BODY_HASH_OFFSET >> 2)) return false;
    if (!equalHash(this.#head, words, DELTA_PREV_HASH_OFFSET >> 2)) return false;
    if (!this.#parse(DELTA_PREFIX_BYTES, end, count)) return false;
    // The signature behind the header is kept aside: hashing pads over it.
    this.#mark();
    this.#head.set(bestBlake3(words, 0, DELTA_HEADER_BYTES));
    this.#marks.set(this.#headBytes, this.#markCount * MARK_BYTES - 32);
    const firstSeq = this.#seq + 1;
    this.#seq += count;
    this.#hlcLow = words[DELTA_HLC_OFFSET >> 2] ?? 0;
    this.#hlcHigh = words[(DELTA_HLC_OFFSET >> 2) + 1] ?? 0;
    this.changeCount = count;
    for (let index = 0; index < count; index++) this.#write(index, firstSeq + index);
    return true;
  }

  /** Every key of a collection with its value. */
  entries(collection: string): [string, Uint8Array][] {
    const found: [string, Uint8Array][] = [];
    const prefix = collection.length;
    for (let entry = 0; entry < this.#entries; entry++) {
      const at = (this.#nameAt[entry] ?? 0) + prefix;
      const end = at - prefix + (this.#nameBytes[entry] ?? 0);
      const value = this.#valueAt[entry] ?? 0;
      found.push([
        Buffer.from(this.#heap.subarray(at, end)).toString(),
        this.#heap.slice(value, value + (this.#valueBytes[entry] ?? 0)),
      ]);
    }
    return found;
  }

  #isOwn(): boolean {
    const identity = this.#identity;
    const bytes = this.#bytes;
    for (let at = 0; at < identity.length; at++) {
      if (identity[at] !== bytes[MESH_ID_OFFSET + at]) return false;
    }
    return true;
  }

  #isNext(): boolean {
    const words = this.#words;
    const at = DELTA_FIRST_SEQ_OFFSET >> 2;
    const firstSeq = (words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32;
    const high = words[(DELTA_HLC_OFFSET >> 2) + 1] ?? 0;
    if (firstSeq !== this.#seq + 1 || high < this.#hlcHigh) return false;
    return high > this.#hlcHigh || (words[DELTA_HLC_OFFSET >> 2] ?? 0) > this.#hlcLow;
  }

  #parse(start: number, end: number, count: number): boolean {
    const bytes = this.#bytes;
    let at = start;
    for (let index = 0; index < count; index++) {
      if (end - at < OP_HEAD_BYTES || bytes[at] !== OP_MAP_SET) return false;
      const collection = u16(bytes, at + 2);
      const key = u16(bytes, at + 4);
      const payload = u16(bytes, at + 8) | (u16(bytes, at + 10) << 16);
      if (collection === 0 || collection > COLLECTION_BYTES_MAX || key > KEY_BYTES_MAX)
        return false;
      if (u16(bytes, at + 6) !== 0 || payload < 0 || payload > VALUE_BYTES_MAX) return false;
      const names = at + OP_HEAD_BYTES;
      const value = names + collection + key;
      if (value + payload > end) return false;
      let hash = collection | (key << 16);
      for (let i = names; i < value; i++) {
        const byte = bytes[i] as number;
        if (byte > 127) return false; // the workload is ASCII
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
      this.#operations[index * 2] = at;
      this.#operations[index * 2 + 1] = hash ^ (hash >>> 15);
      at = value + payload;
    }
    return at === end;
  }

  #write(index: number, seq: number): void {
    const bytes = this.#bytes;
    const at = this.#operations[index * 2] as number;
    const hash = this.#operations[index * 2 + 1] as number;
    const names = at + OP_HEAD_BYTES;
    const length = u16(bytes, at + 2) + u16(bytes, at + 4);
    const payload = u16(bytes, at + 8) | (u16(bytes, at + 10) << 16);
    let slot = hash & (CAPACITY - 1);
    let entry = this.#table[slot] as number;
    while (entry >= 0 && !this.#isAt(entry, hash, names, length)) {
      slot = (slot + 1) & (CAPACITY - 1);
      entry = this.#table[slot] as number;
    }
    if (entry < 0) {
      entry = this.#entries++;
      this.#table[slot] = entry;
      this.#hashes[entry] = hash;
      this.#nameAt[entry] = this.#put(names, length);
      this.#nameBytes[entry] = length;
      this.#valueBytes[entry] = -1;
    }
    // One author: what comes later in its chain is newer.
    if (this.#valueBytes[entry] === payload) {
      copy(this.#heap, this.#valueAt[entry] as number, bytes, names + length, payload);
    } else {
      this.#valueAt[entry] = this.#put(names + length, payload);
      this.#valueBytes[entry] = payload;
    }
    this.#codecs[entry] = bytes[at + 1] as number;
    const stamp = entry * 5;
    this.#stamps[stamp] = this.#hlcLow;
    this.#stamps[stamp + 1] = this.#hlcHigh;
    this.#stamps[stamp + 2] = seq;
    this.#stamps[stamp + 3] = this.#head[0] as number;
    this.#stamps[stamp + 4] = this.#head[1] as number;
    if (this.#isDirty[entry] === 0) {
      this.#isDirty[entry] = 1;
      this.#dirty[this.#dirtyCount++] = entry;
    }
    this.changes[index * 3] = at;
    this.changes[index * 3 + 1] = 0;
    this.changes[index * 3 + 2] = index << 14;
  }

  #isAt(entry: number, hash: number, names: number, length: number): boolean {
    if (this.#hashes[entry] !== hash || this.#nameBytes[entry] !== length) return false;
    const at = this.#nameAt[entry] as number;
    for (let i = 0; i < length; i++) {
      if (this.#heap[at + i] !== this.#bytes[names + i]) return false;
    }
    return true;
  }

  #put(from: number, length: number): number {
    const at = this.#heapEnd;
    copy(this.#heap, at, this.#bytes, from, length);
    this.#heapEnd += length;
    return at;
  }

  /** First seq and signature; the hash follows. */
  #mark(): void {
    if (this.#marks.length < (this.#markCount + 1) * MARK_BYTES) {
      const grown = new Uint8Array(this.#marks.length * 2);
      grown.set(this.#marks);
      this.#marks = grown;
    }
    const at = this.#markCount++ * MARK_BYTES;
    copy(this.#marks, at, this.#bytes, DELTA_FIRST_SEQ_OFFSET, 8);
    copy(this.#marks, at + 8, this.#bytes, DELTA_HEADER_BYTES, SIGNATURE_BYTES);
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Short runs: a loop beats a call. */
function copy(to: Uint8Array, at: number, from: Uint8Array, start: number, length: number): void {
  for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number;
}

function equalHash(hash: Uint32Array, words: Uint32Array, at: number): boolean {
  for (let i = 0; i < HASH_WORDS; i++) if (hash[i] !== words[at + i]) return false;
  return true;
}

/** Slots of the table and most entries; a power of two. */
const CAPACITY = 4096;
const HEAP_BYTES = 1 << 20;
