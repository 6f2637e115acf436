/**
 * Stage "verify": finds in an admitted frame the signatures that must hold before anything of it
 * is merged. What is already held, known or unwanted is not verified again.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  NODE_ID_BYTES,
  SIGNATURE_BYTES,
} from "../../../assembly/layout.ts";
import {
  SCAN_CONFLICT,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_VERIFY,
  type Scan,
} from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { wantsDeparture } from "../failure/departing.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { SignatureCheck } from "../outputs.ts";
import { memberOf } from "../peers/member-of.ts";
import { type Filling, fillingChecks, fillingsIn } from "../state/fill.ts";
import { type DeltaFrame, FRAME_DELTA } from "../wire/delta-frame.ts";
import { decodeDeparture, type SignedDeparture } from "../wire/departure.ts";
import { type DepartFrame, FRAME_DEPART } from "../wire/failure-frames.ts";
import {
  FRAME_HELLO,
  FRAME_MEMBERS,
  FRAME_MESSAGE,
  FRAME_PUSH,
  type Frame,
  type PushFrame,
} from "../wire/frame.ts";
import { type FillFrame, FRAME_FILL } from "../wire/gap-frames.ts";
import { bytesEqual, type MemberRecord, type SignedMember } from "../wire/member.ts";
import { type DirectMessage, decodeMessage } from "../wire/message.ts";
import { decodeProof } from "../wire/proof.ts";
import { type CarriedProof, FRAME_PROOF, type ProofFrame } from "../wire/proof-frame.ts";
import type { CarriedDeltas } from "../wire/stub.ts";
import type { CertificateFault, Judged } from "./certificates.ts";
import { certifiedRows } from "./certified-rows.ts";
import { hasRoom } from "./equivocation.ts";
import { contradict, proofChecks } from "./evidence.ts";
import { forkCheck } from "./forks.ts";

/** A frame on its way through the stages. */
export class Work {
  readonly peer: NodeId;
  readonly frame: Frame;
  /** Signatures to check, in order; empty when nothing waits. */
  readonly checks: SignatureCheck[] = [];
  /** How many of the checks, in order, each item rests on: a row, a record, a statement, a proof. */
  readonly items: Item[] = [];
  /** What was left out for want of a certificate. */
  uncertified = 0;
  /** For frames with deltas: the scan's rows that were asked about, one per item. */
  readonly rows: number[] = [];
  // What else an item is about, by the frame's type.
  members: readonly SignedMember[] = NONE;
  message: DirectMessage | undefined = undefined;
  departures: readonly SignedDeparture[] = NONE;
  proofs: readonly (CarriedProof & { readonly author: NodeId })[] = NONE;
  fillings: readonly Filling[] = NONE;

  constructor(peer: NodeId, frame: Frame) {
    this.peer = peer;
    this.frame = frame;
  }

  /** Adds an item that rests on `check`, and on the signatures of a credential, if one is judged. */
  ask(check: SignatureCheck, judged?: Judged): void {
    this.checks.push(check);
    this.#add(1, judged);
  }

  /** Adds an item that rests on several. */
  askAll(checks: readonly SignatureCheck[], judged?: Judged): void {
    for (const check of checks) this.checks.push(check);
    this.#add(checks.length, judged);
  }

  #add(checks: number, judged: Judged | undefined): void {
    for (const check of judged?.checks ?? NONE) this.checks.push(check);
    this.items.push({ checks: checks + (judged?.checks.length ?? 0), judged });
  }
}

const NONE: readonly never[] = [];

/** All of its signatures must hold. */
export interface Item {
  readonly checks: number;
  /** What they show about a certificate. */
  readonly judged: Judged | undefined;
}

/** One verdict an item, of one a check; credentials that hold are remembered. */
export function verdictsOf(core: CoreState, work: Work, verdicts: Uint8Array): Uint8Array {
  const byItem = new Uint8Array(work.items.length);
  let at = 0;
  let i = 0;
  for (const { checks, judged } of work.items) {
    const holds = allHold(verdicts, at, checks);
    at += checks;
    if (holds && judged !== undefined) core.certificates.remember(judged);
    byItem[i++] = holds ? 1 : 0;
  }
  return byItem;
}

function allHold(verdicts: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (verdicts[i] !== 1) return false;
  return true;
}

/** What must be verified; undefined when a signed part is malformed. */
export function workOf(core: CoreState, peer: NodeId, frame: Frame, now: Now): Work | undefined {
  switch (frame.type) {
    case FRAME_PUSH:
    case FRAME_DELTA:
      return deltaWork(core, peer, frame);
    case FRAME_HELLO:
      return memberWork(core, peer, frame, [frame.member]);
    case FRAME_MEMBERS:
      return memberWork(core, peer, frame, frame.members);
    case FRAME_MESSAGE:
      return messageWork(core, peer, frame, frame.message);
    case FRAME_DEPART:
      return departureWork(core, peer, frame, now);
    case FRAME_PROOF:
      return proofWork(core, peer, frame, now);
    case FRAME_FILL:
      return fillWork(core, peer, frame);
    default:
      return new Work(peer, frame);
  }
}

function deltaWork(core: CoreState, peer: NodeId, frame: PushFrame | DeltaFrame): Work {
  const { deltas: bytes, stubs }: CarriedDeltas = frame;
  const scan = core.replica.frameScan(bytes, stubs);
  const work = new Work(peer, frame);
  const judge = certifiedRows(core, bytes, scan);
  for (let row = 0; row < scan.count; row++) {
    const judged = judge(row);
    // Refused where it is merged, whatever its signature.
    if (typeof judged === "string") {
      work.uncertified += 1;
      continue;
    }
    const check = rowCheck(core, bytes, scan, row);
    if (check === undefined) continue;
    work.rows.push(row);
    work.ask(check, judged);
  }
  // It is merged by a scan of its own: others' frames may come in between.
  scan.release();
  return work;
}

