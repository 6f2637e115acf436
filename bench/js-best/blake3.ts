/**
 * BLAKE3 as fast as JavaScript goes: sixteen i32 in local variables, all rounds written out, message
 * words read from a Uint32Array. Inputs of one call lie in `input`, at most INPUT_BYTES long.
 */

/** The input, 4-byte aligned; what lies past its end is zeroed by {@link bestBlake3}. */
export const INPUT_BYTES = 128 * 1024;

type Compress = (
  message: Uint32Array,
  at: number,
  chain: Uint32Array,
  counter: number,
  bytes: number,
  flags: number,
) => void;

/** Hashes `bytes` bytes of `input` from word `first` on; the bytes after them are overwritten. */
export function bestBlake3(input: Uint32Array, first: number, bytes: number): Uint32Array {
  pad(input, first, bytes);
  const chunks = Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
  let count = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const rest = Math.min(CHUNK_BYTES, bytes - chunk * CHUNK_BYTES);
    hashChunk(input, first + chunk * (CHUNK_BYTES >> 2), { rest, chunk, root: chunks === 1 });
    STACK.set(CHAIN, count++ * 8);
    if (chunk === chunks - 1) break;
    for (let done = chunk + 1; (done & 1) === 0; done >>= 1) count = joinTop(count, 0);
  }
  while (count > 1) count = joinTop(count, count === 2 ? ROOT : 0);
  return STACK.subarray(0, 8);
}

function hashChunk(
  input: Uint32Array,
  first: number,
  { rest, chunk, root }: { rest: number; chunk: number; root: boolean },
): void {
  CHAIN.set(IV);
  const blocks = Math.max(1, Math.ceil(rest / BLOCK_BYTES));
  for (let block = 0; block < blocks; block++) {
    const isLast = block === blocks - 1;
    const bytes = isLast ? rest - block * BLOCK_BYTES : BLOCK_BYTES;
    const start = block === 0 ? CHUNK_START : 0;
    const end = isLast ? CHUNK_END | (root ? ROOT : 0) : 0;
    compress(input, first + block * 16, CHAIN, chunk, bytes, start | end);
  }
}

/** Joins the two topmost hashes of the stack. */
function joinTop(count: number, flags: number): number {
  CHAIN.set(IV);
  compress(STACK, (count - 2) * 8, CHAIN, 0, BLOCK_BYTES, PARENT | flags);
  STACK.set(CHAIN, (count - 2) * 8);
  return count - 1;
}

/** Zeroes the rest of the last block. */
function pad(input: Uint32Array, first: number, bytes: number): void {
  const end = Math.max(1, Math.ceil(bytes / BLOCK_BYTES)) * 16;
  const whole = bytes >> 2;
  const odd = bytes & 3;
  if (odd !== 0) input[first + whole] = (input[first + whole] ?? 0) & ((1 << (8 * odd)) - 1);
  input.fill(0, first + whole + (odd === 0 ? 0 : 1), first + end);
}

/** The compression as one function without a loop: source text, compiled once. */
function makeCompress(): Compress {
  const lines: string[] = [];
  const names = Array.from({ length: 16 }, (_, word) => `s${word}`);
  for (let word = 0; word < 8; word++) lines.push(`let s${word} = chain[${word}] | 0;`);
  for (let word = 0; word < 4; word++) lines.push(`let s${word + 8} = ${(IV[word] ?? 0) | 0};`);
  lines.push("let s12 = counter | 0, s13 = 0, s14 = bytes | 0, s15 = flags | 0;");
  for (let word = 0; word < 16; word++) lines.push(`const m${word} = message[at + ${word}] | 0;`);
  let order = names.map((_, place) => place);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, step] of STEPS.entries()) {
      const [a, b, c, d] = step.map((word) => `s${word}`);
      for (const [half, [right, left]] of [ROTATIONS[0], ROTATIONS[1]].entries()) {
        lines.push(
          `${a} = (${a} + ${b} + m${order[at * 2 + half]}) | 0;`,
          `${d} = rotate(${d} ^ ${a}, ${right});`,
          `${c} = (${c} + ${d}) | 0;`,
          `${b} = rotate(${b} ^ ${c}, ${left});`,
        );
      }
    }
    order = PERMUTATION.map((from) => order[from] ?? 0);
  }
  for (let word = 0; word < 8; word++) lines.push(`chain[${word}] = s${word} ^ s${word + 8};`);
  const text = lines
    .join("\n")
    .replace(/rotate\((s\d+ \^ s\d+), (\d+)\)/g, (_, word: string, bits: string) => {
      return `((${word}) >>> ${bits}) | ((${word}) << ${32 - Number(bits)})`;
    });
  return new Function("message", "at", "chain", "counter", "bytes", "flags", text) as Compress;
}

const CHUNK_BYTES = 1024;
const BLOCK_BYTES = 64;
const ROUNDS = 7;
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const ROTATIONS = [
  [16, 12],
  [8, 7],
] as const;
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const STEPS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const IV = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
const CHAIN = new Uint32Array(8);
const STACK = new Uint32Array(32 * 8);
const compress = makeCompress();
