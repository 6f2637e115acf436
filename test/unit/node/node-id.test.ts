import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { expect, test } from "vitest";
import { generateIdentity } from "../../../src/node/identity.ts";
import {
  isNodeId,
  nodeIdFromPeerId,
  nodeIdFromPublicKey,
  nodeIdFromSeed,
  peerIdFromNodeId,
} from "../../../src/node/node-id.ts";

const invalid = expect.objectContaining({ code: "MESH_VALUE_INVALID" });

test("a node id survives the way through its peer id text", () => {
  for (let round = 0; round < 20; round += 1) {
    const { nodeId, peerIdText } = generateIdentity();
    expect(peerIdFromNodeId(nodeId)).toBe(peerIdText);
    expect(nodeIdFromPeerId(peerIdText)).toBe(nodeId);
    expect(peerIdText).toMatch(/^12D3KooW/);
  }
});

test("a node id is the raw key that libp2p derives from the same seed", async () => {
  const key = await generateKeyPair("Ed25519");
  const seed = key.raw.subarray(0, 32);
  expect(nodeIdFromSeed(seed)).toBe(nodeIdFromPublicKey(key.publicKey.raw));
  expect(nodeIdFromPeerId(peerIdFromPrivateKey(key).toString())).toBe(nodeIdFromSeed(seed));
});

test("a peer id of another key type names no node", async () => {
  const other = peerIdFromPrivateKey(await generateKeyPair("secp256k1")).toString();
  expect(() => nodeIdFromPeerId(other)).toThrow(invalid);
});

test("a text that is no peer id names no node", () => {
  const { peerIdText } = generateIdentity();
  for (const text of ["", "12D3KooW", `${peerIdText}x`, peerIdText.slice(0, -1), "QmInvalid"]) {
    expect(() => nodeIdFromPeerId(text)).toThrow(invalid);
  }
});

test("only 64 lower-case hex digits are a node id", () => {
  const { nodeId } = generateIdentity();
  expect(isNodeId(nodeId)).toBe(true);
  for (const text of [
    "",
    nodeId.slice(1),
    `${nodeId}0`,
    `${nodeId.slice(0, 63)}G`,
    `${nodeId}\n`,
  ]) {
    expect(isNodeId(text)).toBe(false);
    expect(() => peerIdFromNodeId(text)).toThrow(invalid);
  }
  expect(() => nodeIdFromPublicKey(new Uint8Array(33))).toThrow(invalid);
});
