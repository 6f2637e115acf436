import { describe, expect, it } from "vitest";
import { SIGNATURE_BYTES } from "../../../assembly/layout.ts";
import { Interner } from "../../../src/core/intern.ts";
import { decodeMember, encodeMember, type MemberRecord } from "../../../src/core/wire/member.ts";
import { MEMBERS } from "../../support/wire-samples.ts";

const MESH = new Uint8Array(16).fill(7);

function signedBytes(counter: number, signature = counter + 1): Uint8Array {
  const body = encodeMember({ ...(MEMBERS.plain as MemberRecord), counter }, MESH);
  const bytes = new Uint8Array(body.length + SIGNATURE_BYTES).fill(signature);
  bytes.set(body);
  return bytes;
}

describe("what cores of one process share", () => {
  it("is one record and one copy of its bytes for all that bring equal bytes", () => {
    const interner = new Interner(MESH, 10);
    const brought = signedBytes(1);
    const first = interner.member(brought);
    brought.fill(0);
    const second = interner.member(signedBytes(1));
    expect(second).toBe(first);
    expect(second).toMatchObject(decodeMember(signedBytes(1), MESH) ?? {});
  });

  it("tells apart what differs under one signature", () => {
    const interner = new Interner(MESH, 10);
    const [one, other] = [interner.member(signedBytes(1, 5)), interner.member(signedBytes(2, 5))];
    expect([one?.record.counter, other?.record.counter]).toEqual([1, 2]);
    const deltas = [1, 2].map((body) => Uint8Array.of(...new Uint8Array(8).fill(5), body));
    expect(deltas.map((delta) => [...interner.delta(delta, 0)])).toEqual(deltas.map((d) => [...d]));
  });

  it("refuses what decoding refuses", () => {
    const interner = new Interner(MESH, 10);
    const bytes = signedBytes(1);
    expect(interner.member(bytes.subarray(1))).toBeUndefined();
    expect(interner.member(bytes.subarray(0, 3))).toBeUndefined();
    expect(new Interner(new Uint8Array(16), 10).member(bytes)).toBeUndefined();
  });

  it("gives copies beyond its bound", () => {
    const interner = new Interner(MESH, 1);
    const deltas = [Uint8Array.of(1), Uint8Array.of(2)] as const;
    const [first, second] = deltas.map((delta) => interner.delta(delta, 0));
    expect(interner.delta(deltas[0], 0)).toBe(first);
    expect(interner.delta(deltas[1], 0)).not.toBe(second);
    expect(interner.delta(deltas[1], 0)).toEqual(second);
  });
});
