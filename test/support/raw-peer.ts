/**
 * A libp2p peer that opens the mesh's stream protocol and writes whatever it is given.
 */
import { randomBytes } from "node:crypto";
import { multiaddr } from "@multiformats/multiaddr";
import { LINK_PROTOCOL } from "../../src/node/transport/libp2p.ts";
import { createNode, type NetworkKind } from "../../src/node/transport/libp2p-node.ts";

export async function sendRaw(kind: NetworkKind, address: string, bytes: Uint8Array) {
  const node = await createNode({
    kind,
    identitySeed: randomBytes(32),
    listen: [],
    linksMax: 4,
    connectTimeoutMs: 5_000,
    gater: {},
  });
  await node.libp2p.start();
  const connection = await node.libp2p.dial(multiaddr(address));
  const gone = Promise.withResolvers<void>();
  connection.addEventListener("close", () => gone.resolve());
  const stream = await connection.newStream(LINK_PROTOCOL);
  stream.send(bytes);
  return {
    gone: gone.promise,
    finish: () => stream.close().catch(() => undefined),
    close: () => node.stop(),
  };
}
