// Joining and leaving (C1, N19; docs/ARCHITECTURE.md): options, seeds, acknowledgements, close.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JoinOptions } from "../../../../src/node/api/join-options.ts";
import { Mesh } from "../../../../src/node/mesh.ts";
import { createMemoryTransport } from "../../../../src/node/transport/memory.ts";
import { LANE_CONTROL } from "../../../../src/node/transport/transport.ts";
import { firstOf, freeAddress, join, joined, told } from "../../../support/meshes.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(pathOf(tmpdir(), "knhk-mesh-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe("joining", () => {
  it("without seeds starts a mesh of one", async () => {
    const mesh = await join();
    expect(mesh.status()).toMatchObject({
      members: 1,
      health: "healthy",
      converged: true,
      transport: "memory",
    });
  });

  it("tells cheaply whether it is healthy and takes writes", async () => {
    const mesh = await join();
    expect([mesh.health, mesh.readOnly]).toEqual(["healthy", false]);
    await mesh.close();
    expect(() => mesh.readOnly).toThrow(expect.objectContaining({ code: "MESH_CLOSED" }));
  });

  it("resolves after the first exchange: what the seed holds is there", async () => {
    const seed = await join();
    await seed.map("m").set("k", 1);
    const mesh = await join({ seeds: seed.addresses });
    expect(mesh.map("m").get("k")).toBe(1);
    expect(mesh.status().peers).toMatchObject([
      { nodeId: seed.status().nodeId, suite: "memory/none" },
    ]);
  });

  it("tells peers and members by events with frozen details", async () => {
    const seed = await join();
    const [up, member] = [told(seed, "peer:up"), told(seed, "member:up")];
    const mesh = await join({ seeds: seed.addresses });
    const peer = mesh.status().nodeId;
    expect([await up, await member]).toEqual([{ peer }, { peer }]);
    expect(Object.isFrozen(await up)).toBe(true);
  });

  it("says when the process uses more memory than it may, and accepts no one then", async () => {
    const mesh = await join({ rssBytesMax: 64 * 1024 * 1024 });
    expect(await told(mesh, "memory:pressed")).toEqual({ rssBytes: expect.any(Number) });
    const refused = join({ seeds: mesh.addresses, signal: AbortSignal.timeout(500) });
    await expect(refused).rejects.toThrow();
    expect(mesh.status().peers).toEqual([]);
  });

  it("ends converged, and says so", async () => {
    const [a, b] = (await joined(2)) as [Mesh, Mesh];
    const converged = told(a, "converged");
    await b.map("m").set("k", 1);
    expect(await converged).toMatchObject({ rounds: expect.any(Number) });
  });

  it("keeps its identity in its data folder", async () => {
    const dataDir = await folder();
    const first = await join({ dataDir });
    const { nodeId } = first.status();
    await first.close();
    expect((await join({ dataDir })).status().nodeId).toBe(nodeId);
  });

  it("names every bad option at once", async () => {
    const options = {
      fanout: 0,
      roundIntervalMs: 5,
      mesh: "",
      zone: "z".repeat(65),
      batchDelayMs: -1,
      convergenceThreshold: 0,
      whenPartitioned: "sometimes",
      wat: 1,
    };
    const error = await Mesh.join(options as JoinOptions).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "MESH_VALUE_INVALID" });
    const { problems } = (error as { details: { problems: { path: string }[] } }).details;
    expect(problems.map(({ path }) => path).sort()).toEqual(
      [
        "batchDelayMs",
        "convergenceThreshold",
        "fanout",
        "mesh",
        "roundIntervalMs",
        "viewSize",
        "wat",
        "whenPartitioned",
        "zone",
      ].filter((path) => path !== "viewSize"),
    );
  });

  it("is refused with a malformed seed", async () => {
    await expect(Mesh.join({ transport: "tcp", seeds: ["nonsense"] })).rejects.toMatchObject({
      code: "MESH_VALUE_INVALID",
    });
  });

  it("is refused when no seed answers", async () => {
    await expect(join({ seeds: [freeAddress()] })).rejects.toMatchObject({
      code: "MESH_SEED_UNREACHABLE",
      retryable: true,
    });
  });

  it("goes on alone when no seed answers and it may", async () => {
    const mesh = await join({ seeds: [freeAddress()], allowAlone: true });
    expect(mesh.status().members).toBe(1);
  });

  it("is refused when a seed is the node itself", async () => {
    const dataDir = await folder();
    const first = await join({ dataDir });
    const { addresses } = first;
    await first.close();
    await expect(join({ dataDir, seeds: addresses })).rejects.toMatchObject({
      code: "MESH_SEED_IS_SELF",
    });
  });

  it("is refused by a seed of another mesh", async () => {
    const seed = await join({ mesh: "one" });
    await expect(join({ mesh: "two", seeds: seed.addresses })).rejects.toMatchObject({
      code: "MESH_MISMATCH",
    });
  });

  it("is refused by a seed that speaks another protocol version", async () => {
    const address = freeAddress();
    const transport = createMemoryTransport({
      identitySeed: new Uint8Array(32).fill(9),
      listen: [address],
      handlers: {
        linkUp: (link) =>
          void link.send(Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), LANE_CONTROL),
        frame: () => undefined,
        linkDown: () => undefined,
      },
    });
    await transport.start();
    onTestFinished(() => transport.close());
    await expect(join({ seeds: [address] })).rejects.toMatchObject({
      code: "MESH_PROTOCOL_VERSION",
    });
  });

  it("is refused when its address is taken", async () => {
    const listen = [freeAddress()];
    await join({ listen });
    await expect(join({ listen })).rejects.toMatchObject({ code: "MESH_LISTEN_FAILED" });
  });

  it("ends with the reason of its signal", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(join({ signal })).rejects.toThrow("enough");
  });
});

