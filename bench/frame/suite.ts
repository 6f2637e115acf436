/**
 * Suite `frame`: one Push frame from the bytes to the onward frame, through a real core with real
 * Ed25519: decode, admit, scan, verify, apply, root, convergence check, encode for the next link.
 */
import { createKernels } from "../../src/kernels/index.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { type Flying, mapSet, Swarm, type TestNode } from "../../test/support/pair.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";

export async function runFrameSuite(options: SuiteOptions): Promise<Measured> {
  const cases = [fullPath(256), fullPath(64), fullPath(1), verifyOnly(), seen()];
  const results = await runMicro(cases, options);
  return { results, ratios: ratiosOf(results) };
}

/** An author, a node that takes its pushes, and one that these are handed on to. */
class Relay {
  readonly #swarm = new Swarm({ kernels: createKernels(), crypto: createCrypto() });
  readonly #author: TestNode;
  readonly node: TestNode;
  #written = 0;

  constructor() {
    this.#author = this.#swarm.add();
    this.node = this.#swarm.add();
    const next = this.#swarm.add();
    this.#swarm.link(this.#author, this.node);
    this.#swarm.link(this.node, next);
    this.#swarm.deliver();
    this.take(this.push(1)); // the author's record and the first look at everything
  }

  /** The author's Push of one delta of `count` writes. */
  push(count: number): Uint8Array {
    for (let i = 0; i < count; i++) {
      const write = this.#written++;
      this.#author.write(mapSet(`key${(write * 7) % 1_000}`, new Uint8Array(16).fill(write % 251)));
    }
    while (!this.#swarm.flight.some((frame) => this.#isPush(frame))) {
      this.#swarm.nowMs += 1;
      this.#author.timeout();
    }
    const found = this.#swarm.flight.find((frame) => this.#isPush(frame));
    this.#swarm.flight = [];
    return found?.bytes ?? new Uint8Array(0);
  }

  /** Takes a frame; how many frames the node sends for it. */
  take(bytes: Uint8Array): number {
    this.node.frame(this.#author, bytes);
    const sent = this.#swarm.flight.length;
    this.#swarm.flight = [];
    this.node.events.length = 0;
    this.node.stored.length = 0;
    return sent;
  }

  #isPush({ from, to, bytes }: Flying): boolean {
    return from === this.#author && to === this.node && bytes.length > PUSH_BYTES_MIN;
  }
}

function fullPath(count: number): MicroCase {
  const relay = new Relay();
  let bytes = relay.push(count);
  return {
    name: `full-path-${count}`,
    impl: "core",
    n: count,
    callsPerSample: count,
    prepare: () => {
      bytes = relay.push(count);
    },
    run: () => relay.take(bytes),
    produce: () => {
      const fresh = new Relay();
      const before = fresh.node.checks;
      for (let i = 0; i < 3; i++) {
        if (fresh.take(fresh.push(count)) === 0) throw new Error("nothing is handed on");
      }
      const checked = fresh.node.checks - before;
      if (checked !== 3) throw new Error(`${checked} signatures were checked, not 3`);
      return fresh.node.root;
    },
  };
}

/** The cold signature that one delta costs, beside what it is spread over. */
function verifyOnly(): MicroCase {
  const crypto = createCrypto();
  const key = crypto.createSigningKey(new Uint8Array(32).fill(1));
  const messages = Array.from({ length: 64 }, (_, i) => new Uint8Array(160).fill(i));
  const signatures = messages.map((message) => crypto.sign(message, key));
  const verifyAll = (): number => {
    let good = 0;
    for (const [i, message] of messages.entries()) {
      good += crypto.verify(signatures[i] as Uint8Array, message, key.publicKey) ? 1 : 0;
    }
    return good;
  };
  return {
    name: "verify-cold",
    impl: crypto.backend,
    n: 160,
    callsPerSample: messages.length,
    prepare: () => undefined,
    run: verifyAll,
    produce: () => `${verifyAll()}`,
  };
}

/** A frame of deltas that are all held already: known by place and signature. */
function seen(): MicroCase {
  const relay = new Relay();
  const { core } = relay.node;
  const deltas: Uint8Array[] = [];
  for (let i = 0; i < SEEN; i++) {
    relay.node.frame([...relay.node.peers.values()][0] as TestNode, relay.push(4));
    deltas.push(relay.node.stored.at(-1) as Uint8Array);
  }
  const bytes = new Uint8Array(Buffer.concat(deltas));
  // Two frames in turn: one frame twice would be the same scan.
  const frames = [bytes, bytes.subarray(deltas[0]?.length ?? 0)] as const;
  const replica = core.read(0, "", undefined, relay.node.now);
  return {
    name: "seen-delta",
    impl: "wasm",
    n: SEEN,
    callsPerSample: (2 * SEEN - 1) * 50,
    prepare: () => undefined,
    run: () => {
      let held = 0;
      for (let i = 0; i < 50; i++) {
        held += replica.frameScan(frames[0]).count + replica.frameScan(frames[1]).count;
      }
      return held;
    },
    produce: () => replica.frameScan(bytes).statuses.slice(),
  };
}

function ratiosOf(results: readonly Result[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const { name, p50, p99 } of results) {
    const needed = NEEDED[name];
    if (name.startsWith("full-path")) {
      const unit = name === "full-path-1" ? "" : "-per-op";
      ratios.push({ name: `${name}-ticks${unit}`, value: p99 / TICK_NS, needed: needed ?? "" });
      ratios.push({ name: `${name}-ticks${unit} p50`, value: p50 / TICK_NS, needed: "" });
    } else {
      ratios.push({ name: `${name}-ticks`, value: p50 / TICK_NS, needed: needed ?? "" });
    }
  }
  return ratios;
}

const SEEN = 64;
/** Larger than any frame without deltas that the author sends here. */
const PUSH_BYTES_MIN = 300;
const NEEDED: Readonly<Record<string, string>> = {
  "full-path-256": "<= 4",
  "full-path-64": "<= 8",
  "seen-delta": "<= 1",
};
