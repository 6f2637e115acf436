/**
 * Frames: what travels one hop. A frame is authenticated by its channel (the link's peer id is the
 * node's key), so none names its sender. Head: version u8, type u8, flags u16 (zero), wall ms u64.
 * Layouts and golden vectors: docs/wire.md, test/vectors/frames.json.
 *
 * Decoding never throws: it returns the frame, or why it was refused. Trailing bytes are refused.
 */
import { HASH_BYTES, MESH_ID_BYTES, WIRE_VERSION } from "../../../assembly/layout.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { type DeltaFrame, decodeDeltaFrame, encodeDeltaFrame, FRAME_DELTA } from "./delta-frame.ts";
import {
  decodeFailureBody,
  encodeFailureBody,
  type FailureFrame,
  FRAME_DEPART,
  FRAME_PROBE,
  FRAME_SUSPECT,
} from "./failure-frames.ts";
import {
  decodeFill,
  decodeGaps,
  encodeFill,
  encodeGaps,
  type FillFrame,
  FRAME_FILL,
  FRAME_GAPS,
  type GapsFrame,
} from "./gap-frames.ts";
import { MEMBER_BYTES_MAX } from "./member.ts";
import { decodeProofFrame, encodeProofFrame, FRAME_PROOF, type ProofFrame } from "./proof-frame.ts";
import { Reader } from "./reader.ts";
import {
  decodeRollCall,
  encodeRollCall,
  FRAME_ROLL_CALL,
  type RollCallFrame,
} from "./roll-call.ts";
import { decodeStored, encodeStored, FRAME_STORED, type StoredFrame } from "./stored.ts";
import { Writer } from "./writer.ts";

export const FRAME_HELLO = 1;
export const FRAME_PUSH = 2;
export const FRAME_PULL = 3;
export const FRAME_SYNC = 4;
export const FRAME_WANT = 5;
export const FRAME_MEMBERS = 7;
export const FRAME_MESSAGE = 8;
export const FRAME_MESSAGE_RESULT = 9;
export const FRAME_TREE = 10;
export const FRAME_IHAVE = 11;
export const FRAME_BUCKETS = 12;

/** Bounds; docs/LIMITS.md has the arithmetic. */
export const FRAME_BYTES_MAX = 1_048_576;
export const FRAME_HEAD_BYTES = 12;
/** u8: what the frame is, after the version. */
export const FRAME_TYPE_OFFSET = 1;
export const SYNC_RANGES_MAX = 64;
export const SYNC_ENTRIES_MAX = 1024;
export const WANT_ENTRIES_MAX = 1024;
export const MEMBERS_RECORDS_MAX = 256;
export const IHAVE_ENTRIES_MAX = 1024;
/** Member records are compared in so many buckets, by the first bits of their id. */
export const MEMBER_BUCKETS = 512;
/** Bytes of each bucket's digest. */
export const BUCKET_BYTES = 4;
export const PREFIX_NIBBLES_MAX = 63;

/** First frame on every link, both ways. */
export interface HelloFrame {
  readonly type: typeof FRAME_HELLO;
  readonly meshId: Uint8Array;
  /** Whether the sender wants gossip on this link; it flows when either end does. */
  readonly gossip: boolean;
  /** Whether the sender has had the receiver's Hello; if not, the receiver says it again. */
  readonly heard: boolean;
  /** The sender's own signed member record. */
  readonly member: Uint8Array;
}
/** New deltas, and the sender's root after merging them. */
export interface PushFrame {
  readonly type: typeof FRAME_PUSH;
  /**
   * Members that hold these deltas once this push has arrived everywhere: the sender and those it
   * sends to. A receiver that knows no more members than these need not hand them on.
   */
  readonly reached: number;
  readonly root: Uint8Array;
  /** Deltas laid end to end; at least one. */
  readonly deltas: Uint8Array;
}
/** A round: the sender's version, as digests; asks for whatever differs. */
export interface PullFrame {
  readonly type: typeof FRAME_PULL;
  /** Echoed by the answer, for the round-trip time. */
  readonly stamp: number;
  readonly root: Uint8Array;
  readonly frontierRoot: Uint8Array;
  readonly membersDigest: Uint8Array;
}
/** Answer to a round or to a Sync: own version, and the ranges of the frontier that may differ. */
export interface SyncFrame {
  readonly type: typeof FRAME_SYNC;
  /** The Pull's stamp; 0 when this answers no Pull. */
  readonly echo: number;
  readonly root: Uint8Array;
  readonly membersDigest: Uint8Array;
  readonly ranges: readonly SyncRange[];
}
export type SyncRange =
  | {
      /** The 16 subtree hashes below a prefix. */
      readonly kind: "inner";
      readonly nibbles: number;
      readonly prefix: Uint8Array;
      readonly hashes: Uint8Array;
    }
  | {
      /** Every frontier entry below a prefix. */
      readonly kind: "leaf";
      readonly nibbles: number;
      readonly prefix: Uint8Array;
      readonly entries: readonly FrontierEntry[];
    };
