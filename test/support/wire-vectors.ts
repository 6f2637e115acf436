/**
 * Golden vectors of the wire format: name, value as JSON (bytes as hex, u64 as decimal text), bytes.
 * Files are append-only; scripts/wire-vectors.ts writes them.
 */
import { bytesFromHex, hexFromBytes } from "../../src/core/node-id.ts";
import { encodeFrame } from "../../src/core/wire/frame.ts";
import { encodeMember } from "../../src/core/wire/member.ts";
import { encodeMessage } from "../../src/core/wire/message.ts";
import {
  DELTAS,
  deltaBytes,
  FRAMES,
  MEMBERS,
  MESH_ID,
  MESSAGES,
  sealed,
  WALL_MS,
} from "./wire-samples.ts";

export interface WireVector {
  readonly name: string;
  /** What the bytes decode to. */
  readonly value: unknown;
  /** Hex. */
  readonly bytes: string;
}

/** The vectors of every file, by file name. */
export function generateWireVectors(): Readonly<Record<string, readonly WireVector[]>> {
  return {
    "frames.json": vectors(FRAMES, (frame) => encodeFrame(frame, WALL_MS)),
    "deltas.json": Object.entries(DELTAS).map(([name, sample]) => ({
      name,
      value: plain({ header: sample.header, publicKey: sample.key.publicKey, body: sample.body }),
      bytes: hexFromBytes(deltaBytes(sample)),
    })),
    "members.json": vectors(MEMBERS, (member) => sealed(encodeMember(member, MESH_ID))),
    "messages.json": vectors(MESSAGES, (message) => sealed(encodeMessage(message, MESH_ID))),
  };
}

export function serializeWireVectors(held: readonly WireVector[]): string {
  const common = { version: 1, meshId: hexFromBytes(MESH_ID), wallMs: WALL_MS };
  return `${JSON.stringify({ ...common, vectors: held }, null, 2)}\n`;
}

export function parseWireVectors(json: string): readonly WireVector[] {
  return (JSON.parse(json) as { vectors: WireVector[] }).vectors;
}

/** Plain JSON: bytes become `{hex}`, bigints `{u64}`. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hexFromBytes(value) };
  if (typeof value === "bigint") return { u64: value.toString() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

export function bytesOf(vector: WireVector): Uint8Array {
  const bytes = bytesFromHex(vector.bytes);
  if (bytes === undefined) throw new Error(`vector ${vector.name} is not hex`);
  return bytes;
}

function vectors<T>(
  samples: Readonly<Record<string, T>>,
  encode: (sample: T) => Uint8Array,
): WireVector[] {
  return Object.entries(samples).map(([name, sample]) => ({
    name,
    value: plain(sample),
    bytes: hexFromBytes(encode(sample)),
  }));
}
