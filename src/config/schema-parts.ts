/**
 * The pieces of the topology schema: scalars with their limits and the sections that topologies
 * share. Keys are spelled as in YAML.
 *
 * Every check carries one sentence that says what is accepted; it is the `expected` of a problem
 * and never names the found value. Every key's meaning, unit and default is in its description,
 * which editors show (JSON Schema is generated from here).
 */
import { z } from "zod";
import {
  HOST_PORT_PATTERN,
  PORT_MAX,
  parseHostPort,
  parseRange,
  RANGE_PATTERN,
} from "./notation.ts";

/** Limits of a topology file. Sources: the deployment topologies (003); otherwise a generous guess. */
export const AGENT_COUNT_MAX = 1_000_000;
const FANOUT_MAX = 128; // 003 goes to 100
const INTERVAL_MS_MIN = 10;
const INTERVAL_MS_MAX = 60_000;
export const REGIONS_MAX = 64;
const ZONES_MAX = 16;
export const SEEDS_MAX = 64;
/** Fewer, and the probes and rounds of an honest peer could count as a flood. */
const RATE_LIMIT_MIN = 100;
const RATE_LIMIT_MAX = 1_000_000;
const ROTATION_HOURS_MAX = 720;
const BATCH_OPERATIONS_MAX = 256; // a delta closes there (docs/ARCHITECTURE.md)
export const FAILOVER_HEARTBEATS_MIN = 5;

/** Names of the dashboards that `observability.dashboards` may list. */
export const DASHBOARDS = ["global_overview", "regional_health", "edge_performance"] as const;

/** What stands for an absent key (README, C13). */
export const DEFAULTS = {
  convergenceThreshold: 0.99,
  certRotationHours: 24,
  keyRotationHours: 24,
  port: 9000,
} as const;

type Shape = Readonly<Record<string, z.ZodType>>;

/** A mapping whose unknown keys are errors that name the known ones. */
export function section<const S extends Shape>(shape: S) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `one of the keys ${keys}` : `a mapping with ${keys}`,
  });
}

/** A list with a bounded length. */
export function listOf<T extends z.ZodType>(item: T, min: number, max: number, of: string) {
  const count = min === max ? `exactly ${min}` : `${min} to ${max}`;
  const error = `a list of ${count} ${of}`;
  return z.array(item, { error }).min(min, { error }).max(max, { error });
}

/** An integer in an inclusive range. */
export function integer(min: number, max: number, unit: string) {
  const error = `an integer from ${min} to ${max} (${unit})`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** One fixed value. */
export function only<const V extends string | number | boolean>(value: V, reason?: string) {
  const because = reason === undefined ? "" : ` (${reason})`;
  return z.literal(value, { error: `${value}${because}` });
}

export function flag() {
  return z.boolean({ error: "true or false" });
}

/** `10-100` or one integer, to an inclusive {min, max}. */
export function countRange(max: number, unit: string) {
  const error = `an integer or a range like 10-100, from 1 to ${max} (${unit})`;
  return z
    .union([z.int({ error }).min(1, { error }).max(max, { error }), rangeText(error)], { error })
    .transform((value, context) => {
      const range = parseRange(value);
      if (range !== undefined && range.min >= 1 && range.max <= max) return range;
      context.issues.push({ code: "custom", message: error, input: value });
      return z.NEVER;
    });
}

/** `8000-8100`, to an inclusive {min, max}. */
export function portRange() {
  const error = `a range like 8000-8100, from 1 to ${PORT_MAX} (ports)`;
  return rangeText(error).transform((value, context) => {
    const range = parseRange(value);
    if (range !== undefined && range.min >= 1 && range.max <= PORT_MAX) return range;
    context.issues.push({ code: "custom", message: error, input: value });
    return z.NEVER;
  });
}

/** `host:port`, to {host, port}. */
export function hostPort() {
  const error = "host:port, such as mesh-seed-1.internal:9000 or [::1]:9000";
  return z
    .string({ error })
    .regex(HOST_PORT_PATTERN, { error })
    .transform((value, context) => {
      const parsed = parseHostPort(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: "custom", message: error, input: value });
      return z.NEVER;
    });
}

export function port() {
  return integer(1, PORT_MAX, "port").describe("Listen port. Default 9000.");
}

/** Region and zone names: they become labels and attribute values. */
function placeName() {
  const error = "a name of 1 to 63 lower-case letters, digits and inner hyphens";
  return z.string({ error }).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error });
}

export function fanout() {
  return integer(1, FANOUT_MAX, "peers a round").describe("Peers contacted in a round.");
}

export function intervalMs() {
  return integer(INTERVAL_MS_MIN, INTERVAL_MS_MAX, "ms").describe(
    "Repair period in ms; local changes do not wait for it.",
  );
}

