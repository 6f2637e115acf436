/**
 * A libp2p stream, with the connection under it, as a {@link ByteChannel}.
 *
 * The connection carries this one stream, so it lives and dies with it. Traps of the libraries that
 * this file knows: `send` buffers without bound unless the writer waits for it to drain; a stream
 * that both ends finished reports `close` while its last bytes are still under way, so only the
 * *connection's* close counts; `end` also fires on an abort, so the peer's end is taken from
 * `remoteCloseWrite`.
 */
import type { Connection, Stream, StreamMessageEvent } from "@libp2p/interface";
import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";

export class Libp2pChannel implements ByteChannel {
  readonly #stream: Stream;
  readonly #connection: Connection;
  #events: ByteChannelEvents | undefined;
  #destroyed = false;
  #closedTold = false;

  constructor(stream: Stream, connection: Connection) {
    this.#stream = stream;
    this.#connection = connection;
    // Unread bytes are bounded by the library: it aborts the stream beyond this many.
    stream.maxReadBufferLength = UNREAD_BYTES_MAX;
  }

  get writable(): boolean {
    const stream = this.#stream;
    return (
      stream.writeStatus === "writable" &&
      !stream.writableNeedsDrain &&
      stream.writeBufferLength === 0
    );
  }

  attach(events: ByteChannelEvents): void {
    const stream = this.#stream;
    this.#events = events;
    const onMessage = (event: StreamMessageEvent): void => {
      const data = event.data;
      if (data instanceof Uint8Array) events.data(data);
      else for (const chunk of data) events.data(chunk);
    };
    // Not at once: what is sent from within an `idle` event stays in the stream's buffer for good.
    const onWritable = (): void => {
      queueMicrotask(() => {
        if (this.writable) events.writable();
      });
    };
    stream.addEventListener("message", onMessage);
    stream.addEventListener("drain", onWritable);
    stream.addEventListener("idle", onWritable);
    stream.addEventListener("remoteCloseWrite", () => events.ended());
    stream.addEventListener("close", (event) => {
      if (event.error !== undefined) this.#tellClosed();
    });
    this.#connection.addEventListener("close", () => this.#tellClosed());
    queueMicrotask(() => this.#catchUp(events));
  }

  write(bytes: Uint8Array): void {
    try {
      this.#stream.send(bytes);
    } catch {
      // The stream closed under the writer; its close event tells the owner.
      queueMicrotask(() => this.#tellClosed());
    }
  }

  finishWrite(): Promise<void> {
    return this.#stream.close();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    releaseConnection(this.#connection, this.#stream);
  }

  /** What happened between negotiation and `attach`, which no listener saw. */
  #catchUp(events: ByteChannelEvents): void {
    const stream = this.#stream;
    if (
      this.#connection.status !== "open" ||
      stream.status === "aborted" ||
      stream.status === "reset"
    ) {
      this.#tellClosed();
    } else if (stream.remoteWriteStatus === "closed") {
      events.ended();
    }
  }

  #tellClosed(): void {
    if (this.#closedTold) return;
    this.#closedTold = true;
    this.#events?.closed();
  }
}

/** Closes a connection for good; a graceful attempt where the stream has finished both ways. */
export function releaseConnection(connection: Connection, stream?: Stream): void {
  const clean = stream?.status === "closed" && connection.status === "open";
  if (!clean) {
    connection.abort(new Error("link released"));
    return;
  }
  connection
    .close({ signal: AbortSignal.timeout(RELEASE_TIMEOUT_MS) })
    .catch((error: unknown) =>
      connection.abort(error instanceof Error ? error : new Error("link released")),
    );
}

const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
const RELEASE_TIMEOUT_MS = 500;
