/** From a topology file and flags to the options of Mesh.join. A flag wins over the file. */
import { assertStartable, startWarnings } from "../../config/missing.ts";
import { type NodeSettings, toNodeSettings } from "../../config/node-settings.ts";
import { isLoopbackHost } from "../../config/notation.ts";
import { MeshError } from "../../errors.ts";
import type { JoinOptions } from "../../node/api/join-options.ts";
import { isInside } from "../../node/security/admission-options.ts";
import { requestError } from "../control/protocol.ts";
import { isOwn, listenAddresses, seedText } from "./ports-and-seeds.ts";
import { regionOptions } from "./region-options.ts";

export interface NodeFlags {
  readonly seed?: readonly string[];
  readonly listen?: readonly string[];
  readonly transport?: string;
  readonly mesh?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly whenPartitioned?: string;
  readonly authority?: string;
  readonly certificate?: string;
  readonly admission?: string;
  readonly local?: number;
}

export interface StartOptions {
  readonly options: JoinOptions;
  readonly warnings: readonly string[];
}

/**
 * @throws MeshError MESH_CONFIG_FILE, MESH_CONFIG_INVALID, MESH_CONFIG_UNSUPPORTED for the file,
 *   MESH_CONTROL_REQUEST for the flags, MESH_CERTIFICATE_REQUIRED when the file asks for certificates
 *   and no authority is named.
 */
export async function startOptions(
  flags: NodeFlags,
  file: string | undefined,
): Promise<StartOptions> {
  const given = fromFlags(flags);
  if (file === undefined) return { options: given, warnings: outsideWarnings(given) };
  // Loaded here only: no other command needs the schema and its YAML reader.
  const { loadTopology } = await import("../../config/topology.ts");
  const config = await loadTopology(file);
  assertStartable(config);
  if (config.topology === "single_region_mesh") {
    return { options: regionOptions(config, given, flags), warnings: startWarnings(config) };
  }
  if (config.topology !== "flat_mesh") {
    throw new MeshError("MESH_CONFIG_UNSUPPORTED", `${config.topology} cannot be started`, {
      details: { topology: config.topology },
    });
  }
  const transport = given.transport ?? undefined;
  const settings = toNodeSettings(config, flags.mesh === undefined ? {} : { meshName: flags.mesh });
  const options = {
    ...fromSettings(transport === undefined ? settings : { ...settings, transport }, flags),
    ...(config.security === undefined ? {} : { admission: config.security.admission }),
    ...given,
  };
  const certified = options.authority !== undefined;
  return {
    options: certified ? { ...options, admission: "certificate" } : options,
    warnings: [...startWarnings(config, certified), ...outsideWarnings(options)],
  };
}

function fromFlags(flags: NodeFlags): JoinOptions & { readonly transport?: "quic" | "tcp" } {
  const { seed, listen, transport, mesh, region, zone, local, whenPartitioned } = flags;
  const { authority, certificate, admission } = flags;
  if (admission !== undefined && admission !== "open" && admission !== "certificate") {
    throw requestError(`--admission must be open or certificate, got "${admission}"`);
  }
  if (transport !== undefined && transport !== "quic" && transport !== "tcp") {
    throw requestError(`--transport must be quic or tcp, got "${transport}"`);
  }
  if (whenPartitioned !== undefined && !isPartitionMode(whenPartitioned)) {
    throw requestError(
      `--when-partitioned must be read-only or available, got "${whenPartitioned}"`,
    );
  }
  if (local !== undefined && (seed !== undefined || listen !== undefined)) {
    throw requestError("--local takes the place of --seed and --listen");
  }
  return {
    ...(seed === undefined ? {} : { seeds: seed }),
    ...(listen === undefined ? {} : { listen }),
    ...(transport === undefined ? {} : { transport }),
    ...(mesh === undefined ? {} : { mesh }),
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(whenPartitioned === undefined ? {} : { whenPartitioned }),
    ...(authority === undefined ? {} : { authority }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(admission === undefined ? {} : { admission }),
  };
}

function isPartitionMode(text: string): text is "read-only" | "available" {
  return text === "read-only" || text === "available";
}

function fromSettings(settings: NodeSettings, flags: NodeFlags): JoinOptions {
  const { meshName: mesh, transport, region, zone, fanout } = settings;
  const { roundIntervalMs, convergenceThreshold, seeds, rateLimitPerPeer } = settings;
  const local = flags.local !== undefined;
  const hosts = seeds.map(({ host }) => host);
  const inside = local || settings.loopbackOnly || hosts.every((host) => isLoopbackHost(host));
  return {
    mesh,
    transport,
    region,
    zone,
    fanout,
    roundIntervalMs,
    convergenceThreshold,
    ...(rateLimitPerPeer === undefined ? {} : { rateLimitPerPeer }),
    ...(settings.available ? { whenPartitioned: "available" } : {}),
    seeds: local ? [] : seeds.map(seedText),
    listen: listenAddresses(inside ? "127.0.0.1" : "0.0.0.0", settings),
    // A seed of the file may come first; every other node must find one.
    allowAlone: seeds.some((seed) => isOwn(seed, settings)),
  };
}

function outsideWarnings({ listen = [], admission }: JoinOptions): readonly string[] {
  const outside = listen.find((address) => !isInside(address));
  if (outside === undefined || admission !== "open") return [];
  return [`${outside} can be reached from outside, and every host that does may join`];
}
