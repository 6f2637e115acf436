/** js gossipsub over QUIC, as its own documentation sets it up: one node a call. */
import { loadPeer } from "./load.ts";

/** What a delivery bench needs of a node, whoever it is. */
export interface Broadcaster {
  /** Publishes messages. */
  publish(bodies: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

interface Message {
  readonly detail: { readonly topic: string; readonly data: Uint8Array };
}

interface Node {
  readonly services: {
    readonly pubsub: {
      subscribe(topic: string): void;
      getSubscribers(topic: string): readonly unknown[];
      publish(topic: string, data: Uint8Array): Promise<unknown>;
      addEventListener(name: "message", listener: (message: Message) => void): void;
    };
  };
  getMultiaddrs(): readonly unknown[];
  dial(address: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * `count` nodes in this process, all linked to all and in each other's topic.
 * @param delivered called with the receiver and what it got; own messages are not delivered.
 */
export async function gossipsubSwarm(
  count: number,
  delivered: (node: number, body: Uint8Array) => void,
): Promise<Broadcaster[]> {
  const nodes = await Promise.all(Array.from({ length: count }, startNode));
  for (const [number, { services }] of nodes.entries()) {
    services.pubsub.addEventListener("message", ({ detail }) => delivered(number, detail.data));
    services.pubsub.subscribe(TOPIC);
  }
  for (const [number, node] of nodes.entries()) {
    for (const other of nodes.slice(number + 1)) await node.dial(other.getMultiaddrs()[0]);
  }
  const isReady = ({ services }: Node): boolean =>
    services.pubsub.getSubscribers(TOPIC).length >= Math.min(MESH_DEGREE, count - 1);
  while (!nodes.every(isReady)) await pause(100);
  await pause(GRAFTING_MS); // a few heartbeats, in which the mesh is grafted
  return nodes.map((node) => ({
    publish: async (bodies) => {
      for (const body of bodies) await node.services.pubsub.publish(TOPIC, body);
    },
    close: () => node.stop(),
  }));
}

async function startNode(): Promise<Node> {
  const { createLibp2p } = await loadPeer<{ createLibp2p(options: object): Promise<Node> }>(
    "libp2p",
  );
  const { quic } = await loadPeer<{ quic(options: object): unknown }>("@chainsafe/libp2p-quic");
  const { identify } = await loadPeer<{ identify(): unknown }>("@libp2p/identify");
  const { gossipsub } = await loadPeer<{ gossipsub(options: object): unknown }>(
    "@libp2p/gossipsub",
  );
  return createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/udp/0/quic-v1"] },
    // Demanded by the native 2.1.4 build.
    transports: [quic({ shutdownTimeout: 1_000, maxIdleTimeout: 60_000 })],
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: {
      identify: identify(),
      // All nodes share one address, which its scoring would take for an attack.
      pubsub: gossipsub({ scoreParams: { IPColocationFactorWeight: 0 } }),
    },
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

const TOPIC = "bench";
/** Gossipsub's D. Not every link becomes a pair of streams; the mesh needs no more than these. */
const MESH_DEGREE = 6;
const GRAFTING_MS = 5_000;
