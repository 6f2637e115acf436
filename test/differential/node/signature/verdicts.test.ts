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

const VECTORS_PATH = join(import.meta.dirname, "../../../vectors/ed25519-strict.json");
const RFC_PATH = join(import.meta.dirname, "../../../vectors/rfc8032-ed25519.json");

const file = readFileSync(VECTORS_PATH, "utf8");
const vectors = parseVectors(file);

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

describe("the big-integer reference", () => {
  it("accepts the RFC 8032 tests under all three rules and refuses another message", () => {
    const { vectors: known } = JSON.parse(readFileSync(RFC_PATH, "utf8")) as {
      vectors: { publicKey: string; message: string; signature: string }[];
    };
    expect(known).toHaveLength(5);
    for (const v of known) {
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
