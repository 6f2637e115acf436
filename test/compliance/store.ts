/**
 * What every store must do, whatever it keeps its records in. Records are opaque here: a store
 * knows nothing of what it keeps.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import type { Store } from "../../src/node/storage/store.ts";

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

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
