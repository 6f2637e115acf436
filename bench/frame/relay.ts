/**
 * Three real cores in a row: an author, a node that takes its pushes, and one that these are handed
 * on to. Frames are made in advance, and the garbage of making them is collected before any is
 * timed, so that a sample holds what the node does and little collection but of its own garbage.
 *
 * 1. Only young garbage is collected: a full collection also drops what the engine has learnt about
 *    types, after every fifty frames, and the node would never run compiled.
 * 2. The node has taken WARM frames before the first sample, as one that runs has.
 * 3. The first frame after others were made is not timed: the author's work has the caches.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Crypto } from "../../src/core/trust/crypto.ts";
import { FRAME_PROBE } from "../../src/core/wire/failure-frames.ts";
import { FRAME_PUSH, type Frame } from "../../src/core/wire/frame.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { type Flying, mapSet, Swarm, type TestNode, typeOf } from "../../test/support/pair.ts";

export class Relay {
  readonly node: TestNode;
  readonly author: TestNode;
  readonly next: TestNode;
  readonly #swarm: Swarm;
  readonly #count: number;
  readonly #ready: Uint8Array[] = [];
  #written = 0;

  /** @param count writes in the one delta of each push. @param crypto of all three. */
  constructor(count: number, crypto: Crypto = createCrypto()) {
    this.#count = count;
    // Rounds would carry what a push is to bring.
    const config = { roundIntervalMs: HOUR_MS };
    this.#swarm = new Swarm({ kernels: createKernels(), crypto, config });
    this.author = this.#swarm.add();
    this.node = this.#swarm.add();
    this.next = this.#swarm.add();
    this.#swarm.link(this.author, this.node);
    this.#swarm.link(this.node, this.next);
    this.#swarm.deliver();
    this.take(this.#push(1)); // the author's record and the first look at everything
    for (let i = 0; i < KEYS; i += FILL) this.take(this.#push(FILL));
  }

  /** Takes so many frames that the engine has compiled what they run through. */
  warm(): this {
    for (let i = 0; i < WARM; i++) this.take(this.#push(1));
    return this;
  }

  /** The next push; they are made many at a time. */
  push(): Uint8Array {
    if (this.#ready.length === 0) {
      for (let i = 0; i <= AHEAD; i++) this.#ready.push(this.#push(this.#count));
      collectGarbage({ type: "minor" });
      this.take(this.#ready.shift() ?? NOTHING);
    }
    return this.#ready.shift() ?? NOTHING;
  }

  /** Takes a frame; how many frames the node sends for it. */
  take(bytes: Uint8Array): number {
    this.node.core.handleFrame(this.author.id, bytes, this.node.now);
    this.node.drain();
    return this.#forget();
  }

  /** Takes a question of the next node; what the node answers, all of it every time. */
  answer(question: Frame): Uint8Array[] {
    // What has just been sent is under way, and is not sent again.
    this.#swarm.nowMs += UNDER_WAY_MS;
    this.node.frame(this.next, question);
    const answers = this.#swarm.flight.map((frame) => frame.bytes);
    this.#forget();
    return answers;
  }

  #forget(): number {
    const sent = this.#swarm.flight.length;
    this.#swarm.flight = [];
    this.node.events.length = 0;
    this.node.stored.length = 0;
    return sent;
  }

  /** The author's push of one delta of `count` writes. */
  #push(count: number): Uint8Array {
    const { author } = this;
    for (let i = 0; i < count; i++) {
      const write = this.#written++;
      author.write(mapSet(`key${(write * 7) % KEYS}`, new Uint8Array(16).fill(write % 251)));
    }
    while (!this.#swarm.flight.some((frame) => this.#isPush(frame))) {
      this.#swarm.nowMs += 1;
      for (const node of this.#swarm.nodes) node.timeout();
      this.#probe();
    }
    const found = this.#swarm.flight.find((frame) => this.#isPush(frame));
    this.#swarm.flight = [];
    author.events.length = 0;
    author.stored.length = 0;
    return found?.bytes ?? NOTHING;
  }

  /** Lets probes and their echoes through: who hears none gives its peer up and pushes no more. */
  #probe(): void {
    while (true) {
      const probes = this.#swarm.drop((frame) => typeOf(frame) === FRAME_PROBE);
      if (probes.length === 0) return;
      for (const { from, to, bytes } of probes) to.frame(from, bytes);
    }
  }

  #isPush({ from, to, bytes }: Flying): boolean {
    return from === this.author && to === this.node && typeOf({ bytes }) === FRAME_PUSH;
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as (which: { readonly type: "minor" }) => void;

const NOTHING = new Uint8Array(0);

const HOUR_MS = 3_600_000;
const UNDER_WAY_MS = 100;
/** Keys of the map, all written before the first sample. */
const KEYS = 1_000;
const FILL = 200;
/** Pushes made before a row of samples. */
const AHEAD = 50;
/** From here on hardly a function of the path is compiled anew, by --trace-opt. */
const WARM = 10_000;
