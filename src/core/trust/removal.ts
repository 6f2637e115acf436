/**
 * Ending a membership by hand, in a mesh with an authority: a revocation expunges whoever must go, an
 * eviction takes whoever is gone out of n and keeps what it wrote. Both come as if a peer had sent
 * them, and travel on like that (docs/decisions/0015-revocation.md).
 */
import { type CommandResult, refusedCommand } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { receiveOwn } from "../pipeline.ts";
import { decodeDeparture, encodeDeparture } from "../wire/departure.ts";
import { FRAME_DEPART } from "../wire/failure-frames.ts";
import { FRAME_PROOF, PROOF_TELL } from "../wire/proof-frame.ts";

/** Takes a revocation, but for its signatures; `revoked` follows when they hold. */
export function revoke(core: CoreState, credential: Uint8Array, now: Now): CommandResult {
  const judged = core.certificates.judgeRevocation(credential);
  if (typeof judged === "string") {
    return refusedCommand("MESH_CERTIFICATE_INVALID", `this revokes nobody here: ${judged}`, {
      reason: judged,
    });
  }
  const { digest } = core.proofs;
  const proofs = [{ bytes: NOTHING, credential: credential.slice() }];
  receiveOwn(core, { type: FRAME_PROOF, step: PROOF_TELL, digest, proofs }, now);
  return { kind: "done" };
}

/** What the authority is to sign so that a member is evicted; undefined where there is none. */
export function departureOf(core: CoreState, member: string): Uint8Array | undefined {
  const by = core.certificates.authority;
  const record = core.membership.get(member);
  if (by === undefined || record === undefined || !core.membership.isPresent(member)) {
    return undefined;
  }
  const { epoch, counter } = record;
  return encodeDeparture({ member, epoch, counter, by }, core.config.meshId);
}

/** Takes an eviction, but for its signature; `member:departed` follows when it holds. */
export function evict(core: CoreState, statement: Uint8Array, now: Now): CommandResult {
  const signed = decodeDeparture(statement, core.config.meshId);
  const { authority } = core.certificates;
  if (signed === undefined || authority === undefined || signed.departure.by !== authority) {
    const message = "this is no departure statement of the mesh's authority";
    return refusedCommand("MESH_CERTIFICATE_INVALID", message);
  }
  const { member, epoch, counter } = signed.departure;
  const record = core.membership.get(member);
  if (record?.epoch !== epoch || record.counter !== counter) {
    const message = "the member has said something newer since: it is not gone";
    return refusedCommand("MESH_VALUE_INVALID", message, { member });
  }
  receiveOwn(core, { type: FRAME_DEPART, statements: [statement.slice()] }, now);
  return { kind: "done" };
}

const NOTHING = new Uint8Array(0);