/** What of a row must be verified; nothing of an expunged author. */
function rowCheck(
  core: CoreState,
  bytes: Uint8Array,
  scan: Scan,
  row: number,
): SignatureCheck | undefined {
  const at = scan.offsets[row] ?? 0;
  const status = scan.statuses[row];
  if (status === SCAN_HELD || status === SCAN_MALFORMED) return undefined;
  if (core.proofs.size > 0 && core.proofs.has(nodeIdFromBytes(bytes, at + DELTA_AUTHOR_OFFSET))) {
    return undefined;
  }
  if (status === SCAN_VERIFY || status === SCAN_CONFLICT) return deltaCheck(bytes, scan, row);
  return forkCheck(core, bytes.subarray(at, at + (scan.lengths[row] ?? 0)));
}

function proofWork(core: CoreState, peer: NodeId, frame: ProofFrame, now: Now): Work | undefined {
  const { blake3 } = core.deps.kernels;
  const proofs: Work["proofs"][number][] = [];
  const work = new Work(peer, frame);
  work.proofs = proofs;
  for (const { bytes, credential } of frame.proofs) {
    if (bytes.length === 0) {
      const revoked = core.certificates.judgeRevocation(credential);
      if (typeof revoked === "string") work.uncertified += 1;
      else if (!core.proofs.has(revoked.certificate.node) && hasRoom(core, peer, now)) {
        proofs.push({ author: revoked.certificate.node, bytes, credential });
        work.askAll(NONE, revoked);
      }
      continue;
    }
    const proof = decodeProof(bytes, blake3);
    if (proof === undefined || !contradict(proof.headers, blake3)) return undefined;
    if (!bytesEqual(proof.headers[0].header.meshId, core.config.meshId)) return undefined;
    if (core.proofs.has(proof.author)) continue;
    // Whoever was certified once, whenever, can be proven: no time is judged.
    const judged = core.certificates.judge(proof.author, credential);
    if (typeof judged === "string") work.uncertified += 1;
    else if (hasRoom(core, peer, now)) {
      proofs.push({ author: proof.author, bytes: proof.bytes, credential });
      work.askAll(proofChecks(proof), judged);
    }
  }
  return work;
}

function fillWork(core: CoreState, peer: NodeId, frame: FillFrame): Work {
  // What nobody asked for, or asked for before the gap went, is no offence.
  const isAwaited = core.view.link(peer)?.gaps.takeAnswer() === true;
  const work = new Work(peer, frame);
  work.fillings = (isAwaited ? fillingsIn(core, frame) : undefined) ?? NONE;
  for (const check of fillingChecks(core, work.fillings)) work.ask(check);
  return work;
}

function deltaCheck(bytes: Uint8Array, scan: Scan, row: number): SignatureCheck {
  const at = scan.offsets[row] ?? 0;
  const key = row * NODE_ID_BYTES;
  return {
    // The scan's rows are reused by the next scan; the key must outlive it.
    publicKey: scan.keys.slice(key, key + NODE_ID_BYTES),
    message: bytes.subarray(at, at + DELTA_HEADER_BYTES),
    signature: bytes.subarray(at + DELTA_HEADER_BYTES, at + DELTA_PREFIX_BYTES),
  };
}

function memberWork(
  core: CoreState,
  peer: NodeId,
  frame: Frame,
  encoded: readonly Uint8Array[],
): Work | undefined {
  const members: SignedMember[] = [];
  const work = new Work(peer, frame);
  work.members = members;
  for (const bytes of encoded) {
    const member = memberOf(core, bytes);
    if (member === undefined) return undefined;
    if (!core.membership.wants(member.record)) continue;
    const judged = judgeMember(core, member.record);
    if (typeof judged === "string") {
      work.uncertified += 1;
      continue;
    }
    members.push(member);
    work.ask(signedCheck(member.bytes, member.record.id), judged);
  }
  return work;
}

function messageWork(
  core: CoreState,
  peer: NodeId,
  frame: Frame,
  bytes: Uint8Array,
): Work | undefined {
  const message = decodeMessage(bytes, core.config.meshId);
  if (message === undefined || message.fromNode !== peer) return undefined;
  const work = new Work(peer, frame);
  work.message = message;
  work.ask(signedCheck(bytes, message.fromNode));
  return work;
}

function departureWork(
  core: CoreState,
  peer: NodeId,
  frame: DepartFrame,
  now: Now,
): Work | undefined {
  const departures: SignedDeparture[] = [];
  const work = new Work(peer, frame);
  work.departures = departures;
  for (const bytes of frame.statements) {
    const signed = decodeDeparture(bytes, core.config.meshId);
    if (signed === undefined) return undefined;
    if (!wantsDeparture(core, peer, signed, now)) continue;
    departures.push(signed);
    work.ask(signedCheck(bytes, signed.departure.by));
  }
  return work;
}

/** A member's certificate, which its record must agree with. */
function judgeMember(core: CoreState, record: MemberRecord): Judged | CertificateFault | undefined {
  const judged = core.certificates.judge(record.id, record.credential);
  if (judged === undefined || typeof judged === "string") return judged;
  const { region, zone } = judged.certificate;
  return region === record.region && zone === record.zone ? judged : "region";
}

/** A signed object: bytes, then the signature of its author's identity key. */
function signedCheck(bytes: Uint8Array, author: NodeId): SignatureCheck {
  const end = bytes.length - SIGNATURE_BYTES;
  return {
    publicKey: nodeIdToBytes(author),
    message: bytes.subarray(0, end),
    signature: bytes.subarray(end),
  };
}
