import { once } from "node:events";
import { createServer } from "node:net";
import { createTcpTransport } from "../../src/node/transport/libp2p.ts";
import { sendRaw } from "../support/raw-peer.ts";
import { describeTransport } from "./transport.ts";

describeTransport({
  name: "TCP",
  suite: /^tcp\/noise\/yamux/,
  create: (options) => createTcpTransport({ connectTimeoutMs: 1_000, ...options }),
  freeAddress: () => "/ip4/127.0.0.1/tcp/0",
  deadAddress: async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    return `/ip4/127.0.0.1/tcp/${typeof address === "object" ? address?.port : 0}`;
  },
  namedAddress: (address) => address.replace("/ip4/127.0.0.1/", "/dns4/localhost/"),
  sendRaw: (address, bytes) => sendRaw("tcp", address, bytes),
});
