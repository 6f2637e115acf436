/**
 * A process with one transport that echoes every frame. Prints its address, then answers the
 * commands of its standard input: `close` closes the transport and must let the process end.
 *
 *     node test/support/echo-process.ts quic|tcp
 */
import { randomBytes } from "node:crypto";
import { createQuicTransport, createTcpTransport } from "../../src/node/transport/libp2p.ts";
import { LANE_CONTROL, type TransportOptions } from "../../src/node/transport/transport.ts";

const isQuic = process.argv[2] === "quic";
const options: TransportOptions = {
  identitySeed: randomBytes(32),
  listen: [isQuic ? "/ip4/127.0.0.1/udp/0/quic-v1" : "/ip4/127.0.0.1/tcp/0"],
  handlers: {
    linkUp: () => undefined,
    frame: (link, bytes) => link.send(bytes, LANE_CONTROL),
    linkDown: (_link, reason) => console.log(`down ${reason}`),
  },
};
const transport = isQuic ? createQuicTransport(options) : createTcpTransport(options);
await transport.start();
console.log(transport.addresses[0]);
process.stdin.once("data", () => {
  process.stdin.unref();
  process.stdin.pause();
  void transport.close();
});
