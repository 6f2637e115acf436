/**
 * Test support: one history played to two replicas, every answer of which must be equal. Throws at
 * the first difference, with what was compared.
 */
import { isDeepStrictEqual } from "node:util";
import {
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_KIND_OFFSET,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
  RECORD_BODY_BYTES,
} from "../../assembly/layout.ts";
import type { Applied, Change, Replica, Scan } from "../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { overMemory } from "../../src/kernels/wasm/kernels.ts";
import { CoreMemory } from "../../src/kernels/wasm/memory.ts";
import { join, TEST_MESH } from "./delta-writer.ts";
import { randomOf } from "./history.ts";
import {
  COLLECTIONS,
  ELEMENTS,
  type HostileHistory,
  hostileHistory,
  KEYS,
} from "./hostile-history.ts";

/** Delivers the deltas in a random order, in random frames, again and again; compares throughout. */
function playBoth(one: Replica, two: Replica, history: HostileHistory, seed: number): void {
  const random = randomOf(seed * 40_503 + 7);
  const rounds = 1 + random(3);
  // One in three histories loses deltas on the way and is compacted.
  const hasGaps = seed % 3 === 0;
  let waiting: Frame | undefined;
  for (let round = 0; round < rounds; round++) {
    const deltas = random(3) === 0 ? [...history.deltas] : shuffled(history.deltas, random);
    for (let at = 0; at < deltas.length; ) {
      const size = 1 + random(5);
      const some = deltas.slice(at, at + size);
      const cut = hasGaps ? cutSome(some, random) : { bytes: join(some), stubs: [] };
      const frame = scanBoth(one, two, cut);
      at += size;
      // Now and then another frame comes between a scan and its verdicts.
      if (waiting === undefined && random(6) === 0) {
        waiting = frame;
        continue;
      }
      applyBoth(one, two, frame, random);
      if (waiting !== undefined && random(2) === 0) {
        applyBoth(one, two, waiting, random);
        waiting = undefined;
      }
      if (random(3) === 0) same("root", one.root(), two.root());
      if (hasGaps && random(3) === 0) gapBoth([one, two], history, random);
    }
  }
  compareState(one, two, history);
}

/** Forgets or reclaims around some delta of the history; often where it must be refused. */
function gapBoth(
  replicas: readonly [Replica, Replica],
  history: HostileHistory,
  random: (bound: number) => number,
): void {
  const delta = history.deltas[random(history.deltas.length)];
  if (delta === undefined || delta.length < DELTA_PREFIX_BYTES) return;
  const view = new DataView(delta.buffer, delta.byteOffset, delta.length);
  const firstSeq = Number(view.getBigUint64(DELTA_FIRST_SEQ_OFFSET, true) & 0xffff_ffffn);
  const row = random(replicas[0].incarnations + 1);
  const isReclaim = random(3) === 0;
  const [left, right] = replicas.map((replica) =>
    isReclaim ? replica.reclaim(row) : replica.forget(row, firstSeq),
  );
  same(isReclaim ? "reclaim" : "forget", left, right);
}

/** Makes stubs and cut records of some; now and then a whole one is called that, or such a one is not. */
function cutSome(
  deltas: readonly Uint8Array[],
  random: (bound: number) => number,
): { readonly bytes: Uint8Array; readonly stubs: readonly number[] } {
  const stubs: number[] = [];
  const parts = deltas.map((delta, row) => {
    const isCut = random(3) === 0;
    if (random(40) === 0 ? !isCut : isCut) stubs.push(row);
    if (!isCut) return delta;
    const isRecord = delta[DELTA_KIND_OFFSET] === KIND_RECORD;
    const left = isRecord && random(8) !== 0 ? RECORD_BODY_BYTES : 0;
    return delta.subarray(0, DELTA_PREFIX_BYTES + left);
  });
  return { bytes: join(parts), stubs };
}

/** Compares all that can be read. */
function compareState(one: Replica, two: Replica, history: HostileHistory): void {
  same("root", one.root(), two.root());
  same("stateRoot", one.stateRoot(), two.stateRoot());
  same("frontierRoot", one.frontierRoot(), two.frontierRoot());
  same("stats", one.stats, two.stats);
  same("heads", heads(one), heads(two));
  same("tree size", one.frontierTree.size, two.frontierTree.size);
  for (const life of history.lives) {
    const { author, epoch, nonce } = life;
    same("head", one.head(author, epoch, nonce), two.head(author, epoch, nonce));
    same("latest", one.latest(author), two.latest(author));
  }
  for (const collection of COLLECTIONS) {
    same("mapKeys", [...one.mapKeys(collection)], [...two.mapKeys(collection)]);
    same("mapSize", one.mapSize(collection), two.mapSize(collection));
    for (const key of KEYS)
      same("reads", reads(one, collection, key, history), reads(two, collection, key, history));
  }
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly scans: readonly [Scan, Scan];
}

