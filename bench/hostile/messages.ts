/** What the hostile bench and its workers say to each other over the fork's IPC channel. */

/** `frames`: small valid ones. `signatures`: 100 bad ones a frame. `keys`: a million keys of its own. */
export type AttackKind = "frames" | "signatures" | "keys";

export type Ask =
  /** An honest node; `seeds` empty: the one that will be attacked. */
  | { readonly kind: "join"; readonly seeds: readonly string[] }
  /** Writes a stamp every `everyMs` for `forMs`, and records what the other node writes meanwhile. */
  | { readonly kind: "load"; readonly forMs: number; readonly everyMs: number }
  | { readonly kind: "status" }
  /** A process that reads and forgets what it is sent. */
  | { readonly kind: "sink" }
  /** Makes the frames of an attack; both attacks with them send the same bytes. */
  | { readonly kind: "arm"; readonly attack: AttackKind }
  /** Attacks one address for so long, dialling again whenever the link ends. */
  | { readonly kind: "attack"; readonly address: string; readonly forMs: number };

export interface Loaded {
  /** From just before the other node's `set` to the own watch. */
  readonly latenciesMs: readonly number[];
  readonly rssBeforeBytes: number;
  readonly rssMaxBytes: number;
  /** When a peer was cut off first, on the machine's monotonic clock; undefined: none was. */
  readonly floodNs: string | undefined;
}

export interface Attacked {
  /** When its first frame after the Hello was handed to the link. */
  readonly startNs: string;
  readonly frames: number;
  readonly bytes: number;
  readonly links: number;
}

export interface NodeStatus {
  readonly root: string;
  readonly members: number;
  readonly entries: number;
}

export interface AnswerOf {
  join: readonly string[];
  load: Loaded;
  status: NodeStatus;
  sink: readonly string[];
  arm: null;
  attack: Attacked;
}

/** Frames a second that the attacked nodes grant a peer; the attacker sends 100 times as many. */
export const RATE_LIMIT = 1_000;
export const MESH_NAME = "bench";