export interface FrontierEntry {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
  /** Head hash at seq, 32 bytes. */
  readonly hash: Uint8Array;
}
/** Asks for deltas: per incarnation, everything above `after`. */
export interface WantFrame {
  readonly type: typeof FRAME_WANT;
  readonly wants: readonly Want[];
}
export interface Want {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  /** Highest seq held; -1 when not even the record is. */
  readonly after: number;
}
export interface MembersFrame {
  readonly type: typeof FRAME_MEMBERS;
  /** Signed member records. */
  readonly members: readonly Uint8Array[];
}
export interface MessageFrame {
  readonly type: typeof FRAME_MESSAGE;
  /** Signed direct message. */
  readonly message: Uint8Array;
}
export const MESSAGE_ACCEPTED = 0;
export const MESSAGE_UNKNOWN_AGENT = 1;
export const MESSAGE_INBOX_FULL = 2;
export const MESSAGE_REFUSED = 3;
export interface MessageResultFrame {
  readonly type: typeof FRAME_MESSAGE_RESULT;
  readonly id: bigint;
  readonly result: 0 | 1 | 2 | 3;
}
/** Prunes (false) or grafts (true) the link in the push tree, both ends alike. */
export interface TreeFrame {
  readonly type: typeof FRAME_TREE;
  readonly eager: boolean;
  /** The sender hangs on the receiver in the backbone: the link is not to be pruned. */
  readonly child?: boolean;
}

/** Lazy announcement: heads that the sender holds, and its root; sent over links outside the tree. */
export interface IHaveFrame {
  readonly type: typeof FRAME_IHAVE;
  readonly root: Uint8Array;
  readonly heads: readonly AnnouncedHead[];
}
export interface AnnouncedHead {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  /** Highest seq held. */
  readonly seq: number;
}
/** Digests of the sender's member records by bucket, where the digests over all of them differ. */
export interface BucketsFrame {
  readonly type: typeof FRAME_BUCKETS;
  /** False when this answers the receiver's own Buckets: it sends no further ones. */
  readonly asks: boolean;
  /** MEMBER_BUCKETS digests of BUCKET_BYTES each. */
  readonly digests: Uint8Array;
}

export type Frame =
  | HelloFrame
  | PushFrame
  | PullFrame
  | SyncFrame
  | WantFrame
  | DeltaFrame
  | MembersFrame
  | MessageFrame
  | MessageResultFrame
  | TreeFrame
  | IHaveFrame
  | BucketsFrame
  | FailureFrame
  | RollCallFrame
  | StoredFrame
  | ProofFrame
  | GapsFrame
  | FillFrame;

/** Why a frame was not decoded; each is a value of the metric's `reason`. */
export type FrameRefusal = "malformed" | "version" | "oversized" | "trailing";

export type DecodedFrame =
  | { readonly kind: "frame"; readonly frame: Frame; readonly wallMs: number }
  | { readonly kind: "refused"; readonly reason: FrameRefusal };

/** Encodes a frame, stamped with the sender's wall clock (ms). */
export function encodeFrame(frame: Frame, wallMs: number): Uint8Array {
  const writer = new Writer(expectedBytes(frame));
  writer.u8(WIRE_VERSION).u8(frame.type).u16(0).safe(wallMs);
  return encodeBody(writer, frame).cut();
}

