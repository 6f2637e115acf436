/** One simulated node: a core and what its process and host do to it. */
import type { MeshCore } from "../../core/mesh-core.ts";
import type { NodeId } from "../../core/node-id.ts";
import type { Now } from "../../core/now.ts";
import type { SigningKey } from "../../core/trust/crypto.ts";
import type { Behaviour } from "../faults/fault.ts";
import { SimDisk } from "./disk.ts";
import type { SimLink } from "./links.ts";

/** Virtual 0, as the nodes' wall clocks show it. */
const WALL_START_MS = 1_700_000_000_000;

export interface Handling {
  readonly kind: "frame" | "timer" | "link";
  run(): void;
}

export class SimNode {
  readonly index: number;
  readonly id: NodeId;
  readonly key: SigningKey;
  /** Undefined while the process is down. */
  core: MeshCore | undefined;
  /** Raised at each start, so that what was meant for an earlier life is void. */
  life = 0;
  /** Virtual ms at which this life began, or went on after a stop. */
  sinceMs = 0;
  /** Left by its own wish, or still about to; and while it had no quorum, so that its last writes may have gone with it. */
  left = false;
  leftAlone = false;
  /** Left where not everybody could be told: some count it as a member that is silent. */
  leftUnheard = false;
  /** Virtual ms of its leave. */
  leftMs = 0;
  readonly disk = new SimDisk();
  readonly links = new Map<number, SimLink>();
  /** Peers to keep linked, and dials failed in a row. */
  readonly wanted = new Map<number, number>();
  readonly dialling = new Set<number>();
  /** Of the earliest timer event in the queue. */
  timerMs = Number.POSITIVE_INFINITY;
  /** Virtual ms until which the process is stopped; 0: it runs. */
  pausedUntilMs = 0;
  /** What waits for it to go on. */
  readonly backlog: Handling[] = [];
  /** Times slower than the host should be; 1: costs nothing. */
  slowFactor = 1;
  busyUntilMs = 0;
  wallOffsetMs = 0;
  skewPpm = 0;
  skewSinceMs = 0;
  behaviour: Behaviour | undefined;
  /** Ever told to misbehave: nothing is promised to it or of it. */
  isByzantine = false;
  bytesSent = 0;
  /** Bytes sent in each whole second of the workload. */
  readonly bytesBySecond: number[] = [];

  constructor(index: number, id: NodeId, key: SigningKey) {
    this.index = index;
    this.id = id;
    this.key = key;
  }

  get name(): string {
    return `n${this.index}`;
  }

  /** It is about to leave by its own wish. */
  leaves(nowMs: number, isWhole: boolean): void {
    this.left = true;
    this.leftMs = nowMs;
    this.leftAlone = this.core?.health !== "healthy";
    this.leftUnheard = !isWhole || this.isPaused(nowMs);
  }

  isPaused(nowMs: number): boolean {
    return this.pausedUntilMs > nowMs;
  }

  /** Stopped, slow, or busy: what comes waits. */
  isHeldUp(nowMs: number): boolean {
    return this.slowFactor > 1 || this.busyUntilMs > nowMs || this.isPaused(nowMs);
  }

  /** Up and to stay, not stopped, and never told to lie. */
  isCorrect(nowMs: number): boolean {
    return this.core !== undefined && !this.left && !this.isByzantine && !this.isPaused(nowMs);
  }

  now(nowMs: number): Now {
    const drift = ((nowMs - this.skewSinceMs) * this.skewPpm) / 1e6;
    return { monoMs: nowMs, wallMs: WALL_START_MS + nowMs + this.wallOffsetMs + drift };
  }
}
