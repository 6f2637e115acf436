/**
 * A node's disk: what its core had stored and the disk has synced, in order. It outlives the
 * process. A snapshot that an operator puts back is an earlier state of it: a prefix.
 */
import type { MeshCore } from "../../core/mesh-core.ts";
import type { NodeId } from "../../core/node-id.ts";
import type { Now } from "../../core/now.ts";
import type { SignatureCheck } from "../../core/outputs.ts";
import type { CompactedPart } from "../../core/state/compaction.ts";
import type { StoredPart } from "../../core/state/restore.ts";
import { signatureIn } from "../../core/wire/signature-in.ts";
import { carried } from "../../core/wire/stub.ts";

/** A commit is on disk so long after it was asked for. */
export const SYNC_MS = 3;
/** Deltas given back at a time. */
const PART_DELTAS = 512;

type Stored =
  | { readonly kind: "delta"; readonly bytes: Uint8Array }
  | { readonly kind: "member"; readonly node: NodeId; readonly bytes: Uint8Array }
  | { readonly kind: "departed" | "proofs"; readonly bytes: Uint8Array }
  | ({ readonly kind: "compacted" } & CompactedPart);

export class SimDisk {
  #synced: Stored[] = [];

  /** What has been synced: it is there after a crash. */
  sync(stored: readonly Stored[]): void {
    for (const one of stored) {
      if (one.kind === "compacted") this.#synced = without(this.#synced, one);
      else this.#synced.push(one);
    }
  }

  get isEmpty(): boolean {
    return this.#synced.length === 0;
  }

  lose(): void {
    this.#synced = [];
  }

  /** Puts an earlier state back. @param share of what is there now, in [0, 1). */
  rollBack(share: number): void {
    this.#synced.length = Math.floor(this.#synced.length * share);
  }

  /** Gives everything to a new core, in the order of a real start. False when it refuses it. */
  restoreInto(core: MeshCore, now: Now, holds: (check: SignatureCheck) => boolean): boolean {
    const restore = (part: StoredPart): boolean => {
      const checks = core.restoreChecks(part, now);
      if (checks === undefined) return false;
      const verdicts = Uint8Array.from(checks, (check) => (holds(check) ? 1 : 0));
      return core.handleRestored(part, verdicts, now);
    };
    const members = new Map<NodeId, Uint8Array>();
    const deltas: Uint8Array[] = [];
    let departed: Uint8Array | undefined;
    let proofs: Uint8Array | undefined;
    for (const stored of this.#synced) {
      if (stored.kind === "member") members.set(stored.node, stored.bytes);
      else if (stored.kind === "departed") departed = stored.bytes;
      else if (stored.kind === "proofs") proofs = stored.bytes;
      else if (stored.kind === "delta") deltas.push(stored.bytes);
    }
    if (members.size > 0 && !restore({ kind: "members", members: [...members.values()] })) {
      return false;
    }
    if (departed !== undefined && !restore({ kind: "departed", departed })) return false;
    if (proofs !== undefined && !restore({ kind: "proofs", proofs })) return false;
    const kept = deltas.filter((delta) => !core.isExpunged(delta));
    for (let i = 0; i < kept.length; i += PART_DELTAS) {
      const part = carried(kept.slice(i, i + PART_DELTAS));
      if (!restore({ kind: "deltas", ...part })) return false;
    }
    return true;
  }
}

/** Takes what a core wants stored; undefined when it is nothing. */
export function takeStored(
  core: MeshCore,
): { readonly ticket: number; readonly stored: readonly Stored[] } | undefined {
  const stored: Stored[] = [];
  let ticket = 0;
  for (let store = core.pollStore(); store; store = core.pollStore()) {
    stored.push({ kind: "delta", bytes: store.bytes });
    ticket = store.ticket;
  }
  for (let member = core.pollMemberStore(); member; member = core.pollMemberStore()) {
    stored.push({ kind: "member", node: member.node, bytes: member.bytes });
  }
  for (let gone = core.pollDepartedStore(); gone; gone = core.pollDepartedStore()) {
    stored.push({ kind: "departed", bytes: gone });
  }
  for (let proofs = core.pollProofStore(); proofs; proofs = core.pollProofStore()) {
    stored.push({ kind: "proofs", bytes: proofs });
  }
  for (let part = core.pollCompacted(); part; part = core.pollCompacted()) {
    stored.push({ kind: "compacted", ...part });
  }
  return stored.length === 0 ? undefined : { ticket, stored };
}

/** What is left when compaction has been followed. */
function without(stored: readonly Stored[], { dropped, stubs }: CompactedPart): Stored[] {
  const gone = new Set(dropped.map(nameOf));
  const cut = new Map(stubs.map((stub) => [nameOf(stub), stub]));
  return stored.flatMap((one): Stored[] => {
    if (one.kind !== "delta") return [one];
    const name = nameOf(one.bytes);
    return gone.has(name) ? [] : [{ kind: "delta", bytes: cut.get(name) ?? one.bytes }];
  });
}

function nameOf(delta: Uint8Array): string {
  return Buffer.from(signatureIn(delta)).toString("latin1");
}
