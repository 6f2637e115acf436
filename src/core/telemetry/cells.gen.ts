// Generated from registry/mesh-networking-schema.yaml by npm run gen; do not edit.

/** Slots of the array that holds every cell. */
export const CELL_SLOTS = 257;

/** First slot of every cell: one per metric and attribute combination. */
export const CELLS = {
  peerCount: 0,
  peerActive: 1,
  peerByzantine: 2,
  peerReputationMin: 3,
  peerReputationMean: 4,
  peerRtt: 5,
  peerSelectionsRandom: 17,
  peerSelectionsNearest: 18,
  peerSelectionsHybrid: 19,
  peerSelectionsRegion: 20,
  peerSelectionLatency: 21,
  peerProbes: 30,
  peerSilences: 31,
  peerSuspicions: 32,
  peerConvictions: 33,
  peerRefutations: 34,
  peerDepartures: 35,
  gossipRounds: 36,
  gossipFanout: 37,
  gossipLatency: 38,
  gossipMessagesPushTransmit: 47,
  gossipMessagesPushReceive: 48,
  gossipMessagesPullTransmit: 49,
  gossipMessagesPullReceive: 50,
  gossipMessagesDeltaTransmit: 51,
  gossipMessagesDeltaReceive: 52,
  gossipConvergence: 53,
  gossipConvergenceRounds: 67,
  gossipCheckLatency: 79,
  repairRequestsTransmit: 88,
  repairRequestsReceive: 89,
  messageValidated: 90,
  messageRejectedMalformed: 91,
  messageRejectedVersion: 92,
  messageRejectedOversized: 93,
  messageRejectedSignature: 94,
  messageRejectedCertificate: 95,
  messageRejectedUnknownSender: 96,
  messageRejectedTimestamp: 97,
  messageRejectedOrphanLimit: 98,
  messageRejectedReputation: 99,
  messageRejectedMesh: 100,
  messageRejectedRate: 101,
  messageRejectedTrailing: 102,
  messageRejectedOther: 103,
  messageLatency: 104,
  messageThroughput: 113,
  deltaProcessedApplied: 114,
  deltaProcessedHeld: 115,
  deltaProcessedPassed: 116,
  deltaProcessedFilled: 117,
  deltaProcessedOrphaned: 118,
  deltaProcessedForked: 119,
  deltaProcessedUncertified: 120,
  deltaProcessedBadSignature: 121,
  deltaProcessedMalformed: 122,
  deltaProcessedEnded: 123,
  deltaProcessedDuplicate: 124,
  deltaProcessedFull: 125,
  logDropped: 126,
  stateOperationsLocal: 127,
  stateOperationsRemote: 128,
  stateEntries: 129,
  stateMergeLatency: 130,
  admissionRefusedMissing: 139,
  admissionRefusedMalformed: 140,
  admissionRefusedMesh: 141,
  admissionRefusedKey: 142,
  admissionRefusedIssuer: 143,
  admissionRefusedSignature: 144,
  admissionRefusedQuorum: 145,
  admissionRefusedRole: 146,
  admissionRefusedNotYetValid: 147,
  admissionRefusedExpired: 148,
  admissionRefusedByPeer: 149,
  securitySignatureLatencyCold: 150,
  securitySignatureLatencyAmortised: 159,
  byzantineDetectionsEquivocation: 168,
  byzantineDetectionsInvalidSignature: 169,
  byzantineDetectionsMalformedDelta: 170,
  byzantineDetectionsForgedTime: 171,
  byzantineDetectionsFlooding: 172,
  proofRefusedRate: 173,
  proofRefusedFull: 174,
  tickOverrunsMessage: 175,
  tickOverrunsSignature: 176,
  tickOverrunsSelection: 177,
  tickOverrunsMerge: 178,
  tickOverrunsCheck: 179,
  partitionDetections: 180,
  partitionReachablePeers: 181,
  partitionQuorumSize: 182,
  partitionRecovery: 183,
  topologyRebalances: 194,
  topologyClusters: 195,
  networkIoTransmit: 196,
  networkIoReceive: 197,
  linkRefusedLinksMax: 198,
  linkRefusedHostLinks: 199,
  linkRefusedHostRate: 200,
  linkRefusedMemory: 201,
  linkRefusedPeerRefused: 202,
  linkRefusedFraming: 203,
  linkRefusedOther: 204,
  queueUsageControl: 205,
  queueUsageState: 206,
  queueUsageMessage: 207,
  queueDropsControlFull: 208,
  queueDropsControlSuperseded: 209,
  queueDropsControlTooLarge: 210,
  queueDropsControlClosed: 211,
  queueDropsStateFull: 212,
  queueDropsStateSuperseded: 213,
  queueDropsStateTooLarge: 214,
  queueDropsStateClosed: 215,
  queueDropsMessageFull: 216,
  queueDropsMessageSuperseded: 217,
  queueDropsMessageTooLarge: 218,
  queueDropsMessageClosed: 219,
  hierarchyAgentsEdge: 220,
  hierarchyAgentsAggregator: 221,
  hierarchyAgentsCoordinator: 222,
  hierarchyAggregationEdge: 223,
  hierarchyAggregationAggregator: 234,
  hierarchyAggregationCoordinator: 245,
  hierarchyStateSize: 256,
} as const;

