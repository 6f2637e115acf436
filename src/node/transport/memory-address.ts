/**
 * Addresses of the in-memory transport: `/memory/NAME`, optionally with `/p2p/<peer id>`.
 */
import { nodeIdFromPeerId } from "../node-id.ts";
import type { NodeId } from "./transport.ts";

export interface MemoryAddress {
  readonly name: string;
  readonly peer: NodeId | undefined;
}

/** The parts of a memory address, or undefined when the text is none. */
export function parseMemoryAddress(text: string): MemoryAddress | undefined {
  const match = ADDRESS_PATTERN.exec(text);
  const name = match?.[1];
  if (name === undefined) return undefined;
  const peerText = match?.[2];
  if (peerText === undefined) return { name, peer: undefined };
  try {
    return { name, peer: nodeIdFromPeerId(peerText) };
  } catch {
    return undefined;
  }
}

const ADDRESS_PATTERN = /^\/memory\/([^/]{1,255})(?:\/p2p\/([^/]{1,128}))?$/;
