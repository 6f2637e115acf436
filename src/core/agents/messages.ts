/** Direct messages: sending to wherever the agent lives, receiving into its inbox, answering. */
import { VALUE_BYTES_MAX } from "../../../assembly/layout.ts";
import { type Command, type CommandResult, refusedCommand } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import { isNodeId, type NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { MessageOutcome } from "../outputs.ts";
import { concat } from "../wire/concat.ts";
import {
  FRAME_MESSAGE,
  FRAME_MESSAGE_RESULT,
  MESSAGE_ACCEPTED,
  MESSAGE_INBOX_FULL,
  MESSAGE_REFUSED,
  MESSAGE_UNKNOWN_AGENT,
  type MessageResultFrame,
} from "../wire/frame.ts";
import { AGENT_NAME_BYTES_MAX, type DirectMessage, encodeMessage } from "../wire/message.ts";
import { OUTBOX_MESSAGES_MAX } from "./outbox.ts";

/** Finds the recipient's node and sends. */
export function resolveAndSend(
  core: CoreState,
  command: Extract<Command, { kind: "send" }>,
  now: Now,
): CommandResult {
  const { toAgent, body } = command;
  if (body.length > VALUE_BYTES_MAX) {
    const message = `a message holds at most ${VALUE_BYTES_MAX} bytes, got ${body.length}`;
    return refusedCommand("MESH_VALUE_TOO_LARGE", message, { got: body.length });
  }
  const nameBytes = new TextEncoder().encode(toAgent).length;
  if (nameBytes === 0 || nameBytes > AGENT_NAME_BYTES_MAX || !toAgent.isWellFormed()) {
    const expected = `1 to ${AGENT_NAME_BYTES_MAX} bytes of well-formed text`;
    return refusedCommand("MESH_KEY_INVALID", `an agent's name must be ${expected}`, {
      expected,
      got: nameBytes,
    });
  }
  const toNode = command.toNode ?? core.directory.resolve(toAgent)?.node;
  if (!isNodeId(toNode)) {
    return refusedCommand("MESH_AGENT_UNKNOWN", `no live node hosts agent "${toAgent}"`, {
      agent: toAgent,
    });
  }
  core.messageCount += 1n;
  const { fromAgent, codec } = command;
  const message: DirectMessage = {
    id: core.messageCount,
    fromNode: core.config.nodeId,
    toNode,
    fromAgent,
    toAgent,
    wallMs: Math.floor(now.wallMs),
    codec,
    body,
  };
  if (!sendMessage(core, message, now.monoMs + command.timeoutMs, now)) {
    return refusedCommand("MESH_QUEUE_FULL", "too many messages wait for an answer", {
      max: OUTBOX_MESSAGES_MAX,
    });
  }
  return { kind: "message", id: message.id };
}

/** Sends a message that has been resolved to a node; false when the outbox is full. */
function sendMessage(
  core: CoreState,
  message: DirectMessage,
  deadlineMonoMs: number,
  now: Now,
): boolean {
  if (message.toNode === core.config.nodeId) {
    const result = deliver(core, message);
    core.out.events.push({ kind: "message:result", id: message.id, result });
    return true;
  }
  const signed = encodeMessage(message, core.config.meshId);
  const signature = core.deps.crypto.sign(signed, core.deps.identityKey);
  const bytes = concat([signed, signature]);
  if (!core.outbox.add({ id: message.id, node: message.toNode, bytes, deadlineMonoMs })) {
    return false;
  }
  if (core.view.link(message.toNode)?.ready === true) flushMessages(core, message.toNode, now);
  else reach(core, message.toNode);
  return true;
}

/** Transmits what waits for a node whose link is ready. */
export function flushMessages(core: CoreState, node: NodeId, now: Now): void {
  for (const message of core.outbox.takeFor(node)) {
    transmit(core, [node], { type: FRAME_MESSAGE, message: message.bytes }, now);
  }
}

/** Puts a verified message into its inbox and answers the sender's node. */
export function receiveMessage(core: CoreState, message: DirectMessage, now: Now): void {
  const outcome =
    message.toNode === core.config.nodeId ? deliver(core, message) : ("refused" as const);
  const result = RESULT_OF[outcome];
  const frame: MessageResultFrame = { type: FRAME_MESSAGE_RESULT, id: message.id, result };
  transmit(core, [message.fromNode], frame, now);
}

/** Ends a message by the recipient's answer. */
export function receiveResult(core: CoreState, peer: NodeId, frame: MessageResultFrame): void {
  if (!core.outbox.answered(frame.id, peer)) return;
  const result = OUTCOME_OF[frame.result];
  core.out.events.push({ kind: "message:result", id: frame.id, result });
}

/** Ends messages whose time is over. */
export function expireMessages(core: CoreState, now: Now): void {
  for (const message of core.outbox.expired(now.monoMs)) {
    core.out.events.push({ kind: "message:result", id: message.id, result: "timeout" });
  }
}

function deliver(
  core: CoreState,
  message: DirectMessage,
): "accepted" | "unknown_agent" | "inbox_full" {
  const result = core.inboxes.put(message);
  if (result === "accepted") core.out.events.push({ kind: "message", agent: message.toAgent });
  return result;
}

function reach(core: CoreState, peer: NodeId): void {
  const addresses = core.membership.get(peer)?.addresses ?? [];
  core.out.links.push({ kind: "reach", peer, addresses });
}

const RESULT_OF = {
  accepted: MESSAGE_ACCEPTED,
  unknown_agent: MESSAGE_UNKNOWN_AGENT,
  inbox_full: MESSAGE_INBOX_FULL,
  refused: MESSAGE_REFUSED,
} as const;

const OUTCOME_OF: Readonly<Record<MessageResultFrame["result"], MessageOutcome>> = {
  [MESSAGE_ACCEPTED]: "accepted",
  [MESSAGE_UNKNOWN_AGENT]: "unknown_agent",
  [MESSAGE_INBOX_FULL]: "inbox_full",
  [MESSAGE_REFUSED]: "refused",
};
