/**
 * Every decoder of what peers send, on a million mutated inputs each (reliability.md 2.3, T13): none
 * throws, hangs, or takes memory out of proportion to its input; prototypes stay as they are.
 */
import { expect, test } from "vitest";
import { DELTA_BODY_HASH_OFFSET, DELTA_PREFIX_BYTES } from "../../assembly/layout.ts";
import { decodeDeparture, encodeDeparture } from "../../src/core/wire/departure.ts";
import { FRAME_SUSPECT } from "../../src/core/wire/failure-frames.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_IHAVE,
  FRAME_MEMBERS,
  FRAME_WANT,
  type Frame,
} from "../../src/core/wire/frame.ts";
import { decodeMember, encodeMember } from "../../src/core/wire/member.ts";
import { decodeMessage, encodeMessage } from "../../src/core/wire/message.ts";
import { WORD_SUSPECT } from "../../src/core/wire/suspect.ts";
import { createKernels } from "../../src/kernels/index.ts";
import type { Kernels, Replica } from "../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { FrameReader } from "../../src/node/transport/frame-reader.ts";
import { strain } from "../support/strain.ts";
import {
  DELTAS,
  DEPARTURE,
  deltaBytes,
  FRAMES,
  joined,
  MEMBERS,
  MESH_ID,
  MESSAGES,
  NODE,
  sealed,
  WALL_MS,
} from "../support/wire-samples.ts";

const INPUTS = 1_000_000;
const SEED = 20_261_126n;
const NAME = { author: NODE, epoch: 1_700_000_000_001n, nonce: 5n };
const WORD = { member: NODE, epoch: 1n, state: WORD_SUSPECT, by: NODE } as const;
const MEMBER_BYTES = Object.values(MEMBERS).map((record) => sealed(encodeMember(record, MESH_ID)));
const DELTA_BYTES = Object.values(DELTAS).map(deltaBytes);

/** Frames as full as they may be: where counts turn into memory. */
const FULL: readonly Frame[] = [
  { type: FRAME_WANT, wants: Array.from({ length: 1_024 }, (_, after) => ({ ...NAME, after })) },
  {
    type: FRAME_IHAVE,
    root: new Uint8Array(32),
    heads: Array.from({ length: 1_024 }, (_, seq) => ({ ...NAME, seq })),
  },
  {
    type: FRAME_SUSPECT,
    words: Array.from({ length: 256 }, (_, counter) => ({ ...WORD, counter })),
  },
  { type: FRAME_MEMBERS, members: Array.from({ length: 256 }, () => MEMBER_BYTES[0]!) },
];

/** Frames whose name begins with one of the words; all without words. */
function framesOf(...words: readonly string[]): Uint8Array[] {
  return Object.entries(FRAMES)
    .filter(([name]) => words.length === 0 || words.some((word) => name.startsWith(word)))
    .map(([, frame]) => encodeFrame(frame, WALL_MS));
}

function takesFrame(bytes: Uint8Array): boolean {
  return decodeFrame(bytes).kind !== "refused";
}

const DECODERS: readonly {
  readonly name: string;
  /** Default INPUTS; full frames are slow, and the million of "frame" is theirs too. */
  readonly inputs?: number;
  readonly samples: readonly Uint8Array[];
  decode(bytes: Uint8Array): unknown;
}[] = [
  { name: "frame", samples: framesOf(), decode: takesFrame },
  {
    name: "full frame",
    inputs: 200_000,
    samples: FULL.map((frame) => encodeFrame(frame, WALL_MS)),
    decode: takesFrame,
  },
  { name: "roll call frame", samples: framesOf("roll call"), decode: takesFrame },
  { name: "stored frame", samples: framesOf("stored"), decode: takesFrame },
  { name: "failure frames", samples: framesOf("probe", "suspect", "depart"), decode: takesFrame },
  { name: "member", samples: MEMBER_BYTES, decode: (bytes) => decodeMember(bytes, MESH_ID) },
  {
    name: "message",
    samples: Object.values(MESSAGES).map((message) => sealed(encodeMessage(message, MESH_ID))),
    decode: (bytes) => decodeMessage(bytes, MESH_ID),
  },
  {
    name: "departure",
    samples: [sealed(encodeDeparture(DEPARTURE, MESH_ID))],
    decode: (bytes) => decodeDeparture(bytes, MESH_ID),
  },
  {
    name: "stream of frames",
    samples: framesOf().map((frame) => joined(prefixOf(frame), frame, prefixOf(frame), frame)),
    decode(bytes) {
      let frames = 0;
      const reader = new FrameReader(1_048_576, () => {
        frames += 1;
      });
      reader.push(bytes);
      return frames > 0;
    },
  },
  { name: "delta (Wasm)", samples: [joined(...DELTA_BYTES)], decode: scanWith(createKernels()) },
  {
    name: "delta (reference)",
    samples: [joined(...DELTA_BYTES)],
    decode: scanWith(createReferenceKernels()),
  },
  {
    name: "operations of a signed delta",
    samples: [DELTA_BYTES[1]!],
    decode: applyWith(createKernels()),
  },
];

test.each(DECODERS)("$name: no mutated input strains it", (decoder) => {
  const { inputs = INPUTS, samples, decode } = decoder;
  const { found, taken } = strain({ seed: SEED, inputs, samples, decode });
  expect(found).toEqual([]);
  // Some damage is none: inputs reach behind the first check.
  expect(taken).toBeGreaterThan(inputs / 1_000);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

function prefixOf(frame: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, frame.length, true);
  return prefix;
}

function scanWith(kernels: Kernels): (bytes: Uint8Array) => boolean {
  const replica = kernels.openReplica({ meshId: MESH_ID });
  return (bytes) => replica.frameScan(bytes).complete;
}

/**
 * As an author could sign it: the damaged body under its own hash. Each is applied to a replica that
 * holds what comes before it; a new one now and then, so that state does not pile up.
 */
function applyWith(kernels: Kernels): (bytes: Uint8Array) => boolean {
  let replica: Replica | undefined;
  let uses = 0;
  return (input) => {
    if (replica === undefined || uses++ % 50 === 0) {
      replica?.free();
      replica = kernels.openReplica({ meshId: MESH_ID });
      apply(replica, DELTA_BYTES[0]!);
    }
    if (input.length < DELTA_PREFIX_BYTES) return false;
    const bytes = input.slice();
    const body = bytes.subarray(DELTA_PREFIX_BYTES);
    bytes.set(DELTA_BYTES[1]!.subarray(0, DELTA_PREFIX_BYTES));
    new DataView(bytes.buffer).setUint32(8, body.length, true);
    bytes.set(kernels.blake3(body), DELTA_BODY_HASH_OFFSET);
    return apply(replica, bytes);
  };
}

function apply(replica: Replica, bytes: Uint8Array): boolean {
  const scan = replica.frameScan(bytes);
  const { changes } = replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1));
  return changes.length > 0;
}