function encodeBody(writer: Writer, frame: Frame): Writer {
  switch (frame.type) {
    case FRAME_HELLO:
      writer.bytes(frame.meshId).u8((frame.gossip ? 1 : 0) | (frame.heard ? 2 : 0));
      return writer.u16(frame.member.length).bytes(frame.member);
    case FRAME_PUSH:
      return writer.u16(frame.reached).bytes(frame.root).bytes(frame.deltas);
    case FRAME_PULL:
      writer.u32(frame.stamp).bytes(frame.root).bytes(frame.frontierRoot);
      return writer.bytes(frame.membersDigest);
    case FRAME_SYNC:
      writer.u32(frame.echo).bytes(frame.root).bytes(frame.membersDigest);
      writer.u16(frame.ranges.length);
      for (const range of frame.ranges) encodeRange(writer, range);
      return writer;
    case FRAME_WANT:
      writer.u16(frame.wants.length);
      for (const want of frame.wants) encodeIncarnation(writer, want).safe(want.after + 1);
      return writer;
    case FRAME_DELTA:
      return encodeDeltaFrame(writer, frame);
    case FRAME_MEMBERS:
      writer.u16(frame.members.length);
      for (const member of frame.members) writer.u16(member.length).bytes(member);
      return writer;
    case FRAME_MESSAGE:
      return writer.bytes(frame.message);
    case FRAME_MESSAGE_RESULT:
      return writer.u64(frame.id).u8(frame.result);
    case FRAME_TREE:
      return writer.u8((frame.eager ? 1 : 0) | (frame.child ? 2 : 0));
    case FRAME_IHAVE:
      writer.bytes(frame.root).u16(frame.heads.length);
      for (const head of frame.heads) encodeIncarnation(writer, head).safe(head.seq);
      return writer;
    case FRAME_BUCKETS:
      return writer.u8(frame.asks ? 1 : 0).bytes(frame.digests);
    case FRAME_PROBE:
    case FRAME_SUSPECT:
    case FRAME_DEPART:
      return encodeFailureBody(writer, frame);
    case FRAME_ROLL_CALL:
      return encodeRollCall(writer, frame);
    case FRAME_STORED:
      return encodeStored(writer, frame);
    case FRAME_PROOF:
      return encodeProofFrame(writer, frame);
    case FRAME_GAPS:
      return encodeGaps(writer, frame);
    case FRAME_FILL:
      return encodeFill(writer, frame);
  }
}

