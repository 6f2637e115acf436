/**
 * Suite `frame`: one Push frame from the bytes to the onward frame, through a real core with real
 * Ed25519: decode, admit, scan, verify, apply, root, convergence check, encode for the next link.
 */
import { concat } from "../../src/core/wire/concat.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import { decodeFrame, encodeFrame, FRAME_PUSH, FRAME_WANT } from "../../src/core/wire/frame.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";
import { Relay } from "./relay.ts";

export async function runFrameSuite(options: SuiteOptions): Promise<Measured> {
  const cases = [
    fullPath(256),
    fullPath(64),
    fullPath(1),
    cachedPath(),
    verifyOnly(),
    seen(),
    pushEncode(),
    pullAnswer(),
  ];
  const results = await runMicro(cases, options);
  return { results, ratios: ratiosOf(results) };
}

function fullPath(count: number): MicroCase {
  const relay = warmOnce(() => new Relay(count));
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    name: `full-path-${count}`,
    impl: "core",
    n: count,
    callsPerSample: count,
    samples: 2_000,
    prepare: () => {
      bytes = relay().push();
    },
    run: () => relay().take(bytes),
    produce: () => {
      const fresh = new Relay(count);
      for (let i = 0; i < 3; i++) {
        const push = fresh.push();
        const before = fresh.node.checks;
        if (fresh.take(push) === 0) throw new Error("nothing is handed on");
        const checked = fresh.node.checks - before;
        if (checked !== 1) throw new Error(`${checked} signatures were checked, not 1`);
      }
      return fresh.node.root;
    },
  };
}

/** One operation whose signature has been checked before the sample: the path without Ed25519. */
function cachedPath(): MicroCase {
  const crypto = createCrypto();
  const known = { ...crypto, verify: () => true };
  const relay = warmOnce(() => new Relay(1, known));
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    name: "full-path-1-cached",
    impl: "core",
    n: 1,
    callsPerSample: 1,
    samples: 4_000,
    prepare: () => {
      bytes = relay().push();
    },
    run: () => relay().take(bytes),
    produce: () => {
      const fresh = new Relay(1, crypto);
      for (let i = 0; i < 3; i++) fresh.take(fresh.push());
      return fresh.node.root;
    },
  };
}

/** A relay made and warmed when it is first asked for: `--only` waits for no other. */
function warmOnce(make: () => Relay): () => Relay {
  let relay: Relay | undefined;
  return () => {
    relay ??= make().warm();
    return relay;
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
  const relay = new Relay(4);
  const deltas = Array.from({ length: SEEN }, () => {
    const bytes = relay.push();
    relay.take(bytes);
    return deltaOf(bytes);
  });
  const bytes = new Uint8Array(Buffer.concat(deltas));
  // Two frames in turn: one frame twice would be the same scan.
  const frames = [bytes, bytes.subarray(deltas[0]?.length ?? 0)] as const;
  const replica = relay.node.core.read(0, "", undefined, relay.node.now);
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

/** The onward frame of one delta of 64 operations, encoded once for all links. */
function pushEncode(): MicroCase {
  const relay = new Relay(ENCODED);
  const { frame, wallMs } = decoded(relay.push());
  if (frame.type !== FRAME_PUSH) throw new Error("the author sends no push");
  const encodeAll = (times: number): Uint8Array => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < times; i++) {
      const deltas = concat([frame.deltas]);
      bytes = encodeFrame({ type: FRAME_PUSH, reached: 3, root: frame.root, deltas }, wallMs + i);
    }
    return bytes;
  };
  return {
    name: "push-encode",
    impl: "core",
    n: ENCODED,
    callsPerSample: 100 * ENCODED,
    prepare: () => undefined,
    run: () => encodeAll(100).length,
    produce: () => encodeAll(1),
  };
}

/** A Want of everything that one author wrote lately, answered from the log. */
function pullAnswer(): MicroCase {
  const relay = new Relay(ENCODED);
  for (let i = 0; i < WANTED; i++) relay.take(relay.push());
  const replica = relay.node.core.read(0, "", undefined, relay.node.now);
  const head = replica.latest(relay.author.id);
  if (head === undefined) throw new Error("the author is unknown");
  const { author, epoch, nonce } = head;
  const wants = [{ author, epoch, nonce, after: head.seq - WANTED * ENCODED }];
  const want = { type: FRAME_WANT, wants } as const;
  const answer = (): Uint8Array => relay.answer(want).at(-1) ?? new Uint8Array(0);
  const { frame } = decoded(answer());
  if (frame.type !== FRAME_DELTA) throw new Error("a Want is not answered by a Delta");
  return {
    name: "pull-answer",
    impl: "core",
    n: WANTED * ENCODED,
    callsPerSample: 10 * WANTED * ENCODED,
    prepare: () => undefined,
    run: () => {
      let sum = 0;
      for (let i = 0; i < 10; i++) sum += answer().length;
      return sum;
    },
    produce: () => {
      const { frame: again } = decoded(answer());
      return again.type === FRAME_DELTA ? again.deltas : "";
    },
  };
}

/** The deltas of a push. */
function deltaOf(bytes: Uint8Array): Uint8Array {
  const { frame } = decoded(bytes);
  if (frame.type !== FRAME_PUSH) throw new Error("not a push");
  return frame.deltas;
}

function decoded(bytes: Uint8Array) {
  const decodedFrame = decodeFrame(bytes);
  if (decodedFrame.kind === "refused") throw new Error(`refused: ${decodedFrame.reason}`);
  return decodedFrame;
}

function ratiosOf(results: readonly Result[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const { name, p50, p99 } of results) {
    const needed = NEEDED[name] ?? "";
    const unit = name === "full-path-256" || name === "full-path-64" ? "-per-op" : "";
    const isPath = name.startsWith("full-path");
    const value = (unit === "" ? p50 : p99) / TICK_NS;
    ratios.push({ name: `${name}-ticks${unit}`, value, needed });
    if (!isPath) continue;
    const other = unit === "" ? "p99" : "p50";
    const otherValue = (unit === "" ? p99 : p50) / TICK_NS;
    ratios.push({ name: `${name}-ticks${unit} ${other}`, value: otherValue, needed: "" });
  }
  return ratios;
}

const SEEN = 64;
/** Operations of one delta that is sent. */
const ENCODED = 64;
/** Deltas of one answer. */
const WANTED = 16;
const NEEDED: Readonly<Record<string, string>> = {
  "full-path-256": "<= 4",
  "full-path-64": "<= 8",
  "full-path-1-cached": "<= 8",
  "seen-delta": "<= 1",
  "push-encode": "<= 2",
  "pull-answer": "<= 2",
};
