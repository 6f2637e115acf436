/**
 * The links a transport has: creation, count, and the handlers' order of calls.
 *
 * Owns the rule that `linkUp` comes before the first frame and `linkDown` after the last, and
 * keeps a link that is down but still closing, so that closing the transport waits for it.
 */
import { isMeshError, MeshError } from "../../errors.ts";
import { admissionError, refusalOf } from "../security/reasons.ts";
import type { ByteChannel } from "./byte-channel.ts";
import { FrameLink, type LinkDownReason } from "./frame-link.ts";
import { Greeting } from "./greeting.ts";
import type { AdmissionGate, NodeId, TransportHandlers, TransportLimits } from "./transport.ts";

export interface LinkIdentity {
  readonly peer: NodeId;
  readonly inbound: boolean;
  readonly remoteAddress: string;
  readonly suite: string;
}

export class LinkTable {
  readonly #handlers: TransportHandlers;
  readonly #limits: TransportLimits;
  readonly #gate: AdmissionGate | undefined;
  readonly #links = new Set<FrameLink>();
  /** Connections that greet, or that hear why they were refused. */
  readonly #greetings = new Set<Greeting>();
  #isClosing = false;

  /** @param gate whom to ask about each connection; undefined admits all. */
  constructor(handlers: TransportHandlers, limits: TransportLimits, gate?: AdmissionGate) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#gate = gate;
  }

  /** True when no further link may be added. */
  get full(): boolean {
    return this.#links.size >= this.#limits.linksMax;
  }

  /** Takes an accepted channel: a link at once, or once both ends have admitted each other. */
  accept(identity: LinkIdentity, channel: ByteChannel): void {
    if (this.#gate === undefined) this.add(identity, channel);
    // What failed has been told to `refused`.
    else this.#greet(this.#gate, identity, channel).catch(() => undefined);
  }

  /**
   * Makes a link of a channel whose ends have admitted each other; without a gate, at once.
   * @throws MeshError MESH_CERTIFICATE_* for a refusal, which `refused` has been told;
   *   MESH_TRANSPORT_DIAL for a lost connection; the signal's reason.
   */
  admit(
    identity: LinkIdentity,
    channel: ByteChannel,
    signal?: AbortSignal,
  ): FrameLink | Promise<FrameLink> {
    if (this.#gate === undefined) return this.add(identity, channel);
    return this.#greet(this.#gate, identity, channel, signal);
  }

  async #greet(
    gate: AdmissionGate,
    identity: LinkIdentity,
    channel: ByteChannel,
    signal?: AbortSignal,
  ): Promise<FrameLink> {
    const greeting = new Greeting({
      channel,
      peer: identity.peer,
      inbound: identity.inbound,
      gate,
      gone: () => this.#greetings.delete(greeting),
    });
    this.#greetings.add(greeting);
    this.#trimGreetings();
    const giveUp = (): void => greeting.giveUp(signal?.reason);
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted === true) giveUp();
    try {
      const admitted = await greeting.admitted;
      this.#greetings.delete(greeting);
      if (!this.#isClosing && !this.full) return this.add(identity, admitted);
      admitted.destroy();
      throw this.#isClosing ? closedError() : fullError();
    } catch (error) {
      const reason = refusalOf(error);
      if (reason !== undefined && isMeshError(error)) {
        this.#handlers.refused?.(`certificate_${reason}`, identity.remoteAddress, error);
      }
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Makes a link of a channel, tells `linkUp`, then lets frames through. */
  add(identity: LinkIdentity, channel: ByteChannel): FrameLink {
    const handlers = this.#handlers;
    const link = new FrameLink({
      ...identity,
      channel,
      limits: this.#limits,
      frame: (from, bytes) => handlers.frame(from, bytes),
      down: (from, reason) => {
        this.#tellRefusal(from, reason);
        handlers.linkDown(from, reason);
      },
      released: (from) => this.#links.delete(from),
    });
    this.#links.add(link);
    handlers.linkUp(link);
    link.start();
    return link;
  }

  /** Who says nothing must not keep out who would: the oldest connection without a link gives way. */
  #trimGreetings(): void {
    if (this.#greetings.size <= GREETINGS_MAX) return;
    const [oldest] = this.#greetings;
    oldest?.giveUp(fullError());
  }

  #tellRefusal(link: FrameLink, reason: LinkDownReason): void {
    const { refused } = this.#handlers;
    if (reason.startsWith("frame_")) refused?.(reason, link.remoteAddress);
    if (reason !== "certificate_missing") return;
    const error = admissionError({ reason: "missing", by: "peer", peer: link.peer });
    refused?.(reason, link.remoteAddress, error);
  }

  /** Closes every link, each with a flush as far as `signal` allows. */
  async closeAll(signal?: AbortSignal): Promise<void> {
    this.#isClosing = true;
    for (const greeting of this.#greetings) greeting.giveUp(closedError());
    const options = signal === undefined ? {} : { signal };
    await Promise.all(Array.from(this.#links, (link) => link.close(options)));
  }
}

function fullError(): MeshError {
  return new MeshError("MESH_TRANSPORT_DIAL", "too many connections", { retryable: true });
}

function closedError(): MeshError {
  return new MeshError("MESH_TRANSPORT_CLOSED", "the transport is closed");
}

/** Connections that greet at once, or that hear why they were refused. */
const GREETINGS_MAX = 256;
