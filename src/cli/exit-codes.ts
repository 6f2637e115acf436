/** The exit codes of `knhk-mesh`, and which error gives which. */
import type { MeshErrorCode } from "../errors.ts";

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
const EXIT_UNREACHABLE = 3;
const EXIT_REFUSED = 4;
/** A simulated run, or its replay, broke an invariant. */
export const EXIT_VIOLATED = 5;
const EXIT_NOT_ADMITTED = 6;

/** For `--help`. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failed
  2  wrong usage: unknown command, missing or malformed argument
  3  no node or seed could be reached
  4  refused by the configuration: the file is invalid, asks for more than this
     version has, or nothing says who may join
  5  sim: an invariant did not hold, or a replay gave another trace
  6  a certificate is missing or of no use, this node's or as its peers see it`;

export function exitCodeOf(code: MeshErrorCode): number {
  return EXIT_CODE_OF[code] ?? EXIT_FAILED;
}

const EXIT_CODE_OF: Partial<Readonly<Record<MeshErrorCode, number>>> = {
  MESH_CONTROL_REQUEST: EXIT_USAGE,
  MESH_FAULTS_INVALID: EXIT_USAGE,
  MESH_VALUE_INVALID: EXIT_USAGE,
  MESH_KEY_INVALID: EXIT_USAGE,
  MESH_CONTROL_UNAVAILABLE: EXIT_UNREACHABLE,
  MESH_SEED_UNREACHABLE: EXIT_UNREACHABLE,
  MESH_TRANSPORT_DIAL: EXIT_UNREACHABLE,
  MESH_CONFIG_FILE: EXIT_REFUSED,
  MESH_CONFIG_INVALID: EXIT_REFUSED,
  MESH_CONFIG_UNSUPPORTED: EXIT_REFUSED,
  MESH_ADMISSION_UNSTATED: EXIT_REFUSED,
  MESH_CERTIFICATE_REQUIRED: EXIT_NOT_ADMITTED,
  MESH_CERTIFICATE_EXPIRED: EXIT_NOT_ADMITTED,
  MESH_CERTIFICATE_NOT_YET_VALID: EXIT_NOT_ADMITTED,
  MESH_CERTIFICATE_MESH: EXIT_NOT_ADMITTED,
  MESH_CERTIFICATE_INVALID: EXIT_NOT_ADMITTED,
  MESH_CERTIFICATE_FILE: EXIT_NOT_ADMITTED,
};
