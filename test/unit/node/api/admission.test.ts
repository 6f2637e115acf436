// Joining by certificate: who may, what both sides' users read, renewal without restart (C2, C6).
import { rm, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, expect, it } from "vitest";
import { CELLS } from "../../../../src/core/telemetry/cells.gen.ts";
import { parseJoinOptions } from "../../../../src/node/api/join-options.ts";
import { certifiedFolder } from "../../../support/certified.ts";
import { HOUR_MS, idOf, newKey, TestAuthority } from "../../../support/credentials.ts";
import { join, told } from "../../../support/meshes.ts";

const authority = new TestAuthority("by-certificate");
const OUTSIDE = "/ip4/0.0.0.0/udp/0/quic-v1";

describe("who may join, by the options (C13)", () => {
  const key = idOf(authority.key);

  it("is everybody while the node listens on loopback alone", () => {
    for (const listen of ["/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0", "/memory/a"]) {
      expect(parseJoinOptions({ listen: [listen] }).admission).toMatchObject({ mode: "open" });
    }
  });

  it("must be said by a node that listens outside; the error names both ways", () => {
    const listen = ["/ip4/127.0.0.1/udp/0/quic-v1", OUTSIDE];
    expect(() => parseJoinOptions({ listen })).toThrow(
      expect.objectContaining({
        code: "MESH_ADMISSION_UNSTATED",
        details: { listen: OUTSIDE, expected: ["authority", 'admission "open"'] },
        hint: expect.stringMatching(/authority.*open/),
      }),
    );
    expect(parseJoinOptions({ listen, admission: "open" }).admission.mode).toBe("open");
    const admission = { authority: key, dataDir: "d" };
    expect(parseJoinOptions({ listen, ...admission }).admission).toMatchObject({
      mode: "certificate",
      authority: key,
      file: pathOf("d", "membership.cert"),
    });
  });

  it.each([
    [{ admission: "open", authority: idOf(authority.key), dataDir: "d" }, "admission"],
    [{ admission: "certificate", dataDir: "d" }, "authority"],
    [{ authority: "somebody", dataDir: "d" }, "authority"],
    [{ authority: idOf(authority.key) }, "dataDir"],
    [{ certificate: "a.cert" }, "certificate"],
    [{ keyRotationHours: 0 }, "keyRotationHours"],
  ] as const)("is refused when the options contradict one another: %j", (options, path) => {
    expect(() => parseJoinOptions(options)).toThrow(
      expect.objectContaining({
        code: "MESH_VALUE_INVALID",
        details: { problems: [expect.objectContaining({ path })] },
      }),
    );
  });
});

describe("a mesh that admits by certificate (C2, C6)", () => {
  const folder = (changes = {}) => certifiedFolder(authority, changes);

  it("works like any other between members", async () => {
    const [a, b] = [await folder(), await folder({ region: "eu", zone: "z2" })];
    const seed = await join(a.options);
    const mesh = await join({ ...b.options, seeds: seed.addresses });
    await seed.map("m").set("k", 1);
    await mesh.map("m").set("l", 2);
    expect(mesh.status()).toMatchObject({
      members: 2,
      admission: { mode: "certificate", authority: idOf(authority.key), serial: 1, due: false },
    });
  });

  it("turns away a node of an open mesh, and both users read why", async () => {
    const seed = await join((await folder()).options);
    const refused = told(seed, "admission:refused");
    const joining = join({ mesh: authority.mesh, seeds: seed.addresses });
    await expect(joining).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_REQUIRED",
      details: { by: "peer", peer: seed.status().nodeId },
    });
    expect(await refused).toMatchObject({
      by: "self",
      reason: "missing",
      error: { code: "MESH_CERTIFICATE_REQUIRED" },
    });
    expect(seed.status()).toMatchObject({ members: 1, peers: [] });
  });

  it("turns away a node of another authority", async () => {
    const seed = await join((await folder()).options);
    const { options } = await certifiedFolder(new TestAuthority(authority.mesh));
    const joining = join({ ...options, seeds: seed.addresses });
    await expect(joining).rejects.toMatchObject({ code: "MESH_CERTIFICATE_INVALID" });
  });

  it("does not start a refused node alone, even where it may start alone", async () => {
    const seed = await join((await folder()).options);
    const { options } = await certifiedFolder(new TestAuthority(authority.mesh));
    const joining = join({ ...options, seeds: seed.addresses, allowAlone: true });
    await expect(joining).rejects.toMatchObject({ code: "MESH_CERTIFICATE_INVALID" });
  });

  it("does not let a certified node into an open mesh", async () => {
    const seed = await join({ mesh: authority.mesh });
    const { options } = await folder();
    const refused = told(seed, "admission:refused");
    const joining = join({ ...options, seeds: seed.addresses });
    await expect(joining).rejects.toMatchObject({ code: "MESH_CERTIFICATE_REQUIRED" });
    expect(await refused).toMatchObject({ by: "peer", reason: "missing" });
  });

  it("counts what it refuses, by reason", async () => {
    const seed = await join((await folder()).options);
    const refused = told(seed, "admission:refused");
    const joining = join({ mesh: authority.mesh, seeds: seed.addresses });
    await expect(joining).rejects.toThrow();
    await refused;
    expect(seed.core.cells.get(CELLS.admissionRefusedMissing)).toBe(1);
  });
});

