/**
 * The agent directory: which node hosts which agent, folded from the shared map `$agents`. An
 * entry counts only when its writer is the node it names and names that node's present life. Of
 * two claims to one name the lower (epoch, node id) holds it.
 */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import type { Change, Replica } from "../../kernels/kernels.ts";
import type { NodeId } from "../node-id.ts";
import { isNodeId } from "../node-id.ts";
import type { Membership } from "../peers/membership.ts";

/** The shared map; user collections never start with "$". */
export const AGENTS_COLLECTION = "$agents";
export const CAPABILITIES_MAX = 32;
export const CAPABILITY_BYTES_MAX = 64;

export interface AgentClaim {
  readonly name: string;
  readonly node: NodeId;
  readonly epoch: bigint;
  readonly capabilities: readonly string[];
}

export class Directory {
  #replica: Replica;
  readonly #membership: Membership;
  readonly #claims = new Map<string, Map<NodeId, AgentClaim>>();

  constructor(replica: Replica, membership: Membership) {
    this.#replica = replica;
    this.#membership = membership;
  }

  /** The replica was made anew; what has changed in it is still to be folded in. */
  useReplica(replica: Replica): void {
    this.#replica = replica;
  }

  /** Folds changes in; returns the names whose claims may have changed. */
  update(changes: readonly Change[]): Set<string> {
    const names = new Set<string>();
    for (const change of changes) {
      if (change.type !== TYPE_MAP || change.collection !== AGENTS_COLLECTION) continue;
      const name = this.#refresh(change.key);
      if (name !== undefined) names.add(name);
    }
    return names;
  }

  /** The claim that holds a name. */
  resolve(name: string): AgentClaim | undefined {
    let holder: AgentClaim | undefined;
    for (const claim of this.#claims.get(name)?.values() ?? []) {
      if (!this.#isLive(claim)) continue;
      if (holder === undefined || isBetterClaim(claim, holder)) holder = claim;
    }
    return holder;
  }

  /** The claim of one node to a name. */
  claimOf(name: string, node: NodeId): AgentClaim | undefined {
    const claim = this.#claims.get(name)?.get(node);
    return claim !== undefined && this.#isLive(claim) ? claim : undefined;
  }

  /** Every name that is held, with its holder. */
  *all(): Generator<AgentClaim> {
    for (const name of this.#claims.keys()) {
      const holder = this.resolve(name);
      if (holder !== undefined) yield holder;
    }
  }

  /** The capabilities in an entry, whatever epoch it names. */
  capabilitiesAt(key: string): readonly string[] {
    const entry = this.#replica.mapGet(AGENTS_COLLECTION, key);
    return entry === undefined ? [] : (decodeClaim(entry.value)?.capabilities ?? []);
  }

  #refresh(key: string): string | undefined {
    const at = key.lastIndexOf("@");
    const name = key.slice(0, at);
    const node = key.slice(at + 1);
    if (at <= 0 || !isNodeId(node)) return undefined;
    const claim = this.#read(key, name, node);
    const claims = this.#claims.get(name) ?? new Map<NodeId, AgentClaim>();
    if (claim === undefined) claims.delete(node);
    else claims.set(node, claim);
    if (claims.size === 0) this.#claims.delete(name);
    else this.#claims.set(name, claims);
    return name;
  }

  #read(key: string, name: string, node: NodeId): AgentClaim | undefined {
    const entry = this.#replica.mapGet(AGENTS_COLLECTION, key);
    if (entry === undefined || entry.stamp.author !== node) return undefined;
    const claim = decodeClaim(entry.value);
    return claim === undefined ? undefined : { name, node, ...claim };
  }

  #isLive(claim: AgentClaim): boolean {
    const member = this.#membership.get(claim.node);
    if (member === undefined || !this.#membership.isPresent(claim.node)) return false;
    return member.epoch === claim.epoch;
  }
}

/** The map key of a claim. */
export function claimKey(name: string, node: NodeId): string {
  return `${name}@${node}`;
}

export function encodeClaim(claim: { epoch: bigint; capabilities: readonly string[] }): Uint8Array {
  const { epoch, capabilities } = claim;
  return new TextEncoder().encode(JSON.stringify({ epoch: epoch.toString(), capabilities }));
}

function decodeClaim(
  bytes: Uint8Array,
): { readonly epoch: bigint; readonly capabilities: readonly string[] } | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { epoch, capabilities } = parsed as Record<string, unknown>;
    if (typeof epoch !== "string" || !/^\d{1,20}$/.test(epoch)) return undefined;
    if (!Array.isArray(capabilities) || capabilities.length > CAPABILITIES_MAX) return undefined;
    const names = capabilities.filter((name): name is string => typeof name === "string");
    return { epoch: BigInt(epoch), capabilities: names };
  } catch {
    return undefined;
  }
}

function isBetterClaim(a: AgentClaim, b: AgentClaim): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.node < b.node);
}
