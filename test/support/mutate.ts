/** Mutated inputs for decoders: samples with damage of the kinds that decoders trip over. */
import type { Random } from "../../src/core/random.ts";

/** One sample with one to four damages; a copy. */
export function mutate(random: Random, samples: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = pick(random, samples).slice();
  const damages = 1 + random.below(4);
  for (let i = 0; i < damages; i++) bytes = damage(random, bytes, samples);
  return bytes;
}

function damage(random: Random, bytes: Uint8Array, samples: readonly Uint8Array[]): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.below(256));
  const at = placeIn(random, bytes);
  switch (random.below(9)) {
    case 0: // a bit
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1: // a byte
      bytes[at] = random.below(256);
      return bytes;
    case 2: // a length or count of 1 to 8 bytes, at an edge
      bytes.fill(random.below(2) === 0 ? 0 : 0xff, at, at + (1 << random.below(4)));
      return bytes;
    case 3: // a length of two or four bytes that is a little off
      bytes[at] = (bytes[at] ?? 0) + (random.below(2) === 0 ? 1 : 255);
      return bytes;
    case 4: // cut
      return bytes.subarray(0, at).slice();
    case 5: {
      // longer
      const longer = new Uint8Array(bytes.length + 1 + random.below(300));
      longer.set(bytes);
      return longer;
    }
    case 6: {
      // a piece twice
      const piece = bytes.subarray(at, at + 1 + random.below(64));
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
    }
    case 7: // a piece less
      return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64)));
    default: {
      // the tail of another
      const other = pick(random, samples);
      return joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)));
    }
  }
}

/** Half of the time among the first bytes, where versions, types and counts are. */
function placeIn(random: Random, bytes: Uint8Array): number {
  return random.below(random.below(2) === 0 ? Math.min(48, bytes.length) : bytes.length);
}

function pick(random: Random, samples: readonly Uint8Array[]): Uint8Array {
  const sample = samples[random.below(samples.length)];
  if (sample === undefined) throw new Error("there are samples");
  return sample;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
