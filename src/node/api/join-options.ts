/** Options of Mesh.join: all optional, checked at once, defaults in one place. */
import { randomUUID } from "node:crypto";
import { RATE_LIMIT_PER_PEER_DEFAULT } from "../../core/trust/rate-limits.ts";
import { MeshError } from "../../errors.ts";
import {
  type AdmissionConfig,
  type AdmissionOptions,
  admissionConfig,
  admissionProblems,
} from "../security/admission-options.ts";
import { defaultRssBytesMax } from "../transport/memory-watch.ts";

export interface JoinOptions extends AdmissionOptions {
  /** Nodes to join through: multiaddrs, or `host:port`. None: start a mesh of one. */
  readonly seeds?: readonly string[];
  /** Name of the mesh; nodes of another name are refused. Default "default". */
  readonly mesh?: string;
  /** Default "quic". */
  readonly transport?: "quic" | "tcp" | "memory";
  /**
   * Multiaddrs to listen on, the first free one is taken. Default: loopback, any port. An outside
   * address needs an `authority`, or `admission: "open"`.
   */
  readonly listen?: readonly string[];
  /** Region label, 1 to 64 bytes. Default: the certificate's, without one "local". */
  readonly region?: string;
  /** Zone label, 1 to 64 bytes. Default: the certificate's, without one "local". */
  readonly zone?: string;
  /**
   * Folder of the identity key, the store and the control socket; created. Default: nothing is
   * kept.
   */
  readonly dataDir?: string;
  /** What keeps the state. Default: "sqlite" with a `dataDir`, else "memory" (not durable). */
  readonly store?: "sqlite" | "memory";
  /** Peers asked per round, 1 to 64. Default 5 (the flat topology's). */
  readonly fanout?: number;
  /** Time between rounds, 10 to 60,000. Default 100. */
  readonly roundIntervalMs?: number;
  /** Share of peers that must show the own root to be converged, in (0, 1]. Default 0.99. */
  readonly convergenceThreshold?: number;
  /** Least time between two signed batches of writes, ms, 0 to 100; a lone write leaves at once. Default 1. */
  readonly batchDelayMs?: number;
  /** Peers with a reputation below are ignored, 0 to 1. Default 0.5. */
  readonly reputationThreshold?: number;
  /**
   * Frames a second taken from one peer, 100 to 1,000,000; budgets of bytes, operations and
   * signatures derive from it (docs/LIMITS.md). Who keeps sending more is cut off. Default 10,000.
   */
  readonly rateLimitPerPeer?: number;
  /**
   * Resident bytes of the process above which no connection is accepted and links are shed
   * (`memory:pressed`), at least 64 MiB. Default: three quarters of what the machine or container has.
   */
  readonly rssBytesMax?: number;
  /** Links to aim for, 3 to 64. Default 2 x fanout. */
  readonly viewSize?: number;
  /**
   * Without a quorum of the members: refuse writes to maps, sets, registers and counters with
   * MESH_READ_ONLY ("read-only", the default), or go on taking them ("available").
   */
  readonly whenPartitioned?: "read-only" | "available";
  /** A node that is one of its own seeds may start alone. Default: only if no seed is given. */
  readonly allowAlone?: boolean;
  /**
   * A node that comes back with a data folder refuses writes until it hears a quorum of the members
   * it knew; joining waits for that so long at most, ms, 0 to 600,000, and then resolves with a node
   * that is read-only. Default 5,000.
   */
  readonly quorumWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface JoinConfig {
  readonly seeds: readonly string[];
  readonly mesh: string;
  readonly transport: "quic" | "tcp" | "memory";
  readonly listen: readonly string[];
  /** Undefined: the certificate's, without one "local". */
  readonly region: string | undefined;
  readonly zone: string | undefined;
  readonly admission: AdmissionConfig;
  readonly dataDir: string | undefined;
  readonly store: "sqlite" | "memory";
  readonly fanout: number;
  readonly roundIntervalMs: number;
  readonly convergenceThreshold: number;
  readonly batchDelayMs: number;
  readonly reputationThreshold: number;
  readonly rateLimitPerPeer: number;
  readonly rssBytesMax: number;
  readonly viewSize: number;
  readonly whenPartitioned: "read-only" | "available";
  readonly allowAlone: boolean;
  readonly quorumWaitMs: number;
}

/**
 * Completes options.
 * @throws MeshError MESH_VALUE_INVALID naming every bad option at once; MESH_ADMISSION_UNSTATED when
 *   the node would listen outside without a word on who may join.
 */
export function parseJoinOptions(options: JoinOptions): JoinConfig {
  const transport = options.transport ?? "quic";
  const fanout = options.fanout ?? 5;
  const listen = options.listen ?? [DEFAULT_LISTEN[transport] ?? `/memory/${randomUUID()}`];
  const config: Omit<JoinConfig, "admission"> = {
    seeds: options.seeds ?? [],
    mesh: options.mesh ?? "default",
    transport,
    listen,
    region: options.region,
    zone: options.zone,
    dataDir: options.dataDir,
    store: options.store ?? (options.dataDir === undefined ? "memory" : "sqlite"),
    fanout,
    roundIntervalMs: options.roundIntervalMs ?? 100,
    convergenceThreshold: options.convergenceThreshold ?? 0.99,
    batchDelayMs: options.batchDelayMs ?? 1,
    reputationThreshold: options.reputationThreshold ?? 0.5,
    rateLimitPerPeer: options.rateLimitPerPeer ?? RATE_LIMIT_PER_PEER_DEFAULT,
    rssBytesMax: options.rssBytesMax ?? defaultRssBytesMax(),
    viewSize: options.viewSize ?? Math.max(3, 2 * fanout),
    whenPartitioned: options.whenPartitioned ?? "read-only",
    allowAlone: options.allowAlone ?? (options.seeds ?? []).length === 0,
    quorumWaitMs: options.quorumWaitMs ?? 5_000,
  };
  const problems = problemsOf(options, config);
  if (problems.length === 0) {
    return Object.freeze({ ...config, admission: admissionConfig(options, listen) });
  }
  const lines = problems.map(
    ({ path, expected, got }) => `${path} must be ${expected}, got ${got}`,
  );
  throw new MeshError("MESH_VALUE_INVALID", lines.join("; "), { details: { problems } });
}

interface Problem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

function problemsOf(options: JoinOptions, config: Omit<JoinConfig, "admission">): Problem[] {
  const problems: Problem[] = [...admissionProblems(options)];
  const known = new Set(OPTION_NAMES);
  for (const name of Object.keys(options)) {
    if (!known.has(name)) problems.push({ path: name, expected: "a known option", got: "unknown" });
  }
  const { transport } = config;
  const check = (path: keyof typeof config, holds: boolean, expected: string): void => {
    if (!holds) problems.push({ path, expected, got: JSON.stringify(config[path]) ?? "nothing" });
  };
  const label = (text: unknown): boolean =>
    typeof text === "string" && text.length >= 1 && new TextEncoder().encode(text).length <= 64;
  const list = (value: unknown): boolean =>
    Array.isArray(value) && value.length <= 64 && value.every((item) => typeof item === "string");
  const between = (value: unknown, low: number, high: number): boolean =>
    typeof value === "number" && value >= low && value <= high;
  check("seeds", list(config.seeds), "at most 64 strings");
  check("mesh", label(config.mesh), "1 to 64 bytes of text");
  check("transport", ["quic", "tcp", "memory"].includes(transport), "quic, tcp or memory");
  check("listen", list(config.listen) && config.listen.length > 0, "1 to 64 multiaddrs");
  check("region", label(config.region ?? "local"), "1 to 64 bytes of text");
  check("zone", label(config.zone ?? "local"), "1 to 64 bytes of text");
  check("dataDir", config.dataDir === undefined || config.dataDir !== "", "a path");
  const placed = config.store === "memory" || config.dataDir !== undefined;
  check("store", ["sqlite", "memory"].includes(config.store) && placed, STORE_EXPECTED);
  const whole = Number.isInteger(config.fanout);
  check("fanout", whole && between(config.fanout, 1, 64), "a whole number from 1 to 64");
  check("roundIntervalMs", between(config.roundIntervalMs, 10, 60_000), "10 to 60,000");
  const share = config.convergenceThreshold;
  check("convergenceThreshold", between(share, 0, 1) && share > 0, "above 0, at most 1");
  check("batchDelayMs", between(config.batchDelayMs, 0, 100), "0 to 100");
  check("reputationThreshold", between(config.reputationThreshold, 0, 1), "0 to 1");
  check("rateLimitPerPeer", between(config.rateLimitPerPeer, 100, 1_000_000), "100 to 1,000,000");
  const rss = between(config.rssBytesMax, RSS_BYTES_MIN, Number.MAX_SAFE_INTEGER);
  check("rssBytesMax", rss, "67,108,864 or more");
  const size = Number.isInteger(config.viewSize) && between(config.viewSize, 3, 128);
  check("viewSize", size, "a whole number from 3 to 128");
  const mode = ["read-only", "available"].includes(config.whenPartitioned);
  check("whenPartitioned", mode, "read-only or available");
  check("allowAlone", typeof config.allowAlone === "boolean", "true or false");
  check("quorumWaitMs", between(config.quorumWaitMs, 0, 600_000), "0 to 600,000");
  return problems;
}

/** A node alone takes more. */
const RSS_BYTES_MIN = 64 * 1024 * 1024;
const STORE_EXPECTED = "memory, or sqlite with a dataDir";

const DEFAULT_LISTEN: Readonly<Record<string, string>> = {
  quic: "/ip4/127.0.0.1/udp/0/quic-v1",
  tcp: "/ip4/127.0.0.1/tcp/0",
};

const OPTION_NAMES: readonly string[] = [
  "seeds",
  "mesh",
  "transport",
  "listen",
  "region",
  "zone",
  "dataDir",
  "store",
  "fanout",
  "roundIntervalMs",
  "convergenceThreshold",
  "batchDelayMs",
  "reputationThreshold",
  "rateLimitPerPeer",
  "rssBytesMax",
  "viewSize",
  "whenPartitioned",
  "allowAlone",
  "quorumWaitMs",
  "admission",
  "authority",
  "certificate",
  "certRotationHours",
  "keyRotationHours",
  "signal",
];