/** Cells of a metric with attributes, by attribute values in registry order. */
export const CELLS_BY = {
  peerReputation: { min: CELLS.peerReputationMin, mean: CELLS.peerReputationMean },
  peerSelections: { random: CELLS.peerSelectionsRandom, nearest: CELLS.peerSelectionsNearest, hybrid: CELLS.peerSelectionsHybrid, region: CELLS.peerSelectionsRegion },
  gossipMessages: { push: { transmit: CELLS.gossipMessagesPushTransmit, receive: CELLS.gossipMessagesPushReceive }, pull: { transmit: CELLS.gossipMessagesPullTransmit, receive: CELLS.gossipMessagesPullReceive }, delta: { transmit: CELLS.gossipMessagesDeltaTransmit, receive: CELLS.gossipMessagesDeltaReceive } },
  repairRequests: { transmit: CELLS.repairRequestsTransmit, receive: CELLS.repairRequestsReceive },
  messageRejected: { malformed: CELLS.messageRejectedMalformed, version: CELLS.messageRejectedVersion, oversized: CELLS.messageRejectedOversized, signature: CELLS.messageRejectedSignature, certificate: CELLS.messageRejectedCertificate, unknown_sender: CELLS.messageRejectedUnknownSender, timestamp: CELLS.messageRejectedTimestamp, orphan_limit: CELLS.messageRejectedOrphanLimit, reputation: CELLS.messageRejectedReputation, mesh: CELLS.messageRejectedMesh, rate: CELLS.messageRejectedRate, trailing: CELLS.messageRejectedTrailing, other: CELLS.messageRejectedOther },
  deltaProcessed: { applied: CELLS.deltaProcessedApplied, held: CELLS.deltaProcessedHeld, passed: CELLS.deltaProcessedPassed, filled: CELLS.deltaProcessedFilled, orphaned: CELLS.deltaProcessedOrphaned, forked: CELLS.deltaProcessedForked, uncertified: CELLS.deltaProcessedUncertified, bad_signature: CELLS.deltaProcessedBadSignature, malformed: CELLS.deltaProcessedMalformed, ended: CELLS.deltaProcessedEnded, duplicate: CELLS.deltaProcessedDuplicate, full: CELLS.deltaProcessedFull },
  stateOperations: { local: CELLS.stateOperationsLocal, remote: CELLS.stateOperationsRemote },
  admissionRefused: { missing: CELLS.admissionRefusedMissing, malformed: CELLS.admissionRefusedMalformed, mesh: CELLS.admissionRefusedMesh, key: CELLS.admissionRefusedKey, issuer: CELLS.admissionRefusedIssuer, signature: CELLS.admissionRefusedSignature, quorum: CELLS.admissionRefusedQuorum, role: CELLS.admissionRefusedRole, not_yet_valid: CELLS.admissionRefusedNotYetValid, expired: CELLS.admissionRefusedExpired, by_peer: CELLS.admissionRefusedByPeer },
  securitySignatureLatency: { cold: CELLS.securitySignatureLatencyCold, amortised: CELLS.securitySignatureLatencyAmortised },
  byzantineDetections: { equivocation: CELLS.byzantineDetectionsEquivocation, invalid_signature: CELLS.byzantineDetectionsInvalidSignature, malformed_delta: CELLS.byzantineDetectionsMalformedDelta, forged_time: CELLS.byzantineDetectionsForgedTime, flooding: CELLS.byzantineDetectionsFlooding },
  proofRefused: { rate: CELLS.proofRefusedRate, full: CELLS.proofRefusedFull },
  tickOverruns: { message: CELLS.tickOverrunsMessage, signature: CELLS.tickOverrunsSignature, selection: CELLS.tickOverrunsSelection, merge: CELLS.tickOverrunsMerge, check: CELLS.tickOverrunsCheck },
  networkIo: { transmit: CELLS.networkIoTransmit, receive: CELLS.networkIoReceive },
  linkRefused: { links_max: CELLS.linkRefusedLinksMax, host_links: CELLS.linkRefusedHostLinks, host_rate: CELLS.linkRefusedHostRate, memory: CELLS.linkRefusedMemory, peer_refused: CELLS.linkRefusedPeerRefused, framing: CELLS.linkRefusedFraming, other: CELLS.linkRefusedOther },
  queueUsage: { control: CELLS.queueUsageControl, state: CELLS.queueUsageState, message: CELLS.queueUsageMessage },
  queueDrops: { control: { full: CELLS.queueDropsControlFull, superseded: CELLS.queueDropsControlSuperseded, too_large: CELLS.queueDropsControlTooLarge, closed: CELLS.queueDropsControlClosed }, state: { full: CELLS.queueDropsStateFull, superseded: CELLS.queueDropsStateSuperseded, too_large: CELLS.queueDropsStateTooLarge, closed: CELLS.queueDropsStateClosed }, message: { full: CELLS.queueDropsMessageFull, superseded: CELLS.queueDropsMessageSuperseded, too_large: CELLS.queueDropsMessageTooLarge, closed: CELLS.queueDropsMessageClosed } },
  hierarchyAgents: { edge: CELLS.hierarchyAgentsEdge, aggregator: CELLS.hierarchyAgentsAggregator, coordinator: CELLS.hierarchyAgentsCoordinator },
  hierarchyAggregation: { edge: CELLS.hierarchyAggregationEdge, aggregator: CELLS.hierarchyAggregationAggregator, coordinator: CELLS.hierarchyAggregationCoordinator },
} as const;

