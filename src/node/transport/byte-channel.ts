/**
 * ByteChannel: what a frame link needs from whatever carries its bytes.
 *
 * An ordered, reliable, two-way byte stream whose connection belongs to it alone. Two
 * implementations: a libp2p stream and an in-memory pair. The events follow this order: any number
 * of `data`, at most one `ended`, then `closed` exactly once.
 */

export interface ByteChannelEvents {
  /** Some bytes; borrowed until it returns. */
  data(chunk: Uint8Array): void;
  /** {@link ByteChannel.writable} may have turned true. */
  writable(): void;
  /** The peer finished writing; all its bytes were delivered. */
  ended(): void;
  /** The connection is gone, whoever closed it. */
  closed(): void;
}

export interface ByteChannel {
  /** False while earlier bytes wait for the peer or the kernel. */
  readonly writable: boolean;
  /** Registers the one listener; earlier bytes are delivered after this returns. */
  attach(events: ByteChannelEvents): void;
  /** Takes bytes (transferred). Call only while writable. */
  write(bytes: Uint8Array): void;
  /** Finishes writing once everything written has been handed over; rejects when it cannot. */
  finishWrite(): Promise<void>;
  /** Closes the connection; unsent bytes are lost. Idempotent, never throws. */
  destroy(): void;
}
