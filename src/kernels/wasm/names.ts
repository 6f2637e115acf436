/** Stages what a read asks for, names as UTF-8 and ids as raw bytes; undefined when nothing can match. */
import {
  COLLECTION_BYTES_MAX,
  ELEMENT_BYTES_MAX,
  KEY_BYTES_MAX,
  NODE_ID_BYTES,
} from "../../../assembly/layout.ts";
import type { CoreMemory } from "./memory.ts";

/** Bytes of the staged names. */
export interface StagedNames {
  readonly collection: number;
  readonly key: number;
  readonly element: number;
}

/** Stages the names end to end; undefined when one cannot be a name in the shared state. */
export function stageNames(
  memory: CoreMemory,
  names: { readonly collection: string; readonly key?: string; readonly element?: string },
): StagedNames | undefined {
  let at = memory.layout.stage;
  const collection = stageText(memory, at, names.collection, COLLECTION_BYTES_MAX);
  at += collection;
  const key = stageText(memory, at, names.key ?? "", KEY_BYTES_MAX);
  at += key;
  const element = stageText(memory, at, names.element ?? "", ELEMENT_BYTES_MAX);
  if (collection < 0 || key < 0 || element < 0) return undefined;
  return { collection, key, element };
}

/** Stages author, epoch and nonce; false when `author` is no node id or a number no u64. */
export function stageId(memory: CoreMemory, author: string, epoch: bigint, nonce: bigint): boolean {
  if (BigInt.asUintN(64, epoch) !== epoch || BigInt.asUintN(64, nonce) !== nonce) return false;
  if (!stageAuthor(memory, author)) return false;
  const at = (memory.layout.stage + NODE_ID_BYTES) >>> 3;
  memory.u64[at] = epoch;
  memory.u64[at + 1] = nonce;
  return true;
}

/** Stages an author's 32 bytes; false when `author` is not 64 lower-case hex digits. */
export function stageAuthor(memory: CoreMemory, author: string): boolean {
  if (!NODE_ID.test(author)) return false;
  memory.buffer.write(author, memory.layout.stage, NODE_ID_BYTES, "hex");
  return true;
}

/** Bytes written; -1 when the text is too long or holds a lone surrogate. */
function stageText(memory: CoreMemory, at: number, text: string, bytesMax: number): number {
  if (text === "") return 0;
  if (text.length > bytesMax || !text.isWellFormed()) return -1;
  // Room for one character more than fits shows whether the text was cut.
  const bytes = memory.buffer.write(text, at, bytesMax + 4, "utf8");
  return bytes > bytesMax ? -1 : bytes;
}

const NODE_ID = /^[0-9a-f]{64}$/;
