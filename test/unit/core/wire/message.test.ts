import { describe, expect, it } from "vitest";
import { VALUE_BYTES_MAX } from "../../../../assembly/layout.ts";
import {
  AGENT_NAME_BYTES_MAX,
  type DirectMessage,
  decodeMessage,
  encodeMessage,
} from "../../../../src/core/wire/message.ts";
import { joined, MESH_ID, MESSAGES, run } from "../../../support/wire-samples.ts";

const PLAIN = MESSAGES.plain as DirectMessage;
const SIGNATURE = new Uint8Array(64).fill(0xee);

function bytesOf(message: DirectMessage): Uint8Array {
  return joined(encodeMessage(message, MESH_ID), SIGNATURE);
}

function changed(at: number, value: number): Uint8Array {
  const bytes = bytesOf(PLAIN);
  bytes[at] = value;
  return bytes;
}

describe("direct message (C3)", () => {
  it.each(Object.entries(MESSAGES))("decodes what it encoded: %s", (_, message) => {
    expect(decodeMessage(bytesOf(message), MESH_ID)).toEqual(message);
  });

  it("carries a body and names of the largest size", () => {
    const name = "n".repeat(AGENT_NAME_BYTES_MAX);
    const body = new Uint8Array(VALUE_BYTES_MAX).fill(7);
    const message = { ...PLAIN, fromAgent: name, toAgent: name, body };
    expect(decodeMessage(bytesOf(message), MESH_ID)).toEqual(message);
  });

  it("copies the body, so that an inbox does not keep the whole frame alive", () => {
    const bytes = bytesOf(PLAIN);
    expect(decodeMessage(bytes, MESH_ID)?.body.buffer.byteLength).toBe(PLAIN.body.length);
  });

  it.each([
    ["another version", changed(0, 2)],
    ["another kind", changed(1, 16)],
    ["a reserved byte that is set", changed(3, 1)],
    ["a body shorter than it says", changed(4, PLAIN.body.length + 1)],
    ["a body longer than it says", changed(4, PLAIN.body.length - 1)],
    ["another mesh", changed(16, 0)],
    ["a time above 2^53 - 1", changed(102, 0x20)],
    ["a body above the largest value", bytesOf({ ...PLAIN, body: new Uint8Array(61_441) })],
    ["a sender's name that is too long", bytesOf({ ...PLAIN, fromAgent: "n".repeat(129) })],
    ["a recipient's name that is too long", bytesOf({ ...PLAIN, toAgent: "n".repeat(129) })],
    ["a byte after the body", joined(encodeMessage(PLAIN, MESH_ID), run(0, 1), SIGNATURE)],
    ["no bytes", new Uint8Array(0)],
    ["a signature alone", SIGNATURE],
  ])("refuses %s", (_, bytes) => {
    expect(decodeMessage(bytes, MESH_ID)).toBeUndefined();
  });

  it("refuses an agent's name that is not UTF-8", () => {
    expect(decodeMessage(changed(106, 0xff), MESH_ID)).toBeUndefined();
  });

  it("refuses a message cut short at any offset", () => {
    const bytes = bytesOf(PLAIN);
    for (let end = 0; end < bytes.length; end++) {
      expect(decodeMessage(bytes.subarray(0, end), MESH_ID)).toBeUndefined();
    }
  });
});
