/**
 * The public API of knhk-mesh: joining a mesh, its collections, agents and topics, its errors.
 * What is not exported here is internal and may change in any release.
 */
export {
  isMeshError,
  MESH_ERROR_CODES,
  MeshError,
  type MeshErrorCode,
  type MeshErrorOptions,
} from "./errors.ts";
export type { Agent, AgentMessage, SendOptions } from "./node/api/agent.ts";
export type { AgentInfo, Agents, FindOptions } from "./node/api/agents.ts";
export type { SharedCounter } from "./node/api/counter.ts";
export type { SharedGauge } from "./node/api/gauge.ts";
export type { Ack, WriteOptions } from "./node/api/host.ts";
export type { JoinOptions } from "./node/api/join-options.ts";
export type { MapChange, SharedMap, WatchOptions } from "./node/api/map.ts";
export type { MeshEventMap } from "./node/api/mesh-events.ts";
export type { MeshStatus, PeerStatus } from "./node/api/mesh-status.ts";
export type { SharedRegister } from "./node/api/register.ts";
export type { SetChange, SharedSet } from "./node/api/set.ts";
export type { SubscribeOptions, Topic, TopicEvent } from "./node/api/topic.ts";
export { Mesh } from "./node/mesh.ts";
