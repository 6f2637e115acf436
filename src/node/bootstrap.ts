/**
 * Joining through seeds: all are dialled at once, the first exchange with a member ends the join.
 * A node that comes back to members it knew waits, besides, for their quorum, but not for ever: it
 * can be read, and asked how it stands, without one. Later, when the node has lost every link, the
 * seeds are dialled again, with backoff.
 */
import { MeshError } from "../errors.ts";
import type { Identity } from "./identity.ts";
import { refusalOf } from "./security/reasons.ts";
import { seedAddress } from "./seed-address.ts";
import { raceSignal } from "./transport/dial-signal.ts";
import type { Link, Transport } from "./transport/transport.ts";

export interface BootstrapOptions {
  readonly seeds: readonly string[];
  readonly kind: Transport["kind"];
  readonly self: Identity;
  /** Whether a node whose seeds do not answer may go on alone. */
  readonly allowAlone: boolean;
  /** Whether the node refuses writes, as it does that comes back and has heard no quorum yet. */
  readonly isReadOnly: () => boolean;
  /** How long the join waits for that to end. */
  readonly quorumWaitMs: number;
  readonly dial: (address: string, options: { readonly signal: AbortSignal }) => Promise<Link>;
}

/** A seed has this long to answer. */
const SEED_DIAL_MS = 5_000;
/** A peer whose link is up has this long for the first exchange. */
const SYNC_MS = 5_000;
/** First and longest pause between dials of the seeds by a node without links. */
const REDIAL_MIN_MS = 500;
const REDIAL_MAX_MS = 10_000;

export class Bootstrap {
  readonly #options: BootstrapOptions;
  readonly #addresses: readonly string[];
  readonly #closing = new AbortController();
  readonly #firstSync = Promise.withResolvers<void>();
  readonly #firstQuorum = Promise.withResolvers<void>();
  #isSynced = false;
  #redialNotBeforeMs = 0;
  #redialPauseMs = REDIAL_MIN_MS;

  /** @throws MeshError MESH_VALUE_INVALID for a malformed seed, MESH_SEED_IS_SELF for the own. */
  constructor(options: BootstrapOptions) {
    this.#options = options;
    this.#addresses = options.seeds.map((seed) => seedAddress(seed, options.kind));
    // They may be rejected before anyone waits for them.
    for (const { promise } of [this.#firstSync, this.#firstQuorum]) {
      // Whoever waits is told.
      promise.catch(() => undefined);
    }
    const own = this.#addresses.find((address) => address.endsWith(options.self.peerIdText));
    if (own === undefined) return;
    throw new MeshError("MESH_SEED_IS_SELF", `the seed ${own} is this node itself`, {
      details: { seed: own },
    });
  }

  /**
   * Resolves after the first exchange with a member; without a seed that is not waited for. Then,
   * while the node is read-only, when it has a quorum or the wait for one is over.
   */
  async join(signal: AbortSignal | undefined): Promise<void> {
    await this.#meet(signal);
    if (this.#options.isReadOnly()) await this.#waitForQuorum(signal);
  }

  async #meet(signal: AbortSignal | undefined): Promise<void> {
    if (this.#addresses.length === 0) return;
    const failures: unknown[] = [];
    const dials = this.#addresses.map((address) => this.#dial(address, signal, failures));
    const linked = await Promise.race([
      this.#firstSync.promise.then(() => true),
      Promise.all(dials).then((links) => links.includes(true)),
    ]);
    signal?.throwIfAborted();
    if (linked) return this.#waitForSync(signal);
    // Alone it would look healthy, and nobody would learn that a certificate is of no use.
    const refusal = failures.find((error) => refusalOf(error) !== undefined);
    if (refusal !== undefined) throw refusal;
    // A node that is one of its own seeds has nobody to wait for.
    if (this.#options.allowAlone || failures.some(isSelf)) return;
    throw new MeshError("MESH_SEED_UNREACHABLE", "no seed answered", {
      retryable: true,
      details: { seeds: this.#options.seeds },
      cause: new AggregateError(failures, "dials that failed"),
    });
  }

  /** The first exchange with a member is complete. */
  synced(): void {
    this.#isSynced = true;
    this.#redialPauseMs = REDIAL_MIN_MS;
    this.#firstSync.resolve();
  }

  /** The node takes writes. */
  writable(): void {
    this.#firstQuorum.resolve();
  }

  /** A peer was turned away: the seed of another mesh, or of another protocol version. */
  refused(reason: string): void {
    if (this.#isSynced) return;
    const code = reason === "version" ? "MESH_PROTOCOL_VERSION" : "MESH_MISMATCH";
    this.#firstSync.reject(new MeshError(code, `the seed was turned away: ${reason}`));
  }

  /** A seed whose mesh admits by certificate has turned this node away. */
  refusedFor(error: MeshError): void {
    if (!this.#isSynced) this.#firstSync.reject(error);
  }

  /** The node has no link: dials the seeds again, at most once a pause. */
  redial(): void {
    const now = performance.now();
    if (!this.#isSynced && !this.#options.allowAlone) return;
    if (now < this.#redialNotBeforeMs || this.#closing.signal.aborted) return;
    this.#redialNotBeforeMs = now + this.#redialPauseMs;
    this.#redialPauseMs = Math.min(REDIAL_MAX_MS, this.#redialPauseMs * 2);
    for (const address of this.#addresses) void this.#dial(address, undefined, []);
  }

  close(): void {
    this.#closing.abort();
    const closed = new MeshError("MESH_CLOSED", "closed while joining");
    this.#firstSync.reject(closed);
    this.#firstQuorum.reject(closed);
  }

  /** True when a link came up; a failure is noted, not thrown. */
  async #dial(
    address: string,
    signal: AbortSignal | undefined,
    failures: unknown[],
  ): Promise<boolean> {
    const limits = [AbortSignal.timeout(SEED_DIAL_MS), this.#closing.signal];
    try {
      await this.#options.dial(address, {
        signal: AbortSignal.any(signal === undefined ? limits : [...limits, signal]),
      });
      return true;
    } catch (error) {
      failures.push(error);
      return false;
    }
  }

  async #waitForSync(signal: AbortSignal | undefined): Promise<void> {
    if (await within(SYNC_MS, this.#firstSync.promise, signal)) return;
    throw new MeshError("MESH_SEED_UNREACHABLE", "a seed answered but said nothing", {
      retryable: true,
    });
  }

  /** Without one the node goes on read-only: its user sees that in its health. */
  async #waitForQuorum(signal: AbortSignal | undefined): Promise<void> {
    await within(this.#options.quorumWaitMs, this.#firstQuorum.promise, signal);
  }
}

/**
 * Waits for a promise, but so long at most.
 * @returns whether it has resolved. @throws its rejection, or the signal's reason.
 */
async function within(
  ms: number,
  promise: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(ms);
  try {
    await raceSignal(promise, [timeout, signal]);
    return true;
  } catch (error) {
    if (timeout.aborted && error === timeout.reason) return false;
    throw error;
  }
}

function isSelf(error: unknown): boolean {
  return error instanceof MeshError && error.code === "MESH_SEED_IS_SELF";
}
