/** Local agents: opening and closing them, and keeping their claims in the directory. */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import { type CommandResult, refusedCommand } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { closeOpenDelta, write } from "../state/local-writes.ts";
import { AGENT_NAME_BYTES_MAX } from "../wire/message.ts";
import {
  AGENTS_COLLECTION,
  CAPABILITIES_MAX,
  CAPABILITY_BYTES_MAX,
  claimKey,
  encodeClaim,
} from "./directory.ts";

/** The directory's values are JSON. */
const CODEC_JSON = 1;

export function openAgent(
  core: CoreState,
  name: string,
  capabilities: readonly string[],
  now: Now,
): CommandResult {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes === 0 || bytes > AGENT_NAME_BYTES_MAX || name.includes("@")) {
    const expected = `1 to ${AGENT_NAME_BYTES_MAX} bytes without "@"`;
    return refusedCommand("MESH_KEY_INVALID", `agent name must be ${expected}`, {
      expected,
      got: name,
    });
  }
  const long = capabilities.find((text) => text.length === 0 || text.length > CAPABILITY_BYTES_MAX);
  if (capabilities.length > CAPABILITIES_MAX || long !== undefined) {
    const expected = `at most ${CAPABILITIES_MAX} of 1 to ${CAPABILITY_BYTES_MAX} characters`;
    return refusedCommand("MESH_VALUE_INVALID", `capabilities must be ${expected}`, {
      expected,
      got: long ?? capabilities.length,
    });
  }
  settleClaim(core, name, now);
  const holder = core.directory.resolve(name);
  if (core.inboxes.has(name) || holder !== undefined) {
    const node = holder?.node ?? core.config.nodeId;
    return refusedCommand("MESH_AGENT_NAME_TAKEN", `agent "${name}" lives on another node`, {
      name,
      node,
    });
  }
  if (!core.inboxes.open(name)) {
    return refusedCommand("MESH_AGENT_LIMIT", "this node hosts as many agents as it may");
  }
  const claimed = claim(core, name, capabilities, now);
  if (claimed.kind === "refused") core.inboxes.close(name);
  return claimed;
}

export function closeAgent(core: CoreState, name: string, now: Now): CommandResult {
  if (!core.inboxes.has(name)) return { kind: "done" };
  core.inboxes.close(name);
  const key = claimKey(name, core.config.nodeId);
  return write(core, { op: "map.delete", collection: AGENTS_COLLECTION, key }, now);
}

/** Puts what this node has just said of a name into the directory: own reads see own writes. */
export function settleClaim(core: CoreState, name: string, now: Now): void {
  const key = claimKey(name, core.config.nodeId);
  if (core.writes.touches(TYPE_MAP, AGENTS_COLLECTION, key)) closeOpenDelta(core, now);
}

/** Writes all claims again, for a new epoch of this node. */
export function renewClaims(core: CoreState, now: Now): void {
  for (const name of core.inboxes.agents) {
    const key = claimKey(name, core.config.nodeId);
    const capabilities = core.directory.capabilitiesAt(key);
    claim(core, name, capabilities, now);
  }
}

function claim(
  core: CoreState,
  name: string,
  capabilities: readonly string[],
  now: Now,
): CommandResult {
  const value = encodeClaim({ epoch: core.epoch, capabilities });
  const key = claimKey(name, core.config.nodeId);
  return write(
    core,
    { op: "map.set", collection: AGENTS_COLLECTION, key, codec: CODEC_JSON, value },
    now,
  );
}
