import { describe, expect, it } from "vitest";
import { DOT_BYTES, REMOVE_DOTS_MAX } from "../../../../assembly/layout.ts";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { DeltaLog } from "../../../../src/core/state/delta-log.ts";
import { LocalWrites, write } from "../../../../src/core/state/local-writes.ts";
import { Certificates } from "../../../../src/core/trust/certificates.ts";
import { Proofs } from "../../../../src/core/trust/proofs.ts";
import { concat } from "../../../../src/core/wire/concat.ts";
import { encodeOperation, type Operation } from "../../../../src/core/wire/delta.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";
import { createReferenceKernels } from "../../../../src/kernels/reference/kernels.ts";
import { parseOperations } from "../../../../src/kernels/reference/replica/operations.ts";
import { at } from "../../../support/peers.ts";

/** The parts that taking a write uses; `dots` are those of the element that is removed. */
function coreOf(dots: Uint8Array) {
  const appended: Uint8Array[] = [];
  const parts = {
    config: { batchDelayMs: 5 },
    replica: { setDots: () => dots },
    log: new DeltaLog(),
    writes: new LocalWrites(),
    certificates: new Certificates(undefined, blake3),
    proofs: new Proofs(createReferenceKernels()),
    author: {
      openOperations: 0,
      isFullFor: () => false,
      append: (operation: Operation) => appended.push(encodeOperation(operation)),
    },
  };
  return { core: parts as unknown as CoreState, appended };
}

describe("local writes (C5)", () => {
  it.each([
    [0, [0]],
    [1, [1]],
    [REMOVE_DOTS_MAX, [REMOVE_DOTS_MAX]],
    [2 * REMOVE_DOTS_MAX + 3, [REMOVE_DOTS_MAX, REMOVE_DOTS_MAX, 3]],
  ])(
    "remove an element of %i dots in well-formed operations that name them all",
    (count, sizes) => {
      const dots = Uint8Array.from({ length: count * DOT_BYTES }, (_, i) => i / DOT_BYTES);
      const { core, appended } = coreOf(dots);
      const remove = { op: "set.remove", collection: "seen", key: "k", element: "x" } as const;
      expect(write(core, remove, at(0))).toEqual({ kind: "write", id: 1 });
      const body = concat(appended);
      const range = { start: 0, end: body.length, count: appended.length };
      const operations = parseOperations(body, new DataView(body.buffer), range);
      if (typeof operations === "string") throw new Error(operations);
      const payloads = operations.map(({ payloadAt, payloadBytes }) =>
        body.subarray(payloadAt, payloadAt + payloadBytes),
      );
      expect(payloads.map((payload) => payload.length / DOT_BYTES)).toEqual(sizes);
      expect(concat(payloads)).toEqual(dots);
    },
  );
});
