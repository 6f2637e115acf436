/**
 * A pair of connected in-memory byte channels.
 *
 * Bytes arrive in a later turn of the event loop than they were written, in one chunk per write,
 * and a writer whose peer has not read HIGH_WATER_BYTES yet is told to wait, like on a socket.
 */
import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";

/** Two ends of one connection. */
export function createMemoryChannelPair(): readonly [MemoryChannel, MemoryChannel] {
  const left = new MemoryChannel();
  const right = new MemoryChannel();
  left.connect(right);
  right.connect(left);
  return [left, right];
}

export class MemoryChannel implements ByteChannel {
  #peer: MemoryChannel | undefined;
  #events: ByteChannelEvents | undefined;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #inboxEnds = false;
  #finished = false;
  #destroyed = false;
  #closedTold = false;
  #deliveryQueued = false;

  /** Joins the two ends; called once by {@link createMemoryChannelPair}. */
  connect(peer: MemoryChannel): void {
    this.#peer = peer;
  }

  get writable(): boolean {
    const peer = this.#peer;
    return (
      !this.#destroyed &&
      !this.#finished &&
      peer !== undefined &&
      peer.#inboxBytes < HIGH_WATER_BYTES
    );
  }

  attach(events: ByteChannelEvents): void {
    this.#events = events;
    this.#queueDelivery();
  }

  write(bytes: Uint8Array): void {
    const peer = this.#peer;
    if (this.#destroyed || this.#finished || peer === undefined || peer.#destroyed) return;
    peer.#inbox.push(bytes);
    peer.#inboxBytes += bytes.length;
    peer.#queueDelivery();
  }

  finishWrite(): Promise<void> {
    const peer = this.#peer;
    if (this.#destroyed || peer === undefined)
      return Promise.reject(new Error("channel is closed"));
    this.#finished = true;
    peer.#inboxEnds = true;
    peer.#queueDelivery();
    return Promise.resolve();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#queueDelivery();
    this.#peer?.destroy();
  }

  #queueDelivery(): void {
    if (this.#deliveryQueued || this.#events === undefined) return;
    this.#deliveryQueued = true;
    setImmediate(() => {
      this.#deliveryQueued = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const events = this.#events;
    if (events === undefined) return;
    const chunks = this.#inbox;
    this.#inbox = [];
    for (const chunk of chunks) {
      if (this.#destroyed) break;
      this.#inboxBytes -= chunk.length;
      events.data(chunk);
    }
    if (this.#destroyed) {
      this.#tellClosed(events);
      return;
    }
    if (chunks.length > 0) this.#peer?.tellWritable();
    if (this.#inboxEnds && this.#inbox.length === 0) {
      this.#inboxEnds = false;
      events.ended();
    }
  }

  /** The other end has read what was written to it. */
  tellWritable(): void {
    if (!this.#destroyed) this.#events?.writable();
  }

  #tellClosed(events: ByteChannelEvents): void {
    if (this.#closedTold) return;
    this.#closedTold = true;
    events.closed();
  }
}

const HIGH_WATER_BYTES = 256 * 1024;
