/** The inboxes of the agents that this node hosts: bounded, first in first out. */
import type { DirectMessage } from "../wire/message.ts";

export const INBOX_MESSAGES_MAX = 1000;
/** Bodies that may wait unread for one agent: 16 MiB. */
export const INBOX_BYTES_MAX = 16_777_216;
export const AGENTS_PER_NODE_MAX = 2000;

export class Inboxes {
  readonly #byAgent = new Map<string, Inbox>();

  has(agent: string): boolean {
    return this.#byAgent.has(agent);
  }

  get agents(): readonly string[] {
    return [...this.#byAgent.keys()];
  }

  /** False at the bound of agents a node. An open inbox stays as it is. */
  open(agent: string): boolean {
    if (this.#byAgent.has(agent)) return true;
    if (this.#byAgent.size >= AGENTS_PER_NODE_MAX) return false;
    this.#byAgent.set(agent, { messages: [], bytes: 0 });
    return true;
  }

  close(agent: string): void {
    this.#byAgent.delete(agent);
  }

  put(message: DirectMessage): "accepted" | "unknown_agent" | "inbox_full" {
    const inbox = this.#byAgent.get(message.toAgent);
    if (inbox === undefined) return "unknown_agent";
    const bytes = inbox.bytes + message.body.length;
    if (inbox.messages.length >= INBOX_MESSAGES_MAX || bytes > INBOX_BYTES_MAX) {
      return "inbox_full";
    }
    inbox.messages.push(message);
    inbox.bytes = bytes;
    return "accepted";
  }

  /** Takes the oldest message. */
  take(agent: string): DirectMessage | undefined {
    const inbox = this.#byAgent.get(agent);
    const message = inbox?.messages.shift();
    if (inbox !== undefined && message !== undefined) inbox.bytes -= message.body.length;
    return message;
  }
}

interface Inbox {
  readonly messages: DirectMessage[];
  bytes: number;
}
