/** Whether a peer holds all that this node has written, by what it shows of its frontier. */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { CoreState } from "../core-state.ts";
import { nodeIdToBytes } from "../node-id.ts";
import type { SyncRange } from "../wire/frame.ts";
import { Writer } from "../wire/writer.ts";

/** Bytes of author, epoch and nonce: the key's preimage in the frontier tree. */
const INCARNATION_BYTES = 48;

/** True when one of the ranges has the own incarnation's head in it, or nothing was written. */
export function showsOwnHead(core: CoreState, ranges: readonly SyncRange[]): boolean {
  const { incarnation } = core.author;
  if (incarnation === undefined) return true;
  const { author, epoch, nonce } = incarnation;
  const head = core.replica.head(author, epoch, nonce);
  if (head === undefined) return true;
  const id = new Writer(INCARNATION_BYTES).bytes(nodeIdToBytes(author)).u64(epoch).u64(nonce);
  const key = core.deps.kernels.blake3(id.finish());
  return ranges.some((range) => {
    if (range.kind === "leaf") {
      return range.entries.some(
        (entry) =>
          entry.author === author &&
          entry.epoch === epoch &&
          entry.nonce === nonce &&
          entry.seq >= head.seq,
      );
    }
    if (!isBelow(key, range.prefix, range.nibbles)) return false;
    const child = nibbleOf(key, range.nibbles);
    const differs = core.replica.frontierTree.rangeDiff(range.prefix, range.nibbles, range.hashes);
    return range.hashes.length === 16 * HASH_BYTES && (differs & (1 << child)) === 0;
  });
}

function isBelow(key: Uint8Array, prefix: Uint8Array, nibbles: number): boolean {
  for (let i = 0; i < nibbles; i++) if (nibbleOf(key, i) !== nibbleOf(prefix, i)) return false;
  return true;
}

/** Half-bytes, the more significant one of each byte first. */
function nibbleOf(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >> 1] ?? 0;
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}
