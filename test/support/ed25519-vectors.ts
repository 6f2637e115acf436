/**
 * Generates test/vectors/ed25519-strict.json: signatures made with known scalars, then bent.
 *
 * With A = [a]B + T and R = [r]B + T', S = r + ka satisfies the cofactored equation whatever T and
 * T' are, and the cofactorless one exactly when T' = -[k]T. Deterministic: all scalars are hashes of
 * labels. The file is append-only: new groups go to the end of `GROUPS`.
 */
import {
  add,
  BASE,
  encode,
  encodeRaw,
  hashInteger,
  L,
  lowOrderEncodings,
  multiply,
  P,
  type Point,
  toBytes,
  toInteger,
  torsionPoints,
  verdicts,
} from "./ed25519-reference.ts";

export interface StrictVector {
  readonly group: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly cofactored: boolean;
  readonly cofactorless: boolean;
  readonly strict: boolean;
}

/** One vector per line, fields separated by single spaces; the verdicts are three digits, 0 or 1. */
export function serializeVectors(vectors: readonly StrictVector[]): string {
  const lines = vectors.map((v) => {
    const digits = [v.cofactored, v.cofactorless, v.strict].map(Number).join("");
    return [v.group, v.publicKey, v.message, v.signature, digits].join(" ");
  });
  const columns = "group publicKey message signature cofactored,cofactorless,strict";
  return `${JSON.stringify({ rule: "mesh-ed25519-v1", columns, vectors: lines }, null, 2)}\n`;
}

export function parseVectors(json: string): readonly StrictVector[] {
  const { vectors } = JSON.parse(json) as { vectors: string[] };
  return vectors.map((line) => {
    const [group = "", publicKey = "", message = "", signature = "", digits] = line.split(" ");
    return {
      group,
      publicKey,
      message,
      signature,
      cofactored: digits?.[0] === "1",
      cofactorless: digits?.[1] === "1",
      strict: digits?.[2] === "1",
    };
  });
}

export function generateVectors(): readonly StrictVector[] {
  return GROUPS.flatMap((group) => [...group()]);
}

interface Crafted {
  readonly a: bigint;
  readonly r: bigint;
  readonly aBytes: Uint8Array;
  readonly rBytes: Uint8Array;
}

/** Every torsion component on A with every one on R: as it comes, and with a message that fits. */
function* torsionGroup(): Generator<StrictVector> {
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      const crafted = craft(`torsion ${i} ${j}`, TORSION[i]!, TORSION[j]!);
      const fits = (k: bigint) => (BigInt(j) + k * BigInt(i)) % 8n === 0n;
      for (const wanted of [true, false]) {
        const message = findMessage(crafted, (k) => fits(k % L) === wanted);
        if (message !== undefined)
          yield honestS(`torsion-${wanted ? "fits" : "differs"}`, crafted, message);
      }
    }
  }
}

/** Mixed-order A where reducing k mod L decides: the two readings of the equation disagree. */
function* reductionGroup(): Generator<StrictVector> {
  for (let i = 1; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      const crafted = craft(`reduction ${i} ${j}`, TORSION[i]!, TORSION[j]!);
      const fits = (k: bigint) => (BigInt(j) + k * BigInt(i)) % 8n === 0n;
      const reducedOnly = findMessage(crafted, (k) => fits(k % L) && !fits(k));
      const unreducedOnly = findMessage(crafted, (k) => !fits(k % L) && fits(k));
      if (reducedOnly !== undefined) yield honestS("k-reduced-fits", crafted, reducedOnly);
      if (unreducedOnly !== undefined) yield honestS("k-unreduced-fits", crafted, unreducedOnly);
    }
  }
}

/** S + nL up to 2^256: the same residue, another signature. */
function* malleableGroup(): Generator<StrictVector> {
  for (let i = 0; i < 8; i++) {
    const crafted = craft(`malleable ${i}`, TORSION[i]!, TORSION[0]!);
    const message = findMessage(crafted, (k) => ((k % L) * BigInt(i)) % 8n === 0n)!;
    const s = solveS(crafted, message);
    for (const n of [0n, 1n, 2n, 7n, 8n, 14n]) {
      yield judge("s-plus-nl", crafted.aBytes, message, crafted.rBytes, s + n * L);
    }
  }
}

/** A of low order in each of the 14 encodings with an honest R: valid for any message when k fits. */
function* lowOrderKeyGroup(): Generator<StrictVector> {
  for (const [n, aBytes] of lowOrderEncodings().entries()) {
    const r = scalarOf(`low-order key ${n}`);
    const crafted = { a: 0n, r, aBytes, rBytes: encode(multiply(BASE, r)) };
    for (const residue of [0n, 1n, 4n]) {
      const message = findMessage(crafted, (k) => (k % L) % 8n === residue)!;
      yield honestS("a-low-order", crafted, message);
    }
  }
}

/** R of low order in each of the 14 encodings with an honest A and with each torsion added to it. */
function* lowOrderNonceGroup(): Generator<StrictVector> {
  for (const [n, rBytes] of lowOrderEncodings().entries()) {
    for (const i of [0, 1, 2, 4]) {
      const crafted = {
        ...craft(`low-order nonce ${n} ${i}`, TORSION[i]!, TORSION[0]!),
        r: 0n,
        rBytes,
      };
      yield honestS("r-low-order", crafted, Uint8Array.of(n, i));
    }
  }
}

