/**
 * Replica: the frontier, (author, incarnation) -> (seq, head hash), with its vector and tree.
 *
 * An incarnation keeps its row for good: row = lane of the version vector = row of the tree.
 * Leaf of the tree: key BLAKE3(author | epoch | nonce), value BLAKE3(author | epoch | nonce | seq |
 * head hash); leaves are brought up to date when the tree is read (docs/ARCHITECTURE.md).
 */
import { HASH_BYTES, NODE_ID_BYTES } from "../../../../assembly/layout.ts";
import type { Head, MerkleTree, Primitives, VersionVector } from "../../kernels.ts";
import { equalBytes } from "./bytes.ts";
import { type Identity, INCARNATION_ID_BYTES, releaseIdentity } from "./identity.ts";
import { createMarks, headHash, type Marks } from "./marks.ts";
import { hexToRawText, rawText } from "./text.ts";

export interface Author {
  /** 64 lower-case hex digits; they sort as the bytes do. */
  readonly id: string;
  /** Ascending by (epoch, nonce). */
  readonly incarnations: Incarnation[];
  /** Dots that this author's removes have in the pending table. */
  pendingDots: number;
}

export interface Incarnation {
  readonly row: number;
  readonly author: Author;
  readonly identity: Identity;
  readonly marks: Marks;
  seq: number;
  hlcHigh: number;
  hlcLow: number;
  ended: boolean;
  /** Whether its leaf is out of date. */
  dirty: boolean;
}

export interface Frontier {
  /** By Identity.authorName. */
  readonly authors: Map<string, Author>;
  readonly rows: Incarnation[];
  readonly vector: VersionVector;
  readonly tree: MerkleTree;
  readonly dirty: Incarnation[];
  /** Deltas remembered over all incarnations. */
  deltas: number;
  /** The last one looked up: frames come in runs of one author. */
  recent: Incarnation | undefined;
}

export function createFrontier(primitives: Primitives): Frontier {
  return {
    authors: new Map(),
    rows: [],
    vector: primitives.createVersionVector(),
    tree: primitives.createMerkleTree(),
    dirty: [],
    deltas: 0,
    recent: undefined,
  };
}

/** The incarnation whose author | epoch | nonce stand at `at`. `view` covers `bytes`. */
export function findIncarnation(
  frontier: Frontier,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): Incarnation | undefined {
  const { recent } = frontier;
  if (recent !== undefined && hasId(recent, bytes, at)) return recent;
  const author = frontier.authors.get(rawText(bytes, at, at + NODE_ID_BYTES));
  if (author === undefined) return undefined;
  const epoch = view.getBigUint64(at + NODE_ID_BYTES, true);
  const nonce = view.getBigUint64(at + NODE_ID_BYTES + 8, true);
  const found = author.incarnations[lifePosition(author.incarnations, epoch, nonce)];
  if (found === undefined || !hasId(found, bytes, at)) return undefined;
  frontier.recent = found;
  return found;
}

/** The incarnation of that name; undefined when unknown or when `author` is no node id. */
export function namedIncarnation(
  frontier: Frontier,
  author: string,
  epoch: bigint,
  nonce: bigint,
): Incarnation | undefined {
  const incarnations = namedAuthor(frontier, author)?.incarnations ?? [];
  const found = incarnations[lifePosition(incarnations, epoch, nonce)];
  const identity = found?.identity;
  return identity?.epoch === epoch && identity.nonce === nonce ? found : undefined;
}

export function namedAuthor(frontier: Frontier, author: string): Author | undefined {
  const name = hexToRawText(author);
  return name === undefined ? undefined : frontier.authors.get(name);
}

/**
 * Adds an incarnation in the next row, its head at the record.
 * @throws MESH_STATE_FULL when the vector finds no room; nothing has changed then.
 */
