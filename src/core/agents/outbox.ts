/**
 * Direct messages on their way: waiting for a link to the recipient's node, or for its answer. A
 * message is transmitted once and never again, so it arrives at most once; order per pair is the
 * order of one queue on one link.
 */
import type { NodeId } from "../node-id.ts";

export const OUTBOX_MESSAGES_MAX = 4096;

export interface OutgoingMessage {
  readonly id: bigint;
  readonly node: NodeId;
  /** Signed direct message. */
  readonly bytes: Uint8Array;
  readonly deadlineMonoMs: number;
}

export class Outbox {
  readonly #waiting = new Map<NodeId, OutgoingMessage[]>();
  readonly #unanswered = new Map<bigint, OutgoingMessage>();

  get size(): number {
    return this.#unanswered.size;
  }

  /** False at the bound. */
  add(message: OutgoingMessage): boolean {
    if (this.#unanswered.size >= OUTBOX_MESSAGES_MAX) return false;
    this.#unanswered.set(message.id, message);
    const queue = this.#waiting.get(message.node);
    if (queue === undefined) this.#waiting.set(message.node, [message]);
    else queue.push(message);
    return true;
  }

  /** Takes what waits for a node, in order. */
  takeFor(node: NodeId): OutgoingMessage[] {
    const queue = this.#waiting.get(node) ?? [];
    this.#waiting.delete(node);
    return queue;
  }

  /** Ends a message by its answer; false for one not waited for, or of another node. */
  answered(id: bigint, node: NodeId): boolean {
    const message = this.#unanswered.get(id);
    return message?.node === node && this.#unanswered.delete(id);
  }

  /** Ends and returns what is past its time. */
  expired(monoMs: number): OutgoingMessage[] {
    const expired: OutgoingMessage[] = [];
    for (const message of this.#unanswered.values()) {
      if (message.deadlineMonoMs <= monoMs) expired.push(message);
    }
    for (const message of expired) {
      this.#unanswered.delete(message.id);
      const queue = this.#waiting.get(message.node)?.filter((other) => other.id !== message.id);
      if (queue === undefined) continue;
      if (queue.length === 0) this.#waiting.delete(message.node);
      else this.#waiting.set(message.node, queue);
    }
    return expired;
  }

  /** The earliest deadline; infinity when nothing waits. */
  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const message of this.#unanswered.values()) {
      next = Math.min(next, message.deadlineMonoMs);
    }
    return next;
  }
}
