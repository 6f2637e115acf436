/** Notes which of the rare situations (situations.ts) a run comes into. */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import type { MeshCore } from "../../core/mesh-core.ts";
import type { CoreEvent } from "../../core/outputs.ts";
import { CELLS, type CounterCell } from "../../core/telemetry/cells.gen.ts";
import { FLOOD } from "../../core/trust/charge.ts";
import { FRAME_HEAD_BYTES, FRAME_TREE, FRAME_TYPE_OFFSET } from "../../core/wire/frame.ts";
import { FRAME_ROLL_CALL } from "../../core/wire/roll-call.ts";
import type { Change } from "../../kernels/kernels.ts";
import type { Situation } from "../situations.ts";
import { isReadOnly } from "./core-view.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import type { World } from "./world.ts";

/** Who called and is writable so long after has had its quorum. */
const CALL_MS = 1_000;

/** What the cores count themselves. */
const COUNTED: readonly (readonly [Situation, readonly CounterCell[]])[] = [
  ["repair asked for", [CELLS.repairRequestsTransmit]],
  ["duplicate dropped", [CELLS.deltaProcessedHeld, CELLS.deltaProcessedDuplicate]],
  ["suspicion refuted", [CELLS.peerRefutations]],
  ["orphan parked", [CELLS.deltaProcessedOrphaned]],
  ["signature refused", [CELLS.messageRejectedSignature, CELLS.deltaProcessedBadSignature]],
  ["peer ignored", [CELLS.messageRejectedReputation]],
  ["queue overflowed", [CELLS.messageRejectedOrphanLimit, CELLS.messageRejectedRate]],
];

export class SituationWatch implements Observer {
  readonly #world: World;
  readonly #reached = new Set<Situation>();
  /** Nodes whose roll call is waited for. */
  readonly #calling = new Set<SimNode>();
  /** By node: peers that it ignores. */
  readonly #ignored = new Map<SimNode, Set<string>>();
  active = false;

  constructor(world: World) {
    this.#world = world;
  }

  get reached(): readonly Situation[] {
    return [...this.#reached].sort();
  }

  wrote(node: SimNode, accepted: boolean, wasReadOnly: boolean): void {
    if (!accepted && wasReadOnly) this.#reach("write refused");
    if (accepted && node.life > 1) this.#reach("write of a new life");
  }

  started(node: SimNode): void {
    if (node.life < 2) return;
    this.#reach(node.disk.isEmpty ? "restart from nothing" : "restart from disk");
  }

  /** A process ends, and its counts with it. */
  lost(node: SimNode): void {
    if (node.core !== undefined) this.#count(node.core);
  }

  frame(_node: SimNode, from: SimNode, bytes: Uint8Array): void {
    if (!this.active) return;
    const type = bytes[FRAME_TYPE_OFFSET];
    if (type === FRAME_TREE) {
      const isEager = ((bytes[FRAME_HEAD_BYTES] ?? 0) & 1) === 1;
      this.#reach(isEager ? "link grafted" : "link pruned");
    }
    if (type === FRAME_ROLL_CALL && !this.#reached.has("roll call held")) this.#called(from);
  }

  event(node: SimNode, event: CoreEvent): void {
    if (!this.active) return;
    switch (event.kind) {
      case "health:changed":
        if (event.health === "healthy") this.#reach("read-only left");
        if (event.health === "partitioned") this.#reach("roll call lost");
        return;
      case "member:unreachable":
        return this.#reach("member given up");
      case "member:reachable":
        return this.#reach("member back");
      case "member:left":
        return this.#reach("member left");
      case "member:departed":
        return this.#reach("member departed");
      case "stored":
        return this.#reach("durable write confirmed");
      case "writes:uncertain":
        return this.#reach("durable write uncertain");
      case "fork":
        return this.#forked(node, event.author);
      case "peer:refused":
        if (event.reason === FLOOD) this.#reach("flood cut off");
        return;
      case "changes":
        if (event.changes.some(isDelete)) this.#reach("delete won");
    }
  }

  /** Now and then. */
  look(): void {
    for (const node of this.#world.nodes) {
      if (node.core !== undefined && !node.isByzantine) this.#lookAtStanding(node, node.core);
    }
  }

  end(): void {
    for (const { core } of this.#world.nodes) {
      if (core === undefined) continue;
      this.#count(core);
      const { parked } = core.status();
      const orphans = core.cells.get(CELLS.deltaProcessedOrphaned);
      if (orphans > 0 && parked === 0) this.#reach("orphan released");
    }
  }

  #forked(node: SimNode, author: string): void {
    this.#reach("fork proven");
    const { nowMs } = this.#world;
    this.#world.schedule(nowMs + EXPUNGE_MS, () => {
      const row = node.core?.read(0, "", undefined, node.now(this.#world.nowMs)).latest(author);
      if (node.core !== undefined && row === undefined) this.#reach("author expunged");
    });
  }

  #called(node: SimNode): void {
    if (this.#calling.has(node) || node.isByzantine) return;
    this.#calling.add(node);
    const { life } = node;
    this.#world.schedule(this.#world.nowMs + CALL_MS, () => {
      this.#calling.delete(node);
      if (node.core === undefined || node.life !== life) return;
      if (!isReadOnly(node.core)) this.#reach("roll call held");
    });
  }

  #lookAtStanding(node: SimNode, { registry, proofs }: MeshCore): void {
    const ignored = this.#ignored.get(node) ?? new Set<string>();
    for (const { id, reputation } of registry.tarnished()) {
      if (reputation < registry.reputationThreshold) ignored.add(id);
      else if (ignored.delete(id)) this.#reach("peer heard again");
    }
    for (const [author] of proofs) ignored.delete(author);
    this.#ignored.set(node, ignored);
  }

  #count(core: MeshCore): void {
    for (const [situation, cells] of COUNTED) {
      if (cells.some((cell) => core.cells.get(cell) > 0)) this.#reach(situation);
    }
  }

  #reach(situation: Situation): void {
    this.#reached.add(situation);
  }
}

function isDelete({ type, live, changed }: Change): boolean {
  return type === TYPE_MAP && changed && !live;
}

/** The replica is made anew at most once a second. */
const EXPUNGE_MS = 2_000;
