/**
 * Replica: its primitives running out of room. Peers meet APPLY_FULL, never an exception.
 */
import { describe, expect, test } from "vitest";
import { DELTA_OPS_MAX, OP_MAP_SET } from "../../../../assembly/layout.ts";
import { isMeshError, MeshError } from "../../../../src/errors.ts";
import {
  APPLY_APPLIED,
  APPLY_FULL,
  type MerkleTree,
  type Primitives,
} from "../../../../src/kernels/kernels.ts";
import { DIRTY_ENTRIES_MAX } from "../../../../src/kernels/limits.ts";
import { createReferencePrimitives } from "../../../../src/kernels/reference/primitives.ts";
import { identitiesHeld } from "../../../../src/kernels/reference/replica/identity.ts";
import { openReplica } from "../../../../src/kernels/reference/replica/replica.ts";
import type { OperationFields } from "../../../support/delta-encoder.ts";
import { DeltaWriter, deliver, nodeId, TEST_MESH } from "../../../support/delta-writer.ts";

/** The reference primitives, with room for `lanes` lanes and `leaves` leaves a tree. */
function cramped(room: { lanes: number; leaves: number }): Primitives {
  const primitives = createReferencePrimitives();
  const full = (): never => {
    throw new MeshError("MESH_STATE_FULL", "no room");
  };
  return {
    ...primitives,
    createVersionVector() {
      const vector = primitives.createVersionVector();
      const set = vector.set.bind(vector);
      vector.set = (lane, value) => (lane < room.lanes ? set(lane, value) : full());
      return vector;
    },
    createMerkleTree() {
      const tree: MerkleTree = primitives.createMerkleTree();
      const set = tree.set.bind(tree);
      tree.set = (key, value, row) => (tree.size < room.leaves ? set(key, value, row) : full());
      return tree;
    },
  };
}

function puts(from: number, count: number): OperationFields[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: OP_MAP_SET,
    collection: "m",
    key: `${from + i}`,
    codec: 0,
    value: new Uint8Array(1),
  }));
}

describe("a replica whose primitives run out of room", () => {
  test("refuses a new incarnation as full and forgets it", () => {
    const replica = openReplica(cramped({ lanes: 1, leaves: 9 }), { meshId: TEST_MESH });
    const held = identitiesHeld();
    // Authors of no other test: what a record says is kept once a process, for whoever holds it.
    const [author, other] = [nodeId(0xf7), nodeId(0xf8)];
    const records = [author, other, other].map((id) => new DeltaWriter(id).record());
    const { outcomes } = deliver(replica, records[0]!, records[1]!);
    expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_FULL]);
    expect(replica.incarnations).toBe(1);
    expect(replica.latest(other)).toBeUndefined();
    expect(identitiesHeld()).toBe(held + 1);
    expect([...deliver(replica, records[2]!).outcomes]).toEqual([APPLY_FULL]);
    replica.free();
    expect(identitiesHeld()).toBe(held);
  });

  test("refuses a delta as full once its unhashed entries are at their bound", () => {
    const replica = openReplica(cramped({ lanes: 9, leaves: 10 }), { meshId: TEST_MESH });
    const writer = new DeltaWriter(nodeId(1));
    deliver(replica, writer.record());
    for (let from = 0; from < DIRTY_ENTRIES_MAX; from += DELTA_OPS_MAX) {
      const { outcomes } = deliver(replica, writer.write(puts(from, DELTA_OPS_MAX)));
      expect(outcomes[0]).toBe(APPLY_APPLIED);
    }
    const { entries } = replica.stats;
    const last = writer.write(puts(DIRTY_ENTRIES_MAX, DELTA_OPS_MAX));
    expect([...deliver(replica, last).outcomes]).toEqual([APPLY_FULL]);
    expect(replica.stats.entries).toBe(entries);
    replica.free();
  });

  test("says so when asked for the root, and has it once there is room", () => {
    const room = { lanes: 9, leaves: 2 };
    const replica = openReplica(cramped(room), { meshId: TEST_MESH });
    const roomy = openReplica(createReferencePrimitives(), { meshId: TEST_MESH });
    const writer = new DeltaWriter(nodeId(1));
    const deltas = [writer.record(), writer.write(puts(0, 5))];
    deliver(replica, ...deltas);
    deliver(roomy, ...deltas);
    const full = (error: unknown): boolean => isMeshError(error, "MESH_STATE_FULL");
    expect(() => replica.stateRoot()).toThrow(expect.toSatisfy(full));
    room.leaves = 99;
    expect(replica.root()).toEqual(roomy.root());
  });
});