export function convergenceThreshold() {
  const error = "a number above 0 and at most 1 (share of peers)";
  return z
    .number({ error })
    .gt(0, { error })
    .lte(1, { error })
    .default(DEFAULTS.convergenceThreshold)
    .describe("Share of recent peers that must show the own root. Default 0.99.");
}

export function rateLimitPerPeer() {
  return integer(RATE_LIMIT_MIN, RATE_LIMIT_MAX, "frames per second").describe(
    "Frames per second taken from one peer; byte and operation budgets derive from it.",
  );
}

/** One region of a topology, with keys that only some topologies have. */
export function region<const S extends Shape>(extra: S) {
  const location = "a label of 1 to 128 characters";
  return section({
    name: placeName().describe("Name of the region; unique in the file."),
    location: z
      .string({ error: location })
      .min(1, { error: location })
      .max(128, { error: location })
      .describe("Label of the place; cloud.region attribute and row of the latency table."),
    zones: listOf(placeName(), 1, ZONES_MAX, "zone names")
      .optional()
      .describe("Zones of the region; seeds, voters, leaders and random links spread over them."),
    agents: countRange(AGENT_COUNT_MAX, "agents").describe(
      "Population for the demo and the simulator.",
    ),
    ...extra,
  });
}

/** The network outside flat_mesh: QUIC with TLS 1.3, always. */
export function secureNetwork() {
  return section({
    transport: only("QUIC", "TCP is for flat_mesh").describe("Link transport."),
    tls: only(true, "required outside flat_mesh").describe("TLS on every link."),
    cert_rotation_hours: rotationHours("cert").describe(
      "Hours between renewals of the membership certificate. Default 24.",
    ),
    port: port().default(DEFAULTS.port),
    global_accelerator: flag()
      .default(false)
      .describe("Announce a configured anycast address as well; direct addresses are preferred."),
    compression: z
      .enum(["none", "zstd"], { error: "none or zstd" })
      .default("none")
      .describe("Compression of frames between regions and levels. Default none."),
    batching: flag().default(false).describe("Close deltas at batch_size operations."),
    batch_size: integer(1, BATCH_OPERATIONS_MAX, "operations")
      .optional()
      .describe("Operations that close a delta; only with batching: true."),
  });
}

/** Security outside flat_mesh. No key of it is ever ignored (see missing.ts). */
export function security() {
  const threshold = "a number above 0 and below 1 (reputation)";
  return section({
    mtls: only(true, "required outside flat_mesh").describe(
      "Both ends of a link prove who they are.",
    ),
    signature_algo: only("ed25519").describe("Algorithm of every signature."),
    rate_limit_per_peer: rateLimitPerPeer(),
    byzantine_threshold: z
      .number({ error: threshold })
      .gt(0, { error: threshold })
      .lt(1, { error: threshold })
      .describe("Peers with a reputation below it are ignored."),
    encryption: only("AES-256-GCM")
      .optional()
      .describe("Cipher of snapshots and the store at rest; absent means unencrypted."),
    key_rotation_hours: rotationHours("key").describe(
      "Hours after which a link is replaced by one with new session keys. Default 24.",
    ),
  });
}

/** Telemetry outside flat_mesh, with the keys that name the own region's collector. */
export function observability<const S extends Shape>(extra: S) {
  const rate = "a number from 0 to 1 (share of traces)";
  return section({
    ...extra,
    trace_sample_rate: z
      .number({ error: rate })
      .gte(0, { error: rate })
      .lte(1, { error: rate })
      .describe("Share of rounds that are traced."),
    metrics_interval_sec: integer(1, 3600, "seconds").describe("Seconds between metric exports."),
  });
}

/** One collector per region: a list of single-key mappings or one mapping, to a list. */
export function otelEndpoints() {
  const error = "a mapping, or a list of one-key mappings, from region name to host:port";
  const one = z.record(placeName(), hostPort(), { error });
  const single = one.refine((entry) => Object.keys(entry).length === 1, {
    error: "exactly one key",
  });
  return z
    .union([z.array(single, { error }).min(1, { error }).max(REGIONS_MAX, { error }), one], {
      error,
    })
    .transform((value) =>
      (Array.isArray(value) ? value : [value])
        .flatMap((entry) => Object.entries(entry))
        .map(([name, endpoint]) => ({ region: name, ...endpoint })),
    );
}

function rangeText(error: string) {
  return z.string({ error }).regex(RANGE_PATTERN, { error });
}

function rotationHours(kind: "cert" | "key") {
  const value = kind === "cert" ? DEFAULTS.certRotationHours : DEFAULTS.keyRotationHours;
  return integer(1, ROTATION_HOURS_MAX, "hours").default(value);
}