describe("a node's own certificate", () => {
  const own = () => certifiedFolder(authority);

  it("is asked for at the start, with the file where it should be", async () => {
    const { options, dataDir } = await own();
    const file = pathOf(dataDir, "membership.cert");
    await rm(file);
    await expect(join(options)).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_REQUIRED",
      details: { file },
    });
    await writeFile(file, "no certificate\n");
    await expect(join(options)).rejects.toMatchObject({ code: "MESH_CERTIFICATE_FILE" });
  });

  it("must be this node's, this mesh's, and of now", async () => {
    const { options, certify } = await own();
    await certify({ node: idOf(newKey()) });
    await expect(join(options)).rejects.toMatchObject({ code: "MESH_CERTIFICATE_INVALID" });
    await certify();
    await expect(join({ ...options, mesh: "another" })).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_MESH",
    });
    await certify({ notBefore: Date.now() + HOUR_MS, notAfter: Date.now() + 2 * HOUR_MS });
    await expect(join(options)).rejects.toMatchObject({ code: "MESH_CERTIFICATE_NOT_YET_VALID" });
    await certify({ notBefore: 0, notAfter: 1 });
    await expect(join(options)).rejects.toMatchObject({ code: "MESH_CERTIFICATE_EXPIRED" });
  });

  it("places the node, unless it was started for another place", async () => {
    const { options, certify } = await own();
    await certify({ region: "eu", zone: "z2" });
    const mesh = await join({ ...options, zone: "z2" });
    const record = mesh.core.membership.get(mesh.status().nodeId);
    expect(record).toMatchObject({ region: "eu", zone: "z2" });
    await expect(join({ ...options, region: "us" })).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_INVALID",
      details: { expected: "us", got: "eu" },
    });
  });

  it("is renewed from its file while links stay, and the node id with them", async () => {
    const [a, b] = [await own(), await own()];
    const seed = await join(a.options);
    const mesh = await join({ ...b.options, seeds: seed.addresses });
    const { nodeId } = mesh.status();
    expect(await mesh.renewCertificate()).toBe(false);
    const downs: unknown[] = [];
    mesh.addEventListener("peer:down", ({ detail }) => downs.push(detail));
    const renewed = told(mesh, "certificate:renewed");
    const { certificate } = await b.certify({ serial: 2 });
    expect(await mesh.renewCertificate()).toBe(true);
    expect(await renewed).toEqual({ serial: 2, notAfter: certificate.notAfter });
    expect(mesh.status()).toMatchObject({ nodeId, admission: { serial: 2 } });
    await mesh.map("m").set("k", 1);
    expect(downs).toEqual([]);
  });

  it("stays as it is when the file holds nothing better", async () => {
    const { options, certify } = await own();
    const mesh = await join(options);
    await certify({ serial: 2, region: "elsewhere" });
    await expect(mesh.renewCertificate()).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_INVALID",
    });
    expect(mesh.status().admission).toMatchObject({ serial: 1 });
  });

  it("is told to be due once it is as old as the rotation asks", async () => {
    const { options } = await own();
    const mesh = await join({ ...options, certRotationHours: 0.5 });
    const due = told(mesh, "certificate:due");
    await mesh.renewCertificate();
    expect(await due).toMatchObject({ serial: 1 });
    expect(mesh.status().admission).toMatchObject({ due: true });
  });
});
