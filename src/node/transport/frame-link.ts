/**
 * FrameLink: a {@link Link} over any byte channel. All three transports use this one.
 *
 * 1. Frames queued in one turn of the event loop leave in one write; while a write is under way the
 *    following ones gather. No timer is involved.
 * 2. `linkDown` is told exactly once, after the last frame.
 * 3. Closing: the closer flushes, finishes writing and waits for the peer's end before it closes
 *    the connection (closing a QUIC connection discards what is still under way). The peer, on
 *    seeing the end, flushes what it has, finishes too, and leaves the connection to the closer.
 * 4. Every wait of a close is bounded, so a silent peer cannot hold it. Nor can it hold a frame half
 *    way: bytes must go on coming.
 */
import { setTimeout as startTimer } from "node:timers";
import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import { FrameReader } from "./frame-reader.ts";
import { SendQueue } from "./send-queue.ts";
import type { Lane, Link, LinkStats, NodeId, SendVerdict, TransportLimits } from "./transport.ts";

/** Why a link went down; the values of `reason` in `linkDown`. */
export type LinkDownReason =
  | "local_close"
  | "local_abort"
  | "peer_close"
  | "peer_lost"
  | "frame_empty"
  | "frame_too_large"
  | "frame_stalled"
  | "frame_truncated"
  | "certificate_missing";

export interface FrameLinkInit {
  readonly peer: NodeId;
  readonly inbound: boolean;
  readonly remoteAddress: string;
  readonly suite: string;
  readonly channel: ByteChannel;
  readonly limits: TransportLimits;
  frame(link: FrameLink, bytes: Uint8Array): void;
  down(link: FrameLink, reason: LinkDownReason): void;
  /** The channel is gone too; nothing of the link is left. */
  released(link: FrameLink): void;
}

