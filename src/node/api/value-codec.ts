/** Values of the public API as bytes with a declared codec: raw bytes stay raw, the rest is JSON. */
import { MeshError } from "../../errors.ts";

const CODEC_BYTES = 0;
const CODEC_JSON = 1;

/** A value that survives JSON, or raw bytes. */
export type Value = unknown;

/** @throws MESH_VALUE_INVALID for what JSON cannot say (undefined, functions, cycles, bigint). */
export function encodeValue(value: Value): { readonly codec: number; readonly bytes: Uint8Array } {
  if (value instanceof Uint8Array) return { codec: CODEC_BYTES, bytes: value.slice() };
  const text = stringify(value);
  if (text === undefined) {
    throw new MeshError(
      "MESH_VALUE_INVALID",
      `a value must be JSON or bytes, got ${typeof value}`,
      {
        details: { expected: "JSON or Uint8Array", got: typeof value },
      },
    );
  }
  return { codec: CODEC_JSON, bytes: new TextEncoder().encode(text) };
}

/**
 * The value of stored bytes; a codec or JSON this version cannot read comes back as bytes, which
 * are a copy: the replica keeps its own.
 */
export function decodeValue(codec: number, bytes: Uint8Array): Value {
  if (codec !== CODEC_JSON) return bytes.slice();
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return bytes.slice();
  }
}

function stringify(value: Value): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new MeshError("MESH_VALUE_INVALID", "a value must be JSON or bytes", { cause });
  }
}
