/**
 * The parts of a running node, put together: identity, kernels, signatures, store, driver, links.
 * It carries the driver's requests to the pool and the pool's news to the driver.
 */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MESH_ID_BYTES } from "../../assembly/layout.ts";
import type { CoreConfig } from "../core/core-state.ts";
import type { LinkRequest } from "../core/gossip/active-view.ts";
import type { CoreEvent, Transmit } from "../core/outputs.ts";
import { CELLS_BY } from "../core/telemetry/cells.gen.ts";
import { FLOOD } from "../core/trust/charge.ts";
import type { Certificate } from "../core/wire/certificate.ts";
import { isMeshError, MeshError } from "../errors.ts";
import { createKernels } from "../kernels/index.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { JoinConfig } from "./api/join-options.ts";
import type { MeshEventMap } from "./api/mesh-events.ts";
import type { AdmissionStatus, PeerStatus, StoreStatus } from "./api/mesh-status.ts";
import { Bootstrap } from "./bootstrap.ts";
import { countRefusal } from "./count-refusal.ts";
import { Driver } from "./driver.ts";
import {
  generateIdentity,
  IDENTITY_FILE,
  type Identity,
  loadOrCreateIdentity,
} from "./identity.ts";
import { restoreFrom, warnOfQuarantine } from "./restore.ts";
import { MembershipCertificate } from "./security/membership-certificate.ts";
import { refusalOf } from "./security/reasons.ts";
import { AdmissionUpkeep } from "./security/upkeep.ts";
import { createCrypto } from "./signature/signature.ts";
import { holdStore, openStore } from "./storage/open-store.ts";
import { Sealer } from "./storage/seal.ts";
import type { Store } from "./storage/store.ts";
import { raceSignal } from "./transport/dial-signal.ts";
import { createQuicTransport, createTcpTransport } from "./transport/libp2p.ts";
import { createMemoryTransport } from "./transport/memory.ts";
import { MemoryWatch } from "./transport/memory-watch.ts";
import { LinkPool } from "./transport/pool.ts";
import type { Link, NodeId, Transport, TransportOptions } from "./transport/transport.ts";

export class NodeRuntime {
  readonly driver: Driver;
  /** Told of every core event, after the runtime has acted on it. */
  onEvent: (event: CoreEvent) => void = () => undefined;
  /** Told once when the node cannot go on; it is closing then. */
  onFailure: (error: MeshError) => void = () => undefined;
  /** Told when the process is short of memory (true), and when it is no more. */
  onMemory: (isPressed: boolean, rssBytes: number) => void = () => undefined;
  readonly #memory: MemoryWatch;
  /** Told of what happens to admission: event name and detail. */
  onAdmission: (name: AdmissionEvent, detail: object) => void = () => undefined;
  readonly #pool: LinkPool;
  readonly #certificate: MembershipCertificate | undefined;
  readonly #upkeep: AdmissionUpkeep;
  readonly #config: JoinConfig;
  readonly #store: Store;
  readonly #bootstrap: Bootstrap;
  /** Peers that are being reached for messages only. */
  readonly #reaching = new Set<NodeId>();
  /** The core has taken leave. */
  readonly #left = Promise.withResolvers<void>();
  #closed = false;

