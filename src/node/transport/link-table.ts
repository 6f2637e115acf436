/**
 * The links a transport has: creation, count, and the handlers' order of calls.
 *
 * Owns the rule that `linkUp` comes before the first frame and `linkDown` after the last, and
 * keeps a link that is down but still closing, so that closing the transport waits for it.
 */
import type { ByteChannel } from "./byte-channel.ts";
import { FrameLink } from "./frame-link.ts";
import type { NodeId, TransportHandlers, TransportLimits } from "./transport.ts";

export interface LinkIdentity {
  readonly peer: NodeId;
  readonly inbound: boolean;
  readonly remoteAddress: string;
  readonly suite: string;
}

export class LinkTable {
  readonly #handlers: TransportHandlers;
  readonly #limits: TransportLimits;
  readonly #links = new Set<FrameLink>();

  constructor(handlers: TransportHandlers, limits: TransportLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
  }

  /** True when no further link may be added. */
  get full(): boolean {
    return this.#links.size >= this.#limits.linksMax;
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
        if (reason.startsWith("frame_")) handlers.refused?.(reason, from.remoteAddress);
        handlers.linkDown(from, reason);
      },
      released: (from) => this.#links.delete(from),
    });
    this.#links.add(link);
    handlers.linkUp(link);
    link.start();
    return link;
  }

  /** Closes every link, each with a flush as far as `signal` allows. */
  async closeAll(signal?: AbortSignal): Promise<void> {
    const options = signal === undefined ? {} : { signal };
    await Promise.all(Array.from(this.#links, (link) => link.close(options)));
  }
}
