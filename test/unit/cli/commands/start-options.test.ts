// Topology files and flags as the options of a node (C13).
import { describe, expect, it } from "vitest";
import { startOptions } from "../../../../src/cli/commands/start-options.ts";

const FLAT = "examples/topologies/flat-mesh.yaml";

describe("the options of start (C13)", () => {
  it("take the flat topology as it stands", async () => {
    const { options, warnings } = await startOptions({}, FLAT);
    expect(options).toMatchObject({
      transport: "tcp",
      fanout: 5,
      roundIntervalMs: 100,
      convergenceThreshold: 0.95,
      seeds: ["localhost:8000", "localhost:8001"],
      allowAlone: true,
    });
    expect(options.listen?.[0]).toBe("/ip4/127.0.0.1/tcp/8000");
    expect(options.listen).toHaveLength(64);
    expect(warnings.join()).toMatch(/tls/i);
  });

  it("stay available when partitioned if the flat topology's file says so, or as the flag says", async () => {
    expect((await startOptions({}, FLAT)).options.whenPartitioned).toBe("available");
    const flag = { whenPartitioned: "read-only" };
    expect((await startOptions(flag, FLAT)).options.whenPartitioned).toBe("read-only");
    expect((await startOptions({}, undefined)).options.whenPartitioned).toBeUndefined();
  });

  it("let a flag win over the file", async () => {
    const { options } = await startOptions({ mesh: "other", region: "r", zone: "z" }, FLAT);
    expect(options).toMatchObject({ mesh: "other", region: "r", zone: "z" });
  });

  it("drop the file's seeds for nodes that run locally together", async () => {
    const { options } = await startOptions({ local: 3 }, FLAT);
    expect(options.seeds).toEqual([]);
  });

  it("come from flags alone when there is no file", async () => {
    const admission = "open" as const;
    const listen = ["/ip4/0.0.0.0/tcp/0"];
    const flags = { seed: ["10.0.0.1:9000"], listen, transport: "tcp", admission };
    const { options, warnings } = await startOptions(flags, undefined);
    expect(options).toEqual({
      seeds: ["10.0.0.1:9000"],
      listen: ["/ip4/0.0.0.0/tcp/0"],
      transport: "tcp",
      admission,
    });
    expect(warnings).toEqual([
      "/ip4/0.0.0.0/tcp/0 can be reached from outside, and every host that does may join",
    ]);
  });

  it.each([
    [{ transport: "carrier-pigeon" }, /quic or tcp/],
    [{ admission: "perhaps" }, /open or certificate/],
    [{ whenPartitioned: "sometimes" }, /read-only or available/],
    [{ local: 2, seed: ["a:1"] }, /takes the place/],
  ])("refuse flags %j", async (flags, message) => {
    await expect(startOptions(flags, undefined)).rejects.toMatchObject({
      code: "MESH_CONTROL_REQUEST",
      message: expect.stringMatching(message),
    });
  });

  it.each(["single-region-mesh", "multi-region-leaders", "hierarchical"])(
    "refuse %s with the list of what is missing",
    async (name) => {
      const refused = startOptions({}, `examples/topologies/${name}.yaml`);
      await expect(refused).rejects.toMatchObject({
        code: "MESH_CONFIG_UNSUPPORTED",
        message: expect.stringContaining("mtls"),
      });
    },
  );

  it("refuse a file that is not there", async () => {
    const refused = startOptions({}, "examples/topologies/none.yaml");
    await expect(refused).rejects.toMatchObject({ code: "MESH_CONFIG_FILE" });
  });
});
