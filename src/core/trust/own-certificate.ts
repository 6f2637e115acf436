/** The own credential in use: what is written under it, and when a renewal takes effect. */
import { type CommandResult, refusedCommand } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import { abandonStored } from "../durability/stored.ts";
import type { Now } from "../now.ts";
import { renewOwnRecord } from "../peers/own-record.ts";
import { covers, GRACE_MS } from "./certificates.ts";

/** Writes end this long before stamps would be past the certificate's time: a delta is open meanwhile. */
const MARGIN_MS = 60_000;
/** So long after the end of a certificate its incarnation goes on while writes wait for disks. */
const PATIENCE_MS = GRACE_MS / 2;

/**
 * Takes up another credential: the own member record shows it at once, and the next delta that
 * finds no write waiting for the disks of others begins an incarnation under it.
 */
export function renewCertificate(core: CoreState, credential: Uint8Array, now: Now): CommandResult {
  if (!core.certificates.isRequired || !core.certificates.install(credential)) {
    return refusedCommand("MESH_CERTIFICATE_INVALID", "the mesh is open, or this is no credential");
  }
  const addresses = core.membership.get(core.config.nodeId)?.addresses ?? [];
  core.announcements.add([renewOwnRecord(core, { addresses, left: false })], now);
  return { kind: "done" };
}

/** Why a write cannot be stamped now so that others take it. */
export function certificateProblem(core: CoreState, now: Now): CommandResult | undefined {
  if (core.proofs.has(core.config.nodeId)) {
    const message = "this node is expunged: revoked, or proven to have signed two histories";
    return refusedCommand("MESH_CERTIFICATE_INVALID", message);
  }
  const { own } = core.certificates;
  if (own === undefined) return undefined;
  const { notBefore, notAfter } = own.certificate;
  if (covers({ notBefore, notAfter: notAfter - MARGIN_MS }, now.wallMs)) return undefined;
  const details = { notBefore, notAfter, wallMs: now.wallMs };
  return now.wallMs < notBefore
    ? refusedCommand("MESH_CERTIFICATE_NOT_YET_VALID", "the certificate has not begun", details)
    : refusedCommand("MESH_CERTIFICATE_EXPIRED", "the certificate has ended for good", details);
}

/**
 * Begins a new incarnation where the present one was begun under an earlier credential; to be
 * called before the first operation of a delta.
 */
export function heedRenewal(core: CoreState, now: Now): void {
  const { own } = core.certificates;
  const { author, acks } = core;
  const under = author.certificate;
  if (own === undefined || under === undefined || under === own) return;
  // Reports of disks are about one incarnation: those waited for would be lost with it.
  if (acks.waiting.length > 0) {
    if (now.wallMs < under.certificate.notAfter + PATIENCE_MS) return;
    abandonStored(core, "the certificate of the incarnation ends");
  }
  author.beginLife();
  core.writes.totals.clear();
}
