// The greeting on a bare channel: however the bytes come, and whatever they are (C2, C6).
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { encodeCredential } from "../../../../src/core/wire/credential.ts";
import { nodeIdFromSeed } from "../../../../src/node/node-id.ts";
import type { ByteChannel } from "../../../../src/node/transport/byte-channel.ts";
import { Greeting } from "../../../../src/node/transport/greeting.ts";
import {
  createMemoryChannelPair,
  type MemoryChannel,
} from "../../../../src/node/transport/memory-channel.ts";
import { TestAuthority } from "../../../support/credentials.ts";

const authority = new TestAuthority();
const seeds = [randomBytes(32), randomBytes(32)] as const;
const peer = nodeIdFromSeed(seeds[1]);
const gate = authority.gate(seeds[0]);
const MARK = [0x4b, 0x4e, 0x4d, 0xff];
const ADMITTED = 0;
const SIGNATURE = 6;

function greetingOf(credential: Uint8Array): number[] {
  return [...MARK, credential.length & 255, credential.length >> 8, ...credential];
}

const sound = greetingOf(encodeCredential(authority.issue(peer)));

/** A greeting under way, and the far end of its channel as a peer that writes what it likes. */
function begun() {
  const [near, far] = createMemoryChannelPair();
  const told: number[] = [];
  const gone = Promise.withResolvers<void>();
  far.attach({
    data: (chunk) => told.push(...chunk),
    writable: () => undefined,
    ended: () => far.destroy(),
    closed: () => undefined,
  });
  const greeting = new Greeting({ channel: near, peer, inbound: true, gate, gone: gone.resolve });
  // A test that does not look at the end must not fail for it.
  greeting.admitted.catch(() => undefined);
  onTestFinished(() => greeting.giveUp(new Error("the test is over")));
  return { greeting, far, told, gone: gone.promise };
}

/** What the link above gets to read, until it is `count` bytes. */
function read(channel: ByteChannel, count: number): Promise<number[]> {
  const bytes: number[] = [];
  return new Promise((resolve) => {
    channel.attach({
      data: (chunk) => {
        bytes.push(...chunk);
        if (bytes.length >= count) resolve(bytes);
      },
      writable: () => undefined,
      ended: () => undefined,
      closed: () => undefined,
    });
  });
}

function write(far: MemoryChannel, bytes: readonly number[]): void {
  far.write(Uint8Array.from(bytes));
}

describe("a greeting (C2, C6)", () => {
  it("admits when it comes byte by byte, and leaves what follows to the link", async () => {
    const { greeting, far } = begun();
    for (const byte of [...sound, ADMITTED, 7, 8]) write(far, [byte]);
    const channel = await greeting.admitted;
    const frames = read(channel, 4);
    write(far, [9, 10]);
    expect(await frames).toEqual([7, 8, 9, 10]);
  });

  it("admits when everything comes at once", async () => {
    const { greeting, far } = begun();
    write(far, [...sound, ADMITTED, 7, 8]);
    expect(await read(await greeting.admitted, 2)).toEqual([7, 8]);
  });

  it("shows the own credential first, then one verdict, and nothing more", async () => {
    const { greeting, far, told } = begun();
    write(far, [...sound, ADMITTED]);
    await greeting.admitted;
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([...greetingOf(gate.greeting), ADMITTED]);
  });

  it("ends with the peer's reason when the peer refuses", async () => {
    const { greeting, far, gone } = begun();
    write(far, [...sound, SIGNATURE]);
    await expect(greeting.admitted).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_INVALID",
      details: { reason: "signature", by: "peer" },
    });
    await gone;
  });

  it("takes a verdict that only a later version knows for a refusal", async () => {
    const { greeting, far } = begun();
    write(far, [...sound, 200]);
    await expect(greeting.admitted).rejects.toMatchObject({ details: { by: "peer" } });
  });

  it("tells the peer its reason, although the peer has admitted this node", async () => {
    const { greeting, far, told, gone } = begun();
    const forged = authority.issue(peer);
    const bytes = encodeCredential(forged);
    write(far, [...greetingOf(bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)), ADMITTED]);
    await expect(greeting.admitted).rejects.toMatchObject({
      details: { reason: "signature", by: "self" },
    });
    await gone;
    expect(told.at(-1)).toBe(SIGNATURE);
  });

  it("says missing of a peer that hangs up in good order, and lost of one that is cut off", async () => {
    const quiet = begun();
    await quiet.far.finishWrite();
    await expect(quiet.greeting.admitted).rejects.toMatchObject({
      code: "MESH_CERTIFICATE_REQUIRED",
    });
    const cut = begun();
    cut.far.destroy();
    await expect(cut.greeting.admitted).rejects.toMatchObject({
      code: "MESH_TRANSPORT_DIAL",
      retryable: true,
    });
  });

  it("ends for the reason given by who gives it up", async () => {
    const { greeting, gone } = begun();
    const reason = new Error("enough");
    greeting.giveUp(reason);
    await expect(greeting.admitted).rejects.toBe(reason);
    await gone;
  });

  it("admits nobody whose bytes are not a credential, however they are cut", async () => {
    const bytes = fc.uint8Array({ minLength: 7, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (body, marked, cut) => {
          const { greeting, far } = begun();
          const all = marked ? [...greetingOf(body), ADMITTED, ADMITTED] : [...body];
          for (let at = 0; at < all.length; at += cut) write(far, all.slice(at, at + cut));
          await far.finishWrite();
          await expect(greeting.admitted).rejects.toThrow();
        },
      ),
      { numRuns: 200 },
    );
  });
});
