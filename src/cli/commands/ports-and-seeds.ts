/** Where a node of a topology file listens, and which of the file's seeds may be itself. */
import { hostname, networkInterfaces } from "node:os";
import { isLoopbackHost } from "../../config/notation.ts";

/** What both need to know of a node's settings. */
export interface PortSettings {
  readonly portMin: number;
  readonly portMax: number;
  readonly transport: "tcp" | "quic";
}

interface Seed {
  readonly host: string;
  readonly port: number;
}

/** The ports of the range, up to as many as a node tries. */
export function listenAddresses(host: string, settings: PortSettings): string[] {
  const { portMin, portMax, transport } = settings;
  const count = Math.min(portMax - portMin + 1, LISTEN_ADDRESSES_MAX);
  return Array.from({ length: count }, (_, index) =>
    transport === "tcp"
      ? `/ip4/${host}/tcp/${portMin + index}`
      : `/ip4/${host}/udp/${portMin + index}/quic-v1`,
  );
}

/** Whether this machine may be the seed: its host and a port of the own range. */
export function isOwn(seed: Seed, own: PortSettings): boolean {
  if (seed.port < own.portMin || seed.port > own.portMax) return false;
  if (isLoopbackHost(seed.host) || seed.host === hostname().toLowerCase()) return true;
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return interfaces.some(({ address }) => address === seed.host);
}

/** `host:port` as Mesh.join takes it. */
export function seedText({ host, port }: Seed): string {
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `${bracketed}:${port}`;
}

/** As many as Mesh.join takes. */
export const LISTEN_ADDRESSES_MAX = 64;