function scanBoth(
  one: Replica,
  two: Replica,
  { bytes, stubs }: { readonly bytes: Uint8Array; readonly stubs: readonly number[] },
): Frame {
  const scans = [one.frameScan(bytes, stubs), two.frameScan(bytes, stubs)] as const;
  same("scan", rows(scans[0]), rows(scans[1]));
  return { bytes, scans };
}

function applyBoth(
  one: Replica,
  two: Replica,
  { bytes, scans }: Frame,
  random: (bound: number) => number,
): void {
  // Columns are promised until the next scan; a scan that has something to apply keeps them.
  const isApplicable = [...scans[0].statuses].some((status) => status === 1 || status === 2);
  if (isApplicable) same("scan when applied", rows(scans[0]), rows(scans[1]));
  const verdicts = Uint8Array.from({ length: scans[0].count }, () => (random(12) === 0 ? 0 : 1));
  const [left, right] = [
    one.frameApply(scans[0], bytes, verdicts),
    two.frameApply(scans[1], bytes, verdicts),
  ];
  same("applied", plain(left), plain(right));
  for (const at of scans[0].offsets) {
    const delta = bytes.subarray(at);
    if (delta.length >= DELTA_HEADER_BYTES) same("rowOf", one.rowOf(delta), two.rowOf(delta));
  }
  same("stats", one.stats, two.stats);
  const lanes = (replica: Replica): number[] =>
    Array.from({ length: replica.frontier.lanes }, (_, lane) => replica.frontier.get(lane));
  same("frontier", lanes(one), lanes(two));
}

function rows({ count, complete, offsets, lengths, statuses, keys, reasons }: Scan): unknown {
  const asked = [...statuses].map((status, row) =>
    status === 1 || status === 2 ? [...keys.subarray(row * 32, row * 32 + 32)] : [],
  );
  return {
    count,
    complete,
    offsets: [...offsets],
    lengths: [...lengths],
    statuses: [...statuses],
    asked,
    reasons: [...reasons],
  };
}

function plain({ outcomes, changes }: Applied): unknown {
  return { outcomes: [...outcomes], changes: changes.map(plainChange) };
}

function plainChange(change: Change): unknown {
  const { type, collection, key, element, live, changed, delta, codec, payload, stamp } = change;
  const bytes = Buffer.from(payload).toString("hex");
  return { type, collection, key, element, live, changed, delta, codec, bytes, stamp };
}

function reads(
  replica: Replica,
  collection: string,
  key: string,
  history: HostileHistory,
): unknown {
  return {
    register: replica.register(collection, key),
    map: replica.mapGet(collection, key),
    counter: replica.counter(collection, key),
    own: history.lives.map((life) => replica.counterOwn(collection, key, life)),
    gauge: replica.gauge(collection, key),
    elements: [...replica.setElements(collection, key)],
    size: replica.setSize(collection, key),
    dots: ELEMENTS.map((element) => [
      replica.setHas(collection, key, element),
      Buffer.from(replica.setDots(collection, key, element)).toString("hex"),
    ]),
  };
}

function heads(replica: Replica): unknown[] {
  return Array.from({ length: replica.incarnations }, (_, row) => replica.headAt(row));
}

function shuffled<T>(items: readonly T[], random: (bound: number) => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

function same(what: string, a: unknown, b: unknown): void {
  if (isDeepStrictEqual(a, b)) return;
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? `${item}n` : item));
  throw new Error(`${what} differs:\n${show(a)}\n${show(b)}`);
}

/**
 * Plays the histories of [from, to) to the reference and to a Wasm replica.
 * @throws Error with the seed, at the first difference or the first byte not given back.
 */
export function playHostile(from: number, to: number): void {
  // Another key of the tables each time: no output may depend on it.
  const hashKey = new Uint8Array(32).fill(from / 1000);
  const memory = new CoreMemory({ memoryBytes: 16 * 1024 * 1024, hashKey });
  const wasm = overMemory(memory);
  const reference = createReferenceKernels();
  for (let seed = from; seed < to; seed++) {
    const history = hostileHistory(seed, wasm.blake3);
    const options = { meshId: TEST_MESH, limits: history.limits };
    const [one, two] = [reference.openReplica(options), wasm.openReplica(options)];
    try {
      playBoth(one, two, history, seed);
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause });
    }
    one.free();
    two.free();
    const live = memory.functions.arenaLiveBytes();
    if (live !== 0) throw new Error(`seed ${seed}: ${live} bytes are not given back`);
  }
}
