/** Seeds as users write them: a multiaddr, or `host:port` (dialled without a peer id). */
import { isIPv4, isIPv6 } from "node:net";
import { multiaddr } from "@multiformats/multiaddr";
import { MeshError } from "../errors.ts";
import type { Transport } from "./transport/transport.ts";

/** @throws MeshError MESH_VALUE_INVALID for what is neither. */
export function seedAddress(seed: string, kind: Transport["kind"]): string {
  if (!seed.startsWith("/")) return hostPortAddress(seed, kind);
  if (kind === "memory") return seed;
  try {
    return multiaddr(seed).toString();
  } catch (cause) {
    throw seedError(seed, cause);
  }
}

function hostPortAddress(seed: string, kind: Transport["kind"]): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(seed);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) throw seedError(seed);
  const at = isIPv4(host) ? "ip4" : isIPv6(host) ? "ip6" : "dns4";
  return kind === "tcp" ? `/${at}/${host}/tcp/${port}` : `/${at}/${host}/udp/${port}/quic-v1`;
}

function seedError(seed: string, cause?: unknown): MeshError {
  return new MeshError("MESH_VALUE_INVALID", `a seed is a multiaddr or host:port, got "${seed}"`, {
    details: { expected: "multiaddr or host:port", got: seed },
    cause,
  });
}
