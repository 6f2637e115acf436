/** The agents of the whole mesh, as this node knows them. */
import type { MeshCore } from "../../core/mesh-core.ts";

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
  readonly #core: MeshCore;

  /** @internal */
  constructor(core: MeshCore) {
    this.#core = core;
  }

  /** The agents that match, sorted by name, or nearest first. */
  find(options: FindOptions = {}): AgentInfo[] {
    const { capability, near } = options;
    const found = [...this.#core.directory.all()]
      .filter((claim) => capability === undefined || claim.capabilities.includes(capability))
      .map((claim) => ({
        name: claim.name,
        address: `${claim.name}@${claim.node}`,
        node: claim.node,
        capabilities: claim.capabilities,
        rttMs: this.#rttMs(claim.node),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (near !== true) return found;
    const far = Number.POSITIVE_INFINITY;
    return found.sort((a, b) => (a.rttMs ?? far) - (b.rttMs ?? far));
  }

  #rttMs(node: string): number | undefined {
    if (node === this.#core.status().nodeId) return 0;
    return this.#core.registry.get(node)?.rtt?.currentMs;
  }
}
