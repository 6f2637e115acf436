import { describe, expect, it } from "vitest";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { Outputs } from "../../../../src/core/outputs.ts";
import { DeltaLog } from "../../../../src/core/state/delta-log.ts";
import { HybridClock } from "../../../../src/core/state/hlc.ts";
import { FUTURE_MS_MAX, mergeDeltas } from "../../../../src/core/state/merge.ts";
import { Parked } from "../../../../src/core/state/parked.ts";
import { createCells } from "../../../../src/core/telemetry/cells.ts";
import { Certificates } from "../../../../src/core/trust/certificates.ts";
import {
  INCARNATIONS_BURST,
  IncarnationLimits,
} from "../../../../src/core/trust/incarnation-limits.ts";
import { Proofs } from "../../../../src/core/trust/proofs.ts";
import { createReferenceKernels } from "../../../../src/kernels/reference/kernels.ts";
import { createReferencePrimitives } from "../../../../src/kernels/reference/primitives.ts";
import { openReplica } from "../../../../src/kernels/reference/replica/replica.ts";
import { peerId, registryOf } from "../../../support/peers.ts";
import {
  DELTAS,
  type DeltaSample,
  deltaBytes,
  MESH_ID,
  NODE,
  RECORD,
  WALL_MS,
} from "../../../support/wire-samples.ts";

const FROM = peerId(1);
const OPERATIONS = deltaBytes(DELTAS.operations as DeltaSample);

/** The parts that merging uses. */
function coreOf(): CoreState {
  const parts = {
    config: { nodeId: peerId(0) },
    deps: {},
    replica: openReplica(createReferencePrimitives(), { meshId: MESH_ID }),
    proofs: new Proofs(createReferenceKernels()),
    certificates: new Certificates(undefined, createReferenceKernels().blake3),
    parked: new Parked(),
    incarnations: new IncarnationLimits(),
    log: new DeltaLog(),
    clock: new HybridClock(),
    cells: createCells(),
    registry: registryOf(),
    out: new Outputs(),
  };
  return parts as unknown as CoreState;
}

function merge(core: CoreState, bytes: Uint8Array, wallMs: number) {
  return mergeDeltas(core, FROM, { deltas: bytes }, () => "good", { monoMs: 0, wallMs });
}

describe("merge (C4, C5)", () => {
  it("applies a record and what chains to it", () => {
    const core = coreOf();
    expect(merge(core, deltaBytes(RECORD), WALL_MS).applied).toEqual([deltaBytes(RECORD)]);
    expect(merge(core, OPERATIONS, WALL_MS).applied).toEqual([OPERATIONS]);
    expect(core.log.above(0, -1, 1_000_000).deltas).toHaveLength(2);
  });

  it("parks an orphan until its ancestor comes, not until a time", () => {
    const core = coreOf();
    expect(merge(core, OPERATIONS, WALL_MS)).toMatchObject({ applied: [], orphans: 1 });
    expect(core.parked.count).toBe(1);
    // Trying it again at every timer would cost a hash of all that is parked, for nothing.
    expect(core.parked.due(WALL_MS + 3_600_000)).toEqual([]);
    expect(core.parked.take(NODE, WALL_MS)).toEqual(OPERATIONS);
  });

  it("parks a delta from the future until its time", () => {
    const core = coreOf();
    const early = WALL_MS - FUTURE_MS_MAX - 1;
    expect(merge(core, deltaBytes(RECORD), early)).toMatchObject({ applied: [], orphans: 0 });
    expect(core.parked.due(early)).toEqual([]);
    expect(core.parked.due(early + 1)).toEqual([NODE]);
    expect(merge(core, deltaBytes(RECORD), early + 1).applied).toHaveLength(1);
  });

  it("lets a new incarnation wait whose author has opened too many, and takes it in its time", () => {
    const core = coreOf();
    for (let i = 0; i < INCARNATIONS_BURST; i++) core.incarnations.admits(NODE, 0);
    const record = deltaBytes(RECORD);
    expect(merge(core, record, WALL_MS).applied).toEqual([]);
    expect(core.parked.due(WALL_MS)).toEqual([NODE]);
    const later = { monoMs: 60_000, wallMs: WALL_MS };
    expect(mergeDeltas(core, FROM, { deltas: record }, () => "good", later).applied).toEqual([
      record,
    ]);
  });
});
