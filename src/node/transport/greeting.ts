/**
 * The greeting: before a channel becomes a link in a mesh that admits by certificate, each end shows
 * its credential and answers the other's with one byte. Until both bytes say "admitted" no frame is
 * read or written.
 *
 *   mark (4 bytes, no possible frame length) | u16 length | credential | u8 verdict
 *
 * A peer of an open mesh sends frames instead; its reader knows the mark, so both users are told.
 * Bounded in bytes (GREETING_BYTES_MAX) and in time (GREETING_MS).
 */
import { MeshError } from "../../errors.ts";
import { ADMISSION_REASONS, type AdmissionReason, admissionError } from "../security/reasons.ts";
import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import { GREETING_MARK } from "./frame-reader.ts";
import type { AdmissionGate, NodeId } from "./transport.ts";

export interface GreetingInit {
  readonly channel: ByteChannel;
  readonly peer: NodeId;
  readonly inbound: boolean;
  readonly gate: AdmissionGate;
  /** Told once when a channel that was not admitted is gone. */
  gone(): void;
}

export class Greeting implements ByteChannelEvents {
  /**
   * The channel for the link, when both ends have admitted each other. Rejects with a
   * MESH_CERTIFICATE_* error, MESH_TRANSPORT_DIAL for a lost connection, or a reason of giveUp.
   */
  readonly admitted: Promise<ByteChannel>;
  readonly #init: GreetingInit;
  readonly #result = Promise.withResolvers<ByteChannel>();
  readonly #timer: NodeJS.Timeout;
  #state: "greeting" | "admitted" | "refused" = "greeting";
  #linger: NodeJS.Timeout | undefined;
  #received: Uint8Array = EMPTY;
  readonly #toWrite: Uint8Array[] = [];
  #credential: Uint8Array | undefined;
  #fault: AdmissionReason | undefined;
  #link: ByteChannelEvents | undefined;
  #isFinishing = false;
  #isEnded = false;
  #isClosed = false;

  constructor(init: GreetingInit) {
    this.#init = init;
    this.admitted = this.#result.promise;
    this.#timer = setTimeout(() => this.#refuse("missing", "self"), GREETING_MS);
    this.#write(encodeGreeting(init.gate.greeting));
    init.channel.attach(this);
  }

