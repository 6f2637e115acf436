// The map of linear memory below the arena. Every region has a constant address, so that the
// compiler folds it into the load or store. Static data (memory.data) lies below RESULT: the
// loader checks HEAP_BASE <= RESULT. The host creates the memory with initial = maximum and it
// never grows; fresh memory is zero, which the arena relies on for its free lists.
// The host reads RESULT, RANDOM and STAGE through exported globals; the other regions are private.

/** What an export hands back: one hash, or sixteen (512 bytes), and their peer's copies. */
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
export const FREE_LISTS: usize = 7872; // 40 x 4 bytes
/** Where the host puts arguments and finds long results. */
export const STAGE: usize = 8192;
export const STAGE_BYTES: usize = 65536; // a power of two of 1,024-byte chunks: one BLAKE3 piece
/** First byte of the arena; the slack lets idle lanes read past the stage. */
export const ARENA: usize = 77824; // STAGE + STAGE_BYTES + 4,096

/** Copies 32 bytes; two SIMD moves, where memory.copy would be a call out of the module. */
export function copyHash(to: usize, from: usize): void {
  const low = v128.load(from);
  const high = v128.load(from, 16);
  v128.store(to, low);
  v128.store(to, high, 16);
}
