/**
 * Test support: nodes of a certified mesh that restart every day, each time under a new certificate, and
 * what one member holds of all their lives. Real merging and compaction, virtual time, fake signatures.
 */
import { HybridClock } from "../../src/core/state/hlc.ts";
import { LocalAuthor } from "../../src/core/state/local-author.ts";
import type { SigningKey } from "../../src/core/trust/crypto.ts";
import { decodeCredential } from "../../src/core/wire/credential.ts";
import type { Operation } from "../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import { CertifiedSwarm } from "./certified-swarm.ts";
import { HOUR_MS } from "./credentials.ts";
import { join, type NodeOptions, type TestNode, text } from "./pair.ts";

const DAY_MS = 24 * HOUR_MS;
const COMPACT_AFTER_MS = 120_000;
/** Lives in a frame: below its bytes and its deltas. */
const LIVES_A_FRAME = 400;
const NEVER_ENDING = { notAfter: 4_000_000_000_000 };
const NEWCOMER = 3;
/** So that a credential is as large as one of the authority can be, 313 bytes. */
const LABELS = { region: "r".repeat(64), zone: "z".repeat(64) };

/** What a life writes: each list in a delta of its own. */
export type LifeWrites = readonly (readonly ("name" | "counter")[])[];

export class Restarts {
  readonly swarm: CertifiedSwarm;
  /** The member that is looked at. */
  readonly member: TestNode;
  /** The most that its log has held. */
  logBytesMost = 0;
  /** Bytes that came, of all lives. */
  sentBytes = 0;
  readonly #feeder: TestNode;
  readonly #keys: readonly SigningKey[];
  readonly #writes: LifeWrites;
  #day = 0;

  constructor(nodes: number, writes: LifeWrites, compactFromBytes?: number) {
    const from = compactFromBytes === undefined ? {} : { compactFromBytes };
    const config = { compactAfterMs: COMPACT_AFTER_MS, roundIntervalMs: 3_600_000, ...from };
    this.swarm = new CertifiedSwarm(config);
    const credentials = [1, 2].map((i) => this.swarm.credential(this.swarm.idOf(i), NEVER_ENDING));
    const [member, feeder] = credentials.map((credential) => this.swarm.certified({ credential }));
    if (member === undefined || feeder === undefined) throw new Error("two nodes were made");
    this.member = member;
    this.#feeder = feeder;
    this.swarm.link(member, feeder);
    this.swarm.deliver();
    // It only says what it is given to say.
    this.swarm.apart(feeder);
    this.#writes = writes;
    this.#keys = Array.from({ length: nodes }, (_, i) =>
      this.swarm.crypto.createSigningKey(this.swarm.kernels.blake3(text(`restarting ${i}`))),
    );
  }

  /** Every node begins a life, writes, and is gone; then the night passes. */
  day(): void {
    const { swarm } = this;
    let frame: Uint8Array[] = [];
    for (const [i, key] of this.#keys.entries()) {
      frame.push(this.#life(key, i));
      if (frame.length < LIVES_A_FRAME && i < this.#keys.length - 1) continue;
      this.#tell(join(frame));
      frame = [];
    }
    swarm.drop(() => true);
    this.logBytesMost = Math.max(this.logBytesMost, this.logBytes);
    swarm.nowMs += DAY_MS;
    this.#day += 1;
    this.rest(60_000);
    // What a test could look at afterwards is more than the log.
    for (const kept of [this.member.stored, this.member.compacted, this.member.events]) {
      kept.length = 0;
    }
  }

  /** Lets passes of compaction go on. */
  rest(ms: number): void {
    this.swarm.advance(ms, () => true);
  }

  /** A member that comes now and gets all of it from the one that is looked at. */
  newcomer(config: NodeOptions["config"] = {}): TestNode {
    const credential = this.swarm.credential(this.swarm.idOf(NEWCOMER), NEVER_ENDING);
    const newcomer = this.swarm.certified({ identity: NEWCOMER, credential, config });
    this.swarm.link(this.member, newcomer);
    this.swarm.advance(10_000);
    return newcomer;
  }

  get logBytes(): number {
    return this.member.core.status().deltaBytes;
  }

  #life(identityKey: SigningKey, i: number): Uint8Array {
    const { swarm, member } = this;
    const { kernels, crypto, meshId } = swarm;
    const nodeId = Buffer.from(identityKey.publicKey).toString("hex");
    const { wallMs } = member.now;
    const times = { notBefore: wallMs - HOUR_MS, notAfter: wallMs + 2 * DAY_MS };
    const bytes = swarm.credential(nodeId, { serial: this.#day + 1, ...LABELS, ...times });
    const certificate = decodeCredential(bytes)?.certificate;
    if (certificate === undefined) throw new Error("the credential was just made");
    const seed = kernels.blake3(text(`day ${this.#day} of ${i}`));
    const replica = member.read(0, "", undefined);
    const author = new LocalAuthor({
      ...{ nodeId, meshId, identityKey, crypto, kernels, replica, clock: new HybridClock(), seed },
      certificates: { own: { bytes, certificate } },
    });
    const [first = [], ...others] = this.#writes;
    const begun = this.#close(author, first, i);
    if (others.length === 0) return begun;
    // The next delta's place follows from the replica: it must be there.
    this.#tell(begun);
    for (const writes of others) this.#tell(this.#close(author, writes, i));
    return new Uint8Array(0);
  }

  #tell(deltas: Uint8Array): void {
    if (deltas.length === 0) return;
    this.sentBytes += deltas.length;
    const root = new Uint8Array(32);
    this.member.frame(this.#feeder, { type: FRAME_DELTA, more: false, root, deltas });
  }

  #close(author: LocalAuthor, writes: readonly ("name" | "counter")[], i: number): Uint8Array {
    for (const write of writes) author.append(operationOf(write, i));
    return author.close(this.member.now.wallMs);
  }
}

function operationOf(write: "name" | "counter", i: number): Operation {
  if (write === "counter") {
    return { kind: "counter.add", collection: "c", key: "k", plus: 1n, minus: 0n };
  }
  const value = text(`an agent of node ${i}`);
  return { kind: "map.set", collection: "agents", key: `agent ${i}`, codec: 0, value };
}
