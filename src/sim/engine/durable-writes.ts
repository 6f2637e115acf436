/**
 * Writes that wait for `durable`: which of them their authors were told are on enough disks. Those
 * must be found again whatever happens to the author, as long as no more disks are lost or set
 * back in a short time than the mesh promises to bear.
 */
import type { CoreEvent } from "../../core/outputs.ts";
import { quorumOf } from "../../core/peers/quorum.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";

/** Within this a mesh has copied what a lost disk had. */
const HEAL_MS = 5_000;

export class DurableWrites implements Observer {
  /** By node and life: write id to key. */
  readonly #waiting = new Map<string, Map<number, string>>();
  readonly #harms: { readonly atMs: number; readonly index: number }[] = [];
  /** Keys that are on enough disks. */
  readonly keys = new Set<string>();

  asked(node: SimNode, id: number, key: string): void {
    const name = lifeOf(node);
    const waiting = this.#waiting.get(name) ?? new Map<number, string>();
    this.#waiting.set(name, waiting.set(id, key));
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.kind !== "stored" || event.level !== "durable" || node.isByzantine) return;
    const waiting = this.#waiting.get(lifeOf(node));
    if (waiting === undefined) return;
    for (let id = event.first; id <= event.last; id++) {
      const key = waiting.get(id);
      if (key !== undefined) this.keys.add(key);
      waiting.delete(id);
    }
  }

  /** A disk has lost something. */
  harmed(node: SimNode, atMs: number): void {
    this.#harms.push({ atMs, index: node.index });
  }

  get harms(): number {
    return this.#harms.length;
  }

  /** Whether never more disks were harmed together than f. */
  isBearable(nodes: number): boolean {
    const { faults } = quorumOf(nodes);
    return this.#harms.every(({ atMs }) => {
      const near = this.#harms.filter((other) => Math.abs(other.atMs - atMs) < HEAL_MS);
      return new Set(near.map(({ index }) => index)).size <= Math.max(1, faults);
    });
  }
}

function lifeOf(node: SimNode): string {
  return `${node.index}.${node.life}`;
}
