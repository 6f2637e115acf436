// Topology files and flags as the options of a node (C13).
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startOptions } from "../../../../src/cli/commands/start-options.ts";
import { CAPABILITIES } from "../../../../src/config/missing.ts";
import { parseJoinOptions } from "../../../../src/node/api/join-options.ts";
import { temporaryFolder } from "../../../support/folders.ts";

const FLAT = "examples/topologies/flat-mesh.yaml";
const REGION = "examples/topologies/single-region-mesh.yaml";
const KEY = "12D3KooWQaPc9jGupuqsCocra6SKLbMQ2ZE28gZXWHsBxoFi1SKY";

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

  it("carry the frames a second that the file grants a peer", async () => {
    expect((await startOptions({}, FLAT)).options.rateLimitPerPeer).toBeUndefined();
    const folder = await mkdtemp(join(tmpdir(), "knhk-mesh-"));
    const file = join(folder, "flat.yaml");
    const text = await readFile(FLAT, "utf8");
    await writeFile(file, text.replace("  tls: false", "  tls: false\n  rate_limit_per_peer: 500"));
    expect((await startOptions({}, file)).options.rateLimitPerPeer).toBe(500);
    await rm(folder, { recursive: true });
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

  it("leave loopback by a flat topology's file only when it is open, or by certificate", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "flat.yaml");
    const text = (await readFile(FLAT, "utf8"))
      .replace("transport: TCP", "transport: QUIC")
      .replace("tls: false", "tls: true")
      .replace("localhost:8001", "10.0.0.7:8001");
    await writeFile(file, text);
    const unstated = (await startOptions({}, file)).options;
    expect(() => parseJoinOptions(unstated)).toThrow(
      expect.objectContaining({ code: "MESH_ADMISSION_UNSTATED" }),
    );
    expect((await startOptions({ authority: KEY }, file)).options).toMatchObject({
      authority: KEY,
      admission: "certificate",
    });
    await writeFile(file, `${text}\nsecurity:\n  admission: open\n`);
    const { options, warnings } = await startOptions({}, file);
    expect(options.admission).toBe("open");
    expect(warnings.join()).toContain("can be reached from outside");
  });

  describe.skipIf(!CAPABILITIES.has("rate_limit_per_peer"))("of single_region_mesh", () => {
    it("are those of the file as it stands, by certificate", async () => {
      const { options, warnings } = await startOptions({ authority: KEY }, REGION);
      expect(options).toMatchObject({
        mesh: "single-region-mesh",
        transport: "quic",
        admission: "certificate",
        authority: KEY,
        region: "us-east-1",
        listen: ["/ip4/0.0.0.0/udp/9000/quic-v1"],
        fanout: 10,
        roundIntervalMs: 100,
        convergenceThreshold: 0.99,
        certRotationHours: 24,
        keyRotationHours: 24,
        reputationThreshold: 0.5,
        rateLimitPerPeer: 1_000,
        allowAlone: false,
      });
      expect(options.zone).toBeUndefined();
      expect(options.seeds).toHaveLength(3);
      expect(warnings).toEqual([
        expect.stringMatching(/^not yet in this version: .*otel_endpoint/),
      ]);
      expect(() => parseJoinOptions({ ...options, dataDir: "d" })).not.toThrow();
    });

    it("need an authority, and are never open", async () => {
      const code = "MESH_CERTIFICATE_REQUIRED";
      await expect(startOptions({}, REGION)).rejects.toMatchObject({ code });
      const open = startOptions({ authority: KEY, admission: "open" }, REGION);
      await expect(open).rejects.toMatchObject({ code: "MESH_CONTROL_REQUEST" });
    });
  });

  it.each(["multi-region-leaders", "hierarchical"])(
    "refuse %s with the list of what is missing",
    async (name) => {
      const refused = startOptions({}, `examples/topologies/${name}.yaml`);
      await expect(refused).rejects.toMatchObject({
        code: "MESH_CONFIG_UNSUPPORTED",
        message: expect.stringContaining("encryption"),
      });
    },
  );

  it("refuse a file that is not there", async () => {
    const refused = startOptions({}, "examples/topologies/none.yaml");
    await expect(refused).rejects.toMatchObject({ code: "MESH_CONFIG_FILE" });
  });
});
