/**
 * Restart: what an earlier life of this node has stored goes back into membership and state,
 * and into the proofs, before the first link. It was judged when it came; what is checked here is the disk: format,
 * body hashes, chains and signatures must all hold, or the part is refused whole and the store is
 * damaged. No clock judges it, nothing is handed on or stored again, and no traffic is counted.
 */
import {
  APPLY_APPLIED,
  APPLY_DUPLICATE,
  SCAN_HELD,
  SCAN_VERIFY,
  type Scan,
} from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { restoreDeparted } from "../failure/stored-departed.ts";
import type { Now } from "../now.ts";
import type { SignatureCheck } from "../outputs.ts";
import { comeBack } from "../partition/returning.ts";
import { takeMembers } from "../peers/take-members.ts";
import { disown } from "../trust/equivocation.ts";
import { decodeProofs } from "../trust/stored-proofs.ts";
import { verdictsOf, type Work, workOf } from "../trust/verify.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { FRAME_DELTA } from "../wire/delta-frame.ts";
import { FRAME_MEMBERS, type Frame } from "../wire/frame.ts";
import { FRAME_PROOF, PROOF_TELL } from "../wire/proof-frame.ts";
import type { CarriedDeltas } from "../wire/stub.ts";

/**
 * A part of a store: whole deltas laid end to end, member records, who of the members has departed, or
 * the proofs of equivocation.
 */
export type StoredPart =
  | ({ readonly kind: "deltas" } & CarriedDeltas)
  | { readonly kind: "members"; readonly members: readonly Uint8Array[] }
  | { readonly kind: "departed"; readonly departed: Uint8Array }
  | { readonly kind: "proofs"; readonly proofs: Uint8Array };

type SignedPart = Exclude<StoredPart, { readonly kind: "departed" }>;

/** The signatures that must hold; undefined when the part cannot be what was stored. */
export function restoreChecks(
  core: CoreState,
  part: StoredPart,
  now: Now,
): readonly SignatureCheck[] | undefined {
  if (part.kind === "deltas" && !isWhole(core.replica.frameScan(part.deltas, part.stubs))) {
    return undefined;
  }
  // Judged by this node itself, in a life before.
  if (part.kind === "departed") return [];
  const work = partWork(core, part, now);
  // What was written while the mesh had no authority: the peers have what counts.
  return work === undefined || work.uncertified > 0 ? undefined : work.checks;
}

/**
 * Takes a part back. `verdicts` has one byte per check, 1 = the strict rule holds.
 * @returns false when the part is damaged; the core is then of no use.
 */
export function restore(
  core: CoreState,
  part: StoredPart,
  verdicts: Uint8Array,
  now: Now,
): boolean {
  if (verdicts.some((verdict) => verdict !== 1)) return false;
  if (part.kind === "deltas") return restoreDeltas(core, part);
  const isWhole =
    part.kind === "departed"
      ? restoreDeparted(core, part.departed)
      : restoreSigned(core, part, verdicts, now);
  if (isWhole) comeBack(core, now);
  return isWhole;
}

function restoreSigned(core: CoreState, part: SignedPart, verdicts: Uint8Array, now: Now): boolean {
  const work = partWork(core, part, now);
  if (work === undefined) return false;
  const held = verdictsOf(core, work, verdicts);
  if (part.kind === "members") takeMembers(core, work, held, now);
  for (const proof of work.proofs) {
    core.proofs.add(proof.author, proof);
    disown(core, proof.author);
  }
  return true;
}

function restoreDeltas(core: CoreState, { deltas: bytes, stubs }: CarriedDeltas): boolean {
  const scan = core.replica.frameScan(bytes, stubs);
  if (!isWhole(scan)) return false;
  const held = scan.statuses.slice(0, scan.count).map((status) => (status === SCAN_HELD ? 1 : 0));
  const { offsets, lengths } = { offsets: scan.offsets.slice(), lengths: scan.lengths.slice() };
  const verdicts = new Uint8Array(scan.count).fill(1);
  const { outcomes, changes } = core.replica.frameApply(scan, bytes, verdicts);
  for (let row = 0; row < held.length; row++) {
    const outcome = outcomes[row];
    if (held[row] === 1 || outcome === APPLY_DUPLICATE) continue;
    if (outcome !== APPLY_APPLIED) return false;
    const at = offsets[row] ?? 0;
    keep(core, bytes.slice(at, at + (lengths[row] ?? 0)));
  }
  core.directory.update(changes);
  return true;
}

/** Keeps a delta for repair, as at its first coming. */
function keep(core: CoreState, bytes: Uint8Array): void {
  const { author, epoch, nonce, firstSeq, count, hlc } = decodeDeltaHeader(bytes, 0);
  const head = core.replica.head(author, epoch, nonce);
  if (head === undefined) return;
  const lastSeq = firstSeq + count - 1;
  core.log.append(head.row, bytes);
  core.disk.restored(head.row, lastSeq);
  core.clock.observe(hlc);
}

function isWhole(scan: Scan): boolean {
  if (!scan.complete) return false;
  for (let row = 0; row < scan.count; row++) {
    const status = scan.statuses[row];
    if (status !== SCAN_VERIFY && status !== SCAN_HELD) return false;
  }
  return true;
}

/** The part as a frame of this node's own: the stages take it from there. */
function partWork(core: CoreState, part: SignedPart, now: Now): Work | undefined {
  const frame = frameOf(part);
  return frame && workOf(core, core.config.nodeId, frame, now);
}

function frameOf(part: SignedPart): Frame | undefined {
  switch (part.kind) {
    case "deltas":
      return { ...part, type: FRAME_DELTA, more: false, root: NO_ROOT };
    case "members":
      return { type: FRAME_MEMBERS, members: part.members };
    case "proofs": {
      const proofs = decodeProofs(part.proofs);
      return proofs && { type: FRAME_PROOF, step: PROOF_TELL, digest: NO_ROOT, proofs };
    }
  }
}

const NO_ROOT = new Uint8Array(0);
