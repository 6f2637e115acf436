// Acknowledgement levels as a user meets them: real nodes, real disks, links in memory.
import { expect, it } from "vitest";
import type { JoinOptions } from "../../../src/node/api/join-options.ts";
import type { Mesh } from "../../../src/node/mesh.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { join } from "../../support/meshes.ts";

async function durable(options: JoinOptions = {}): Promise<Mesh> {
  return join({ dataDir: await temporaryFolder(), ...options });
}

it.each(["durable", "region"] as const)("reaches %s alone with the own disk", async (ack) => {
  const mesh = await durable();
  await mesh.map("m").set("k", "v", { ack });
  await mesh.counter("c").add(1, { ack });
});

it.each(["durable", "region"] as const)("reaches %s in a mesh of four", async (ack) => {
  const first = await durable();
  const seeds = first.addresses;
  await Promise.all([durable({ seeds }), durable({ seeds }), durable({ seeds })]);
  const writes = Array.from({ length: 1_000 }, (_, i) => first.map("m").set(`k${i}`, i, { ack }));
  await Promise.all(writes);
});

it("reaches no disk of others that have none, and says when the wait ends", async () => {
  const first = await durable();
  await join({ seeds: first.addresses });
  const ended = new AbortController();
  const write = first.map("m").set("k", "v", { ack: "durable", signal: ended.signal });
  const reason = new Error("enough");
  ended.abort(reason);
  await expect(write).rejects.toMatchObject({
    code: "MESH_UNCERTAIN",
    details: { ack: "durable" },
    cause: reason,
  });
  expect(first.map("m").get("k")).toBe("v");
});

it("leaves what waits uncertain when the node closes", async () => {
  const first = await durable();
  await join({ seeds: first.addresses });
  const writes = (["durable", "region"] as const).map((ack) =>
    first.map("m").set("k", "v", { ack }),
  );
  await first.close();
  for (const write of writes) await expect(write).rejects.toMatchObject({ code: "MESH_UNCERTAIN" });
});

it("writes nothing when the signal had aborted before", async () => {
  const mesh = await durable();
  const signal = AbortSignal.abort(new Error("early"));
  expect(() => mesh.map("m").set("k", "v", { ack: "durable", signal })).toThrow("early");
  expect(mesh.map("m").get("k")).toBeUndefined();
});

it("refuses a level that the memory store cannot keep", async () => {
  const mesh = await join();
  for (const ack of ["durable", "region"] as const) {
    expect(() => mesh.map("m").set("k", "v", { ack })).toThrow(
      expect.objectContaining({ code: "MESH_ACK_UNAVAILABLE" }),
    );
  }
});
