// The map of linear memory below the arena. Every region has a constant address, so that the
// compiler folds it into the load or store. Static data (memory.data) lies below RESULT: the
// loader checks HEAP_BASE <= RESULT. The host creates the memory with initial = maximum and it
// never grows; fresh memory is zero, which the arena relies on for its free lists and the scan for
// its slots. Untouched pages cost address space, not memory.
// The host reaches the regions that index.ts exports; the others are private.

import { CHANGE_WORDS, FRAME_BYTES, HASH_BYTES, SCAN_ROWS_MAX } from "./layout";

/** What an export hands back: a hash, sixteen (512 bytes), or a row of fields. */
export const RESULT: usize = 2048; // 1,024 bytes
/** xoshiro128** state of the running selection, four u32. */
export const RANDOM: usize = 3072; // 16 bytes, padded to 64
/** Message of a four-lane compression: 16 rows, row w holds word w of the four blocks. */
export const MESSAGE: usize = 3136; // 256 bytes
/** Chaining value of a four-lane compression: 8 rows, row w holds word w of the four lanes. */
export const CHAIN: usize = 3392; // 128 bytes
/** Chaining value of the chunk being hashed alone. */
export const CHUNK: usize = 3520; // 32 bytes
/** Heads of the lists of dirty nodes, by height: 257 u32, height 0 are the leaves. */
export const HEIGHTS: usize = 3584; // 1,028 bytes
/** BLAKE3's stack of finished subtrees: one hash per set bit of the count of pieces. */
export const FOLD: usize = 4672; // 32 x 32 bytes
/** Chaining values of one piece's chunks, and four rows of slack for idle lanes. */
export const CHUNKS: usize = 5696; // 68 x 32 bytes
/** The arena's free lists, one u32 per size class. */
export const FREE_LISTS: usize = 7872; // 128 x 4 bytes
/** Half of the last, partly filled block of a hash's input, padded with zeros. */
export const TAIL: usize = 8384; // 32 bytes, padded to 64
/** Two hashes side by side: what roots and leaf values are made of. */
export const DIGEST: usize = 8448; // 128 bytes
/** The table of identities that all replicas share. */
export const IDENTITIES: usize = 8576; // 12 bytes, padded to 64
/** Keys of the keyed hash, one u64 per word of input. */
export const HASH_KEYS: usize = 8640; // 600 x 8 bytes
export const HASH_KEYS_COUNT: u32 = 600;
/** The operations of the delta being applied: address and address hash, 8 bytes each. */
export const OPERATIONS: usize = 13440; // 256 x 8 bytes
/** Counters seen in the delta being judged, open-addressed: stamp u32, operation u32. */
export const COUNTERS: usize = 15488; // 512 x 8 bytes
export const COUNTER_SLOTS: u32 = 512;
/** Where the host puts arguments and finds long results. */
export const STAGE: usize = 20480;
export const STAGE_BYTES: usize = 65536; // a power of two of 1,024-byte chunks: one BLAKE3 piece
// 4,096 bytes of slack let idle lanes read past the stage.

// ---- One scan: struct of arrays, a row per delta --------------------------------------------
const ROWS: usize = SCAN_ROWS_MAX;
/** u32: where the delta starts in the frame. */
export const ROW_OFFSETS: usize = 90112;
/** u32: its length, prefix included. */
export const ROW_LENGTHS: usize = ROW_OFFSETS + (ROWS << 2);
/** u8: SCAN_* of the host's interface. */
export const ROW_STATUSES: usize = ROW_LENGTHS + (ROWS << 2);
/** u8: why a row is malformed, an index of the host's list of reasons. */
export const ROW_REASONS: usize = ROW_STATUSES + ROWS;
/** u8: APPLY_*. */
export const ROW_OUTCOMES: usize = ROW_REASONS + ROWS;
/** u8: 1 = the signature is good; written by the host. */
export const ROW_VERDICTS: usize = ROW_OUTCOMES + ROWS;
/** 32 bytes: the public key that must have signed. */
export const ROW_KEYS: usize = ROW_VERDICTS + ROWS;
/** 32 bytes: the delta's hash, of rows that are to be verified. */
export const ROW_HASHES: usize = ROW_KEYS + ROWS * HASH_BYTES;
/** Heads that rows of the frame chain to (scan-tips.ts), at most one a row. */
export const TIPS: usize = ROW_HASHES + ROWS * HASH_BYTES;
export const TIP_BYTES: usize = 32;
/** Slots of the two tables of a scan: stamp u32, value u32. Twice as many as rows. */
export const SCAN_SLOTS: u32 = SCAN_ROWS_MAX << 1;
export const TIP_SLOTS: usize = TIPS + ROWS * TIP_BYTES;
export const SEQ_SLOTS: usize = TIP_SLOTS + ((<usize>SCAN_SLOTS) << 3);
/** First blocks of headers and their chaining values (header-hash.ts), 96 bytes each. */
export const HEADER_SLOTS: usize = SEQ_SLOTS + ((<usize>SCAN_SLOTS) << 3);
export const HEADER_SLOTS_COUNT: u32 = 64; // a power of two
/** The frame being scanned or applied; a longer one takes a block of the arena. */
export const FRAME: usize = HEADER_SLOTS + <usize>HEADER_SLOTS_COUNT * 96;
/** Changes, one an operation (layout.ts, CHANGE_*); an operation has at least 13 bytes. */
export const CHANGE_BYTES: usize = CHANGE_WORDS << 2;
export const OPERATION_BYTES_MIN: usize = 13;
export const CHANGES: usize = FRAME + FRAME_BYTES + 64;

/** First byte of the arena. */
export const ARENA: usize =
  (CHANGES + (<usize>FRAME_BYTES / OPERATION_BYTES_MIN + 1) * CHANGE_BYTES + 63) & ~63;

/** Copies 32 bytes; two SIMD moves, where memory.copy would be a call out of the module. */
export function copyHash(to: usize, from: usize): void {
  const low = v128.load(from);
  const high = v128.load(from, 16);
  v128.store(to, low);
  v128.store(to, high, 16);
}
