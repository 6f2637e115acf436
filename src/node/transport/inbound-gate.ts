/**
 * Who may connect, judged before a handshake is paid for: connections a second and links at a time of
 * one remote host, and none at all while the process is short of memory.
 *
 * A host is an IPv4 address or an IPv6 /64, since whoever has one address of these has all of them.
 * Loopback is one host with many nodes in every demo and test: only the transport's own limits hold
 * there. What a host may do is bounded so that one host cannot take all places; who has many hosts
 * can, and certificates decide then.
 */
import type { Multiaddr } from "@multiformats/multiaddr";
import type { TransportLimits } from "./transport.ts";

export type GateRefusal = "memory" | "host_rate" | "host_links";

interface Host {
  links: number;
  tokens: number;
  atMs: number;
}

/** Hosts remembered; beyond, the first without a link is forgotten. */
const HOSTS_MAX = 4_096;
/** Connections of one host accepted at once; then its rate. */
const HOST_BURST_SECONDS = 8;

export class InboundGate {
  readonly #limits: TransportLimits;
  readonly #isPressed: () => boolean;
  readonly #hosts = new Map<string, Host>();

  constructor(limits: TransportLimits, isPressed: () => boolean = () => false) {
    this.#limits = limits;
    this.#isPressed = isPressed;
  }

  /** Why a connection from `host` is refused at `nowMs`; undefined takes it, and counts it. */
  refusal(host: string, nowMs: number): GateRefusal | undefined {
    if (this.#isPressed()) return "memory";
    if (isLoopback(host)) return undefined;
    const { hostLinksMax, hostConnectionsPerSecond: perSecond } = this.#limits;
    const state = this.#stateOf(host, nowMs);
    const burst = perSecond * HOST_BURST_SECONDS;
    state.tokens = Math.min(burst, state.tokens + ((nowMs - state.atMs) / 1_000) * perSecond);
    state.atMs = nowMs;
    if (state.links >= hostLinksMax) return "host_links";
    if (state.tokens < 1) return "host_rate";
    state.tokens -= 1;
    return undefined;
  }

  linked(host: string, nowMs: number): void {
    if (!isLoopback(host)) this.#stateOf(host, nowMs).links += 1;
  }

  unlinked(host: string): void {
    const state = this.#hosts.get(host);
    if (state !== undefined) state.links -= 1;
  }

  #stateOf(host: string, nowMs: number): Host {
    const held = this.#hosts.get(host);
    if (held !== undefined) return held;
    if (this.#hosts.size >= HOSTS_MAX) this.#forgetOne();
    const tokens = this.#limits.hostConnectionsPerSecond * HOST_BURST_SECONDS;
    const state = { links: 0, tokens, atMs: nowMs };
    this.#hosts.set(host, state);
    return state;
  }

  #forgetOne(): void {
    for (const [host, { links }] of this.#hosts) {
      if (links > 0) continue;
      this.#hosts.delete(host);
      return;
    }
  }
}

/** The remote host of a connection, as it is counted; undefined where an address has none. */
export function hostOf(address: Multiaddr): string | undefined {
  for (const { name, value } of address.getComponents()) {
    if (name === "ip4") return value;
    if (name === "ip6" && value !== undefined) return networkOf(value);
  }
  return undefined;
}

/** The /64 of an IPv6 address; a mapped IPv4 address counts as that. */
function networkOf(address: string): string {
  if (address === "::1") return address;
  const groups = groupsOf(address);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight numbers of an address in canonical text form. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean)) as [
    string[],
    string[],
  ];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}
