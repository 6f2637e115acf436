/** Builders of ids, contacts, instants and registries for tests of the peer side. */

import type { Now } from "../../src/core/now.ts";
import type { PeerContact } from "../../src/core/peers/peer-contact.ts";
import { PeerRegistry, type PeerRegistryOptions } from "../../src/core/peers/peer-registry.ts";
import { Random } from "../../src/core/random.ts";
import { selectPeers } from "./select-peers.ts";

export const SELF_ID = "f".repeat(64);

/** Node id of a small number; ids of consecutive numbers differ in their first digits. */
export function peerId(number: number): string {
  const head = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  return head + number.toString(16).padStart(56, "0");
}

export function contactOf(number: number, more: Partial<PeerContact> = {}): PeerContact {
  return { id: peerId(number), region: "eu", ...more };
}

export function at(monoMs: number): Now {
  return { monoMs, wallMs: 1_700_000_000_000 + monoMs };
}

export function registryOf(options: Partial<PeerRegistryOptions> = {}): PeerRegistry {
  return new PeerRegistry({
    selfId: SELF_ID,
    selectPeers,
    random: Random.fromSeed(1n),
    reputationThreshold: 0.5,
    ...options,
  });
}

/** A registry that met peers 0 .. count - 1 at instant 0. */
export function filledRegistry(
  count: number,
  options: Partial<PeerRegistryOptions> = {},
): PeerRegistry {
  const limits = { peersMax: Math.max(count, 2_000), ...options.limits };
  const registry = registryOf({ ...options, limits });
  for (let i = 0; i < count; i++) registry.register(contactOf(i), "contact", at(0));
  return registry;
}
