// What an incarnation's record says, once per memory: replicas that know the same incarnation
// share it and count themselves as holders.
//
//   holders u32 | hash u32 | author 32, epoch u64, nonce u64 | tree key 32 | public key 32 |
//   signature 64 | delta hash 32

import { allocate, release } from "./arena";
import { blake3At } from "./blake3";
import { copyBytes, equalBytes, equalHash } from "./bytes";
import {
  slotHash,
  slotPointer,
  tableAdd,
  tableCount,
  tableFirst,
  tableFree,
  tableNext,
  tableRemove,
  tableReserve,
} from "./hash-table";
import { hashBytes } from "./keyed-hash";
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  RECORD_KEY_OFFSET,
  SIGNATURE_BYTES,
} from "./layout";
import { copyHash, IDENTITIES } from "./memory";

const HOLDERS: usize = 0;
const HASH: usize = 4;
/** author | epoch | nonce, as headers and dots lay them out. */
export const IDENTITY_ID: usize = 8;
export const ID_BYTES: usize = 48;
/** BLAKE3 of the id: the leaf's key in the frontier tree. */
export const IDENTITY_TREE_KEY: usize = 56;
/** The incarnation's public key. */
export const IDENTITY_KEY: usize = 88;
const SIGNATURE: usize = 120;
const DELTA_HASH: usize = 184;
const IDENTITY_BYTES: usize = 216;
/** Signature and delta hash lie as in a mark that starts here (marks.ts). */
export const IDENTITY_MARK: usize = SIGNATURE - 8;

/** The identity of the record at `delta`, whose delta hash is at `hash`; 0 when memory is out. */
export function holdIdentity(delta: usize, hash: usize): usize {
  const signature = delta + DELTA_HEADER_BYTES;
  const tag = hashBytes(signature, SIGNATURE_BYTES, load<u32>(hash), load<u32>(hash, 4), 0);
  let slot = tableFirst(IDENTITIES, tag);
  for (; slotPointer(slot) != 0; slot = tableNext(IDENTITIES, slot)) {
    if (slotHash(slot) != tag) continue;
    const held = slotPointer(slot);
    // One header may have more than one valid signature.
    if (!equalHash(held + DELTA_HASH, hash)) continue;
    if (!equalBytes(held + SIGNATURE, signature, SIGNATURE_BYTES)) continue;
    store<u32>(held, load<u32>(held) + 1, HOLDERS);
    return held;
  }
  if (!tableReserve(IDENTITIES, 1)) return 0;
  const identity = allocate(IDENTITY_BYTES);
  if (identity == 0) {
    freeIfEmpty();
    return 0;
  }
  store<u32>(identity, 1, HOLDERS);
  store<u32>(identity, tag, HASH);
  copyBytes(identity + IDENTITY_ID, delta + DELTA_AUTHOR_OFFSET, ID_BYTES);
  blake3At(identity + IDENTITY_ID, ID_BYTES, identity + IDENTITY_TREE_KEY);
  copyHash(identity + IDENTITY_KEY, delta + DELTA_PREFIX_BYTES + RECORD_KEY_OFFSET);
  copyBytes(identity + SIGNATURE, signature, SIGNATURE_BYTES);
  copyHash(identity + DELTA_HASH, hash);
  tableAdd(IDENTITIES, tag, identity);
  return identity;
}

/** Undoes one holdIdentity. */
export function dropIdentity(identity: usize): void {
  const holders = load<u32>(identity, HOLDERS) - 1;
  store<u32>(identity, holders, HOLDERS);
  if (holders != 0) return;
  tableRemove(IDENTITIES, load<u32>(identity, HASH), identity);
  release(identity, IDENTITY_BYTES);
  freeIfEmpty();
}

function freeIfEmpty(): void {
  if (tableCount(IDENTITIES) == 0) tableFree(IDENTITIES);
}

/** Identities in this memory. */
export function identitiesHeld(): u32 {
  return tableCount(IDENTITIES);
}
