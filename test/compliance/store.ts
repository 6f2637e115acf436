/**
 * What every store must do, whatever it keeps its records in. Records are opaque here: a store
 * knows nothing of what it keeps.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES } from "../../assembly/layout.ts";
import { stubOf } from "../../src/core/wire/stub.ts";
import type { Store } from "../../src/node/storage/store.ts";
import { until } from "../support/until.ts";

export interface StoreUnderTest {
  readonly name: string;
  readonly durable: boolean;
  /** Opens a store at a place of its own. */
  open(): Promise<Store>;
  /** Opens the store again where `store` was, after its end; undefined if nothing can be left. */
  reopen(store: Store): Promise<Store> | undefined;
}

export function describeStore(kind: StoreUnderTest): void {
  const opened = async (): Promise<Store> => {
    const store = await kind.open();
    onTestFinished(() => store.close());
    return store;
  };

  describe(`the ${kind.name} store`, () => {
    it("says what it is", async () => {
      const store = await opened();
      expect([store.kind, store.durable]).toEqual([kind.name, kind.durable]);
      expect(store.path === undefined).toBe(!kind.durable);
      expect(store.quarantined).toBeUndefined();
    });

    it("gives back nothing when it is new", async () => {
      const store = await opened();
      expect(await deltasOf(store)).toEqual([]);
      expect(await store.members()).toEqual([]);
      expect(await store.getMeta("mesh")).toBeUndefined();
    });

    it("gives back every delta in the order in which it was appended", async () => {
      const store = await opened();
      const deltas = samples(1_000);
      await Promise.all(deltas.map((delta) => store.append(delta)));
      expect(await deltasOf(store)).toEqual(deltas);
    });

    it("keeps deltas of every size a delta may have", async () => {
      const store = await opened();
      const deltas = [1, 4_096, 65_536 + 224].map((length) => new Uint8Array(length).fill(length));
      for (const delta of deltas) await store.append(delta);
      expect(await deltasOf(store)).toEqual(deltas);
    });

    it("shows a delta as soon as it has been asked to keep it", async () => {
      const store = await opened();
      const kept = store.append(bytes("first"));
      expect(await deltasOf(store)).toEqual([bytes("first")]);
      await kept;
    });

    it("resolves in the order in which it was asked", async () => {
      const store = await opened();
      const order: number[] = [];
      const asked = samples(600).map((delta, i) => store.append(delta).then(() => order.push(i)));
      await store.sync();
      expect(order.length).toBe(600);
      await Promise.all(asked);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    });

    it("drops compacted deltas and puts stubs in the place of others", async () => {
      const store = await opened();
      const deltas = signed(5_000);
      await Promise.all(deltas.map((delta) => store.append(delta)));
      const stub = (at: number) => stubOf(deltas[at]!);
      // In one pass 100 to 2,999 go but for a stub, in the next 3,000 to 4,499 with that stub.
      const first = { dropped: deltas.slice(100, 2_999), stubs: [stub(2_999)] };
      const second = {
        dropped: [stub(2_999), ...deltas.slice(3_000, 4_499)],
        stubs: [stub(4_499)],
      };
      await store.compact({ ...first, isLast: true });
      await store.compact({ ...second, isLast: false });
      await store.compact({ dropped: [], stubs: [], isLast: true });
      await store.append(bytes("later"));
      const left = [...deltas.slice(0, 100), stub(4_499), ...deltas.slice(4_500), bytes("later")];
      await until(async () => (await deltasOf(store)).length === left.length);
      expect(await deltasOf(store)).toEqual(left);
    });

    it("drops nothing before the pass that found it is whole", async () => {
      const store = await opened();
      const deltas = signed(10);
      for (const delta of deltas) await store.append(delta);
      await store.compact({ dropped: deltas.slice(1, 5), stubs: [], isLast: false });
      await store.sync();
      expect(await deltasOf(store)).toEqual(deltas);
    });

    it("keeps one member record a node, the last one given", async () => {
      const store = await opened();
      await store.putMember("bb", bytes("b1"));
      await store.putMember("aa", bytes("a1"));
      await store.putMember("bb", bytes("b2"));
      expect(await store.members()).toEqual([bytes("a1"), bytes("b2")]);
    });

    it("keeps one value a name, the last one given", async () => {
      const store = await opened();
      await store.putMeta("mesh", bytes("m1"));
      await store.putMeta("mesh", bytes("m2"));
      await store.putMeta("empty", new Uint8Array(0));
      expect(await store.getMeta("mesh")).toEqual(bytes("m2"));
      expect(await store.getMeta("empty")).toEqual(new Uint8Array(0));
    });

    it("goes on empty after a quarantine", async () => {
      const store = await opened();
      await store.append(bytes("gone"));
      await store.putMember("aa", bytes("gone"));
      await store.putMeta("mesh", bytes("gone"));
      expect((await store.quarantine("a test")) === undefined).toBe(!kind.durable);
      expect(await deltasOf(store)).toEqual([]);
      expect(await store.members()).toEqual([]);
      expect(await store.getMeta("mesh")).toBeUndefined();
      await store.append(bytes("new"));
      expect(await deltasOf(store)).toEqual([bytes("new")]);
    });

    it("refuses what comes after its end, which may be asked for twice", async () => {
      const store = await opened();
      await store.close();
      await store.close();
      const refused = { code: "MESH_CLOSED" };
      await expect(store.append(bytes("late"))).rejects.toMatchObject(refused);
      await expect(store.putMember("aa", bytes("late"))).rejects.toMatchObject(refused);
      await expect(store.putMeta("mesh", bytes("late"))).rejects.toMatchObject(refused);
      await expect(store.getMeta("mesh")).rejects.toMatchObject(refused);
      await expect(store.members()).rejects.toMatchObject(refused);
      await expect(store.sync()).rejects.toMatchObject(refused);
      await expect(deltasOf(store)).rejects.toMatchObject(refused);
    });

    it("keeps at its end what it was asked to keep before", async () => {
      const store = await opened();
      const kept = samples(300).map((delta) => store.append(delta));
      await store.close();
      await Promise.all(kept);
    });

    it.skipIf(!kind.durable)("gives everything back after it was opened again", async () => {
      const store = await opened();
      const deltas = samples(300);
      for (const delta of deltas) void store.append(delta);
      void store.putMember("aa", bytes("a1"));
      void store.putMeta("mesh", bytes("m1"));
      await store.close();
      const again = await kind.reopen(store);
      onTestFinished(() => again?.close());
      expect(again && (await deltasOf(again))).toEqual(deltas);
      expect(await again?.members()).toEqual([bytes("a1")]);
      expect(await again?.getMeta("mesh")).toEqual(bytes("m1"));
    });

    it.skipIf(!kind.durable)("goes on behind what it kept in an earlier life", async () => {
      const store = await opened();
      await store.append(bytes("one"));
      await store.close();
      const again = await kind.reopen(store);
      onTestFinished(() => again?.close());
      await again?.append(bytes("two"));
      expect(again && (await deltasOf(again))).toEqual([bytes("one"), bytes("two")]);
    });
  });
}

/** Everything a store gives back, one by one. */
export async function deltasOf(store: Store): Promise<Uint8Array[]> {
  const deltas: Uint8Array[] = [];
  for await (const part of store.load()) deltas.push(...part.map((delta) => delta.slice()));
  return deltas;
}

function samples(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => bytes(`delta ${i}`.repeat(1 + (i % 40))));
}

/** Deltas as far as a store may look: a signature of their own each, and a body. */
export function signed(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const delta = new Uint8Array(DELTA_PREFIX_BYTES + 1 + (i % 40)).fill(i % 251);
    new DataView(delta.buffer).setUint32(DELTA_HEADER_BYTES, i, true);
    return delta;
  });
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
