/**
 * Node ids and their two texts.
 *
 * A node id is the 64 lower-case hex digits of a raw ed25519 public key; for people and multiaddrs
 * the same key is written as a libp2p peer id. Only ed25519 peer ids with the key inlined (identity
 * multihash) name a node: any other kind would leave the key unknown until a connection exists.
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId } from "@libp2p/interface";
import { peerIdFromPublicKey, peerIdFromString } from "@libp2p/peer-id";
import { MeshError } from "../errors.ts";
import type { NodeId } from "./transport/transport.ts";

/**
 * The raw public key of an identity.
 * @param seed 32-byte ed25519 seed; borrowed.
 * @returns 32 bytes, new.
 * @throws MeshError MESH_VALUE_INVALID when the seed has another length.
 * @see RFC 8410, section 7 (the PKCS #8 wrapping of a seed)
 */
export function publicKeyFromSeed(seed: Uint8Array): Uint8Array {
  if (seed.length !== SEED_BYTES) {
    throw new MeshError(
      "MESH_VALUE_INVALID",
      `identity seed: expected 32 bytes, got ${seed.length}`,
    );
  }
  const der = Buffer.concat([PKCS8_ED25519_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - KEY_BYTES));
}

/** Node id of a raw 32-byte public key; MESH_VALUE_INVALID for another length. */
export function nodeIdFromPublicKey(publicKey: Uint8Array): NodeId {
  if (publicKey.length !== KEY_BYTES) {
    throw new MeshError(
      "MESH_VALUE_INVALID",
      `public key: expected 32 bytes, got ${publicKey.length}`,
    );
  }
  return Buffer.from(publicKey).toString("hex");
}

/** Node id of a 32-byte seed; MESH_VALUE_INVALID for another length. */
export function nodeIdFromSeed(seed: Uint8Array): NodeId {
  return nodeIdFromPublicKey(publicKeyFromSeed(seed));
}

/**
 * Node id of a libp2p peer id text.
 * @param text base58 or CID form.
 * @throws MeshError MESH_VALUE_INVALID unless it names an inlined ed25519 key.
 */
export function nodeIdFromPeerId(text: string): NodeId {
  let peerId: PeerId | undefined;
  try {
    peerId = peerIdFromString(text);
  } catch {
    peerId = undefined;
  }
  const nodeId = peerId === undefined ? undefined : nodeIdOfPeer(peerId);
  if (nodeId === undefined) {
    throw new MeshError("MESH_VALUE_INVALID", "peer id: expected an ed25519 peer id", {
      details: { got: text.slice(0, 128) },
    });
  }
  return nodeId;
}

/** Node id of a parsed peer id, or undefined when it is not an inlined ed25519 key. */
export function nodeIdOfPeer(peerId: PeerId): NodeId | undefined {
  if (peerId.type !== "Ed25519") return undefined;
  const raw = peerId.publicKey.raw;
  return raw.length === KEY_BYTES ? nodeIdFromPublicKey(raw) : undefined;
}

/**
 * libp2p peer id text (base58, `12D3Koo...`) of a node id.
 * @throws MeshError MESH_VALUE_INVALID unless given 64 lower-case hex digits.
 */
export function peerIdFromNodeId(nodeId: NodeId): string {
  if (!isNodeId(nodeId)) {
    throw new MeshError("MESH_VALUE_INVALID", "node id: expected 64 lower-case hex digits", {
      details: { got: String(nodeId).slice(0, 128) },
    });
  }
  return peerIdFromPublicKey(publicKeyFromRaw(Buffer.from(nodeId, "hex"))).toString();
}

/** True for 64 lower-case hex digits. Does not say that the bytes are a point of the curve. */
export function isNodeId(text: string): text is NodeId {
  return NODE_ID_PATTERN.test(text);
}

const SEED_BYTES = 32;
const KEY_BYTES = 32;
const NODE_ID_PATTERN = /^[0-9a-f]{64}$/;
const PKCS8_ED25519_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
