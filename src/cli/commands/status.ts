/** `status`: how a running node sees itself and its peers. */
import type { Command } from "commander";
import type { MeshStatus, PeerStatus, StoreStatus } from "../../node/api/mesh-status.ts";
import { callNode } from "../control/client.ts";
import { type ClientFlags, clientCommand, outputOf } from "./client-command.ts";

export function statusCommand(): Command {
  return clientCommand("status", "Show a running node: health, members, root, peers").action(
    async (flags: ClientFlags) => {
      const status = (await callNode(flags.dataDir, "status")) as MeshStatus;
      outputOf(flags).result(status, formatStatus(status));
    },
  );
}

/** For people, in 80 columns. */
function formatStatus(status: MeshStatus): string {
  const { members, reachable, quorum, converged, entries, deltas, agents } = status;
  const rows: readonly (readonly [string, string])[] = [
    ["node", status.peerId],
    ["mesh", `${status.mesh} (${status.transport})`],
    ["health", status.health],
    ["members", `${members} known, ${reachable} reachable, quorum ${quorum}`],
    ["root", `${status.root.slice(0, 16)} ${converged ? "converged" : "not converged"}`],
    ["state", `${entries} entries, ${deltas} recent deltas`],
    ["store", formatStore(status.store)],
    ["agents", agents.length === 0 ? "none" : agents.join(", ")],
    ...status.addresses.map((address, index) => [index === 0 ? "listens" : "", address] as const),
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(9)}${value}`);
  if (status.peers.length === 0) return lines.join("\n");
  return [...lines, "", PEER_HEADING, ...status.peers.map(formatPeer)].join("\n");
}

function formatStore({ kind, durable, path, quarantined }: StoreStatus): string {
  const where = path === undefined ? "" : ` in ${path}`;
  const what = `${kind} (${durable ? "durable" : "not durable"})${where}`;
  return quarantined === undefined ? what : `${what}; a damaged one is in ${quarantined}`;
}

function formatPeer(peer: PeerStatus): string {
  const rtt = peer.rttMs === undefined ? "-" : peer.rttMs.toFixed(1);
  const cells = [
    peer.nodeId.slice(0, 12).padEnd(13),
    rtt.padStart(7),
    peer.reputation.toFixed(2).padStart(6),
    String(peer.framesSent).padStart(9),
    String(peer.framesReceived).padStart(9),
    String(peer.framesDropped).padStart(8),
    `  ${peer.suite}`,
  ];
  return cells.join("");
}

const PEER_HEADING = "peer          rtt ms  trust     sent received dropped  link";