/** A cell that only grows: `add`. */
export type CounterCell = (typeof CELLS)[
  | "peerSelectionsRandom"
  | "peerSelectionsNearest"
  | "peerSelectionsHybrid"
  | "peerSelectionsRegion"
  | "peerProbes"
  | "peerSilences"
  | "peerSuspicions"
  | "peerConvictions"
  | "peerRefutations"
  | "peerDepartures"
  | "gossipRounds"
  | "gossipMessagesPushTransmit"
  | "gossipMessagesPushReceive"
  | "gossipMessagesPullTransmit"
  | "gossipMessagesPullReceive"
  | "gossipMessagesDeltaTransmit"
  | "gossipMessagesDeltaReceive"
  | "repairRequestsTransmit"
  | "repairRequestsReceive"
  | "messageValidated"
  | "messageRejectedMalformed"
  | "messageRejectedVersion"
  | "messageRejectedOversized"
  | "messageRejectedSignature"
  | "messageRejectedCertificate"
  | "messageRejectedUnknownSender"
  | "messageRejectedTimestamp"
  | "messageRejectedOrphanLimit"
  | "messageRejectedReputation"
  | "messageRejectedMesh"
  | "messageRejectedRate"
  | "messageRejectedTrailing"
  | "messageRejectedOther"
  | "deltaProcessedApplied"
  | "deltaProcessedHeld"
  | "deltaProcessedPassed"
  | "deltaProcessedFilled"
  | "deltaProcessedOrphaned"
  | "deltaProcessedForked"
  | "deltaProcessedUncertified"
  | "deltaProcessedBadSignature"
  | "deltaProcessedMalformed"
  | "deltaProcessedEnded"
  | "deltaProcessedDuplicate"
  | "deltaProcessedFull"
  | "logDropped"
  | "stateOperationsLocal"
  | "stateOperationsRemote"
  | "admissionRefusedMissing"
  | "admissionRefusedMalformed"
  | "admissionRefusedMesh"
  | "admissionRefusedKey"
  | "admissionRefusedIssuer"
  | "admissionRefusedSignature"
  | "admissionRefusedQuorum"
  | "admissionRefusedRole"
  | "admissionRefusedNotYetValid"
  | "admissionRefusedExpired"
  | "admissionRefusedByPeer"
  | "byzantineDetectionsEquivocation"
  | "byzantineDetectionsInvalidSignature"
  | "byzantineDetectionsMalformedDelta"
  | "byzantineDetectionsForgedTime"
  | "byzantineDetectionsFlooding"
  | "proofRefusedRate"
  | "proofRefusedFull"
  | "tickOverrunsMessage"
  | "tickOverrunsSignature"
  | "tickOverrunsSelection"
  | "tickOverrunsMerge"
  | "tickOverrunsCheck"
  | "partitionDetections"
  | "topologyRebalances"
  | "networkIoTransmit"
  | "networkIoReceive"
  | "linkRefusedLinksMax"
  | "linkRefusedHostLinks"
  | "linkRefusedHostRate"
  | "linkRefusedMemory"
  | "linkRefusedPeerRefused"
  | "linkRefusedFraming"
  | "linkRefusedOther"
  | "queueDropsControlFull"
  | "queueDropsControlSuperseded"
  | "queueDropsControlTooLarge"
  | "queueDropsControlClosed"
  | "queueDropsStateFull"
  | "queueDropsStateSuperseded"
  | "queueDropsStateTooLarge"
  | "queueDropsStateClosed"
  | "queueDropsMessageFull"
  | "queueDropsMessageSuperseded"
  | "queueDropsMessageTooLarge"
  | "queueDropsMessageClosed"
];

