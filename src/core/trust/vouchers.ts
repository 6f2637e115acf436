/**
 * Which record of an author stands for its others: in a mesh with an authority an incarnation's record
 * brings a credential, and that of the certificate which ends last says of all earlier ones that their
 * author is certified. Theirs can then go (docs/decisions/0018-past-lives.md).
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
  RECORD_BODY_BYTES,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes } from "../node-id.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { decodeRecordBody } from "../wire/record-body.ts";

/** Ordered alike at all nodes that hold the same records. */
interface Voucher {
  readonly notAfterMs: bigint;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly record: Uint8Array;
}

export class Vouchers {
  readonly #byAuthor = new Map<NodeId, Voucher>();

  /** Notes an accepted delta that goes into the log. The bytes are kept. */
  note(delta: Uint8Array): void {
    if (delta[DELTA_KIND_OFFSET] !== KIND_RECORD || !hasCredential(delta)) return;
    const { author, epoch, nonce } = decodeDeltaHeader(delta, 0);
    const held = this.#byAuthor.get(author);
    const voucher = { notAfterMs: notAfterOf(delta), epoch, nonce, record: delta };
    if (held === undefined || isAbove(voucher, held)) this.#byAuthor.set(author, voucher);
  }

  /** The record of an author that stands for its others, whole; undefined when there is none. */
  of(author: NodeId): Uint8Array | undefined {
    return this.#byAuthor.get(author)?.record;
  }

  /** Whether another record stands for this one, whose credential is not needed then. */
  vouches(record: Uint8Array): boolean {
    const voucher = this.#byAuthor.get(nodeIdFromBytes(record, DELTA_AUTHOR_OFFSET));
    return voucher !== undefined && voucher.notAfterMs >= notAfterOf(record);
  }

  /** Whether the credential of a record in the log can go. */
  canCut(record: Uint8Array): boolean {
    if (!hasCredential(record) || !this.vouches(record)) return false;
    const { author, epoch, nonce } = decodeDeltaHeader(record, 0);
    const voucher = this.#byAuthor.get(author);
    return voucher?.epoch !== epoch || voucher.nonce !== nonce;
  }

  /** The log has been cleared. */
  clear(): void {
    this.#byAuthor.clear();
  }
}

/** When a record says that its author's certificate ends. */
export function notAfterOf(record: Uint8Array): bigint {
  return decodeRecordBody(record, DELTA_PREFIX_BYTES).notAfterMs;
}

function hasCredential(record: Uint8Array): boolean {
  return record.length > DELTA_PREFIX_BYTES + RECORD_BODY_BYTES;
}

function isAbove(a: Voucher, b: Voucher): boolean {
  if (a.notAfterMs !== b.notAfterMs) return a.notAfterMs > b.notAfterMs;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.nonce > b.nonce);
}
