/** From a single-region file and flags to the options of Mesh.join: always by certificate. */
import { CAPABILITIES } from "../../config/missing.ts";
import { type SingleRegionConfig, toRegionSettings } from "../../config/region-settings.ts";
import { MeshError } from "../../errors.ts";
import type { JoinOptions } from "../../node/api/join-options.ts";
import { requestError } from "../control/protocol.ts";
import { isOwn, LISTEN_ADDRESSES_MAX, listenAddresses, seedText } from "./ports-and-seeds.ts";

/**
 * @param given what the flags say; it wins over the file, but never opens the mesh.
 * @throws MeshError MESH_CERTIFICATE_REQUIRED without an authority, MESH_CONTROL_REQUEST for a flag
 *   that the file's security forbids.
 */
export function regionOptions(
  config: SingleRegionConfig,
  given: JoinOptions,
  flags: { readonly local?: number },
): JoinOptions {
  if (given.admission === "open") {
    throw requestError("--admission open: the file's security.mtls asks for certificates");
  }
  if (given.transport === "tcp") throw requestError("--transport tcp: the file asks for QUIC");
  if (given.authority === undefined) {
    throw new MeshError(
      "MESH_CERTIFICATE_REQUIRED",
      "security.mtls: name the authority that certifies this mesh's nodes with --authority",
    );
  }
  const settings = toRegionSettings(config);
  const { region, fanout, roundIntervalMs, convergenceThreshold, seeds } = settings;
  const { reputationThreshold, certRotationHours, keyRotationHours, port } = settings;
  const isLocal = flags.local !== undefined;
  const portMax = isLocal ? Math.min(port + LISTEN_ADDRESSES_MAX - 1, PORT_MAX) : port;
  const ports = { portMin: port, portMax, transport: "quic" } as const;
  return {
    mesh: settings.meshName,
    transport: "quic",
    region,
    fanout,
    roundIntervalMs,
    convergenceThreshold,
    reputationThreshold,
    certRotationHours,
    keyRotationHours,
    ...rateLimit(settings.rateLimitPerPeer),
    seeds: isLocal ? [] : seeds.map(seedText),
    listen: listenAddresses(isLocal ? "127.0.0.1" : "0.0.0.0", ports),
    allowAlone: seeds.some((seed) => isOwn(seed, ports)),
    ...given,
    admission: "certificate",
  };
}

/** Without the capability the file has been refused before it comes here. */
function rateLimit(rateLimitPerPeer: number): object {
  return CAPABILITIES.has("rate_limit_per_peer") ? { rateLimitPerPeer } : {};
}

const PORT_MAX = 65_535;
