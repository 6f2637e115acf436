import { describe, expect, it } from "vitest";
import {
  GROUP_ORDER,
  isCanonicalY,
  isLowOrder,
  isReducedScalar,
  LOW_ORDER_Y,
  strictRefusal,
} from "../../../../src/node/signature/strict.ts";
import {
  BASE,
  encode,
  encodeRaw,
  L,
  lowOrderEncodings,
  multiply,
  P,
  toBytes,
  toInteger,
} from "../../../support/ed25519-reference.ts";
import { toHex } from "../../../support/signature-backends.ts";

const A = encode(multiply(BASE, 5n));
const R = encode(multiply(BASE, 7n));

const signatureOf = (r: Uint8Array, s: bigint) => Uint8Array.of(...r, ...toBytes(s));

describe("byte checks of mesh-ed25519-v1", () => {
  it("passes canonical prime-order A and R with S at both ends of its range", () => {
    expect(strictRefusal(signatureOf(R, 0n), A)).toBeUndefined();
    expect(strictRefusal(signatureOf(R, L - 1n), A)).toBeUndefined();
  });

  it.each([0, 63, 65])("refuses a signature of %i bytes", (length) => {
    expect(strictRefusal(new Uint8Array(length), A)).toBe("signature_length");
  });

  it.each([0, 31, 33])("refuses a public key of %i bytes", (length) => {
    expect(strictRefusal(signatureOf(R, 1n), new Uint8Array(length))).toBe("public_key_length");
  });

  it.each([L, L + 1n, 2n ** 252n + 2n ** 251n, 2n ** 253n, 2n ** 256n - 1n])(
    "refuses S = %d, at or above L",
    (s) => {
      expect(strictRefusal(signatureOf(R, s), A)).toBe("s_not_reduced");
    },
  );

  it("refuses every y(A) from p to 2^255 - 1 with either sign", () => {
    for (const bytes of nonCanonicalEncodings()) {
      expect(strictRefusal(signatureOf(R, 1n), bytes)).toBe("a_not_canonical");
    }
  });

  it("refuses every y(R) from p to 2^255 - 1 with either sign", () => {
    for (const bytes of nonCanonicalEncodings()) {
      expect(strictRefusal(signatureOf(bytes, 1n), A)).toBe("r_not_canonical");
    }
  });

  it("refuses A among the 14 low-order encodings", () => {
    for (const bytes of lowOrderEncodings()) {
      const expected = isCanonicalY(bytes) ? "a_low_order" : "a_not_canonical";
      expect(strictRefusal(signatureOf(R, 1n), bytes)).toBe(expected);
    }
  });

  it("refuses R among the 14 low-order encodings", () => {
    for (const bytes of lowOrderEncodings()) {
      const expected = isCanonicalY(bytes) ? "r_low_order" : "r_not_canonical";
      expect(strictRefusal(signatureOf(bytes, 1n), A)).toBe(expected);
    }
  });
});

describe("constants of mesh-ed25519-v1", () => {
  it("holds the group order L of RFC 8032", () => {
    expect(toInteger(GROUP_ORDER)).toBe(L);
  });

  it("holds exactly the low-order encodings that arithmetic yields", () => {
    const table = LOW_ORDER_Y.flatMap((y) => [
      toHex(encodeRaw(toInteger(y), false)),
      toHex(encodeRaw(toInteger(y), true)),
    ]);
    expect(table.toSorted()).toEqual(lowOrderEncodings().map(toHex).toSorted());
    expect(new Set(table).size).toBe(14);
  });

  it("takes a neighbour of a low-order encoding for no low-order one", () => {
    for (const bytes of lowOrderEncodings()) {
      for (const index of [0, 15, 31]) {
        const neighbour = bytes.slice();
        neighbour[index]! ^= 0x10;
        expect(isLowOrder(neighbour)).toBe(false);
      }
    }
  });

  it("draws the line of canonical y exactly at p", () => {
    expect(isCanonicalY(encodeRaw(P - 1n, true))).toBe(true);
    expect(isCanonicalY(encodeRaw(P, true))).toBe(false);
    for (let byte = 1n; byte < 32n; byte++) {
      expect(isCanonicalY(encodeRaw(P - (1n << (8n * byte)), false))).toBe(true);
    }
  });

  it("draws the line of S exactly at L", () => {
    for (const offset of [-(2n ** 130n), -256n, -1n, 0n, 1n, 256n, 2n ** 130n]) {
      expect(isReducedScalar(toBytes(L + offset), 0)).toBe(offset < 0n);
    }
  });
});

function nonCanonicalEncodings(): readonly Uint8Array[] {
  const encodings: Uint8Array[] = [];
  for (let y = P; y < 2n ** 255n; y++) encodings.push(encodeRaw(y, false), encodeRaw(y, true));
  return encodings;
}
