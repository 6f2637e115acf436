/** `status`: how a running node sees itself and its peers. */
import type { Command } from "commander";
import type {
  AdmissionStatus,
  MeshStatus,
  PeerStatus,
  StoreStatus,
} from "../../node/api/mesh-status.ts";
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
  const { members, reachable, quorum, converged, entries, deltas, full, agents } = status;
  const rows: readonly (readonly [string, string])[] = [
    ["node", status.peerId],
    ["mesh", `${status.mesh} (${status.transport})`],
    ["health", status.readOnly ? `${status.health}, read-only` : status.health],
    ["members", `${members} known, ${reachable} reachable, quorum ${quorum}`],
    ["gossip", formatGossip(status)],
    ["root", `${status.root.slice(0, 16)} ${converged ? "converged" : "not converged"}`],
    [
      "state",
      `${entries} entries, ${deltas} recent deltas${full ? "; FULL: deltas are refused" : ""}`,
    ],
    ["store", formatStore(status.store)],
    ...formatExpunged(status),
    ["admission", formatAdmission(status.admission)],
    ["agents", agents.length === 0 ? "none" : agents.join(", ")],
    ...status.addresses.map((address, index) => [index === 0 ? "listens" : "", address] as const),
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(10)}${value}`);
  if (status.peers.length === 0) return lines.join("\n");
  return [...lines, "", PEER_HEADING, ...status.peers.map(formatPeer)].join("\n");
}

function formatGossip({ gossip, links, suspected, unreachable }: MeshStatus): string {
  const { rttMs, fanout, announceDelayMs, graftDelayMs, partialView } = gossip;
  const times = `rtt ${rttMs.toFixed(1)}, announce ${announceDelayMs.toFixed(0)}, graft ${graftDelayMs.toFixed(0)} ms`;
  const view = `${links} links${partialView ? " of a partial view" : ""}, fanout ${fanout}`;
  const silent = suspected + unreachable;
  return `${view}, ${times}${silent === 0 ? "" : `, ${silent} silent`}`;
}

function formatStore({ kind, durable, path, quarantined }: StoreStatus): string {
  const where = path === undefined ? "" : ` in ${path}`;
  const what = `${kind} (${durable ? "durable" : "not durable"})${where}`;
  return quarantined === undefined ? what : `${what}; a damaged one is in ${quarantined}`;
}

/** Nothing while nobody is expunged. */
function formatExpunged({ proofs, revoked }: MeshStatus): (readonly [string, string])[] {
  const liars = proofs.map(
    ({ author }) => `${author.slice(0, 12)} has signed two histories: knhk-mesh proof list`,
  );
  const others = revoked.map((node) => `${node.slice(0, 12)} is revoked`);
  return [...liars, ...others].map((text, index) => [index === 0 ? "expunged" : "", text]);
}

function formatAdmission(admission: AdmissionStatus): string {
  if (admission.mode === "open") return "open";
  const until = new Date(admission.notAfter).toISOString();
  const due = admission.due ? ", to be renewed" : "";
  return `by certificate; own valid until ${until}${due}`;
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