/** A cell that is set: `set`. */
export type GaugeCell = (typeof CELLS)[
  | "peerCount"
  | "peerActive"
  | "peerByzantine"
  | "peerReputationMin"
  | "peerReputationMean"
  | "gossipFanout"
  | "messageThroughput"
  | "stateEntries"
  | "partitionReachablePeers"
  | "partitionQuorumSize"
  | "topologyClusters"
  | "queueUsageControl"
  | "queueUsageState"
  | "queueUsageMessage"
  | "hierarchyAgentsEdge"
  | "hierarchyAgentsAggregator"
  | "hierarchyAgentsCoordinator"
  | "hierarchyStateSize"
];

/** A cell of buckets: `record`. */
export type HistogramCell = (typeof CELLS)[
  | "peerRtt"
  | "peerSelectionLatency"
  | "gossipLatency"
  | "gossipConvergence"
  | "gossipConvergenceRounds"
  | "gossipCheckLatency"
  | "messageLatency"
  | "stateMergeLatency"
  | "securitySignatureLatencyCold"
  | "securitySignatureLatencyAmortised"
  | "partitionRecovery"
  | "hierarchyAggregationEdge"
  | "hierarchyAggregationAggregator"
  | "hierarchyAggregationCoordinator"
];

/** A metric as it is exported. Bounds are in the recorded unit: exported x perUnit. */
export interface MetricInfo {
  readonly name: string;
  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";
  readonly unit: string;
  readonly description: string;
  readonly perUnit: number;
  readonly bounds: readonly number[];
}

/** One cell's metric and fixed attributes. */
export interface CellInfo {
  readonly cell: keyof typeof CELLS;
  readonly metric: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly instrument: MetricInfo["instrument"];
}