describe("acknowledgements", () => {
  it.each(["durable", "region"] as const)(
    "%s is refused by a store that is not durable",
    async (ack) => {
      const mesh = await join();
      const refused = expect.objectContaining({ code: "MESH_ACK_UNAVAILABLE" });
      expect(() => mesh.map("m").set("k", 1, { ack })).toThrow(refused);
      expect(() => mesh.counter("c").add(1, { ack })).toThrow(refused);
      expect(() => mesh.topic("t").publish(1, { ack })).toThrow(refused);
      expect(mesh.map("m").has("k")).toBe(false);
    },
  );

  it("end with the reason of a signal, and the write stands", async () => {
    const mesh = await join({ batchDelayMs: 50 });
    const controller = new AbortController();
    const ack = mesh.map("m").set("k", 1, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(ack).rejects.toThrow("enough");
    expect(mesh.map("m").get("k")).toBe(1);
  });

  it("that nobody awaits are no unhandled rejections", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const mesh = await join({ batchDelayMs: 50 });
    const controller = new AbortController();
    void mesh.map("m").set("k", 1, { signal: controller.signal });
    controller.abort();
    await mesh.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

describe("closing", () => {
  it("is idempotent", async () => {
    const mesh = await join();
    const once = mesh.close();
    expect(mesh.close()).toBe(once);
    await once;
    await mesh.close();
  });

  it("is what await using does", async () => {
    const address = freeAddress();
    {
      await using mesh = await Mesh.join({ transport: "memory", listen: [address] });
      expect(mesh.addresses[0]).toContain(address);
    }
    // The name is free again.
    expect((await join({ listen: [address] })).addresses[0]).toContain(address);
  });

  it("tells the others, who remove the member", async () => {
    const [a, b] = (await joined(2)) as [Mesh, Mesh];
    const left = told(a, "member:left");
    const peer = b.status().nodeId;
    await b.close();
    expect(await left).toEqual({ peer });
    expect(a.status().members).toBe(1);
  });

  it("sends what was written last", async () => {
    const [a, b] = (await joined(2, { batchDelayMs: 100 })) as [Mesh, Mesh];
    const seen = firstOf(a.map("m").watch());
    void b.map("m").set("k", "last words");
    await b.close();
    expect((await seen).value).toBe("last words");
  });

  it("leaves a handle that refuses everything with MESH_CLOSED", async () => {
    const mesh = await join();
    const map = mesh.map("m");
    await mesh.close();
    const closed = expect.objectContaining({ code: "MESH_CLOSED" });
    expect(() => map.set("k", 1)).toThrow(closed);
    expect(() => map.get("k")).toThrow(closed);
    expect(() => map.watch()).toThrow(closed);
    expect(() => mesh.agent("x")).toThrow(closed);
    expect(() => mesh.agents.find()).toThrow(closed);
    expect(() => mesh.status()).toThrow(closed);
  });
});