  private constructor(parts: RuntimeParts) {
    const { config, identity, kernels, store, certificate } = parts;
    const crypto = createCrypto();
    this.#store = store;
    this.#config = config;
    this.#certificate = certificate;
    this.#memory = this.#watchMemory(config.rssBytesMax);
    this.#pool = new LinkPool({
      transport: (handlers) =>
        createTransport(parts, {
          handlers,
          isPressed: () => this.#memory.isPressed,
          isRefused: (peer) => this.driver.core.isRefused(peer, { monoMs: performance.now() }),
        }),
      handlers: {
        linkUp: (peer, link) => this.#linkUp(peer, link),
        frame: (peer, bytes) => this.driver.frame(peer, bytes),
        linkDown: (peer, reason) => {
          certificate?.gate.forget(peer);
          this.driver.peer({ kind: "down", peer, reason });
        },
        refused: (reason, _, error) => {
          countRefusal(this.driver.core.cells, reason);
          this.#refusedLink(error);
        },
      },
      random: Math.random,
    });
    this.#bootstrap = new Bootstrap({
      seeds: config.seeds,
      kind: config.transport,
      self: identity,
      allowAlone: config.allowAlone,
      isReadOnly: () => this.driver.core.readOnly,
      quorumWaitMs: config.quorumWaitMs,
      dial: (address, options) => this.#pool.dial(address, options),
    });
    this.driver = new Driver(
      {
        nodeId: identity.nodeId,
        meshId: meshIdOf(kernels, config.mesh),
        durable: store.durable,
        ...admissionOf(parts),
        region: certificate?.current.region ?? config.region ?? "local",
        zone: certificate?.current.zone ?? config.zone ?? "local",
        fanout: config.fanout,
        roundIntervalMs: config.roundIntervalMs,
        convergenceThreshold: config.convergenceThreshold,
        batchDelayMs: config.batchDelayMs,
        viewSize: config.viewSize,
        reputationThreshold: config.reputationThreshold,
        rateLimitPerPeer: config.rateLimitPerPeer,
        whenPartitioned: config.whenPartitioned,
      },
      {
        kernels,
        crypto,
        identityKey: crypto.createSigningKey(identity.seed),
        seed: randomBytes(SEED_BYTES),
      },
      {
        transmit: (transmit) => this.#transmit(transmit),
        link: (request) => this.#link(request),
        event: (event) => this.#event(event),
        failed: (error) => this.#failed(error),
        store: this.#store,
        sealer: new Sealer(kernels, identity.seed),
      },
    );
    this.#upkeep = this.#createUpkeep();
    if (certificate === undefined) return;
    certificate.isKnown = (peer) => this.driver.core.membership.get(peer) !== undefined;
  }

  /**
   * Restores what was stored, then starts listening.
   * @throws MeshError MESH_LISTEN_FAILED, MESH_IDENTITY_FILE, MESH_DATA_DIR_IN_USE,
   *   MESH_STORE_MISMATCH, MESH_STORE_FAILED, MESH_CERTIFICATE_*.
   */
  static async start(config: JoinConfig, signal: AbortSignal | undefined): Promise<NodeRuntime> {
    signal?.throwIfAborted();
    const identity = await identityOf(config.dataDir);
    const kernels = createKernels({ hashKey: randomBytes(32) });
    const certificate = await certificateOf(config, identity, meshIdOf(kernels, config.mesh));
    const store = await openStore(config, meshIdOf(kernels, config.mesh));
    if (store.quarantined !== undefined)
      warnOfQuarantine(store.quarantined, "see reason.txt there");
    const runtime = await NodeRuntime.#restored({ config, identity, kernels, store, certificate });
    try {
      runtime.driver.begin();
      await runtime.#pool.start(signal === undefined ? {} : { signal });
      runtime.#memory.start();
    } catch (error) {
      await runtime.close(undefined);
      throw error;
    }
    runtime.#upkeep.start();
    const { addresses } = runtime;
    runtime.driver.command({ kind: "addresses", addresses: addresses.slice(0, ADDRESSES_MAX) });
    return runtime;
  }

  /** A runtime with everything in its core that the store holds. */
  static async #restored(parts: RuntimeParts): Promise<NodeRuntime> {
    const { store } = parts;
    try {
      const runtime = new NodeRuntime(parts);
      const damage = await restoreFrom(runtime.driver, store);
      if (damage === undefined) return runtime;
      // What was taken before the damage is not trusted to be all there was: everything goes.
      runtime.driver.stop();
      const moved = await store.quarantine(damage);
      await holdStore(store, meshIdOf(parts.kernels, parts.config.mesh));
      if (moved !== undefined) warnOfQuarantine(moved, damage);
      return new NodeRuntime(parts);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Joins through the seeds; resolves as {@link Mesh.join} does. */
  bootstrap(signal: AbortSignal | undefined): Promise<void> {
    return this.#bootstrap.join(signal);
  }

  get addresses(): readonly string[] {
    return this.#pool.transport.addresses;
  }

  get storeInfo(): StoreStatus {
    const { kind, durable, path, quarantined } = this.#store;
    return { kind, durable, path, quarantined };
  }

  get admissionInfo(): AdmissionStatus {
    const { admission } = this.#config;
    if (this.#certificate === undefined || admission.mode === "open") return { mode: "open" };
    const { isDue: due, current } = this.#certificate;
    const { serial, notBefore, notAfter } = current;
    const { mode, authority } = admission;
    return { mode, authority, serial, notBefore, notAfter, due };
  }

  /** Takes up the certificate's file now. @returns whether it holds a new one. @throws MeshError. */
  renewCertificate(): Promise<boolean> {
    return this.#upkeep.renew();
  }

  peerStatuses(): PeerStatus[] {
    const statuses: PeerStatus[] = [];
    for (const nodeId of this.#pool.connected()) {
      const link = this.#pool.linkOf(nodeId);
      if (link === undefined) continue;
      const known = this.driver.core.registry.get(nodeId);
      statuses.push({
        nodeId,
        remoteAddress: link.remoteAddress,
        suite: link.suite,
        rttMs: known?.rtt?.currentMs,
        reputation: known?.reputation ?? 1,
        framesSent: link.stats.framesSent,
        framesReceived: link.stats.framesReceived,
        framesDropped: link.stats.dropped,
      });
    }
    return statuses;
  }

  /** Takes leave, flushes, closes; an aborted signal cuts short what it can. Idempotent. */
  async close(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#bootstrap.close();
    this.#memory.stop();
    this.#upkeep.stop();
    this.driver.command({ kind: "leave" });
    // An aborted signal ends the wait, not the close.
    await raceSignal(this.#left.promise, [signal]).catch(() => undefined);
    const patience = AbortSignal.timeout(CLOSE_MS);
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    await this.#pool.close({ signal: either });
    this.driver.stop();
    await this.#store.close();
  }

  /** Above the limit links are shed at each check, and none is accepted. */
  #watchMemory(rssBytesMax: number): MemoryWatch {
    let told = false;
    const tell = (isPressed: boolean, rssBytes: number): void => {
      if (told !== isPressed) this.onMemory(isPressed, rssBytes);
      told = isPressed;
    };
    return new MemoryWatch({
      rssBytesMax,
      pressed: (rssBytes) => {
        this.#pool.shed();
        tell(true, rssBytes);
      },
      relieved: (rssBytes) => tell(false, rssBytes),
    });
  }

  /** Whether most of the links that new deltas go over have more than BEHIND_BYTES to send. */
  get isBehind(): boolean {
    const peers = this.driver.core.pushPeers();
    let behind = 0;
    for (const peer of peers) {
      if ((this.#pool.linkOf(peer)?.stats.queuedBytes ?? 0) > BEHIND_BYTES) behind += 1;
    }
    return behind * 2 > peers.length;
  }

  #transmit({ peer, bytes, lane }: Transmit): void {
    const verdict = this.#pool.send(peer, bytes, lane);
    if (verdict === "queued") return;
    // Not lost: rounds find what differs and repair it.
    const drops = CELLS_BY.queueDrops[LANE_NAMES[lane]];
    this.driver.core.cells.add(drops[verdict], 1);
  }

  #createUpkeep(): AdmissionUpkeep {
    const tell = (name: AdmissionEvent) => (certificate: Certificate) => {
      const { serial, notAfter } = certificate;
      this.onAdmission(name, { serial, notAfter });
    };
    return new AdmissionUpkeep({
      pool: this.#pool,
      certificate: this.#certificate,
      keyRotationMs: this.#config.admission.keyRotationMs,
      renewed: (certificate) => {
        this.driver.command({ kind: "certificate", credential: this.#shownCredential() });
        tell("certificate:renewed")(certificate);
      },
      due: tell("certificate:due"),
      failed: (error) => this.onAdmission("certificate:failed", { error }),
    });
  }

  /** The own credential's bytes; empty in an open mesh. */
  #shownCredential(): Uint8Array {
    return this.#certificate?.gate.greeting ?? new Uint8Array(0);
  }

  /** A refusal by certificate is counted and told, and ends the joining that this node began. */
  #refusedLink(error: MeshError | undefined): void {
    const reason = refusalOf(error);
    if (error === undefined || reason === undefined) return;
    const { by, peer } = error.details;
    this.driver.core.cells.add(CELLS_BY.admissionRefused[by === "self" ? reason : "by_peer"], 1);
    this.onAdmission("admission:refused", { peer, by, reason, error });
    const isDialled = this.#pool.linkOf(String(peer))?.inbound === false;
    if (isDialled) this.#bootstrap.refusedFor(error);
  }

  #linkUp(peer: NodeId, link: Link): void {
    const gossip = !link.inbound && !this.#reaching.has(peer);
    this.driver.peer({ kind: "up", peer, gossip });
  }

  #link(request: LinkRequest): void {
    if (this.#closed) return;
    switch (request.kind) {
      case "want":
        this.#pool.want(request.peer, request.addresses);
        return;
      case "unwant":
        this.#pool.unwant(request.peer);
        return;
      case "disconnect":
        // The pool tells of the link's end at once; the driver is busy with this very request.
        queueMicrotask(() => {
          this.#pool.disconnect(request.peer, request.reason === FLOOD ? "at once" : "gracefully");
        });
        return;
      case "reach":
        this.#reach(request.peer, request.addresses);
        return;
      case "bootstrap":
        this.#bootstrap.redial();
        return;
    }
  }

  #reach(peer: NodeId, addresses: readonly string[]): void {
    if (this.#reaching.has(peer)) return;
    this.#reaching.add(peer);
    const done = (): void => {
      this.#reaching.delete(peer);
    };
    // An unreachable node shows as the message's timeout.
    this.#pool.ensure(peer, addresses).then(done, done);
  }

  #event(event: CoreEvent): void {
    if (event.kind === "synced") this.#bootstrap.synced();
    if (event.kind === "health:changed" && event.health === "healthy") this.#bootstrap.writable();
    if (event.kind === "left") this.#left.resolve();
    if (event.kind === "peer:refused") this.#refused(event.peer, event.reason);
    this.onEvent(event);
  }

  /** Only what this node has dialled can spoil its joining; strangers may dial in at any time. */
  #refused(peer: NodeId, reason: string): void {
    if (this.#pool.linkOf(peer)?.inbound === false) this.#bootstrap.refused(reason);
  }

  /** A node that cannot store cannot keep its promises: it leaves, and says why. */
  #failed(error: unknown): void {
    // What the store still held when it was closed is refused with the same words.
    if (this.#closed) return;
    const failure = isMeshError(error)
      ? error
      : new MeshError("MESH_STORE_FAILED", "the store failed", { cause: error });
    process.emitWarning(failure);
    // Later: this comes out of the driver, which must not be stopped under itself.
    queueMicrotask(() => this.onFailure(failure));
  }
}

