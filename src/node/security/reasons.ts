/**
 * Why a link is refused before it exists, and the error that says so to its user.
 *
 * The number of a reason travels to the peer that is turned away, so that both ends' users read the
 * same. `by` is "self" when this node turned the peer away, "peer" when the peer turned this node.
 */
import type { NodeId } from "../../core/node-id.ts";
import { MeshError, type MeshErrorCode } from "../../errors.ts";

/** In the order of their numbers on the wire, from 1; 0 admits. Only ever appended to. */
export const ADMISSION_REASONS = [
  "missing",
  "malformed",
  "mesh",
  "key",
  "issuer",
  "signature",
  "quorum",
  "role",
  "not_yet_valid",
  "expired",
] as const;
export type AdmissionReason = (typeof ADMISSION_REASONS)[number];

export interface AdmissionRefusal {
  readonly reason: AdmissionReason;
  readonly by: "self" | "peer";
  readonly peer: NodeId;
}

/** The error of a refusal. Retryable where time may heal it. */
export function admissionError(refusal: AdmissionRefusal): MeshError {
  const { reason, by, peer } = refusal;
  const { code, what } = MEANING[reason];
  const who = peer.slice(0, 12);
  const message =
    by === "self"
      ? `peer ${who} was refused: its certificate ${what}`
      : `peer ${who} refused this node: its certificate ${what}`;
  return new MeshError(code, message, {
    retryable: reason === "not_yet_valid",
    details: { reason, by, peer },
  });
}

/** The error of this node's own certificate, found at its start or in its file. */
export function ownCertificateError(reason: AdmissionReason, file: string): MeshError {
  const { code, what } = MEANING[reason];
  return new MeshError(code, `this node's certificate ${what}`, { details: { reason, file } });
}

/** What a refused link tells; undefined for other errors. */
export function refusalOf(error: unknown): AdmissionReason | undefined {
  if (!(error instanceof MeshError) || !CODES.has(error.code)) return undefined;
  const { reason } = error.details;
  return ADMISSION_REASONS.find((known) => known === reason);
}

const MEANING: Readonly<Record<AdmissionReason, { code: MeshErrorCode; what: string }>> = {
  missing: { code: "MESH_CERTIFICATE_REQUIRED", what: "is missing" },
  malformed: { code: "MESH_CERTIFICATE_INVALID", what: "is malformed or of another version" },
  mesh: { code: "MESH_CERTIFICATE_MESH", what: "is for another mesh" },
  key: { code: "MESH_CERTIFICATE_INVALID", what: "names another node's key" },
  issuer: {
    code: "MESH_CERTIFICATE_INVALID",
    what: "comes from another authority, or from a key or a time its statement does not name",
  },
  signature: { code: "MESH_CERTIFICATE_INVALID", what: "has a signature that does not verify" },
  quorum: { code: "MESH_CERTIFICATE_INVALID", what: "is signed by too few issuers" },
  role: { code: "MESH_CERTIFICATE_INVALID", what: "gives a role that this version does not admit" },
  not_yet_valid: { code: "MESH_CERTIFICATE_NOT_YET_VALID", what: "is not valid yet" },
  expired: { code: "MESH_CERTIFICATE_EXPIRED", what: "has expired" },
};

const CODES: ReadonlySet<MeshErrorCode> = new Set(Object.values(MEANING).map(({ code }) => code));
