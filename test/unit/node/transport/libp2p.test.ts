import { randomBytes } from "node:crypto";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, test } from "vitest";
import {
  createQuicTransport,
  createTcpTransport,
  LINK_PROTOCOL,
} from "../../../../src/node/transport/libp2p.ts";
import { createNode } from "../../../../src/node/transport/libp2p-node.ts";
import { LANE_CONTROL } from "../../../../src/node/transport/transport.ts";
import { createRecorder, createTape } from "../../../support/recorder.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const kinds = [
  { kind: "quic", create: createQuicTransport, listen: "/ip4/127.0.0.1/udp/0/quic-v1" },
  { kind: "tcp", create: createTcpTransport, listen: "/ip4/127.0.0.1/tcp/0" },
] as const;

describe.each(kinds)("$kind transport and a foreign libp2p peer", ({ kind, create, listen }) => {
  async function foreignPeer(listening: readonly string[] = []) {
    const node = await createNode({
      kind,
      identitySeed: randomBytes(32),
      listen: listening,
      linksMax: 8,
      connectTimeoutMs: 2_000,
      gater: { denyDialMultiaddr: () => false },
    });
    stops.push(node.stop);
    await node.libp2p.start();
    return node.libp2p;
  }

  async function transport(
    connectTimeoutMs: number,
    isPressed = () => false,
    isRefused = () => false,
  ) {
    const events = createRecorder();
    const refusals = createTape<string>();
    const made = create({
      identitySeed: randomBytes(32),
      listen: [listen],
      connectTimeoutMs,
      isPressed,
      isRefused,
      handlers: { ...events.handlers, refused: (reason) => refusals.add(reason) },
    });
    stops.push(() => made.close());
    await made.start();
    return { made, events, refusals, address: multiaddr(made.addresses[0] ?? "") };
  }

  test("refuses connections while the process is short of memory, and reports why", async () => {
    let isPressed = true;
    const { events, refusals, address } = await transport(2_000, () => isPressed);
    const peer = await foreignPeer();
    // QUIC shakes hands before anybody is asked: there the dialler learns of it from the stream.
    await peer
      .dial(address)
      .then((connection) => connection.newStream(LINK_PROTOCOL))
      .catch(() => undefined);
    expect(await refusals.next()).toBe("memory");
    expect(events.links).toEqual([]);
    isPressed = false;
    const connection = await peer.dial(address, { force: true });
    await connection.newStream(LINK_PROTOCOL);
    expect((await events.nextLink()).inbound).toBe(true);
  });

  test("closes the connections of a peer that is refused before they become links", async () => {
    const { events, refusals, address } = await transport(
      2_000,
      () => false,
      () => true,
    );
    const peer = await foreignPeer();
    await peer
      .dial(address)
      .then((connection) => connection.newStream(LINK_PROTOCOL))
      .catch(() => undefined);
    expect(await refusals.next()).toBe("peer_refused");
    expect(events.links).toEqual([]);
  });

  test("closes and reports a connection on which no link is opened", async () => {
    const { events, refusals, address } = await transport(100);
    const peer = await foreignPeer();
    const connection = await peer.dial(address);
    const gone = new Promise((resolve) => connection.addEventListener("close", resolve));
    expect(await refusals.next()).toBe("no_link_stream");
    await gone;
    expect(events.links).toEqual([]);
  });

  test("refuses a second link on a connection and keeps the first", async () => {
    const { events, address } = await transport(2_000);
    const peer = await foreignPeer();
    const connection = await peer.dial(address);
    const first = await connection.newStream(LINK_PROTOCOL);
    const link = await events.nextLink();
    const second = await connection.newStream(LINK_PROTOCOL, { maxOutboundStreams: 4 });
    if (second.status === "open" && second.remoteWriteStatus !== "closed") {
      await new Promise((resolve) => {
        second.addEventListener("close", resolve);
        second.addEventListener("remoteCloseWrite", resolve);
      });
    }
    first.send(Uint8Array.of(1, 0, 0, 0, 9));
    expect((await events.nextFrame()).bytes).toEqual(Uint8Array.of(9));
    expect(link.send(Uint8Array.of(1), LANE_CONTROL)).toBe("queued");
    expect(events.links).toHaveLength(1);
  });

  test("answers MESH_TRANSPORT_DIAL when the peer does not speak the mesh's protocol", async () => {
    const { made, events } = await transport(2_000);
    const peer = await foreignPeer([listen]);
    const address = peer.getMultiaddrs()[0]?.toString() ?? "";
    await expect(made.dial(address)).rejects.toMatchObject({ code: "MESH_TRANSPORT_DIAL" });
    expect(events.links).toEqual([]);
  });
});
