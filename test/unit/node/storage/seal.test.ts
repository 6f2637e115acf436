// Seals on stored deltas (decision 0011): whose they are, and what they cover.
import { expect, it } from "vitest";
import { DELTA_PREFIX_BYTES } from "../../../../assembly/layout.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { Sealer } from "../../../../src/node/storage/seal.ts";

const kernels = createKernels();
const sealer = new Sealer(kernels, new Uint8Array(32).fill(1));
const delta = Uint8Array.from({ length: DELTA_PREFIX_BYTES + 40 }, (_, i) => i);

it("gives a delta back, with a seal that holds", () => {
  const opened = sealer.open(sealer.seal(delta));
  expect(opened).toEqual({ delta, sealed: true });
});

it("holds for no other node, no other header and no other signature", () => {
  const other = new Sealer(kernels, new Uint8Array(32).fill(2));
  expect(other.open(sealer.seal(delta)).sealed).toBe(false);
  const record = sealer.seal(delta);
  for (const at of [0, 100, DELTA_PREFIX_BYTES - 1, record.length - 1]) {
    const changed = record.slice();
    changed[at] = changed[at]! ^ 1;
    expect(sealer.open(changed).sealed).toBe(false);
  }
});

it("holds for nothing that is too short to be a delta", () => {
  for (const length of [0, 1, 16, DELTA_PREFIX_BYTES]) {
    expect(sealer.open(new Uint8Array(length)).sealed).toBe(false);
  }
});
