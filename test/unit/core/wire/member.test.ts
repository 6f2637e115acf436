import { describe, expect, it } from "vitest";
import {
  bytesEqual,
  decodeMember,
  encodeMember,
  isNewerMember,
  MEMBER_ADDRESS_BYTES_MAX,
  MEMBER_ADDRESSES_MAX,
  MEMBER_BYTES_MAX,
  MEMBER_LABEL_BYTES_MAX,
  type MemberRecord,
} from "../../../../src/core/wire/member.ts";
import { joined, MEMBERS, MESH_ID, run } from "../../../support/wire-samples.ts";

const PLAIN = MEMBERS.plain as MemberRecord;
const SIGNATURE = new Uint8Array(64).fill(0xee);

function bytesOf(record: MemberRecord): Uint8Array {
  return joined(encodeMember(record, MESH_ID), SIGNATURE);
}

function changed(at: number, value: number): Uint8Array {
  const bytes = bytesOf(PLAIN);
  bytes[at] = value;
  return bytes;
}

describe("member record (C3)", () => {
  it.each(Object.entries(MEMBERS))("decodes what it encoded: %s", (_, record) => {
    const bytes = bytesOf(record);
    expect(decodeMember(bytes, MESH_ID)).toEqual({ record, bytes });
  });

  it("holds the largest record within its bound", () => {
    const label = "a".repeat(MEMBER_LABEL_BYTES_MAX);
    const address = "b".repeat(MEMBER_ADDRESS_BYTES_MAX);
    const addresses = Array.from({ length: MEMBER_ADDRESSES_MAX }, () => address);
    const bytes = bytesOf({ ...PLAIN, region: label, zone: label, addresses });
    expect(bytes.length).toBeLessThanOrEqual(MEMBER_BYTES_MAX);
    expect(decodeMember(bytes, MESH_ID)).toBeDefined();
  });

  it.each([
    ["another version", changed(0, 2)],
    ["another kind", changed(1, 17)],
    ["an unknown flag", changed(2, 2)],
    ["a reserved byte that is set", changed(3, 1)],
    ["another mesh", changed(16, 0)],
    ["a byte after the last address", joined(encodeMember(PLAIN, MESH_ID), run(0, 1), SIGNATURE)],
    ["too many addresses", bytesOf({ ...PLAIN, addresses: new Array<string>(9).fill("a") })],
    ["an address that is too long", bytesOf({ ...PLAIN, addresses: ["a".repeat(257)] })],
    ["a region that is too long", bytesOf({ ...PLAIN, region: "a".repeat(65) })],
    ["a zone that is too long", bytesOf({ ...PLAIN, zone: "a".repeat(65) })],
    ["more bytes than a record may have", new Uint8Array(MEMBER_BYTES_MAX + 1)],
    ["no bytes", new Uint8Array(0)],
    ["a signature alone", SIGNATURE],
  ])("refuses %s", (_, bytes) => {
    expect(decodeMember(bytes, MESH_ID)).toBeUndefined();
  });

  it("refuses text that is not UTF-8", () => {
    const bytes = bytesOf(PLAIN);
    bytes[66] = 0xff; // the region's first byte, behind its length
    expect(decodeMember(bytes, MESH_ID)).toBeUndefined();
  });

  it("refuses a record cut short at any offset", () => {
    const bytes = bytesOf(PLAIN);
    for (let end = 0; end < bytes.length; end++) {
      expect(decodeMember(bytes.subarray(0, end), MESH_ID)).toBeUndefined();
    }
  });

  it("lets the higher epoch win, then the higher counter, and never an equal record", () => {
    const of = (epoch: bigint, counter: number): MemberRecord => ({ ...PLAIN, epoch, counter });
    expect(isNewerMember(of(2n, 0), of(1n, 9))).toBe(true);
    expect(isNewerMember(of(1n, 9), of(2n, 0))).toBe(false);
    expect(isNewerMember(of(1n, 2), of(1n, 1))).toBe(true);
    expect(isNewerMember(of(1n, 1), of(1n, 1))).toBe(false);
  });

  it("compares bytes by length and content", () => {
    expect(bytesEqual(run(0, 3), run(0, 3))).toBe(true);
    expect(bytesEqual(run(0, 3), run(0, 4))).toBe(false);
    expect(bytesEqual(run(0, 3), Uint8Array.of(0, 1, 3))).toBe(false);
  });

  it.each([0, 1, 3, 4, 5, 8, 32, 33])("sees a difference at any of %d bytes", (length) => {
    const own = run(7, length);
    expect(bytesEqual(own, own.slice())).toBe(true);
    for (let at = 0; at < length; at++) {
      const other = own.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(bytesEqual(own, other)).toBe(false);
    }
  });
});