/** Both of low order, S = 0: no secret takes part. */
function* lowOrderBothGroup(): Generator<StrictVector> {
  for (const aBytes of lowOrderEncodings()) {
    for (const rBytes of lowOrderEncodings()) {
      const crafted = { a: 0n, r: 0n, aBytes, rBytes };
      const holds = (message: Uint8Array) =>
        verdicts(signatureOf(rBytes, 0n), message, aBytes).cofactorless;
      const messages = [0, 1, 2, 3].map((n) => Uint8Array.of(n));
      yield judge(
        "both-low-order",
        aBytes,
        messages.find(holds) ?? messages[0]!,
        crafted.rBytes,
        0n,
      );
    }
  }
}

/** y from p to 2^255 - 1, both signs, as A and as R beside an honest other half. */
function* nonCanonicalGroup(): Generator<StrictVector> {
  const honest = craft("non-canonical", TORSION[0]!, TORSION[0]!);
  const message = Uint8Array.of(1);
  for (let y = P; y < 2n ** 255n; y += 3n) {
    for (const sign of [false, true]) {
      const bent = encodeRaw(y, sign);
      yield honestS("a-not-canonical", { ...honest, aBytes: bent }, message);
      yield honestS("r-not-canonical", { ...honest, rBytes: bent }, message);
    }
  }
}

/** S at the edges of its range, and A on no point. */
function* edgeGroup(): Generator<StrictVector> {
  const { aBytes, rBytes } = craft("edge", TORSION[0]!, TORSION[0]!);
  const message = Uint8Array.of(2);
  for (const s of [
    0n,
    1n,
    L - 1n,
    L,
    L + 1n,
    2n ** 252n,
    2n ** 253n - 1n,
    2n ** 255n,
    2n ** 256n - 1n,
  ]) {
    yield judge("s-edge", aBytes, message, rBytes, s);
  }
  for (const y of [2n, 7n, P - 2n])
    yield judge("a-small-y", encodeRaw(y, false), message, rBytes, 1n);
}

/** Honest signatures, and the same with one bit flipped in A, R, S or the message. */
function* flippedGroup(): Generator<StrictVector> {
  for (let n = 0; n < 8; n++) {
    const crafted = craft(`honest ${n}`, TORSION[0]!, TORSION[0]!);
    const message = Uint8Array.from({ length: n * 3 }, (_, i) => i * n);
    yield honestS("honest", crafted, message);
    const s = solveS(crafted, message);
    const bit = Number(hashInteger(Buffer.from(`bit ${n}`)) % 256n);
    yield judge("flipped-a", flip(crafted.aBytes, bit), message, crafted.rBytes, s);
    yield judge("flipped-r", crafted.aBytes, message, flip(crafted.rBytes, bit), s);
    yield judge("flipped-s", crafted.aBytes, message, crafted.rBytes, s ^ (1n << BigInt(bit)));
    yield judge("longer-message", crafted.aBytes, Uint8Array.of(...message, 0), crafted.rBytes, s);
  }
}

function craft(label: string, aTorsion: Point, rTorsion: Point): Crafted {
  const a = scalarOf(`a ${label}`);
  const r = scalarOf(`r ${label}`);
  return {
    a,
    r,
    aBytes: encode(add(multiply(BASE, a), aTorsion)),
    rBytes: encode(add(multiply(BASE, r), rTorsion)),
  };
}

/** The first two-byte message whose unreduced hash satisfies `wanted`; undefined after 64 tries. */
function findMessage(crafted: Crafted, wanted: (k: bigint) => boolean): Uint8Array | undefined {
  for (let n = 0; n < 64; n++) {
    const message = Uint8Array.of(n, 0x6d);
    if (wanted(hashInteger(crafted.rBytes, crafted.aBytes, message))) return message;
  }
  return undefined;
}

function solveS({ a, r, aBytes, rBytes }: Crafted, message: Uint8Array): bigint {
  return (r + hashInteger(rBytes, aBytes, message) * a) % L;
}

function honestS(group: string, crafted: Crafted, message: Uint8Array): StrictVector {
  return judge(group, crafted.aBytes, message, crafted.rBytes, solveS(crafted, message));
}

function judge(
  group: string,
  aBytes: Uint8Array,
  message: Uint8Array,
  rBytes: Uint8Array,
  s: bigint,
): StrictVector {
  const signature = signatureOf(rBytes, s);
  return {
    group,
    publicKey: hex(aBytes),
    message: hex(message),
    signature: hex(signature),
    ...verdicts(signature, message, aBytes),
  };
}

function signatureOf(rBytes: Uint8Array, s: bigint): Uint8Array {
  return Uint8Array.of(...rBytes, ...toBytes(s));
}

function scalarOf(label: string): bigint {
  return hashInteger(Buffer.from(label)) % L;
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  return toBytes(toInteger(bytes) ^ (1n << BigInt(bit)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const TORSION = torsionPoints();

const GROUPS = [
  torsionGroup,
  reductionGroup,
  malleableGroup,
  lowOrderKeyGroup,
  lowOrderNonceGroup,
  lowOrderBothGroup,
  nonCanonicalGroup,
  edgeGroup,
  flippedGroup,
];
