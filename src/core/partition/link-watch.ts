/** Which links have been asked for a sign, and what came back. */
import type { NodeId } from "../node-id.ts";

export class LinkWatch {
  /** Asked peers, and until when their echo is awaited; bounded by the links. */
  readonly asked = new Map<NodeId, number>();
  /** When each linked peer last echoed. */
  readonly heard = new Map<NodeId, number>();
  nextMonoMs = 0;
  /** Rises by one a question: whose turn it is. */
  turn = 0;

  get dueMonoMs(): number {
    let due = this.nextMonoMs;
    for (const untilMs of this.asked.values()) due = Math.min(due, untilMs);
    return due;
  }

  forget(peer: NodeId): void {
    this.asked.delete(peer);
    this.heard.delete(peer);
  }
}
