// Watches (docs/ARCHITECTURE.md): bounded, coalescing, ended by their reader, a signal or the node.
import { describe, expect, it } from "vitest";
import type { Mesh } from "../../../../src/node/mesh.ts";
import { firstOf, join, joined } from "../../../support/meshes.ts";

/** What waits in a stream, by reading until `last`. */
async function until<T>(stream: AsyncIterable<T>, last: (item: T) => boolean): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) {
    items.push(item);
    if (last(item)) break;
  }
  return items;
}

describe("a watch of a map", () => {
  it("coalesces: a slow reader sees the newest value of each key", async () => {
    const map = (await join()).map<number>("m");
    const watch = map.watch();
    for (let i = 0; i < 100; i++) void map.set("k", i);
    await map.set("last", 1);
    const changes = await until(watch, ({ key }) => key === "last");
    expect(changes.map(({ key, value }) => [key, value])).toEqual([
      ["k", 99],
      ["last", 1],
    ]);
  });

  it("tells a delete as undefined", async () => {
    const map = (await join()).map<number>("m");
    await map.set("k", 1);
    const watch = map.watch();
    void map.delete("k");
    expect(await firstOf(watch)).toMatchObject({ key: "k", value: undefined });
  });

  it("starts with the present entries when asked to", async () => {
    const mesh = await join();
    const map = mesh.map<number>("m");
    await map.set("a", 1);
    void map.set("b", 2);
    const watch = map.watch({ initial: true });
    void map.set("c", 3);
    const changes = await until(watch, ({ key }) => key === "c");
    expect(changes.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    expect(changes[0]?.author).toBe(mesh.status().nodeId);
  });

  it("fails its reader at the bound, after which it takes no more", async () => {
    const map = (await join()).map<number>("m");
    const watch = map.watch({ bound: 3 });
    for (let i = 0; i < 4; i++) void map.set(`k${i}`, i);
    await map.set("again", 1);
    await expect(firstOf(watch, () => false)).rejects.toMatchObject({
      code: "MESH_WATCH_OVERFLOW",
      details: { bound: 3 },
    });
  });

  it("fails at once when more is present than its bound", async () => {
    const map = (await join()).map<number>("m");
    for (let i = 0; i < 4; i++) await map.set(`k${i}`, i);
    await expect(firstOf(map.watch({ initial: true, bound: 3 }))).rejects.toMatchObject({
      code: "MESH_WATCH_OVERFLOW",
    });
  });

  it("does not tell a write that changes nothing for the reader", async () => {
    const map = (await join()).map<number>("m");
    const watch = map.watch();
    await map.delete("never there");
    await map.set("k", 1);
    expect((await firstOf(watch)).key).toBe("k");
  });
});

describe.each(["map", "counter", "set", "register", "topic"] as const)(
  "a watch of a %s",
  (kind) => {
    const watch = (mesh: Mesh, signal?: AbortSignal): AsyncIterable<unknown> => {
      const options = signal === undefined ? {} : { signal };
      return kind === "topic" ? mesh.topic("w").subscribe(options) : mesh[kind]("w").watch(options);
    };
    const write = (mesh: Mesh): Promise<void> => {
      if (kind === "map") return mesh.map("w").set("k", 1);
      if (kind === "counter") return mesh.counter("w").add(1);
      if (kind === "set") return mesh.set("w").add("e");
      return kind === "register" ? mesh.register("w").set(1) : mesh.topic("w").publish(1);
    };

    it("ends with the reason of its signal", async () => {
      const mesh = await join();
      const controller = new AbortController();
      const reading = firstOf(watch(mesh, controller.signal));
      controller.abort(new Error("enough"));
      await expect(reading).rejects.toThrow("enough");
    });

    it("fails with the reason of a signal that was aborted before", async () => {
      const mesh = await join();
      const stream = watch(mesh, AbortSignal.abort(new Error("too late")));
      await write(mesh);
      await expect(firstOf(stream)).rejects.toThrow("too late");
    });

    it("ends when its reader breaks, and begins anew with another", async () => {
      const mesh = await join();
      const first = watch(mesh);
      void write(mesh);
      await firstOf(first);
      await expect(firstOf(first)).rejects.toThrow("the stream ended");
    });

    it("ends when the node is closed", async () => {
      const mesh = await join();
      const reading = firstOf(watch(mesh));
      await mesh.close();
      await expect(reading).rejects.toThrow("the stream ended");
    });

    it("hears what others write up to the node's end, and hurts nobody", async () => {
      const [a, b] = (await joined(2)) as [Mesh, Mesh];
      const reading = firstOf(watch(b), () => false).catch((error: unknown) => error);
      for (let i = 0; i < 20; i++) await write(a);
      const closing = b.close();
      for (let i = 0; i < 20; i++) await write(a);
      await closing;
      expect(await reading).toMatchObject({ message: "the stream ended" });
    });
  },
);

describe("a subscription to a topic", () => {
  it("keeps every event: equal ones do not replace each other", async () => {
    const topic = (await join()).topic<number>("t");
    const events = topic.subscribe();
    for (const body of [1, 1, 2]) await topic.publish(body);
    const heard = await until(events, ({ body }) => body === 2);
    expect(heard.map(({ body }) => body)).toEqual([1, 1, 2]);
  });

  it("fails its reader at the bound by default", async () => {
    const topic = (await join()).topic<number>("t");
    const events = topic.subscribe({ bound: 2 });
    for (let i = 0; i < 3; i++) await topic.publish(i);
    await expect(firstOf(events)).rejects.toMatchObject({ code: "MESH_WATCH_OVERFLOW" });
  });

  it("drops the oldest when asked to", async () => {
    const topic = (await join()).topic<number>("t");
    const events = topic.subscribe({ bound: 2, overflow: "drop-oldest" });
    for (let i = 0; i < 5; i++) await topic.publish(i);
    const heard = await until(events, ({ body }) => body === 4);
    expect(heard.map(({ body }) => body)).toEqual([3, 4]);
  });
});
