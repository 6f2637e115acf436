import { describe, expect, it } from "vitest";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { Leaving } from "../../../../src/core/peers/leaving.ts";
import { Membership } from "../../../../src/core/peers/membership.ts";
import { renewOwnRecord } from "../../../../src/core/peers/own-record.ts";
import { Certificates } from "../../../../src/core/trust/certificates.ts";
import { decodeMember, MEMBER_ADDRESSES_MAX } from "../../../../src/core/wire/member.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";
import { crypto, IDENTITY, MESH_ID, NODE } from "../../../support/wire-samples.ts";

/** The parts that the own record is made of. */
function coreOf(): CoreState {
  const parts = {
    config: { nodeId: NODE, meshId: MESH_ID, region: "eu", zone: "a" },
    deps: { crypto, identityKey: IDENTITY },
    epoch: 7n,
    leaving: new Leaving(),
    certificates: new Certificates(undefined, blake3),
    membership: new Membership({
      selfId: NODE,
      kernels: { blake3 },
      sampleKey: new Uint8Array(32),
    }),
  };
  return parts as unknown as CoreState;
}

function addressesTold(addresses: readonly string[]): readonly string[] | undefined {
  const { bytes } = renewOwnRecord(coreOf(), { addresses, left: false });
  return decodeMember(bytes, MESH_ID)?.record.addresses;
}

describe("own member record (C1, C3)", () => {
  it("counts up within one life", () => {
    const core = coreOf();
    const counters = [1, 2, 3].map(
      () => renewOwnRecord(core, { addresses: [], left: false }).record.counter,
    );
    expect(counters).toEqual([0, 1, 2]);
  });

  it("names the most preferred addresses when a host has more than a record holds", () => {
    const addresses = Array.from({ length: 20 }, (_, i) => `/ip4/10.0.0.${i}/udp/9000/quic-v1`);
    expect(addressesTold(addresses)).toEqual(addresses.slice(0, MEMBER_ADDRESSES_MAX));
  });

  it("passes over an address that a record cannot hold", () => {
    const long = `/dns4/${"a".repeat(300)}/tcp/1`;
    expect(addressesTold([long, "/ip4/10.0.0.1/tcp/1"])).toEqual(["/ip4/10.0.0.1/tcp/1"]);
  });
});