/** Every metric, in registry order. */
export const METRICS: readonly MetricInfo[] = [
  { name: "mesh.peer.count", instrument: "updowncounter", unit: "{peer}", description: "Peers in the registry, own node excluded.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.active", instrument: "updowncounter", unit: "{peer}", description: "Peers seen in the last 30 s.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.byzantine", instrument: "updowncounter", unit: "{peer}", description: "Peers whose reputation is below the threshold.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.reputation", instrument: "gauge", unit: "1", description: "Reputation over the known peers, from 0 to 1.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.rtt.duration", instrument: "histogram", unit: "s", description: "Round-trip time to peers, by ping and echo.", perUnit: 1000, bounds: [1,2,5,10,20,50,100,200,500,1000] },
  { name: "mesh.peer.selections", instrument: "counter", unit: "{selection}", description: "Peer selections by strategy.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.selection.latency", instrument: "histogram", unit: "{tick}", description: "Cost of a peer selection; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.peer.probes", instrument: "counter", unit: "{probe}", description: "Probes sent to linked peers.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.silences", instrument: "counter", unit: "{silence}", description: "First probes of a check that nobody answered in time, and gossip links that broke.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.suspicions", instrument: "counter", unit: "{suspicion}", description: "Members that came under suspicion here, by own probes or by another's word.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.convictions", instrument: "counter", unit: "{conviction}", description: "Suspicions that ended with the member being held for unreachable.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.refutations", instrument: "counter", unit: "{refutation}", description: "Own member records renewed to refute a suspicion of this node.", perUnit: 1, bounds: [] },
  { name: "mesh.peer.departures", instrument: "counter", unit: "{departure}", description: "Memberships ended by the statements of a quorum.", perUnit: 1, bounds: [] },
  { name: "mesh.gossip.rounds", instrument: "counter", unit: "{round}", description: "Gossip rounds started.", perUnit: 1, bounds: [] },
  { name: "mesh.gossip.fanout", instrument: "gauge", unit: "{peer}", description: "Peers contacted in a round, as now in force.", perUnit: 1, bounds: [] },
  { name: "mesh.gossip.latency", instrument: "histogram", unit: "{tick}", description: "Cost of one gossip round on this node, waiting excluded; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.gossip.messages", instrument: "counter", unit: "{message}", description: "Gossip frames by class and direction.", perUnit: 1, bounds: [] },
  { name: "mesh.gossip.convergence.duration", instrument: "histogram", unit: "s", description: "Time from a change of the own root until the node was seen to have converged.", perUnit: 1000, bounds: [5,10,20,50,70,100,200,300,500,1000,2000,5000] },
  { name: "mesh.gossip.convergence.rounds", instrument: "histogram", unit: "{round}", description: "Rounds from a change of the own root until the node was seen to have converged.", perUnit: 1, bounds: [1,2,3,5,7,8,10,12,15,20] },
  { name: "mesh.gossip.check.latency", instrument: "histogram", unit: "{tick}", description: "Cost of a convergence check; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.repair.requests", instrument: "counter", unit: "{request}", description: "Requests for deltas or snapshots that this node lacked, by direction.", perUnit: 1, bounds: [] },
  { name: "mesh.message.validated", instrument: "counter", unit: "{message}", description: "Frames that passed every check.", perUnit: 1, bounds: [] },
  { name: "mesh.message.rejected", instrument: "counter", unit: "{message}", description: "Frames refused, by reason.", perUnit: 1, bounds: [] },
  { name: "mesh.message.latency", instrument: "histogram", unit: "{tick}", description: "Cost per operation carried, from decode to encode, signature included; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.message.throughput", instrument: "gauge", unit: "{message}/s", description: "Frames received per second over the last second, for readers without a rate function.", perUnit: 1, bounds: [] },
  { name: "mesh.delta.processed", instrument: "counter", unit: "{delta}", description: "Deltas received, by outcome.", perUnit: 1, bounds: [] },
  { name: "mesh.log.dropped", instrument: "counter", unit: "{delta}", description: "Deltas that compaction has dropped from the log; later writes of their authors cover them.", perUnit: 1, bounds: [] },
  { name: "mesh.state.operations", instrument: "counter", unit: "{operation}", description: "Operations merged into the state, by origin.", perUnit: 1, bounds: [] },
  { name: "mesh.state.entry.count", instrument: "updowncounter", unit: "{entry}", description: "Live entries of the replica.", perUnit: 1, bounds: [] },
  { name: "mesh.state.merge.latency", instrument: "histogram", unit: "{tick}", description: "Cost per operation merged, signature excluded; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.admission.refused", instrument: "counter", unit: "{connection}", description: "Connections refused for a certificate before they became links, by reason.", perUnit: 1, bounds: [] },
  { name: "mesh.security.signature.latency", instrument: "histogram", unit: "{tick}", description: "Cost of signature verification, cold and amortised apart; 1 tick is 250 ns.", perUnit: 1, bounds: [1,2,4,8,16,32,64] },
  { name: "mesh.byzantine.detections", instrument: "counter", unit: "{detection}", description: "Byzantine behaviour detected, by kind.", perUnit: 1, bounds: [] },
  { name: "mesh.proof.refused", instrument: "counter", unit: "{proof}", description: "Proofs of equivocation that found no room and come again, by reason.", perUnit: 1, bounds: [] },
  { name: "mesh.tick.overruns", instrument: "counter", unit: "{overrun}", description: "Budgets of the hot path broken at run time.", perUnit: 1, bounds: [] },
  { name: "mesh.partition.detections", instrument: "counter", unit: "{detection}", description: "Partitions detected by this node.", perUnit: 1, bounds: [] },
  { name: "mesh.partition.reachable_peers", instrument: "gauge", unit: "{peer}", description: "Members of the own region that answer, own node included.", perUnit: 1, bounds: [] },
  { name: "mesh.partition.quorum_size", instrument: "gauge", unit: "{peer}", description: "Members that make a quorum.", perUnit: 1, bounds: [] },
  { name: "mesh.partition.recovery.duration", instrument: "histogram", unit: "s", description: "Time from healing until the root agreed with a quorum.", perUnit: 1000, bounds: [50,100,200,500,1000,2000,5000,10000,30000] },
  { name: "mesh.topology.rebalances", instrument: "counter", unit: "{rebalance}", description: "Topology rebalances.", perUnit: 1, bounds: [] },
  { name: "mesh.topology.clusters", instrument: "gauge", unit: "{cluster}", description: "Latency clusters that this node sees.", perUnit: 1, bounds: [] },
  { name: "mesh.network.io", instrument: "counter", unit: "By", description: "Bytes of frames by direction, transport overhead excluded.", perUnit: 1, bounds: [] },
  { name: "mesh.link.refused", instrument: "counter", unit: "{connection}", description: "Connections that did not become links, by reason.", perUnit: 1, bounds: [] },
  { name: "mesh.queue.usage", instrument: "updowncounter", unit: "{message}", description: "Frames that wait to be sent, by lane.", perUnit: 1, bounds: [] },
  { name: "mesh.queue.drops", instrument: "counter", unit: "{message}", description: "Frames dropped before they were sent, by lane and reason.", perUnit: 1, bounds: [] },
  { name: "mesh.hierarchy.agent.count", instrument: "updowncounter", unit: "{agent}", description: "Agents below this node, by its level.", perUnit: 1, bounds: [] },
  { name: "mesh.hierarchy.aggregation.duration", instrument: "histogram", unit: "s", description: "Age of the oldest child summary when the aggregate was folded, by level.", perUnit: 1000, bounds: [10,50,100,200,500,1000,2000,5000,10000] },
  { name: "mesh.hierarchy.state.size", instrument: "updowncounter", unit: "By", description: "Bytes of child summaries that this node holds.", perUnit: 1, bounds: [] },
];

