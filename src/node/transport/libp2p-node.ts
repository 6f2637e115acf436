/**
 * One configured libp2p node: identity, one network transport, and nothing else.
 *
 * Everything libp2p does beyond that is off or raised: its limits are made for a public network and
 * refuse a local swarm, its connection monitor would open a stream on every connection every 10 s,
 * its reconnects are the pool's work, and its log formatting costs on every read and write.
 */
import { noise } from "@chainsafe/libp2p-noise";
import { type QuicOptions, quic } from "@chainsafe/libp2p-quic";
import { yamux } from "@chainsafe/libp2p-yamux";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { ComponentLogger, ConnectionGater, Libp2p, Logger } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";

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

/** Makes a node that is not started yet. */
export async function createNode(init: Libp2pNodeInit): Promise<Libp2p> {
  const privateKey = await generateKeyPairFromSeed("Ed25519", init.identitySeed);
  const { connectTimeoutMs } = init;
  return createLibp2p({
    privateKey,
    start: false,
    logger: SILENT_LOGGER,
    addresses: { listen: [...init.listen] },
    ...networkParts(init),
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
}

function networkParts(init: Libp2pNodeInit) {
  if (init.kind === "quic") return { transports: [quic(quicOptions(init.connectTimeoutMs))] };
  return {
    transports: [
      tcp({
        // The muxer's keep-alive is the only judge of silence; noDelay because frames are batched.
        inboundSocketInactivityTimeout: 0,
        outboundSocketInactivityTimeout: 0,
        dialOpts: { noDelay: true },
        listenOpts: { noDelay: true },
      }),
    ],
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
