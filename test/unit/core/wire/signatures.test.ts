import { describe, expect, it } from "vitest";
import { encodeDeltaHeader } from "../../../../src/core/wire/delta.ts";
import { encodeDeparture } from "../../../../src/core/wire/departure.ts";
import { encodeMember, type MemberRecord } from "../../../../src/core/wire/member.ts";
import { type DirectMessage, encodeMessage } from "../../../../src/core/wire/message.ts";
import {
  crypto,
  DELTAS,
  DEPARTURE,
  type DeltaSample,
  IDENTITY,
  INCARNATION_KEY,
  MEMBERS,
  MESH_ID,
  MESSAGES,
} from "../../../support/wire-samples.ts";

const OPERATIONS = DELTAS.operations as DeltaSample;
const RECORD = DELTAS.record as DeltaSample;

/** Everything that is signed: its bytes and the key that signs. */
const SIGNED = [
  ["member record", encodeMember(MEMBERS.plain as MemberRecord, MESH_ID), IDENTITY],
  ["direct message", encodeMessage(MESSAGES.plain as DirectMessage, MESH_ID), IDENTITY],
  ["departure statement", encodeDeparture(DEPARTURE, MESH_ID), IDENTITY],
  ["incarnation record", encodeDeltaHeader(RECORD.header), IDENTITY],
  ["operations", encodeDeltaHeader(OPERATIONS.header), INCARNATION_KEY],
] as const;

/** Where every signed object says what it is for. */
const VERSION_AT = 0;
const KIND_AT = 1;
const MESH_ID_AT = 16;

describe.each(SIGNED)("signature of a %s (C3)", (_, signed, key) => {
  const signature = crypto.sign(signed, key);

  it("verifies under its author's key and under no other", () => {
    expect(crypto.verify(signature, signed, key.publicKey)).toBe(true);
    const other = key === IDENTITY ? INCARNATION_KEY : IDENTITY;
    expect(crypto.verify(signature, signed, other.publicKey)).toBe(false);
  });

  it.each([
    ["version", VERSION_AT, 2],
    ["mesh", MESH_ID_AT, 0],
    ["mesh", MESH_ID_AT + 15, 0],
  ])("does not verify for another %s", (_what, at, value) => {
    const changed = signed.slice();
    changed[at] = value;
    expect(crypto.verify(signature, changed, key.publicKey)).toBe(false);
  });

  it("does not verify as any other kind", () => {
    const own = signed[KIND_AT];
    for (const kind of [0, 1, 16, 17, 18].filter((other) => other !== own)) {
      const changed = signed.slice();
      changed[KIND_AT] = kind;
      expect(crypto.verify(signature, changed, key.publicKey)).toBe(false);
    }
  });

  it("carries version, kind and mesh id at the places shared by all kinds", () => {
    expect(signed[VERSION_AT]).toBe(1);
    expect([...signed.subarray(MESH_ID_AT, MESH_ID_AT + 16)]).toEqual([...MESH_ID]);
  });
});

it("gives every signed kind a kind byte of its own", () => {
  expect(new Set(SIGNED.map(([, signed]) => signed[KIND_AT])).size).toBe(SIGNED.length);
});
