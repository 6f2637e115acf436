/**
 * One configured libp2p node: identity, one network transport, and nothing else.
 *
 * Everything libp2p does beyond that is off or raised: its limits are made for a public network and
 * refuse a local swarm, its connection monitor would open a stream on every connection every 10 s,
 * its reconnects are the pool's work, and its log formatting costs on every read and write.
 */
import { noise } from "@chainsafe/libp2p-noise";
import type { QuicOptions } from "@chainsafe/libp2p-quic";
import { yamux } from "@chainsafe/libp2p-yamux";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type {
  ComponentLogger,
  ConnectionGater,
  Libp2p,
  Logger,
  Transport,
} from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { createLibp2p, type Libp2pOptions } from "libp2p";

export type NetworkKind = "quic" | "tcp";

export interface Libp2pNodeInit {
  readonly kind: NetworkKind;
  readonly identitySeed: Uint8Array;
  /** One listen multiaddr, or none for a node that only dials. */
  readonly listen: readonly string[];
  readonly linksMax: number;
  readonly connectTimeoutMs: number;
  readonly gater: ConnectionGater;
}

/** A libp2p node and how to stop it without leaving a timer behind. */
export interface OwnedNode {
  readonly libp2p: Libp2p;
  stop(): Promise<void>;
}

/** Makes a node that is not started yet. */
export async function createNode(init: Libp2pNodeInit): Promise<OwnedNode> {
  let components: Components | undefined;
  const { transport, ...parts } = await networkParts(init);
  const privateKey = await generateKeyPairFromSeed("Ed25519", init.identitySeed);
  const { connectTimeoutMs } = init;
  const libp2p = await createLibp2p({
    privateKey,
    start: false,
    logger: SILENT_LOGGER,
    addresses: { listen: [...init.listen] },
    transports: [
      (given) => {
        components = given;
        return transport(given);
      },
    ],
    ...parts,
    connectionGater: init.gater,
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: init.linksMax + CONNECTIONS_SPARE,
      inboundConnectionThreshold: INBOUND_PER_SECOND_MAX,
      maxIncomingPendingConnections: INBOUND_PENDING_MAX,
      inboundUpgradeTimeout: connectTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: connectTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: connectTimeoutMs,
      dialTimeout: connectTimeoutMs,
      addressDialTimeout: connectTimeoutMs,
      maxParallelDials: DIALS_PARALLEL_MAX,
      maxDialQueueLength: DIALS_QUEUED_MAX,
      reconnectRetries: 0,
    },
  });
  const stop = async (): Promise<void> => {
    await libp2p.stop();
    cancelAddressUpdate(components?.addressManager);
  };
  return { libp2p, stop };
}

/**
 * Stopping closes the listener, upon which libp2p schedules an update of its own address record a
 * second later, with a timer that holds the process. Should the library rename the part, the
 * process merely ends a second later.
 */
function cancelAddressUpdate(addressManager: object | undefined): void {
  const update: unknown =
    addressManager === undefined
      ? undefined
      : Reflect.get(addressManager, "_updatePeerStoreAddresses");
  const stop: unknown = typeof update === "function" ? Reflect.get(update, "stop") : undefined;
  if (typeof stop === "function") stop();
}

interface NetworkParts extends Pick<Libp2pOptions, "connectionEncrypters" | "streamMuxers"> {
  readonly transport: (components: Components) => Transport;
}

async function networkParts(init: Libp2pNodeInit): Promise<NetworkParts> {
  if (init.kind === "quic") {
    const { quic } = await loadQuic();
    return { transport: quic(quicOptions(init.connectTimeoutMs)) };
  }
  return {
    transport: tcp({
      // Silence is judged by the mesh's own probes, not by the socket, whose timer the muxer's
      // pings would restart anyway; noDelay because frames are batched already.
      inboundSocketInactivityTimeout: 0,
      outboundSocketInactivityTimeout: 0,
      dialOpts: { noDelay: true },
      listenOpts: { noDelay: true },
    }),
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        keepAliveInterval: KEEP_ALIVE_MS,
        maxInboundStreams: STREAMS_MAX,
        maxOutboundStreams: STREAMS_MAX,
      }),
    ],
  };
}

/**
 * Loads the QUIC library when it is first needed: it is native code, and TCP must work without it.
 * Its threads are counted when it loads. One carries far more than the one thread of JavaScript
 * behind it can read, and costs a third less per frame than one thread per core (measured: 80 and
 * 55 us per lone 300-byte frame, both ends, on two cores). TOKIO_WORKER_THREADS overrides that.
 */
async function loadQuic(): Promise<typeof import("@chainsafe/libp2p-quic")> {
  const given = process.env[THREADS_VARIABLE];
  if (given === undefined) process.env[THREADS_VARIABLE] = "1";
  try {
    return await import("@chainsafe/libp2p-quic");
  } finally {
    if (given === undefined) delete process.env[THREADS_VARIABLE];
  }
}

/** `shutdownTimeout` is demanded by the native 2.1.4 build, and unknown to the 2.1.1 typings. */
function quicOptions(connectTimeoutMs: number): Partial<QuicOptions> & { shutdownTimeout: number } {
  return {
    handshakeTimeout: connectTimeoutMs,
    keepAliveInterval: KEEP_ALIVE_MS,
    maxIdleTimeout: IDLE_TIMEOUT_MS,
    shutdownTimeout: SHUTDOWN_TIMEOUT_MS,
    maxConcurrentStreamLimit: STREAMS_MAX,
    maxStreamData: STREAM_WINDOW_BYTES,
    maxConnectionData: CONNECTION_WINDOW_BYTES,
    receiveBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
  };
}

type Components = Parameters<NonNullable<Libp2pOptions["transports"]>[number]>[0];

function silentLogger(): Logger {
  const ignore = (): void => undefined;
  return Object.assign(ignore, {
    enabled: false,
    error: ignore,
    trace: ignore,
    newScope: () => SILENT_LOG,
  });
}

const SILENT_LOG: Logger = silentLogger();
const SILENT_LOGGER: ComponentLogger = { forComponent: () => SILENT_LOG };

const THREADS_VARIABLE = "TOKIO_WORKER_THREADS";
/** Connections beyond linksMax: those being set up or torn down. */
const CONNECTIONS_SPARE = 128;
/** Per remote host; a whole swarm may share one. */
const INBOUND_PER_SECOND_MAX = 4096;
const INBOUND_PENDING_MAX = 1024;
const DIALS_PARALLEL_MAX = 256;
const DIALS_QUEUED_MAX = 4096;
/** One for the link; the others are refused when negotiated, or being closed. */
const STREAMS_MAX = 4;
const KEEP_ALIVE_MS = 3_000;
/** A connection silent for this long is dead: three keep-alives missed. */
const IDLE_TIMEOUT_MS = 10_000;
const SHUTDOWN_TIMEOUT_MS = 1_000;
/** Received and not yet read: the memory a peer can pin. 2 MiB fill 160 Mbit/s at 100 ms. */
const STREAM_WINDOW_BYTES = 2 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 3 * 1024 * 1024;
const SOCKET_BUFFER_BYTES = 2 * 1024 * 1024;
