import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  generateIdentity,
  identityFromSeed,
  loadOrCreateIdentity,
} from "../../../src/node/identity.ts";

let directory = "";
let path = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "knhk-identity-"));
  path = join(directory, "identity");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe("identity file", () => {
  test("is created once and read ever after", async () => {
    const first = await loadOrCreateIdentity(path);
    const again = await loadOrCreateIdentity(path);
    expect(again).toEqual(first);
    expect(first.seed).toHaveLength(32);
  });

  test("is private to its owner, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await loadOrCreateIdentity(path);
    } finally {
      process.umask(before);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("leaves no draft behind", async () => {
    await loadOrCreateIdentity(path);
    expect(await readdir(directory)).toEqual(["identity"]);
  });

  test("gives all of several starts at once the same identity", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateIdentity(path)));
    expect(new Set(made.map((identity) => identity.nodeId)).size).toBe(1);
    expect(await loadOrCreateIdentity(path)).toEqual(made[0]);
    expect(await readdir(directory)).toEqual(["identity"]);
  });

  test("is refused when others may read or write it", async () => {
    await loadOrCreateIdentity(path);
    for (const mode of [0o644, 0o640, 0o602, 0o610]) {
      await chmod(path, mode);
      await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({
        code: "MESH_IDENTITY_FILE",
      });
    }
  });

  test("may be read-only", async () => {
    const { nodeId } = await loadOrCreateIdentity(path);
    await chmod(path, 0o400);
    expect((await loadOrCreateIdentity(path)).nodeId).toBe(nodeId);
  });

  test("is refused, and left as it is, when it holds anything else", async () => {
    await loadOrCreateIdentity(path);
    const good = await readFile(path, "utf8");
    const broken = [
      "",
      "x",
      good.slice(0, -1),
      `${good}x`,
      good.replace("1\n", "2\n"),
      good.toUpperCase(),
    ];
    for (const text of broken) {
      await writeFile(path, text);
      await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({
        code: "MESH_IDENTITY_FILE",
      });
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  test("is refused when one digit of its seed has changed", async () => {
    await loadOrCreateIdentity(path);
    const lines = (await readFile(path, "utf8")).split("\n");
    const seed = lines[1] ?? "";
    lines[1] = (seed[0] === "0" ? "1" : "0") + seed.slice(1);
    await writeFile(path, lines.join("\n"));
    await expect(loadOrCreateIdentity(path)).rejects.toMatchObject({ code: "MESH_IDENTITY_FILE" });
  });

  test("is refused when it is a directory, or its directory is missing", async () => {
    for (const wrong of [directory, join(directory, "missing", "identity")]) {
      await expect(loadOrCreateIdentity(wrong)).rejects.toMatchObject({
        code: "MESH_IDENTITY_FILE",
      });
    }
  });

  test("may be reached through a symbolic link, as mounted secrets are", async () => {
    const { nodeId } = await loadOrCreateIdentity(path);
    const alias = join(directory, "alias");
    await symlink(path, alias);
    expect((await loadOrCreateIdentity(alias)).nodeId).toBe(nodeId);
  });
});

describe("identity", () => {
  test("follows from its seed alone", () => {
    const identity = generateIdentity();
    expect(identityFromSeed(identity.seed)).toEqual(identity);
    expect(generateIdentity().nodeId).not.toBe(identity.nodeId);
  });

  test("matches the first vector of RFC 8032, section 7.1", () => {
    const seed = Buffer.from(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "hex",
    );
    expect(identityFromSeed(seed).nodeId).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
  });

  test("refuses a seed of another length", () => {
    expect(() => identityFromSeed(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: "MESH_VALUE_INVALID" }),
    );
  });
});
