import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createQuicTransport } from "../../src/node/transport/libp2p.ts";
import { sendRaw } from "../support/raw-peer.ts";
import { describeTransport } from "./transport.ts";

describeTransport({
  name: "QUIC",
  suite: /^quic-v1\/tls1\.3$/,
  create: (options) => createQuicTransport({ connectTimeoutMs: 1_000, ...options }),
  freeAddress: () => "/ip4/127.0.0.1/udp/0/quic-v1",
  deadAddress: async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    socket.close();
    return `/ip4/127.0.0.1/udp/${port}/quic-v1`;
  },
  namedAddress: (address) => address.replace("/ip4/127.0.0.1/", "/dns4/localhost/"),
  sendRaw: (address, bytes) => sendRaw("quic", address, bytes),
});