/** Decodes one whole frame. Views into `bytes` are kept by the result. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length > FRAME_BYTES_MAX) return refused("oversized");
  const reader = new Reader(bytes);
  const version = reader.u8();
  // First, and of a single byte: what follows in another version's head is unknown here, so a
  // short or odd one must not count as an offence of its sender.
  if (reader.ok && version !== WIRE_VERSION) return refused("version");
  const type = reader.u8();
  const flags = reader.u16();
  const wallMs = reader.safe();
  if (!reader.ok || flags !== 0) return refused("malformed");
  const frame = decodeBody(type, reader);
  if (frame === undefined || !reader.ok) return refused("malformed");
  if (!reader.finished) return refused("trailing");
  return { kind: "frame", frame, wallMs };
}

function decodeBody(type: number, reader: Reader): Frame | undefined {
  switch (type) {
    case FRAME_HELLO: {
      const meshId = reader.view(MESH_ID_BYTES);
      const flags = reader.u8();
      if (flags > 3) reader.fail();
      const gossip = (flags & 1) !== 0;
      const heard = (flags & 2) !== 0;
      return { type, meshId, gossip, heard, member: memberView(reader) };
    }
    case FRAME_PUSH: {
      const reached = reader.u16();
      const root = reader.view(HASH_BYTES);
      return { type, reached, root, deltas: rest(reader, 1) };
    }
    case FRAME_PULL: {
      const stamp = reader.u32();
      const root = reader.view(HASH_BYTES);
      const frontierRoot = reader.view(HASH_BYTES);
      return { type, stamp, root, frontierRoot, membersDigest: reader.view(HASH_BYTES) };
    }
    case FRAME_SYNC:
      return decodeSync(reader);
    case FRAME_WANT: {
      const wants: Want[] = [];
      const count = reader.count(WANT_ENTRIES_MAX);
      for (let i = 0; i < count && reader.ok; i++) {
        wants.push({ ...decodeIncarnation(reader), after: reader.safe() - 1 });
      }
      return { type, wants };
    }
    case FRAME_DELTA:
      return decodeDeltaFrame(reader);
    case FRAME_MEMBERS: {
      const members: Uint8Array[] = [];
      const count = reader.count(MEMBERS_RECORDS_MAX);
      for (let i = 0; i < count && reader.ok; i++) members.push(memberView(reader));
      return { type, members };
    }
    case FRAME_MESSAGE:
      return { type, message: rest(reader, 1) };
    case FRAME_MESSAGE_RESULT: {
      const id = reader.u64();
      const result = reader.u8();
      if (result !== 0 && result !== 1 && result !== 2 && result !== 3) return undefined;
      return { type, id, result };
    }
    case FRAME_TREE:
      return decodeTree(reader);
    case FRAME_IHAVE:
      return decodeIHave(reader);
    case FRAME_BUCKETS:
      return { type, asks: flag(reader), digests: reader.view(MEMBER_BUCKETS * BUCKET_BYTES) };
    case FRAME_ROLL_CALL:
      return decodeRollCall(reader);
    case FRAME_STORED:
      return decodeStored(reader);
    case FRAME_PROOF:
      return decodeProofFrame(reader);
    case FRAME_GAPS:
      return decodeGaps(reader);
    case FRAME_FILL:
      return decodeFill(reader);
    default:
      return decodeFailureBody(type, reader);
  }
}

function decodeTree(reader: Reader): TreeFrame {
  const flags = reader.u8();
  if (flags > 3 || flags === 2) reader.fail();
  const eager = (flags & 1) !== 0;
  return flags > 1 ? { type: FRAME_TREE, eager, child: true } : { type: FRAME_TREE, eager };
}

function decodeIHave(reader: Reader): IHaveFrame {
  const root = reader.view(HASH_BYTES);
  const heads: AnnouncedHead[] = [];
  const count = reader.count(IHAVE_ENTRIES_MAX);
  for (let i = 0; i < count && reader.ok; i++) {
    heads.push({ ...decodeIncarnation(reader), seq: reader.safe() });
  }
  return { type: FRAME_IHAVE, root, heads };
}

function decodeSync(reader: Reader): SyncFrame {
  const echo = reader.u32();
  const root = reader.view(HASH_BYTES);
  const membersDigest = reader.view(HASH_BYTES);
  const count = reader.count(SYNC_RANGES_MAX);
  const ranges: SyncRange[] = [];
  let entriesLeft = SYNC_ENTRIES_MAX;
  for (let i = 0; i < count && reader.ok; i++) {
    const range = decodeRange(reader, entriesLeft);
    if (range.kind === "leaf") entriesLeft -= range.entries.length;
    ranges.push(range);
  }
  return { type: FRAME_SYNC, echo, root, membersDigest, ranges };
}

function decodeRange(reader: Reader, entriesMax: number): SyncRange {
  const kind = reader.u8();
  const nibbles = reader.u8();
  if (nibbles > PREFIX_NIBBLES_MAX || kind > 1) reader.fail();
  const prefix = reader.view(HASH_BYTES);
  if (kind === 0) {
    return { kind: "inner", nibbles, prefix, hashes: reader.view(16 * HASH_BYTES) };
  }
  const entries: FrontierEntry[] = [];
  const count = reader.count(entriesMax);
  for (let i = 0; i < count && reader.ok; i++) {
    const name = decodeIncarnation(reader);
    entries.push({ ...name, seq: reader.safe(), hash: reader.view(HASH_BYTES) });
  }
  return { kind: "leaf", nibbles, prefix, entries };
}

function encodeRange(writer: Writer, range: SyncRange): void {
  writer
    .u8(range.kind === "inner" ? 0 : 1)
    .u8(range.nibbles)
    .bytes(range.prefix);
  if (range.kind === "inner") {
    writer.bytes(range.hashes);
    return;
  }
  writer.u16(range.entries.length);
  for (const entry of range.entries) {
    encodeIncarnation(writer, entry).safe(entry.seq).bytes(entry.hash);
  }
}

interface IncarnationName {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
}

function encodeIncarnation(writer: Writer, name: IncarnationName): Writer {
  return writer.bytes(nodeIdToBytes(name.author)).u64(name.epoch).u64(name.nonce);
}

function decodeIncarnation(reader: Reader): IncarnationName {
  return { author: reader.nodeId(), epoch: reader.u64(), nonce: reader.u64() };
}

function memberView(reader: Reader): Uint8Array {
  const count = reader.u16();
  if (count > MEMBER_BYTES_MAX) reader.fail();
  return reader.view(count);
}

function flag(reader: Reader): boolean {
  const value = reader.u8();
  if (value > 1) reader.fail();
  return value === 1;
}

function rest(reader: Reader, bytesMin: number): Uint8Array {
  if (reader.remaining < bytesMin) reader.fail();
  return reader.view(reader.remaining);
}

function refused(reason: FrameRefusal): DecodedFrame {
  return { kind: "refused", reason };
}

function expectedBytes(frame: Frame): number {
  // Exact where frames are large, so that they are written in place.
  if (frame.type === FRAME_PUSH) return FRAME_HEAD_BYTES + 2 + HASH_BYTES + frame.deltas.length;
  if (frame.type === FRAME_DELTA) return FRAME_HEAD_BYTES + 3 + HASH_BYTES + frame.deltas.length;
  if (frame.type === FRAME_MESSAGE) return FRAME_HEAD_BYTES + frame.message.length;
  return 512;
}
