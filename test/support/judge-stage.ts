/** A stage for judges, with nodes whose cores say what the test wants and do nothing. */
import { TYPE_MAP } from "../../assembly/layout.ts";
import type { MeshCore } from "../../src/core/mesh-core.ts";
import type { CoreEvent } from "../../src/core/outputs.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { SimNode } from "../../src/sim/engine/node.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import type { Judge, Stage } from "../../src/sim/judges/judge.ts";

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));

/** What a core shows: reputations by peer, who is proven, and tracked keys. */
export interface Shown {
  reputations: Map<string, number>;
  proven: string[];
  keys: string[];
}

export class TestStage implements Stage {
  nowMs = 0;
  readonly nodes: SimNode[] = [];
  readonly shown: Shown[] = [];

  constructor(count: number) {
    for (let index = 0; index < count; index++) {
      const key = crypto.createSigningKey(new Uint8Array(32).fill(index + 1));
      const node = new SimNode(index, `id${index}`, key);
      const shown: Shown = { reputations: new Map(), proven: [], keys: [] };
      node.core = coreOf(shown);
      node.life = 1;
      this.nodes.push(node);
      this.shown.push(shown);
    }
  }

  nodeOf(id: string): SimNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  node(index: number): SimNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`no node ${index}`);
    return node;
  }

  /** Node `index` comes to hold another in such esteem. */
  esteem(index: number, of: number, reputation: number): void {
    this.shown[index]?.reputations.set(`id${of}`, reputation);
  }

  /** Time passes, and the judge looks. */
  look(judge: Judge, afterMs = 500): void {
    this.nowMs += afterMs;
    judge.look?.();
  }
}

export function invariantsOf({ violations }: Judge): string[] {
  return violations.map(({ invariant }) => invariant);
}

/** A change of a map as a core tells of it. */
export function mapChange(key: string, live: boolean, hlc: bigint, changed = true): CoreEvent {
  const nothing = new Uint8Array(0);
  const stamp = { hlc, author: "", epoch: 0n, nonce: 0n, seq: 0, hash: 0n };
  const place = { type: TYPE_MAP, collection: "shared", key, element: "" };
  const change = { ...place, live, changed, delta: 0, codec: 0, payload: nothing, stamp };
  return { kind: "changes", changes: [change] };
}

function coreOf(shown: Shown): MeshCore {
  const peer = (id: string) => {
    const reputation = shown.reputations.get(id);
    return reputation === undefined ? undefined : { id, reputation };
  };
  const core = {
    registry: {
      reputationThreshold: 0.5,
      get: peer,
      get hasTarnished() {
        return [...shown.reputations.values()].some((reputation) => reputation < 1);
      },
      tarnished: () =>
        [...shown.reputations.keys()]
          .flatMap((id) => peer(id) ?? [])
          .filter((one) => one.reputation < 1),
    },
    get proofs() {
      return shown.proven.map((id) => [id, new Uint8Array(0)]);
    },
    read: () => ({ mapKeys: () => shown.keys }),
  };
  return core as unknown as MeshCore;
}
