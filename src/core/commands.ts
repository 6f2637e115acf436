/** What the local user asks of a core, and the immediate answer. */
import type { MeshErrorCode } from "../errors.ts";
import type { NodeId } from "./node-id.ts";
import type { MemberTable } from "./peers/member-table.ts";

/** A local write. `key` is "" for collections that hold one thing. */
export type Write =
  | {
      readonly op: "register.set" | "map.set";
      readonly collection: string;
      readonly key: string;
      readonly codec: number;
      readonly value: Uint8Array;
    }
  | { readonly op: "map.delete"; readonly collection: string; readonly key: string }
  | {
      readonly op: "counter.add";
      readonly collection: string;
      readonly key: string;
      /** May be negative. */
      readonly by: bigint;
    }
  | {
      readonly op: "set.add" | "set.remove";
      readonly collection: string;
      readonly key: string;
      readonly element: string;
    }
  | {
      readonly op: "gauge.set";
      readonly collection: string;
      readonly key: string;
      /** Micro-units. */
      readonly value: bigint;
      readonly weight: bigint;
    }
  | {
      readonly op: "event.publish";
      readonly collection: string;
      readonly codec: number;
      readonly value: Uint8Array;
    };

/**
 * When a write counts as done: `local` = in this node's replica and sent; `durable` = on own disk
 * and on others'; `region` = on the disks of a quorum of the region.
 */
export type AckLevel = "local" | "durable" | "region";

export type Command =
  /** `ack` is the level that somebody waits for. Default `local`. */
  | { readonly kind: "write"; readonly write: Write; readonly ack?: AckLevel }
  | {
      readonly kind: "send";
      readonly fromAgent: string;
      /** A bare agent name, or `name@nodeId` already split. */
      readonly toAgent: string;
      readonly toNode: NodeId | undefined;
      readonly codec: number;
      readonly body: Uint8Array;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "agent.open";
      readonly name: string;
      readonly capabilities: readonly string[];
    }
  | { readonly kind: "agent.close"; readonly name: string }
  /**
   * Who belongs to the mesh, as other cores of the process hold it too: verified already. To be
   * given before the first link. Above the full view's bound the view is partial from then on.
   */
  | { readonly kind: "members"; readonly table: MemberTable }
  /** New listening addresses, most preferred first. */
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  /** Another credential of this node, checked by the caller: shown, and written under, from now on. */
  | { readonly kind: "certificate"; readonly credential: Uint8Array }
  /** Ends another's membership and expunges it, by a credential of role `revoked`. */
  | { readonly kind: "revoke"; readonly credential: Uint8Array }
  /** Ends the membership of a member that is gone, by the authority's signed departure statement. */
  | { readonly kind: "evict"; readonly statement: Uint8Array }
  /** Says goodbye: the last command. The links may be closed once the `left` event has come. */
  | { readonly kind: "leave" };

export type CommandResult =
  /** `id` names the write; `acknowledged` events cover it. */
  | { readonly kind: "write"; readonly id: number }
  /** `id` names the message; its `message:result` event ends it. */
  | { readonly kind: "message"; readonly id: bigint }
  | { readonly kind: "done" }
  | {
      readonly kind: "refused";
      readonly code: MeshErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** A refusal with what was expected and got. */
export function refusedCommand(
  code: MeshErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): CommandResult {
  return { kind: "refused", code, message, details };
}
