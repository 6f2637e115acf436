/** The agents of the whole mesh, as this node knows them. */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import { AGENTS_COLLECTION } from "../../core/agents/directory.ts";
import type { AgentHost } from "./agent.ts";

export interface AgentInfo {
  readonly name: string;
  /** `name@nodeId` (hex). */
  readonly address: string;
  /** Node id (hex). */
  readonly node: string;
  readonly capabilities: readonly string[];
  /** Round-trip time to its node; undefined until measured, 0 for this node. */
  readonly rttMs: number | undefined;
}

export interface FindOptions {
  readonly capability?: string;
  /** Nearest first, by measured round-trip time; unmeasured last. */
  readonly near?: boolean;
}

export class Agents {
  readonly #host: AgentHost;

  /** @internal */
  constructor(host: AgentHost) {
    this.#host = host;
  }

  /** The agents that match, sorted by name, or nearest first. @throws MeshError MESH_CLOSED. */
  find(options: FindOptions = {}): AgentInfo[] {
    const { capability, near } = options;
    // Own agents are there at once: reading closes the delta that holds their claims.
    this.#host.read(TYPE_MAP, AGENTS_COLLECTION);
    const { nodeId } = this.#host.core.status();
    const found = [...this.#host.core.directory.all()]
      .filter((claim) => capability === undefined || claim.capabilities.includes(capability))
      .map((claim) => ({
        name: claim.name,
        address: `${claim.name}@${claim.node}`,
        node: claim.node,
        capabilities: claim.capabilities,
        rttMs: claim.node === nodeId ? 0 : this.#rttMs(claim.node),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (near !== true) return found;
    const far = Number.POSITIVE_INFINITY;
    return found.sort((a, b) => (a.rttMs ?? far) - (b.rttMs ?? far));
  }

  #rttMs(node: string): number | undefined {
    return this.#host.core.registry.get(node)?.rtt?.currentMs;
  }
}
