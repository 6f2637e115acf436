/**
 * Writes that wait for `durable`: which of them their authors were told are on enough disks. Those
 * must be found again whatever happens to the author, as long as no more disks are lost or set
 * back in a short time than the mesh promises to bear. And how the disks were opened.
 */
import { DURABLE_OTHERS_MAX } from "../../core/durability/stored.ts";
import type { CoreEvent } from "../../core/outputs.ts";
import { quorumOf } from "../../core/peers/quorum.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";

/** Within this a mesh has copied what a lost disk had. */
const HEAL_MS = 5_000;

/** One write: a key of its own, or a counter of its life's own raised to `total`. */
interface Asked {
  readonly node: SimNode;
  readonly key: string;
  readonly total: bigint | undefined;
}

export class DurableWrites implements Observer {
  /** By node and life, then by write id. */
  readonly #waiting = new Map<string, Map<number, Asked>>();
  readonly #harms: { readonly atMs: number; readonly index: number }[] = [];
  /** What is on enough disks, by key; of a counter the highest total. */
  readonly #held = new Map<string, Asked>();
  readonly #acknowledged = new Map<SimNode, number>();
  /** Lives that have ended a first exchange. */
  readonly #joined = new Set<string>();
  opens = 0;
  failedOpens = 0;
  /** Whether paths were cut, or processes gone for a while: what a lost disk had may not be copied. */
  isHindered = false;

  /**
   * Not judged of one that has come back and met nobody: with a lost disk it takes itself for a mesh of its
   * own, and a user's join, which waits for the first exchange, has not ended yet.
   */
  asked(node: SimNode, id: number, key: string, total?: bigint): void {
    const name = lifeOf(node);
    if (node.life > 1 && !this.#joined.has(name)) return;
    const waiting = this.#waiting.get(name) ?? new Map<number, Asked>();
    this.#waiting.set(name, waiting.set(id, { node, key, total }));
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.kind === "synced") this.#joined.add(lifeOf(node));
    if (event.kind !== "stored" || event.level !== "durable" || node.isByzantine) return;
    const waiting = this.#waiting.get(lifeOf(node));
    if (waiting === undefined) return;
    for (let id = event.first; id <= event.last; id++) {
      const asked = waiting.get(id);
      if (asked === undefined) continue;
      waiting.delete(id);
      this.#acknowledged.set(node, (this.#acknowledged.get(node) ?? 0) + 1);
      const { total = 0n } = this.#held.get(asked.key) ?? {};
      if ((asked.total ?? 0n) >= total) this.#held.set(asked.key, asked);
    }
  }

  /** Whether a write must be found again. Those of a liar may go with it, when it is expunged. */
  holds(key: string): boolean {
    return this.#held.get(key)?.node.isByzantine === false;
  }

  /** The total of one life's counter that must be found again. */
  totalOf(key: string): bigint {
    return this.holds(key) ? (this.#held.get(key)?.total ?? 0n) : 0n;
  }

  /** Operations of those who never lied. */
  get acknowledged(): number {
    let sum = 0;
    for (const [node, count] of this.#acknowledged) if (!node.isByzantine) sum += count;
    return sum;
  }

  opened(_node: SimNode, whole: boolean): void {
    this.opens += 1;
    if (!whole) this.failedOpens += 1;
  }

  /** A disk has lost something. */
  harmed(node: SimNode, atMs: number): void {
    this.#harms.push({ atMs, index: node.index });
  }

  get harms(): number {
    return this.#harms.length;
  }

  /** Whether never so many disks were harmed together as an honest write is on. */
  isBearable(nodes: readonly SimNode[]): boolean {
    const { faults } = quorumOf(nodes.length);
    // A liar says that it has stored what it has not.
    const liars = nodes.filter(({ isByzantine }) => isByzantine).length;
    const others = Math.min(faults + 1, DURABLE_OTHERS_MAX, nodes.length - 1) - liars;
    const left = nodes.filter((node) => node.left).map(({ index }) => index);
    const healMs = this.isHindered ? Number.POSITIVE_INFINITY : HEAL_MS;
    return this.#harms.every(({ atMs }) => {
      const near = this.#harms.filter((other) => Math.abs(other.atMs - atMs) < healMs);
      // Who has left takes its disk along.
      return new Set([...near.map(({ index }) => index), ...left]).size <= others;
    });
  }
}

function lifeOf(node: SimNode): string {
  return `${node.index}.${node.life}`;
}
