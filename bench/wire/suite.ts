/**
 * Suite `wire`: bytes that one operation costs in a Push frame, exact. Before: every operation in a
 * delta of its own. After: as the batching window puts them together, and what zstd would take off
 * that, with its time: whether a link should compress is a question of its bandwidth.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { OP_GAUGE, OP_MAP_SET } from "../../assembly/layout.ts";
import { decodeFrame, encodeFrame, FRAME_PUSH } from "../../src/core/wire/frame.ts";
import { createKernels } from "../../src/kernels/index.ts";
import type { OperationFields } from "../../test/support/delta-encoder.ts";
import { DeltaWriter, nodeId } from "../../test/support/delta-writer.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, SuiteOptions } from "../lib/report.ts";

export async function runWireSuite(options: SuiteOptions): Promise<Measured> {
  const ratios: Ratio[] = [];
  const cases: MicroCase[] = [];
  for (const [kind, operation] of Object.entries(OPERATIONS)) {
    for (const count of COUNTS) {
      const frame = frameOf(count, operation);
      ratios.push(bytesRow(`${kind}-${count}-bytes-per-op`, frame.length / count));
      const packed = compress(frame);
      ratios.push(bytesRow(`${kind}-${count}-zstd-bytes-per-op`, packed.length / count));
      cases.push(...zstdCases(`${kind}-${count}`, frame, count));
    }
  }
  return { results: await runMicro(cases, options), ratios };
}

function bytesRow(name: string, value: number): Ratio {
  return { name, value, needed: "" };
}

/** Compressing the frame once and unpacking it once, per operation. */
function zstdCases(name: string, frame: Uint8Array, count: number): MicroCase[] {
  const packed = compress(frame);
  const unpack = (): Uint8Array => {
    const bytes = zstdDecompressSync(packed);
    if (decodeFrame(bytes).kind !== "frame") throw new Error("the frame came out otherwise");
    return bytes;
  };
  return [
    perOperation(`zstd-${name}`, count, () => compress(frame)),
    perOperation(`unzstd-${name}`, count, unpack),
  ];
}

function perOperation(name: string, n: number, work: () => Uint8Array): MicroCase {
  return {
    name,
    impl: "node:zlib",
    n,
    callsPerSample: n,
    prepare: () => undefined,
    run: () => work().length,
    produce: work,
  };
}

function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
}

/** A Push of one delta; the signature is as random as a real one. */
function frameOf(count: number, operation: (at: number) => OperationFields): Uint8Array {
  const { blake3 } = createKernels();
  const writer = new DeltaWriter(nodeId(1), { hash: blake3 });
  writer.record();
  const deltas = writer.write(Array.from({ length: count }, (_, at) => operation(at)));
  const half = blake3(deltas.subarray(0, HEADER_BYTES));
  deltas.set(half, HEADER_BYTES);
  deltas.set(blake3(half), HEADER_BYTES + half.length);
  const root = blake3(half.subarray(1));
  return encodeFrame({ type: FRAME_PUSH, reached: 3, root, deltas }, 1_700_000_000_000);
}

const OPERATIONS: Readonly<Record<string, (at: number) => OperationFields>> = {
  map: (at) => ({
    kind: OP_MAP_SET,
    collection: "tasks",
    key: `task-${at * 7}`,
    codec: 1,
    value: new TextEncoder().encode(`{"state":"done","by":"agent-${at % 10}","took":${at * 13}}`),
  }),
  gauge: (at) => ({
    kind: OP_GAUGE,
    collection: "load",
    key: `agent-${at}`,
    value: BigInt(at * 1_000),
    weight: 1n,
  }),
};

const COUNTS = [1, 10, 100, 256];
const HEADER_BYTES = 160;
const LEVEL = 1;
