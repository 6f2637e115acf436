// Certificates at the command line: what an authority and its issuers type (C2).
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../../../src/cli/program.ts";
import { temporaryFolder } from "../../../support/folders.ts";

let printed = "";
beforeEach(() => {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs a command with --json. */
async function cli(...args: readonly string[]) {
  printed = "";
  const code = await runCli([...args, "--json"]);
  return { code, value: JSON.parse(printed) };
}

async function newKey(file: string): Promise<string> {
  return (await cli("keygen", file)).value.peerId;
}

/** A folder with an authority's key. */
async function authorityFolder() {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder, name);
  return { at, key: at("authority.key"), authority: await newKey(at("authority.key")) };
}

describe("cert issue", () => {
  it("certifies the key of a data folder, made if need be, in a private file", async () => {
    const { at, key, authority } = await authorityFolder();
    const place = ["--region", "eu", "--zone", "z1"];
    const issued = await cli("cert", "issue", "-m", "prod", "-k", key, "-d", at("a"), ...place);
    expect(issued).toMatchObject({
      code: 0,
      value: { region: "eu", zone: "z1", role: "peer", authority, missingSignatures: 0 },
    });
    const file = join(at("a"), "membership.cert");
    expect(issued.value.file).toBe(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(issued.value.peerId).not.toBe(authority);
    const { notBefore, notAfter } = issued.value;
    expect(Date.parse(notAfter) - Date.parse(notBefore)).toBe(48 * 3_600_000);
  });

  it("certifies a key that is given, into a file that must be named", async () => {
    const { at, key } = await authorityFolder();
    const node = await newKey(at("node.key"));
    const args = ["cert", "issue", "-m", "prod", "-k", key, "--node", node, "--hours", "1"];
    expect(await cli(...args)).toMatchObject({ code: 2 });
    const issued = await cli(...args, "-o", at("node.cert"));
    expect(issued).toMatchObject({ code: 0, value: { peerId: node } });
  });

  it.each([
    [["--node", "nobody", "-o", "x"], 2, "MESH_CONTROL_REQUEST"],
    [["--hours", "0"], 2, "MESH_CONTROL_REQUEST"],
    [["--role", "king"], 2, "MESH_CONTROL_REQUEST"],
    [["--issuers", "none"], 6, "MESH_CERTIFICATE_FILE"],
    [["--region", ""], 2, "MESH_VALUE_INVALID"],
    [["--region", "r".repeat(65)], 2, "MESH_VALUE_INVALID"],
  ])("refuses %j", async (args, code, error) => {
    const { at, key } = await authorityFolder();
    const issued = await cli("cert", "issue", "-m", "p", "-k", key, "-d", at("a"), ...args);
    expect(issued).toMatchObject({ code, value: { error: { code: error } } });
  });

  it("does not make a key for who has none to sign with", async () => {
    const { at } = await authorityFolder();
    const issued = await cli("cert", "issue", "-m", "p", "-k", at("none.key"), "-d", at("a"));
    expect(issued).toMatchObject({ code: 1, value: { error: { code: "MESH_IDENTITY_FILE" } } });
    await expect(stat(at("none.key"))).rejects.toThrow("ENOENT");
  });
});

describe("cert show", () => {
  it("ends with 1 when the certificate is not of the authority or the mesh that is asked for", async () => {
    const { at, key, authority } = await authorityFolder();
    await cli("cert", "issue", "-m", "prod", "-k", key, "-d", at("a"));
    const shown = (...args: string[]) => cli("cert", "show", "-d", at("a"), ...args);
    expect(await shown()).toMatchObject({ code: 0, value: { fault: null, state: "valid now" } });
    expect((await shown("--authority", authority, "-m", "prod")).code).toBe(0);
    const other = await newKey(at("other.key"));
    expect(await shown("--authority", other)).toMatchObject({
      code: 1,
      value: { fault: "issuer" },
    });
    expect(await shown("-m", "test")).toMatchObject({ code: 1, value: { fault: "mesh" } });
  });

  it("says what is wrong with a file that is none", async () => {
    const { key } = await authorityFolder();
    const shown = await cli("cert", "show", key);
    expect(shown).toMatchObject({ code: 6, value: { error: { code: "MESH_CERTIFICATE_FILE" } } });
  });
});

describe("cert renew", () => {
  it("gives the same key and place a new time and a higher serial", async () => {
    const { at, key } = await authorityFolder();
    const place = ["--region", "eu", "--zone", "z1", "--hours", "5"];
    const old = await cli("cert", "issue", "-m", "prod", "-k", key, "-d", at("a"), ...place);
    const renewed = await cli("cert", "renew", "-k", key, "-d", at("a"));
    const { peerId, region, zone, serial } = old.value;
    expect(renewed).toMatchObject({
      code: 0,
      value: { peerId, region, zone, file: old.value.file },
    });
    expect(renewed.value.serial).toBeGreaterThan(serial);
    const { notBefore, notAfter } = renewed.value;
    expect(Date.parse(notAfter) - Date.parse(notBefore)).toBe(5 * 3_600_000);
  });

  it("leaves the file as it is when another key signs", async () => {
    const { at, key } = await authorityFolder();
    const { value } = await cli("cert", "issue", "-m", "prod", "-k", key, "-d", at("a"));
    const before = await readFile(value.file);
    await newKey(at("other.key"));
    const renewed = await cli("cert", "renew", "-k", at("other.key"), "-d", at("a"));
    expect(renewed).toMatchObject({
      code: 6,
      value: { error: { code: "MESH_CERTIFICATE_INVALID" } },
    });
    expect(await readFile(value.file)).toEqual(before);
  });
});

describe("cert sign", () => {
  it("adds nobody beside the authority", async () => {
    const { at, key } = await authorityFolder();
    const { value } = await cli("cert", "issue", "-m", "prod", "-k", key, "-d", at("a"));
    await newKey(at("other.key"));
    const signed = await cli("cert", "sign", value.file, "-k", at("other.key"));
    expect(signed).toMatchObject({
      code: 6,
      value: { error: { code: "MESH_CERTIFICATE_INVALID" } },
    });
    expect((await cli("cert", "show", value.file)).code).toBe(0);
  });
});

describe("two of three issuers", () => {
  it("certify and renew, one after the other, while the authority's key rests", async () => {
    const { at, key, authority } = await authorityFolder();
    const names = ["one", "two", "three"].map((name) => at(`${name}.key`));
    const [one = "", two = "", three = ""] = names;
    const keys = [await newKey(one), await newKey(two), await newKey(three)];
    const delegated = await cli(
      ...["cert", "delegate", "-m", "prod", "-k", key, "--threshold", "2", "-o", at("issuers")],
      ...["--issuer", ...keys],
    );
    expect(delegated).toMatchObject({ code: 0, value: { authority, threshold: 2 } });
    const common = ["cert", "issue", "-m", "prod", "--issuers", at("issuers"), "-d", at("a")];
    const alone = await cli(...common, "-k", one);
    expect(alone).toMatchObject({
      code: 6,
      value: { error: { code: "MESH_CERTIFICATE_INVALID" } },
    });

    const node = await newKey(at("node.key"));
    const draft = [...common, "--node", node, "-o", at("node.cert")];
    expect((await cli(...draft, "-k", one)).value).toMatchObject({ missingSignatures: 1 });
    const check = ["cert", "show", at("node.cert"), "--authority", authority, "-m", "prod"];
    expect(await cli(...check)).toMatchObject({ code: 1, value: { fault: "quorum" } });
    expect((await cli("cert", "sign", at("node.cert"), "-k", three)).value).toMatchObject({
      missingSignatures: 0,
    });
    expect(await cli(...check)).toMatchObject({ code: 0, value: { fault: null, authority } });

    const renewed = ["cert", "renew", at("node.cert"), "-o", at("next.cert"), "-k", two];
    expect((await cli(...renewed)).value).toMatchObject({ missingSignatures: 1 });
    await cli("cert", "sign", at("next.cert"), "-k", one);
    expect((await cli("cert", "show", at("next.cert"), "--authority", authority)).code).toBe(0);
    const stranger = await cli("cert", "sign", at("next.cert"), "-k", key);
    expect(stranger.value).toMatchObject({ error: { code: "MESH_CERTIFICATE_INVALID" } });
  });

  it.each(["0", "17", "many"])("are not stated with a threshold of %s", async (threshold) => {
    const { at, key, authority } = await authorityFolder();
    const stated = await cli(
      ...["cert", "delegate", "-m", "prod", "-k", key, "--threshold", threshold],
      ...["-o", at("issuers"), "--issuer", authority],
    );
    expect(stated.code).toBe(2);
  });
});
