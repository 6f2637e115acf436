import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verdicts } from "../../../support/ed25519-reference.ts";
import {
  generateVectors,
  parseVectors,
  serializeVectors,
} from "../../../support/ed25519-vectors.ts";
import { CRYPTOS, fromHex } from "../../../support/signature-backends.ts";

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../../vectors", name), "utf8");

interface Case {
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

const file = read("ed25519-strict.json");
const vectors = parseVectors(file);
const RFC_8032 = JSON.parse(read("rfc8032-ed25519.json")) as { vectors: Case[] };
const SPECCHECK = JSON.parse(read("speccheck-ed25519.json")) as {
  /** One digit per vector: which implementation accepts it. */
  accepts: Record<"Dalek strict" | "LibSodium" | "OpenSSL-3.0" | "Zebra", string>;
  vectors: Case[];
};

const digits = (row: readonly boolean[]) => row.map(Number).join("");

describe("vectors of mesh-ed25519-v1", () => {
  it("are what the big-integer reference generates, byte for byte", () => {
    expect(serializeVectors(generateVectors())).toBe(file);
  });

  it("tell the strict rule from the cofactored, the lenient and the unreduced one", () => {
    const count = (wanted: (v: (typeof vectors)[number]) => boolean) =>
      vectors.filter(wanted).length;
    expect(vectors.length).toBeGreaterThanOrEqual(500);
    expect(count((v) => v.strict)).toBeGreaterThanOrEqual(100);
    expect(count((v) => v.cofactored && !v.cofactorless)).toBeGreaterThanOrEqual(100);
    expect(count((v) => v.cofactorless && !v.strict)).toBeGreaterThanOrEqual(50);
    expect(count((v) => v.group === "k-unreduced-fits")).toBeGreaterThanOrEqual(30);
  });

  it.each(CRYPTOS)("get the reference's strict verdict from %s", (_, crypto) => {
    const wrong = vectors.filter(
      (v) =>
        crypto.verify(fromHex(v.signature), fromHex(v.message), fromHex(v.publicKey)) !== v.strict,
    );
    expect(wrong).toEqual([]);
  });
});

describe("the twelve ed25519-speccheck vectors", () => {
  it.each(CRYPTOS)("get libsodium's and dalek-strict's published verdicts from %s", (_, crypto) => {
    const row = SPECCHECK.vectors.map((v) =>
      crypto.verify(fromHex(v.signature), fromHex(v.message), fromHex(v.publicKey)),
    );
    expect(digits(row)).toBe(SPECCHECK.accepts["Dalek strict"]);
    expect(digits(row)).toBe(SPECCHECK.accepts.LibSodium);
  });
});

describe("the big-integer reference", () => {
  it("gives the published ed25519-speccheck rows of zebra, openssl and dalek-strict", () => {
    const all = SPECCHECK.vectors.map((v) =>
      verdicts(fromHex(v.signature), fromHex(v.message), fromHex(v.publicKey)),
    );
    expect(digits(all.map((v) => v.cofactored))).toBe(SPECCHECK.accepts.Zebra);
    expect(digits(all.map((v) => v.cofactorless))).toBe(SPECCHECK.accepts["OpenSSL-3.0"]);
    expect(digits(all.map((v) => v.strict))).toBe(SPECCHECK.accepts["Dalek strict"]);
  });

  it("accepts the RFC 8032 tests under all three rules and refuses another message", () => {
    expect(RFC_8032.vectors).toHaveLength(5);
    for (const v of RFC_8032.vectors) {
      const [signature, message, publicKey] = [
        fromHex(v.signature),
        fromHex(v.message),
        fromHex(v.publicKey),
      ];
      const all = { cofactored: true, cofactorless: true, strict: true };
      expect(verdicts(signature, message, publicKey)).toEqual(all);
      const none = { cofactored: false, cofactorless: false, strict: false };
      expect(verdicts(signature, Uint8Array.of(...message, 1), publicKey)).toEqual(none);
    }
  });
});
