/**
 * A certified member that lies: one life of a real author, lived twice, told to two nodes over QUIC
 * links of its own.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { MeshCore } from "../../src/core/mesh-core.ts";
import type { NodeId } from "../../src/core/node-id.ts";
import { decodeCredential, encodeCredential } from "../../src/core/wire/credential.ts";
import { encodeFrame, FRAME_HELLO, FRAME_PUSH } from "../../src/core/wire/frame.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { IDENTITY_FILE, type Identity, loadIdentity } from "../../src/node/identity.ts";
import { Admission } from "../../src/node/security/admission.ts";
import { CERTIFICATE_FILE, readCredential } from "../../src/node/security/credential-file.ts";
import { meshIdOfName } from "../../src/node/security/issue.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { createQuicTransport } from "../../src/node/transport/libp2p.ts";
import { LANE_CONTROL, type Transport } from "../../src/node/transport/transport.ts";
import { mapSet } from "./pair.ts";

const kernels = createKernels();
const crypto = createCrypto();

interface Told {
  readonly address: string;
  /** What it says at "k" of map "m". */
  readonly value: string;
}

export class Equivocator implements AsyncDisposable {
  readonly id: NodeId;
  readonly #identity: Identity;
  readonly #meshId: Uint8Array;
  readonly #authority: NodeId;
  readonly #credential: Uint8Array;
  readonly #transport: Transport;

  private constructor(identity: Identity, mesh: string, authority: NodeId, credential: Uint8Array) {
    this.id = identity.nodeId;
    this.#identity = identity;
    this.#meshId = meshIdOfName(mesh);
    this.#authority = authority;
    this.#credential = credential;
    this.#transport = createQuicTransport({
      identitySeed: identity.seed,
      listen: [],
      handlers: { linkUp: () => undefined, frame: () => undefined, linkDown: () => undefined },
      admission: this.#gate(),
    });
  }

  /** @param dataDir a folder with a key and its certificate, as `cert issue` makes it. */
  static async start(dataDir: string, mesh: string, authority: NodeId): Promise<Equivocator> {
    const identity = await loadIdentity(join(dataDir, IDENTITY_FILE));
    const credential = encodeCredential(await readCredential(join(dataDir, CERTIFICATE_FILE)));
    const liar = new Equivocator(identity, mesh, authority, credential);
    await liar.#transport.start();
    return liar;
  }

  /** Tells each node of one delta at one place, at the same time. */
  async tell(told: readonly Told[]): Promise<void> {
    const links = await Promise.all(told.map(({ address }) => this.#transport.dial(address)));
    const now = { monoMs: 0, wallMs: Date.now() };
    const seed = randomBytes(32);
    for (const [i, { value }] of told.entries()) {
      const { hello, deltas } = this.#life(seed, value, now);
      links[i]?.send(hello, LANE_CONTROL);
      const root = new Uint8Array(32);
      const push = { type: FRAME_PUSH, reached: 1, root, deltas } as const;
      links[i]?.send(encodeFrame(push, now.wallMs), LANE_CONTROL);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport.close();
  }

  /** A life that writes one value: the same record and place for every value. */
  #life(seed: Uint8Array, value: string, now: { monoMs: number; wallMs: number }) {
    const meshId = this.#meshId;
    const admission = { authority: this.#authority, credential: this.#credential };
    const identityKey = crypto.createSigningKey(this.#identity.seed);
    const core = new MeshCore(
      {
        nodeId: this.id,
        meshId,
        admission,
        region: "local",
        zone: "local",
        fanout: 3,
        roundIntervalMs: 100,
        convergenceThreshold: 1,
        batchDelayMs: 0,
        viewSize: 6,
        reputationThreshold: 0.5,
      },
      { kernels, crypto, identityKey, seed },
      now,
    );
    core.handleCommand({ kind: "write", write: mapSet("k", value) }, now);
    core.handleTimeout(now);
    const deltas: Uint8Array[] = [];
    for (let store = core.pollStore(); store; store = core.pollStore()) deltas.push(store.bytes);
    const [member = new Uint8Array(0)] = core.memberRecords();
    const hello = { type: FRAME_HELLO, meshId, gossip: false, heard: false, member } as const;
    core.free();
    return { hello: encodeFrame(hello, now.wallMs), deltas: new Uint8Array(Buffer.concat(deltas)) };
  }

  #gate(): Admission {
    const gate = new Admission({
      self: this.id,
      anchor: { meshId: this.#meshId, authority: this.#authority },
      crypto,
      now: Date.now,
      isKnown: () => true,
    });
    const credential = decodeCredential(this.#credential);
    if (credential === undefined || gate.install(credential) !== undefined) {
      throw new Error("the liar's own certificate is of no use");
    }
    return gate;
  }
}