  /** Ends an unfinished greeting; of no effect on a finished one. */
  giveUp(reason: unknown): void {
    this.#fail(reason);
    if (this.#state === "refused") this.#destroy();
  }

  data(chunk: Uint8Array): void {
    if (this.#state === "refused") return;
    if (this.#link !== undefined) {
      this.#link.data(chunk);
      return;
    }
    this.#received = joined(this.#received, chunk);
    if (this.#state === "greeting") this.#read();
  }

  writable(): void {
    this.#flush();
    if (this.#toWrite.length === 0) this.#link?.writable();
  }

  ended(): void {
    this.#isEnded = true;
    if (this.#link !== undefined) this.#link.ended();
    else if (this.#state !== "admitted") this.#lost(true);
  }

  closed(): void {
    this.#isClosed = true;
    if (this.#link !== undefined) this.#link.closed();
    else if (this.#state !== "admitted") this.#lost(false);
  }

  /** Reads as far as the bytes go: mark, length, credential, verdict. */
  #read(): void {
    const bytes = this.#received;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < MARK_BYTES) return;
    if (view.getUint32(0, true) !== GREETING_MARK) {
      this.#refuse("missing", "self");
      return;
    }
    if (bytes.length < PREFIX_BYTES) return;
    const count = view.getUint16(MARK_BYTES, true);
    if (count > GREETING_BYTES_MAX) {
      this.#refuse("malformed", "self");
      return;
    }
    if (bytes.length < PREFIX_BYTES + count) return;
    if (this.#credential === undefined)
      this.#judge(bytes.slice(PREFIX_BYTES, PREFIX_BYTES + count));
    const verdict = bytes[PREFIX_BYTES + count];
    if (verdict !== undefined) this.#conclude(verdict, bytes.subarray(PREFIX_BYTES + count + 1));
  }

  #judge(credential: Uint8Array): void {
    const { gate, peer, inbound } = this.#init;
    this.#credential = credential;
    this.#fault = gate.refuse(peer, credential, !inbound);
    this.#write(Uint8Array.of(verdictOf(this.#fault)));
  }

  /** Both verdicts are known. What the peer says of this node comes first: its user can act. */
  #conclude(verdict: number, rest: Uint8Array): void {
    if (verdict !== ADMITTED) this.#refuse(reasonOf(verdict), "peer");
    else if (this.#fault !== undefined) this.#refuse(this.#fault, "self");
    else this.#admit(rest);
  }

  #admit(rest: Uint8Array): void {
    this.#state = "admitted";
    this.#received = rest;
    clearTimeout(this.#timer);
    const { gate, peer } = this.#init;
    gate.admitted(peer, this.#credential ?? EMPTY);
    this.#result.resolve(this.#channelForLink());
  }

  #channelForLink(): ByteChannel {
    const { channel } = this.#init;
    const toWrite = this.#toWrite;
    return {
      get writable() {
        return toWrite.length === 0 && channel.writable;
      },
      attach: (events) => this.#handOver(events),
      write: (bytes) => channel.write(bytes),
      finishWrite: () => channel.finishWrite(),
      destroy: () => channel.destroy(),
    };
  }

  /** What came behind the verdict is the link's; from then on everything goes straight through. */
  #handOver(events: ByteChannelEvents): void {
    queueMicrotask(() => {
      const rest = this.#received;
      this.#received = EMPTY;
      this.#link = events;
      if (rest.length > 0) events.data(rest);
      if (this.#isEnded) events.ended();
      if (this.#isClosed) events.closed();
      else events.writable();
    });
  }

  #refuse(reason: AdmissionReason, by: "self" | "peer"): void {
    if (this.#state !== "greeting") return;
    const { peer } = this.#init;
    // A peer whose credential never came whole has had no verdict yet.
    if (this.#credential === undefined) this.#write(Uint8Array.of(verdictOf(reason)));
    this.#fail(admissionError({ reason, by, peer }));
    this.#startLinger();
  }

  /**
   * No verdict will come. What this end has found counts; a peer that hangs up in good order instead
   * of greeting belongs to an open mesh.
   */
  #lost(inOrder: boolean): void {
    const silent = inOrder && this.#credential === undefined ? "missing" : undefined;
    const fault = this.#fault ?? silent;
    if (fault !== undefined) this.#refuse(fault, "self");
    this.#fail(lostError());
    this.#destroy();
  }

  #fail(error: unknown): void {
    if (this.#state !== "greeting") return;
    this.#state = "refused";
    this.#received = EMPTY;
    clearTimeout(this.#timer);
    this.#result.reject(error);
  }

  /** Lets the verdict arrive: closing a QUIC connection discards what is still under way. */
  #startLinger(): void {
    if (this.#isEnded || this.#isClosed) {
      this.#destroy();
      return;
    }
    this.#linger = setTimeout(() => this.#destroy(), LINGER_MS);
    this.#flush();
  }

  #destroy(): void {
    clearTimeout(this.#linger);
    this.#init.channel.destroy();
    this.#init.gone();
  }

  #write(bytes: Uint8Array): void {
    this.#toWrite.push(bytes);
    this.#flush();
  }

  #flush(): void {
    const { channel } = this.#init;
    while (channel.writable) {
      const bytes = this.#toWrite.shift();
      if (bytes === undefined) break;
      channel.write(bytes);
    }
    if (this.#linger === undefined || this.#isFinishing || this.#toWrite.length > 0) return;
    this.#isFinishing = true;
    channel.finishWrite().catch(() => this.#destroy());
  }
}

function encodeGreeting(credential: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + credential.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, GREETING_MARK, true);
  view.setUint16(MARK_BYTES, credential.length, true);
  bytes.set(credential, PREFIX_BYTES);
  return bytes;
}

function verdictOf(fault: AdmissionReason | undefined): number {
  return fault === undefined ? ADMITTED : 1 + ADMISSION_REASONS.indexOf(fault);
}

/** A number from a later version is a refusal all the same. */
function reasonOf(verdict: number): AdmissionReason {
  return ADMISSION_REASONS[verdict - 1] ?? "malformed";
}

function lostError(): MeshError {
  return new MeshError("MESH_TRANSPORT_DIAL", "the connection ended during the greeting", {
    retryable: true,
  });
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

const EMPTY: Uint8Array = new Uint8Array(0);
const MARK_BYTES = 4;
const PREFIX_BYTES = 6;
const ADMITTED = 0;
/** The credential of a greeting; as large as one can be. */
const GREETING_BYTES_MAX = 2560;
/** A connection has this long to greet. */
const GREETING_MS = 5_000;
/** A refused one has this long to hear why. */
const LINGER_MS = 1_000;