export function addIncarnation(frontier: Frontier, identity: Identity): Incarnation {
  const row = frontier.rows.length;
  frontier.vector.set(row, 0);
  let author = frontier.authors.get(identity.authorName);
  if (author === undefined) {
    author = { id: identity.author, incarnations: [], pendingDots: 0 };
    frontier.authors.set(identity.authorName, author);
  }
  const marks = createMarks(identity);
  const life = { seq: 0, hlcHigh: 0, hlcLow: 0, ended: false, dirty: false };
  const incarnation: Incarnation = { row, author, identity, marks, ...life };
  const position = lifePosition(author.incarnations, identity.epoch, identity.nonce);
  author.incarnations.splice(position, 0, incarnation);
  frontier.rows.push(incarnation);
  return incarnation;
}

/** Returns the memory. */
export function freeFrontier(frontier: Frontier): void {
  for (const incarnation of frontier.rows) releaseIdentity(incarnation.identity);
  frontier.rows.length = 0;
  frontier.authors.clear();
  frontier.recent = undefined;
  frontier.tree.free();
  frontier.vector.free();
}

/** Marks an incarnation whose head has moved. */
export function touchIncarnation(frontier: Frontier, incarnation: Incarnation): void {
  frontier.vector.set(incarnation.row, incarnation.seq);
  if (incarnation.dirty) return;
  incarnation.dirty = true;
  frontier.dirty.push(incarnation);
}

/** The tree, its leaves brought up to date. */
export function freshTree(frontier: Frontier, primitives: Primitives): MerkleTree {
  const { dirty, tree } = frontier;
  for (let last = dirty.pop(); last !== undefined; last = dirty.pop()) {
    last.dirty = false;
    LEAF.set(last.identity.id, 0);
    LEAF_VIEW.setBigUint64(INCARNATION_ID_BYTES, BigInt(last.seq), true);
    LEAF.set(headHash(last.marks), INCARNATION_ID_BYTES + 8);
    try {
      tree.set(last.identity.treeKey, primitives.blake3(LEAF), last.row);
    } catch (error) {
      touchIncarnation(frontier, last); // Out of room: it stays to be done.
      throw error;
    }
  }
  return tree;
}

/** Order of incarnations in what is hashed: author bytes, epoch, nonce. */
export function compareIncarnations(a: Incarnation, b: Incarnation): number {
  if (a === b) return 0;
  const x = a.identity;
  const y = b.identity;
  if (x.author !== y.author) return x.author < y.author ? -1 : 1;
  if (x.epoch !== y.epoch) return x.epoch < y.epoch ? -1 : 1;
  return x.nonce < y.nonce ? -1 : 1;
}

/** What a caller sees of it; every array is copied. */
export function headOf(incarnation: Incarnation | undefined): Head | undefined {
  if (incarnation === undefined) return undefined;
  const { row, seq, ended, hlcHigh, hlcLow } = incarnation;
  const { author, epoch, nonce, key } = incarnation.identity;
  const hlc = (BigInt(hlcHigh) << 32n) | BigInt(hlcLow);
  const hash = headHash(incarnation.marks);
  return { row, author, epoch, nonce, seq, hash, hlc, key: key.slice(), ended };
}

/** Position of the first incarnation not below (epoch, nonce). */
function lifePosition(ascending: readonly Incarnation[], epoch: bigint, nonce: bigint): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = ascending[middle];
    if (found === undefined) break;
    const { epoch: foundEpoch, nonce: foundNonce } = found.identity;
    if (foundEpoch < epoch || (foundEpoch === epoch && foundNonce < nonce)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function hasId(incarnation: Incarnation, bytes: Uint8Array, at: number): boolean {
  return equalBytes(incarnation.identity.id, 0, bytes, at, INCARNATION_ID_BYTES);
}

const LEAF = new Uint8Array(INCARNATION_ID_BYTES + 8 + HASH_BYTES);
const LEAF_VIEW = new DataView(LEAF.buffer);