export class FrameLink implements Link, ByteChannelEvents {
  readonly peer: NodeId;
  readonly inbound: boolean;
  readonly remoteAddress: string;
  readonly suite: string;
  readonly #init: FrameLinkInit;
  readonly #channel: ByteChannel;
  readonly #reader: FrameReader;
  readonly #queue: SendQueue;
  readonly #released = Promise.withResolvers<void>();
  #accepting = true;
  #closeWanted = false;
  #closer = false;
  #peerEnded = false;
  #downTold = false;
  #finishing = false;
  #finished = false;
  #gone = false;
  #pumpQueued = false;
  #closeTimer: NodeJS.Timeout | undefined;
  readonly #stallMs: number;
  #stallTimer: NodeJS.Timeout | undefined;
  #framesSent = 0;
  #framesReceived = 0;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(init: FrameLinkInit) {
    this.peer = init.peer;
    this.inbound = init.inbound;
    this.remoteAddress = init.remoteAddress;
    this.suite = init.suite;
    this.#init = init;
    this.#channel = init.channel;
    this.#queue = new SendQueue(init.limits);
    this.#stallMs = init.limits.frameStallMs;
    this.#reader = new FrameReader(init.limits.frameBytesMax, (frame) => {
      this.#framesReceived += 1;
      init.frame(this, frame);
    });
  }

  /** Begins to deliver frames; to be called once, after the owner was told `linkUp`. */
  start(): void {
    if (this.#gone) return;
    this.#channel.attach(this);
  }

  get stats(): LinkStats {
    return {
      framesSent: this.#framesSent,
      framesReceived: this.#framesReceived,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      dropped: this.#queue.dropped,
      queuedFrames: this.#queue.frames,
      queuedBytes: this.#queue.bytes,
    };
  }

  send(frame: Uint8Array, lane: Lane): SendVerdict {
    if (!this.#accepting) return "closed";
    const verdict = this.#queue.push(frame, lane);
    if (verdict === "queued") this.#schedulePump();
    return verdict;
  }

  close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted === true) this.#release("local_close");
    if (this.#gone) return this.#released.promise;
    if (signal !== undefined) {
      const giveUp = (): void => this.#release("local_close");
      signal.addEventListener("abort", giveUp, { once: true });
      void this.#released.promise.then(() => signal.removeEventListener("abort", giveUp));
    }
    this.#closeWanted = true;
    this.#closer ||= !this.#peerEnded;
    this.#accepting = false;
    this.#startCloseTimer();
    this.#schedulePump();
    return this.#released.promise;
  }

  abort(): void {
    this.#release("local_abort");
  }

  data(chunk: Uint8Array): void {
    if (this.#downTold) return;
    this.#bytesReceived += chunk.length;
    const refusal = this.#reader.push(chunk);
    if (refusal === "certificate_missing") this.#closeAs(refusal);
    else if (refusal !== undefined) this.#release(refusal);
    else this.#watchStall();
  }

  writable(): void {
    this.#pump();
  }

  ended(): void {
    if (this.#gone || this.#peerEnded) return;
    this.#peerEnded = true;
    this.#accepting = false;
    if (!this.#reader.atBoundary) this.#release("frame_truncated");
    else if (this.#finished && this.#closer) this.#release("local_close");
    if (this.#gone) return;
    if (!this.#closeWanted) this.#tellDown("peer_close");
    this.#startCloseTimer();
    this.#schedulePump();
  }

  closed(): void {
    this.#release(this.#closeWanted ? "local_close" : "peer_lost");
  }

  #schedulePump(): void {
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    queueMicrotask(() => {
      this.#pumpQueued = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#gone && this.#channel.writable) {
      const batch = this.#queue.takeBatch(BATCH_BYTES_MAX);
      if (batch === undefined) break;
      this.#framesSent += batch.frameCount;
      this.#bytesSent += batch.bytes.length;
      this.#channel.write(batch.bytes);
    }
    if (!this.#accepting && this.#queue.frames === 0) this.#finishWrite();
  }

  #finishWrite(): void {
    if (this.#gone || this.#finishing) return;
    this.#finishing = true;
    this.#channel.finishWrite().then(
      () => {
        this.#finished = true;
        // Both ends are done. The end that asked for the close closes the connection; the other
        // one waits for that, because its own last bytes may still be under way.
        if (this.#peerEnded && this.#closer) this.#release("local_close");
      },
      () => this.#release(this.#closeWanted ? "local_close" : "peer_lost"),
    );
  }

  #startCloseTimer(): void {
    this.#closeTimer ??= startTimer(() => {
      this.#release(this.#closeWanted ? "local_close" : "peer_close");
    }, CLOSE_TIMEOUT_MS);
  }

  /** The timer runs while a frame is half read, and starts anew with each piece of it. */
  #watchStall(): void {
    if (this.#reader.atBoundary || this.#gone) {
      clearTimeout(this.#stallTimer);
      this.#stallTimer = undefined;
    } else if (this.#stallTimer === undefined) {
      this.#stallTimer = startTimer(() => this.#stalled(), this.#stallMs);
    } else {
      this.#stallTimer.refresh();
    }
  }

  /** What arrived while this process stood still is read first: that pause is not the peer's. */
  #stalled(): void {
    const bytes = this.#bytesReceived;
    startTimer(() => {
      if (this.#bytesReceived === bytes) this.#release("frame_stalled");
    }, STALL_GRACE_MS);
  }

  #tellDown(reason: LinkDownReason): void {
    if (this.#downTold) return;
    this.#downTold = true;
    this.#accepting = false;
    this.#reader.stop();
    this.#init.down(this, reason);
  }

  /** Down at once, but closed in good order, so that the peer learns what this end is. */
  #closeAs(reason: LinkDownReason): void {
    this.#tellDown(reason);
    void this.close();
  }

  #release(reason: LinkDownReason): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#accepting = false;
    clearTimeout(this.#closeTimer);
    clearTimeout(this.#stallTimer);
    this.#queue.clear();
    this.#channel.destroy();
    this.#tellDown(reason);
    this.#released.resolve();
    this.#init.released(this);
  }
}

/** For the event loop to read what has arrived. */
const STALL_GRACE_MS = 50;
/** Bytes of one write: large enough to amortise it, small enough that lane 0 soon gets its turn. */
const BATCH_BYTES_MAX = 64 * 1024;
/** How long a close waits for the peer when the caller's signal sets no earlier end. */
const CLOSE_TIMEOUT_MS = 2_000;
