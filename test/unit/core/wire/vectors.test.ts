import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DELTA_PREFIX_BYTES } from "../../../../assembly/layout.ts";
import {
  decodeDeltaHeader,
  encodeDelta,
  encodeDeltaHeader,
} from "../../../../src/core/wire/delta.ts";
import { decodeFrame, encodeFrame } from "../../../../src/core/wire/frame.ts";
import { decodeMember, encodeMember } from "../../../../src/core/wire/member.ts";
import { decodeMessage, encodeMessage } from "../../../../src/core/wire/message.ts";
import { crypto, joined, MESH_ID, sealed, WALL_MS } from "../../../support/wire-samples.ts";
import {
  bytesOf,
  generateWireVectors,
  parseWireVectors,
  plain,
  type WireVector,
} from "../../../support/wire-vectors.ts";

function vectorsOf(name: string): readonly WireVector[] {
  const path = join(import.meta.dirname, "../../../vectors", name);
  return parseWireVectors(readFileSync(path, "utf8"));
}

describe("golden vectors (C3)", () => {
  it.each(vectorsOf("frames.json"))("a frame decodes and encodes to the same: $name", (vector) => {
    const decoded = decodeFrame(bytesOf(vector));
    if (decoded.kind === "refused") throw new Error(decoded.reason);
    expect(decoded.wallMs).toBe(WALL_MS);
    expect(plain(decoded.frame)).toEqual(vector.value);
    expect(encodeFrame(decoded.frame, decoded.wallMs)).toEqual(bytesOf(vector));
  });

  it.each(vectorsOf("members.json"))("a member record, signed: $name", (vector) => {
    const member = decodeMember(bytesOf(vector), MESH_ID);
    if (member === undefined) throw new Error("refused");
    expect(plain(member.record)).toEqual(vector.value);
    expect(sealed(encodeMember(member.record, MESH_ID))).toEqual(bytesOf(vector));
  });

  it.each(vectorsOf("messages.json"))("a direct message, signed: $name", (vector) => {
    const message = decodeMessage(bytesOf(vector), MESH_ID);
    if (message === undefined) throw new Error("refused");
    expect(plain(message)).toEqual(vector.value);
    expect(sealed(encodeMessage(message, MESH_ID))).toEqual(bytesOf(vector));
  });

  it.each(vectorsOf("deltas.json"))("a delta, signed: $name", (vector) => {
    const bytes = bytesOf(vector);
    const header = decodeDeltaHeader(bytes, 0);
    const body = bytes.subarray(DELTA_PREFIX_BYTES);
    const { publicKey } = vector.value as { publicKey: { hex: string } };
    expect({ ...(plain({ header, body }) as object), publicKey }).toEqual(vector.value);
    const signature = bytes.subarray(160, 224);
    expect(encodeDelta(encodeDeltaHeader(header), signature, body)).toEqual(bytes);
    const key = Uint8Array.from(Buffer.from(publicKey.hex, "hex"));
    expect(crypto.verify(signature, bytes.subarray(0, 160), key)).toBe(true);
  });

  it.each(Object.entries(generateWireVectors()))("%s holds every sample", (name, generated) => {
    const held = new Map(vectorsOf(name).map((vector) => [vector.name, vector]));
    for (const vector of generated) expect(held.get(vector.name)).toEqual(vector);
  });
});

describe("the worked example of docs/wire.md", () => {
  it("is the golden vector it says it is", () => {
    const path = join(import.meta.dirname, "../../../../docs/wire.md");
    const fenced = /<!-- vector: (\S+) (.+) -->\n```text\n([\s\S]*?)```/.exec(
      readFileSync(path, "utf8"),
    );
    const [, file = "", name = "", block = ""] = fenced ?? [];
    const vector = vectorsOf(file).find((held) => held.name === name);
    const hex = block.split("\n").map((line) => line.split("|")[0]?.replaceAll(" ", "") ?? "");
    expect(joined(Uint8Array.from(Buffer.from(hex.join(""), "hex")))).toEqual(
      vector === undefined ? undefined : bytesOf(vector),
    );
  });
});
