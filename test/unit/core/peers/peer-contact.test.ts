import { describe, expect, it } from "vitest";
import {
  ADDRESS_BYTES_MAX,
  ADDRESSES_MAX,
  contactFault,
  LABEL_BYTES_MAX,
  type PeerContact,
} from "../../../../src/core/peers/peer-contact.ts";
import { contactOf } from "../../../support/peers.ts";

describe("peer contact (C1)", () => {
  it("accepts one at every bound", () => {
    const fault = contactFault(
      contactOf(1, {
        addresses: Array.from({ length: ADDRESSES_MAX }, () => "x".repeat(ADDRESS_BYTES_MAX)),
        region: "é".repeat(LABEL_BYTES_MAX / 2),
        zone: "😀".repeat(LABEL_BYTES_MAX / 4),
        role: "aggregator",
      }),
    );
    expect(fault).toBeUndefined();
  });

  const faulty: readonly [string, Partial<PeerContact>, string][] = [
    ["a short id", { id: "abc" }, "invalid_id"],
    ["an upper-case id", { id: "A".repeat(64) }, "invalid_id"],
    ["an empty region", { region: "" }, "invalid_region"],
    ["a region of 65 bytes", { region: "x".repeat(65) }, "invalid_region"],
    ["a region of 64 characters but 65 bytes", { region: `${"x".repeat(63)}é` }, "invalid_region"],
    ["a region of 66 bytes in three-byte characters", { region: "€".repeat(22) }, "invalid_region"],
    ["a region with half a surrogate pair", { region: "\ud800" }, "invalid_region"],
    ["a region with a line break", { region: "a\nb" }, "invalid_region"],
    ["a region with a C1 control", { region: "a\u0085b" }, "invalid_region"],
    ["an empty zone", { zone: "" }, "invalid_zone"],
    ["a zone of 65 bytes", { zone: "x".repeat(65) }, "invalid_zone"],
    ["an unknown role", { role: "king" as "edge" }, "invalid_role"],
    ["nine addresses", { addresses: new Array<string>(9).fill("a") }, "too_many_addresses"],
    ["an empty address", { addresses: ["a", ""] }, "invalid_address"],
    ["an address of 257 bytes", { addresses: ["x".repeat(257)] }, "invalid_address"],
    ["an address that is no text", { addresses: [7 as unknown as string] }, "invalid_address"],
    ["addresses that are no list", { addresses: "a" as unknown as string[] }, "invalid_address"],
  ];

  it.each(faulty)("refuses %s", (_, change, fault) => {
    expect(contactFault(contactOf(1, change))).toBe(fault);
  });
});
