/**
 * The control protocol between a running node and its client commands: newline-delimited JSON
 * over a local socket that only the node's owner can open.
 *
 * A request is `{id, method, params}`; its answer `{id, result}` or `{id, error}`. A streaming
 * method answers `{id, item}` any number of times and then `{id, end: true}` or an error; the
 * client stops it by closing the connection. Both sides bound the length of a line.
 */
import { isMeshError, MESH_ERROR_CODES, MeshError, type MeshErrorCode } from "../../errors.ts";

/** Longest line: a value of 60 KiB whose every byte JSON writes as six, and its envelope. */
export const LINE_BYTES_MAX = 512 * 1024;

export interface ControlRequest {
  /** Chosen by the client, unique among its open requests. */
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A MeshError as plain data. */
export interface WireError {
  readonly code: MeshErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type ControlResponse =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly item: unknown }
  | { readonly id: number; readonly end: true }
  /** `id` is 0 when the request could not be read. */
  | { readonly id: number; readonly error: WireError };

/** @throws MeshError MESH_CONTROL_REQUEST for a line that is no request. */
export function parseRequest(line: string): ControlRequest {
  const value = parseJson(line);
  const { id, method, params = {} } = isRecord(value) ? value : {};
  if (!Number.isSafeInteger(id) || typeof method !== "string" || !isRecord(params)) {
    throw requestError("a request is {id: integer, method: text, params?: object}");
  }
  return { id: id as number, method, params };
}

/** @throws MeshError MESH_CONTROL_UNAVAILABLE when the other side does not speak this protocol. */
export function parseResponse(line: string): ControlResponse {
  const value = parseJson(line);
  if (isRecord(value) && Number.isSafeInteger(value.id)) {
    const { id, error } = value;
    if (isRecord(error)) return { id: id as number, error: wireErrorOf(error) };
    if ("result" in value || "item" in value || value.end === true) {
      return value as unknown as ControlResponse;
    }
  }
  throw new MeshError("MESH_CONTROL_UNAVAILABLE", "what answers at the control socket is no node");
}

/** One message as a line; MESH_VALUE_TOO_LARGE beyond {@link LINE_BYTES_MAX}. */
export function encodeLine(message: ControlRequest | ControlResponse): string {
  const line = `${JSON.stringify(message)}\n`;
  if (Buffer.byteLength(line) <= LINE_BYTES_MAX) return line;
  throw new MeshError("MESH_VALUE_TOO_LARGE", "a control message exceeds its line limit", {
    details: { max: LINE_BYTES_MAX },
  });
}

/** Any thrown value as data for the other side. */
export function toWireError(error: unknown): WireError {
  if (isMeshError(error))
    return { code: error.code, message: error.message, details: error.details };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "MESH_INVARIANT", message, details: {} };
}

export function fromWireError({ code, message, details }: WireError): MeshError {
  return new MeshError(code, message, { details });
}

export function requestError(message: string, details: Record<string, unknown> = {}): MeshError {
  return new MeshError("MESH_CONTROL_REQUEST", message, { details });
}

/** A text parameter. @throws MeshError MESH_CONTROL_REQUEST. */
export function textParam(params: ControlRequest["params"], name: string): string {
  const value = params[name];
  if (typeof value === "string" && value !== "") return value;
  throw requestError(`${name} must be text`, { expected: "text", got: value ?? null });
}

/** An optional text parameter. @throws MeshError MESH_CONTROL_REQUEST. */
export function optionalTextParam(
  params: ControlRequest["params"],
  name: string,
): string | undefined {
  return params[name] === undefined ? undefined : textParam(params, name);
}

function wireErrorOf({ code, message, details }: Record<string, unknown>): WireError {
  const isKnown = typeof code === "string" && Object.hasOwn(MESH_ERROR_CODES, code);
  return {
    // A newer node may know codes that this client does not.
    code: isKnown ? (code as MeshErrorCode) : "MESH_INVARIANT",
    message: String(message),
    details: isRecord(details) ? details : {},
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
