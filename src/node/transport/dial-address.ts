/**
 * Parses a multiaddr to dial and resolves its host.
 *
 * The QUIC library takes IP addresses only, so names are looked up here, for both transports
 * alike, with the system's resolver. A name with several addresses yields several candidates.
 */
import { lookup } from "node:dns/promises";
import { type Component, type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { MeshError } from "../../errors.ts";
import { nodeIdFromPeerId, peerIdFromNodeId } from "../node-id.ts";
import type { NodeId } from "./transport.ts";

export interface DialAddress {
  readonly address: Multiaddr;
  /** The id that the address demands, if it does. */
  readonly peer: NodeId | undefined;
}

/**
 * Parses an address.
 * @throws MeshError MESH_TRANSPORT_DIAL, not retryable, when it is no multiaddr or its /p2p part
 * names no ed25519 key.
 */
export function parseDialAddress(text: string): DialAddress {
  try {
    const address = multiaddr(text);
    const peerText = address.getComponents().findLast((part) => part.name === "p2p")?.value;
    return { address, peer: peerText === undefined ? undefined : nodeIdFromPeerId(peerText) };
  } catch (cause) {
    throw new MeshError("MESH_TRANSPORT_DIAL", "dial failed: not an address of a node", {
      details: { address: text.slice(0, 256) },
      cause,
    });
  }
}

/** The address with its host name replaced by each of its IP addresses, at most HOST_ADDRESSES_MAX. */
export async function resolveHost(address: Multiaddr): Promise<readonly Multiaddr[]> {
  const parts = address.getComponents();
  const at = parts.findIndex((part) => DNS_FAMILY.has(part.name));
  const host = parts[at];
  if (host?.value === undefined) return [address];
  const found = await lookup(host.value, { all: true, family: DNS_FAMILY.get(host.name) ?? 0 });
  return found.slice(0, HOST_ADDRESSES_MAX).map((entry) => {
    const name = entry.family === 6 ? "ip6" : "ip4";
    const resolved: Component = { ...IP_COMPONENT[name], value: entry.address };
    return multiaddr([...parts.slice(0, at), resolved, ...parts.slice(at + 1)]);
  });
}

/** The address with the peer's id, so that nobody else can answer in its place. */
export function withPeer(address: string, id: NodeId): string {
  return address.includes("/p2p/") ? address : `${address}/p2p/${peerIdFromNodeId(id)}`;
}

const DNS_FAMILY: ReadonlyMap<string, 0 | 4 | 6> = new Map([
  ["dns", 0],
  ["dns4", 4],
  ["dns6", 6],
]);
const IP_COMPONENT = {
  ip4: { code: 4, name: "ip4" },
  ip6: { code: 41, name: "ip6" },
} as const;
const HOST_ADDRESSES_MAX = 4;
