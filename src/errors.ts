/**
 * MeshError and its codes: the one error type that leaves the package.
 *
 * A code is stable; a message is for people and may change. Removing or renaming a code is a
 * breaking change. Nothing a peer sends is thrown: peers cause verdicts and counts, never errors.
 */

/** Every code, with what its reader should do next. */
export const MESH_ERROR_CODES = {
  MESH_CONFIG_INVALID: "Correct the listed fields; every problem of the file is reported at once.",
  MESH_CONFIG_UNSUPPORTED: "This topology needs the listed parts, which this version lacks.",
  MESH_CONFIG_FILE: "Check that the file exists, is readable and is YAML.",
  MESH_IDENTITY_FILE: "Check the identity file: 0600, readable, written by knhk-mesh keygen.",
  MESH_LISTEN_FAILED: "Choose another port or a free port range.",
  MESH_SEED_UNREACHABLE: "Start a seed first, or correct its address.",
  MESH_SEED_IS_SELF: "Remove this node's own id from the seeds.",
  MESH_MISMATCH: "The peer belongs to another mesh; use the same mesh name.",
  MESH_PROTOCOL_VERSION: "The peer speaks another protocol version; upgrade the older one.",
  MESH_ADMISSION_UNSTATED:
    'Name an authority and give the node a certificate, or say admission "open": all hosts may join.',
  MESH_CERTIFICATE_REQUIRED:
    "This mesh admits by certificate: get one from its issuers (cert issue), start with --authority.",
  MESH_CERTIFICATE_EXPIRED:
    "Renew the certificate (knhk-mesh cert renew); check both hosts' clocks.",
  MESH_CERTIFICATE_NOT_YET_VALID: "Check both hosts' clocks, or wait until the certificate begins.",
  MESH_CERTIFICATE_MESH:
    "The certificate is of another mesh: use the same mesh name, or reissue it.",
  MESH_CERTIFICATE_INVALID:
    "See knhk-mesh cert show; have it issued for this key by the authority or enough issuers.",
  MESH_CERTIFICATE_FILE:
    "Check the path; the file is written by knhk-mesh cert issue, sign or renew.",
  MESH_TRANSPORT_CLOSED: "The transport is closed; join again.",
  MESH_TRANSPORT_DIAL: "The peer did not answer at any of its addresses; try again later.",
  MESH_QUEUE_FULL: "Slow down and retry; the peer or this node is behind.",
  MESH_CLOSED: "The mesh handle is closed; join again.",
  MESH_VALUE_INVALID: "Pass a value of the documented shape.",
  MESH_VALUE_TOO_LARGE: "Split the value; one value holds at most 60 KiB.",
  MESH_KEY_INVALID: "Use a non-empty key within the documented length.",
  MESH_STATE_FULL:
    "The state is at its limit (docs/LIMITS.md): put fewer nodes in the process, or spread the state over several meshes.",
  MESH_READ_ONLY: "This node hears no quorum: retry when its health is healthy again.",
  MESH_ACK_UNAVAILABLE: "Use an acknowledgement level that this node's store offers.",
  MESH_UNCERTAIN:
    "The write stays and merges later; read it back, or write it again if it may be repeated.",
  MESH_STORE_FAILED:
    "The disk or its file system failed: check space, rights and hardware, then start again.",
  MESH_STORE_CORRUPT:
    "The store was moved aside whole and the node rebuilds from its peers; keep or delete the copy.",
  MESH_STORE_MISMATCH: "The data folder belongs to another mesh or version; choose another folder.",
  MESH_AGENT_UNKNOWN: "No live node hosts that agent; check the name or wait for it to join.",
  MESH_AGENT_NAME_TAKEN: "Choose another agent name.",
  MESH_AGENT_INBOX_FULL: "The recipient is behind; retry later.",
  MESH_AGENT_LIMIT: "Host fewer agents on this node.",
  MESH_MESSAGE_TIMEOUT: "The recipient's node did not answer; delivery is unknown.",
  MESH_WATCH_OVERFLOW: "Read the watch faster or raise its bound.",
  MESH_DATA_DIR_IN_USE: "Stop the node that runs with this data folder, or choose another.",
  MESH_CONTROL_UNAVAILABLE: "Start the node first, or pass its --data-dir.",
  MESH_CONTROL_REQUEST: "Correct the command's arguments.",
  MESH_FAULTS_INVALID: "Correct the listed lines; every problem of the file is reported at once.",
  MESH_PROOF_INVALID: "Get the proof again from a running node: knhk-mesh proof list --out DIR.",
  MESH_DEMO_FAILED: "Read the listed processes' last output.",
  MESH_INVARIANT: "A defect of this package: please report it with the details.",
} as const;

/** Stable code of a {@link MeshError}. */
export type MeshErrorCode = keyof typeof MESH_ERROR_CODES;

/** Options of a {@link MeshError}. */
export interface MeshErrorOptions {
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean;
  /** What was expected, what was got, and whatever else helps; plain data. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("knhk-mesh.error");

/** The one error type of the package: a stable code, what was expected and got, whether to retry. */
export class MeshError extends Error {
  override readonly name = "MeshError";
  readonly code: MeshErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [BRAND] = true;

  constructor(code: MeshErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = Object.freeze({ ...options.details });
  }

  /** What the reader should do next. */
  get hint(): string {
    return MESH_ERROR_CODES[this.code];
  }
}

/** True for a MeshError of any copy of this package; narrows to one code when given. */
export function isMeshError(error: unknown, code?: MeshErrorCode): error is MeshError {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as MeshError).code === code;
}

/** Throws MESH_INVARIANT: for states that only a defect of this package can reach. */
export function assertInvariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new MeshError("MESH_INVARIANT", message);
}