/** Every cell, in slot order. */
export const CELL_METRICS: readonly CellInfo[] = [
  { cell: "peerCount", metric: "mesh.peer.count", attributes: {}, unit: "{peer}", instrument: "updowncounter" },
  { cell: "peerActive", metric: "mesh.peer.active", attributes: {}, unit: "{peer}", instrument: "updowncounter" },
  { cell: "peerByzantine", metric: "mesh.peer.byzantine", attributes: {}, unit: "{peer}", instrument: "updowncounter" },
  { cell: "peerReputationMin", metric: "mesh.peer.reputation", attributes: {"mesh.peer.statistic":"min"}, unit: "1", instrument: "gauge" },
  { cell: "peerReputationMean", metric: "mesh.peer.reputation", attributes: {"mesh.peer.statistic":"mean"}, unit: "1", instrument: "gauge" },
  { cell: "peerRtt", metric: "mesh.peer.rtt.duration", attributes: {}, unit: "s", instrument: "histogram" },
  { cell: "peerSelectionsRandom", metric: "mesh.peer.selections", attributes: {"mesh.peer.selection.strategy":"random"}, unit: "{selection}", instrument: "counter" },
  { cell: "peerSelectionsNearest", metric: "mesh.peer.selections", attributes: {"mesh.peer.selection.strategy":"nearest"}, unit: "{selection}", instrument: "counter" },
  { cell: "peerSelectionsHybrid", metric: "mesh.peer.selections", attributes: {"mesh.peer.selection.strategy":"hybrid"}, unit: "{selection}", instrument: "counter" },
  { cell: "peerSelectionsRegion", metric: "mesh.peer.selections", attributes: {"mesh.peer.selection.strategy":"region"}, unit: "{selection}", instrument: "counter" },
  { cell: "peerSelectionLatency", metric: "mesh.peer.selection.latency", attributes: {}, unit: "{tick}", instrument: "histogram" },
  { cell: "peerProbes", metric: "mesh.peer.probes", attributes: {}, unit: "{probe}", instrument: "counter" },
  { cell: "peerSilences", metric: "mesh.peer.silences", attributes: {}, unit: "{silence}", instrument: "counter" },
  { cell: "peerSuspicions", metric: "mesh.peer.suspicions", attributes: {}, unit: "{suspicion}", instrument: "counter" },
  { cell: "peerConvictions", metric: "mesh.peer.convictions", attributes: {}, unit: "{conviction}", instrument: "counter" },
  { cell: "peerRefutations", metric: "mesh.peer.refutations", attributes: {}, unit: "{refutation}", instrument: "counter" },
  { cell: "peerDepartures", metric: "mesh.peer.departures", attributes: {}, unit: "{departure}", instrument: "counter" },
  { cell: "gossipRounds", metric: "mesh.gossip.rounds", attributes: {}, unit: "{round}", instrument: "counter" },
  { cell: "gossipFanout", metric: "mesh.gossip.fanout", attributes: {}, unit: "{peer}", instrument: "gauge" },
  { cell: "gossipLatency", metric: "mesh.gossip.latency", attributes: {}, unit: "{tick}", instrument: "histogram" },
  { cell: "gossipMessagesPushTransmit", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"push","network.io.direction":"transmit"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipMessagesPushReceive", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"push","network.io.direction":"receive"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipMessagesPullTransmit", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"pull","network.io.direction":"transmit"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipMessagesPullReceive", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"pull","network.io.direction":"receive"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipMessagesDeltaTransmit", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"delta","network.io.direction":"transmit"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipMessagesDeltaReceive", metric: "mesh.gossip.messages", attributes: {"mesh.message.type":"delta","network.io.direction":"receive"}, unit: "{message}", instrument: "counter" },
  { cell: "gossipConvergence", metric: "mesh.gossip.convergence.duration", attributes: {}, unit: "s", instrument: "histogram" },
  { cell: "gossipConvergenceRounds", metric: "mesh.gossip.convergence.rounds", attributes: {}, unit: "{round}", instrument: "histogram" },
  { cell: "gossipCheckLatency", metric: "mesh.gossip.check.latency", attributes: {}, unit: "{tick}", instrument: "histogram" },
  { cell: "repairRequestsTransmit", metric: "mesh.repair.requests", attributes: {"network.io.direction":"transmit"}, unit: "{request}", instrument: "counter" },
  { cell: "repairRequestsReceive", metric: "mesh.repair.requests", attributes: {"network.io.direction":"receive"}, unit: "{request}", instrument: "counter" },
  { cell: "messageValidated", metric: "mesh.message.validated", attributes: {}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedMalformed", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"malformed"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedVersion", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"version"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedOversized", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"oversized"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedSignature", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"signature"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedCertificate", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"certificate"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedUnknownSender", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"unknown_sender"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedTimestamp", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"timestamp"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedOrphanLimit", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"orphan_limit"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedReputation", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"reputation"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedMesh", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"mesh"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedRate", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"rate"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedTrailing", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"trailing"}, unit: "{message}", instrument: "counter" },
  { cell: "messageRejectedOther", metric: "mesh.message.rejected", attributes: {"mesh.rejection.reason":"other"}, unit: "{message}", instrument: "counter" },
  { cell: "messageLatency", metric: "mesh.message.latency", attributes: {}, unit: "{tick}", instrument: "histogram" },
  { cell: "messageThroughput", metric: "mesh.message.throughput", attributes: {}, unit: "{message}/s", instrument: "gauge" },
  { cell: "deltaProcessedApplied", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"applied"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedHeld", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"held"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedPassed", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"passed"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedFilled", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"filled"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedOrphaned", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"orphaned"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedForked", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"forked"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedUncertified", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"uncertified"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedBadSignature", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"bad_signature"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedMalformed", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"malformed"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedEnded", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"ended"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedDuplicate", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"duplicate"}, unit: "{delta}", instrument: "counter" },
  { cell: "deltaProcessedFull", metric: "mesh.delta.processed", attributes: {"mesh.delta.outcome":"full"}, unit: "{delta}", instrument: "counter" },
  { cell: "logDropped", metric: "mesh.log.dropped", attributes: {}, unit: "{delta}", instrument: "counter" },
  { cell: "stateOperationsLocal", metric: "mesh.state.operations", attributes: {"mesh.operation.origin":"local"}, unit: "{operation}", instrument: "counter" },
  { cell: "stateOperationsRemote", metric: "mesh.state.operations", attributes: {"mesh.operation.origin":"remote"}, unit: "{operation}", instrument: "counter" },
  { cell: "stateEntries", metric: "mesh.state.entry.count", attributes: {}, unit: "{entry}", instrument: "updowncounter" },
  { cell: "stateMergeLatency", metric: "mesh.state.merge.latency", attributes: {}, unit: "{tick}", instrument: "histogram" },
  { cell: "admissionRefusedMissing", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"missing"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedMalformed", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"malformed"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedMesh", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"mesh"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedKey", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"key"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedIssuer", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"issuer"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedSignature", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"signature"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedQuorum", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"quorum"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedRole", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"role"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedNotYetValid", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"not_yet_valid"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedExpired", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"expired"}, unit: "{connection}", instrument: "counter" },
  { cell: "admissionRefusedByPeer", metric: "mesh.admission.refused", attributes: {"mesh.admission.reason":"by_peer"}, unit: "{connection}", instrument: "counter" },
  { cell: "securitySignatureLatencyCold", metric: "mesh.security.signature.latency", attributes: {"mesh.signature.cost":"cold"}, unit: "{tick}", instrument: "histogram" },
  { cell: "securitySignatureLatencyAmortised", metric: "mesh.security.signature.latency", attributes: {"mesh.signature.cost":"amortised"}, unit: "{tick}", instrument: "histogram" },
  { cell: "byzantineDetectionsEquivocation", metric: "mesh.byzantine.detections", attributes: {"mesh.byzantine.kind":"equivocation"}, unit: "{detection}", instrument: "counter" },
  { cell: "byzantineDetectionsInvalidSignature", metric: "mesh.byzantine.detections", attributes: {"mesh.byzantine.kind":"invalid_signature"}, unit: "{detection}", instrument: "counter" },
  { cell: "byzantineDetectionsMalformedDelta", metric: "mesh.byzantine.detections", attributes: {"mesh.byzantine.kind":"malformed_delta"}, unit: "{detection}", instrument: "counter" },
  { cell: "byzantineDetectionsForgedTime", metric: "mesh.byzantine.detections", attributes: {"mesh.byzantine.kind":"forged_time"}, unit: "{detection}", instrument: "counter" },
  { cell: "byzantineDetectionsFlooding", metric: "mesh.byzantine.detections", attributes: {"mesh.byzantine.kind":"flooding"}, unit: "{detection}", instrument: "counter" },
  { cell: "proofRefusedRate", metric: "mesh.proof.refused", attributes: {"mesh.proof.refusal.reason":"rate"}, unit: "{proof}", instrument: "counter" },
  { cell: "proofRefusedFull", metric: "mesh.proof.refused", attributes: {"mesh.proof.refusal.reason":"full"}, unit: "{proof}", instrument: "counter" },
  { cell: "tickOverrunsMessage", metric: "mesh.tick.overruns", attributes: {"mesh.tick.budget":"message"}, unit: "{overrun}", instrument: "counter" },
  { cell: "tickOverrunsSignature", metric: "mesh.tick.overruns", attributes: {"mesh.tick.budget":"signature"}, unit: "{overrun}", instrument: "counter" },
  { cell: "tickOverrunsSelection", metric: "mesh.tick.overruns", attributes: {"mesh.tick.budget":"selection"}, unit: "{overrun}", instrument: "counter" },
  { cell: "tickOverrunsMerge", metric: "mesh.tick.overruns", attributes: {"mesh.tick.budget":"merge"}, unit: "{overrun}", instrument: "counter" },
  { cell: "tickOverrunsCheck", metric: "mesh.tick.overruns", attributes: {"mesh.tick.budget":"check"}, unit: "{overrun}", instrument: "counter" },
  { cell: "partitionDetections", metric: "mesh.partition.detections", attributes: {}, unit: "{detection}", instrument: "counter" },
  { cell: "partitionReachablePeers", metric: "mesh.partition.reachable_peers", attributes: {}, unit: "{peer}", instrument: "gauge" },
  { cell: "partitionQuorumSize", metric: "mesh.partition.quorum_size", attributes: {}, unit: "{peer}", instrument: "gauge" },
  { cell: "partitionRecovery", metric: "mesh.partition.recovery.duration", attributes: {}, unit: "s", instrument: "histogram" },
  { cell: "topologyRebalances", metric: "mesh.topology.rebalances", attributes: {}, unit: "{rebalance}", instrument: "counter" },
  { cell: "topologyClusters", metric: "mesh.topology.clusters", attributes: {}, unit: "{cluster}", instrument: "gauge" },
  { cell: "networkIoTransmit", metric: "mesh.network.io", attributes: {"network.io.direction":"transmit"}, unit: "By", instrument: "counter" },
  { cell: "networkIoReceive", metric: "mesh.network.io", attributes: {"network.io.direction":"receive"}, unit: "By", instrument: "counter" },
  { cell: "linkRefusedLinksMax", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"links_max"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedHostLinks", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"host_links"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedHostRate", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"host_rate"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedMemory", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"memory"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedPeerRefused", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"peer_refused"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedFraming", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"framing"}, unit: "{connection}", instrument: "counter" },
  { cell: "linkRefusedOther", metric: "mesh.link.refused", attributes: {"mesh.link.refusal.reason":"other"}, unit: "{connection}", instrument: "counter" },
  { cell: "queueUsageControl", metric: "mesh.queue.usage", attributes: {"mesh.queue.lane":"control"}, unit: "{message}", instrument: "updowncounter" },
  { cell: "queueUsageState", metric: "mesh.queue.usage", attributes: {"mesh.queue.lane":"state"}, unit: "{message}", instrument: "updowncounter" },
  { cell: "queueUsageMessage", metric: "mesh.queue.usage", attributes: {"mesh.queue.lane":"message"}, unit: "{message}", instrument: "updowncounter" },
  { cell: "queueDropsControlFull", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"control","mesh.drop.reason":"full"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsControlSuperseded", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"control","mesh.drop.reason":"superseded"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsControlTooLarge", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"control","mesh.drop.reason":"too_large"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsControlClosed", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"control","mesh.drop.reason":"closed"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsStateFull", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"state","mesh.drop.reason":"full"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsStateSuperseded", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"state","mesh.drop.reason":"superseded"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsStateTooLarge", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"state","mesh.drop.reason":"too_large"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsStateClosed", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"state","mesh.drop.reason":"closed"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsMessageFull", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"message","mesh.drop.reason":"full"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsMessageSuperseded", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"message","mesh.drop.reason":"superseded"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsMessageTooLarge", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"message","mesh.drop.reason":"too_large"}, unit: "{message}", instrument: "counter" },
  { cell: "queueDropsMessageClosed", metric: "mesh.queue.drops", attributes: {"mesh.queue.lane":"message","mesh.drop.reason":"closed"}, unit: "{message}", instrument: "counter" },
  { cell: "hierarchyAgentsEdge", metric: "mesh.hierarchy.agent.count", attributes: {"mesh.hierarchy.level":"edge"}, unit: "{agent}", instrument: "updowncounter" },
  { cell: "hierarchyAgentsAggregator", metric: "mesh.hierarchy.agent.count", attributes: {"mesh.hierarchy.level":"aggregator"}, unit: "{agent}", instrument: "updowncounter" },
  { cell: "hierarchyAgentsCoordinator", metric: "mesh.hierarchy.agent.count", attributes: {"mesh.hierarchy.level":"coordinator"}, unit: "{agent}", instrument: "updowncounter" },
  { cell: "hierarchyAggregationEdge", metric: "mesh.hierarchy.aggregation.duration", attributes: {"mesh.hierarchy.level":"edge"}, unit: "s", instrument: "histogram" },
  { cell: "hierarchyAggregationAggregator", metric: "mesh.hierarchy.aggregation.duration", attributes: {"mesh.hierarchy.level":"aggregator"}, unit: "s", instrument: "histogram" },
  { cell: "hierarchyAggregationCoordinator", metric: "mesh.hierarchy.aggregation.duration", attributes: {"mesh.hierarchy.level":"coordinator"}, unit: "s", instrument: "histogram" },
  { cell: "hierarchyStateSize", metric: "mesh.hierarchy.state.size", attributes: {}, unit: "By", instrument: "updowncounter" },
];
