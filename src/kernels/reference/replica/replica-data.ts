/**
 * Replica: the parts of one replica, as plain data that scan, apply and reads share.
 *
 * The state tree is not among them: only replica.ts brings it up to date, on demand.
 */
import type { Primitives, ReplicaLimits } from "../../kernels.ts";
import type { Frontier } from "./frontier.ts";
import type { Pending } from "./pending.ts";
import type { State } from "./state.ts";

export interface ReplicaData {
  readonly primitives: Primitives;
  /** 16 bytes. */
  readonly meshId: Uint8Array;
  readonly limits: ReplicaLimits;
  readonly frontier: Frontier;
  readonly state: State;
  readonly pending: Pending;
}
