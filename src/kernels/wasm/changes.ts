/**
 * What a frameApply changed, decoded when it is read.
 *
 * Applying copies the list of changes out of linear memory, as numbers. Strings, payloads and stamps
 * are made from those and the applied bytes when somebody asks; most changes are looked at for their
 * type and collection only.
 */
import {
  CHANGE_CHANGED,
  CHANGE_INDEX_SHIFT,
  CHANGE_LIVE,
  CHANGE_ROW_MASK,
  CHANGE_WORDS,
  DELTA_AUTHOR_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_NONCE_OFFSET,
  NODE_ID_BYTES,
  OP_CODEC_OFFSET,
  OP_COLLECTION_BYTES_OFFSET,
  OP_COUNTER,
  OP_ELEMENT_BYTES_OFFSET,
  OP_EVENT,
  OP_GAUGE,
  OP_HEAD_BYTES,
  OP_KEY_BYTES_OFFSET,
  OP_KIND_OFFSET,
  OP_PAYLOAD_BYTES_OFFSET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_COUNTER,
  TYPE_EVENT,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import type { Applied, Change, Stamp } from "../kernels.ts";

export class WasmApplied implements Applied {
  readonly outcomes: Uint8Array;
  readonly #list: ChangeList | undefined;

  /** @param list what the changes are made from when they are asked for; absent: none. */
  constructor(outcomes: Uint8Array, list?: ChangeList) {
    this.outcomes = outcomes;
    this.#list = list;
  }

  get changes(): readonly Change[] {
    return this.#list?.changes ?? NONE;
  }
}

const NONE: readonly Change[] = Object.freeze([]);

/** The collection read last: operations mostly name the one that those before them did. */
let lastName = "";

/** Who wrote a delta and when. */
interface Written extends Omit<Stamp, "seq"> {
  readonly firstSeq: number;
}

function writtenOf(header: Buffer, blake3: Blake3): Written {
  return {
    firstSeq: Number(header.readBigUInt64LE(DELTA_FIRST_SEQ_OFFSET)),
    hlc: header.readBigUInt64LE(DELTA_HLC_OFFSET),
    author: header.toString("hex", DELTA_AUTHOR_OFFSET, DELTA_AUTHOR_OFFSET + NODE_ID_BYTES),
    epoch: header.readBigUInt64LE(DELTA_EPOCH_OFFSET),
    nonce: header.readBigUInt64LE(DELTA_NONCE_OFFSET),
    hash: new DataView(blake3(header).buffer).getBigUint64(0, true),
  };
}

type Blake3 = (bytes: Uint8Array) => Uint8Array;

/** The applied bytes, and CHANGE_WORDS numbers a change. */
export class ChangeList {
  readonly blake3: Blake3;
  readonly #bytes: Uint8Array;
  readonly #numbers: ArrayLike<number>;
  #frame: Buffer | undefined;
  #changes: readonly Change[] | undefined;
  /** Who wrote the delta looked at last. */
  #written: Written | undefined;
  #writtenAt = -1;

  constructor(bytes: Uint8Array, numbers: ArrayLike<number>, blake3: Blake3) {
    this.#bytes = bytes;
    this.#numbers = numbers;
    this.blake3 = blake3;
  }

  /** The bytes as a Buffer, which reads text and numbers faster. */
  get frame(): Buffer {
    if (this.#frame === undefined) {
      const { buffer, byteOffset, length } = this.#bytes;
      this.#frame = Buffer.from(buffer, byteOffset, length);
    }
    return this.#frame;
  }

  get changes(): readonly Change[] {
    this.#changes ??= this.#decode();
    return this.#changes;
  }

  /** What all operations of the delta at `at` have in their stamps. */
  writtenAt(at: number): Written {
    if (this.#written === undefined || at !== this.#writtenAt) {
      this.#written = writtenOf(this.frame.subarray(at, at + DELTA_HEADER_BYTES), this.blake3);
      this.#writtenAt = at;
    }
    return this.#written;
  }

  /** The name that lies at `at`. */
  nameAt(at: number, bytes: number): string {
    if (!this.#isName(lastName, at, bytes)) lastName = this.frame.toString("utf8", at, at + bytes);
    return lastName;
  }

  /** The byte at `at`. */
  byteAt(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  /** Whether `name`, if it is ASCII, lies there; as many bytes as units are ASCII, or another name. */
  #isName(name: string, at: number, bytes: number): boolean {
    if (bytes !== name.length) return false;
    for (let i = 0; i < bytes; i++) if (this.#bytes[at + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  #decode(): Change[] {
    const numbers = this.#numbers;
    const changes: Change[] = [];
    for (let at = 0; at < numbers.length; at += CHANGE_WORDS) {
      changes.push(
        new WasmChange(this, numbers[at] ?? 0, numbers[at + 1] ?? 0, numbers[at + 2] ?? 0),
      );
    }
    return changes;
  }
}

class WasmChange implements Change {
  readonly #list: ChangeList;
  readonly #operation: number;
  readonly #delta: number;
  readonly #bits: number;

  constructor(list: ChangeList, operation: number, delta: number, bits: number) {
    this.#list = list;
    this.#operation = operation;
    this.#delta = delta;
    this.#bits = bits;
  }

  get type(): number {
    return TYPES[this.#kind] ?? TYPE_MAP;
  }

  get collection(): string {
    const at = this.#operation + OP_HEAD_BYTES;
    return this.#list.nameAt(at, this.#length(OP_COLLECTION_BYTES_OFFSET));
  }

  get key(): string {
    const at = this.#operation + OP_HEAD_BYTES + this.#length(OP_COLLECTION_BYTES_OFFSET);
    return this.#text(at, this.#length(OP_KEY_BYTES_OFFSET));
  }

  get element(): string {
    const bytes = this.#length(OP_ELEMENT_BYTES_OFFSET);
    return bytes === 0 ? "" : this.#text(this.#payloadAt - bytes, bytes);
  }

  get live(): boolean {
    return (this.#bits & CHANGE_LIVE) !== 0;
  }

  get changed(): boolean {
    return (this.#bits & CHANGE_CHANGED) !== 0;
  }

  get delta(): number {
    return this.#bits & CHANGE_ROW_MASK;
  }

  get codec(): number {
    return this.#list.byteAt(this.#operation + OP_CODEC_OFFSET);
  }

  get payload(): Uint8Array {
    const { type } = this;
    const hasValue = type === TYPE_REGISTER || type === TYPE_MAP || type === TYPE_EVENT;
    if (!hasValue) return new Uint8Array(0);
    const at = this.#payloadAt;
    const bytes = this.#list.frame.readUInt32LE(this.#operation + OP_PAYLOAD_BYTES_OFFSET);
    return new Uint8Array(this.#list.frame.subarray(at, at + bytes));
  }

  get stamp(): Stamp {
    const { firstSeq, hlc, author, epoch, nonce, hash } = this.#list.writtenAt(this.#delta);
    const seq = firstSeq + (this.#bits >>> CHANGE_INDEX_SHIFT);
    return { hlc, author, epoch, nonce, seq, hash };
  }

  /** For JSON.stringify, which sees no getters. */
  toJSON(): Change {
    const { type, collection, key, element, live, changed, delta, codec, payload, stamp } = this;
    return { type, collection, key, element, live, changed, delta, codec, payload, stamp };
  }

  get #kind(): number {
    return this.#list.byteAt(this.#operation + OP_KIND_OFFSET);
  }

  get #payloadAt(): number {
    const names =
      this.#length(OP_COLLECTION_BYTES_OFFSET) +
      this.#length(OP_KEY_BYTES_OFFSET) +
      this.#length(OP_ELEMENT_BYTES_OFFSET);
    return this.#operation + OP_HEAD_BYTES + names;
  }

  #length(offset: number): number {
    const at = this.#operation + offset;
    return this.#list.byteAt(at) | (this.#list.byteAt(at + 1) << 8);
  }

  #text(at: number, bytes: number): string {
    return this.#list.frame.toString("utf8", at, at + bytes);
  }
}

/** Entry type by operation kind; what is not listed is a map's. */
const TYPES = typesByKind();

function typesByKind(): Uint8Array {
  const types = new Uint8Array(OP_EVENT + 1).fill(TYPE_MAP);
  types[OP_REGISTER_SET] = TYPE_REGISTER;
  types[OP_COUNTER] = TYPE_COUNTER;
  types[OP_SET_ADD] = TYPE_SET;
  types[OP_SET_REMOVE] = TYPE_SET;
  types[OP_GAUGE] = TYPE_GAUGE;
  types[OP_EVENT] = TYPE_EVENT;
  return types;
}