function admissionOf({ config, certificate }: RuntimeParts): Pick<CoreConfig, "admission"> {
  const { admission } = config;
  if (certificate === undefined || admission.mode === "open") return {};
  const { authority } = admission;
  return { admission: { authority, credential: certificate.gate.greeting } };
}

interface RuntimeParts {
  readonly config: JoinConfig;
  readonly identity: Identity;
  readonly kernels: Kernels;
  readonly store: Store;
  readonly certificate: MembershipCertificate | undefined;
}

type AdmissionEvent = Extract<keyof MeshEventMap, `admission:${string}` | `certificate:${string}`>;

function createTransport(
  { config, identity, certificate }: RuntimeParts,
  parts: Pick<TransportOptions, "handlers" | "isPressed" | "isRefused">,
): Transport {
  const options = {
    identitySeed: identity.seed,
    listen: config.listen,
    ...parts,
    ...(certificate === undefined ? {} : { admission: certificate.gate }),
  };
  switch (config.transport) {
    case "quic":
      return createQuicTransport(options);
    case "tcp":
      return createTcpTransport(options);
    case "memory":
      return createMemoryTransport(options);
  }
}

async function identityOf(dataDir: string | undefined): Promise<Identity> {
  if (dataDir === undefined) return generateIdentity();
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return loadOrCreateIdentity(join(dataDir, IDENTITY_FILE));
}

async function certificateOf(
  { admission: config, region, zone }: JoinConfig,
  { nodeId: self }: Identity,
  meshId: Uint8Array,
): Promise<MembershipCertificate | undefined> {
  if (config.mode === "open") return undefined;
  const options = { self, meshId, crypto: createCrypto(), config, region, zone, now: Date.now };
  return MembershipCertificate.load(options);
}

function meshIdOf(kernels: Kernels, name: string): Uint8Array {
  return kernels.blake3(new TextEncoder().encode(name)).slice(0, MESH_ID_BYTES);
}

/** As much as one push holds, and a sixteenth of what a link's queue takes. */
const BEHIND_BYTES = 524_288;
/** By lane number. */
const LANE_NAMES = ["control", "state", "message"] as const;
const SEED_BYTES = 32;
/** As many as a member record holds. */
const ADDRESSES_MAX = 8;
/** A graceful close gives up flushing after this. */
const CLOSE_MS = 2_000;
