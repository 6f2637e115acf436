import { multiaddr } from "@multiformats/multiaddr";
import { describe, expect, it } from "vitest";
import { hostOf, InboundGate } from "../../../../src/node/transport/inbound-gate.ts";
import { resolveTransportLimits } from "../../../../src/node/transport/limits.ts";

const LIMITS = resolveTransportLimits({ hostLinksMax: 3, hostConnectionsPerSecond: 2 });
const HOST = "192.0.2.1";

describe("connections of one host", () => {
  it("are refused beyond their burst, and taken again at their rate", () => {
    const gate = new InboundGate(LIMITS);
    const burst = Array.from({ length: 17 }, () => gate.refusal(HOST, 0));
    expect(burst.slice(0, 16)).toEqual(Array(16).fill(undefined));
    expect(burst[16]).toBe("host_rate");
    expect(gate.refusal(HOST, 500)).toBeUndefined();
    expect(gate.refusal(HOST, 500)).toBe("host_rate");
  });

  it("do not use up what another host has", () => {
    const gate = new InboundGate(LIMITS);
    for (let i = 0; i < 20; i++) gate.refusal(HOST, 0);
    expect(gate.refusal("192.0.2.2", 0)).toBeUndefined();
  });

  it("are refused while it has its maximum of links", () => {
    const gate = new InboundGate(LIMITS);
    for (let i = 0; i < 3; i++) gate.linked(HOST, 0);
    expect(gate.refusal(HOST, 0)).toBe("host_links");
    gate.unlinked(HOST);
    expect(gate.refusal(HOST, 0)).toBeUndefined();
  });

  it("are not counted on loopback, where a whole mesh lives in tests", () => {
    const gate = new InboundGate(LIMITS);
    for (let i = 0; i < 100; i++) gate.linked("127.0.0.1", 0);
    expect(gate.refusal("127.0.0.1", 0)).toBeUndefined();
    expect(gate.refusal("::1", 0)).toBeUndefined();
  });

  it("are all refused while the process is short of memory", () => {
    let isPressed = true;
    const gate = new InboundGate(LIMITS, () => isPressed);
    expect([gate.refusal(HOST, 0), gate.refusal("127.0.0.1", 0)]).toEqual(["memory", "memory"]);
    isPressed = false;
    expect(gate.refusal(HOST, 0)).toBeUndefined();
  });
});

describe("the host of an address", () => {
  it.each([
    ["/ip4/192.0.2.1/tcp/4001", "192.0.2.1"],
    ["/ip4/192.0.2.1/udp/4001/quic-v1", "192.0.2.1"],
    ["/ip6/2001:db8:1:2:3:4:5:6/tcp/1", "2001:db8:1:2::/64"],
    ["/ip6/2001:db8::5/tcp/1", "2001:db8:0:0::/64"],
    ["/ip6/::1/tcp/1", "::1"],
    ["/ip6/::ffff:192.0.2.1/tcp/1", "192.0.2.1"],
  ])("%s is %s", (address, host) => {
    expect(hostOf(multiaddr(address))).toBe(host);
  });
});
