// What a waiting user is told (docs/ARCHITECTURE.md): every outcome of a message, every end of a write.
import { describe, expect, it } from "vitest";
import { MeshError } from "../../../../src/errors.ts";
import { Waiters } from "../../../../src/node/api/waiters.ts";

describe("a message's outcome", () => {
  it.each([
    ["unknown_agent", "MESH_AGENT_UNKNOWN", false],
    ["refused", "MESH_AGENT_UNKNOWN", false],
    ["inbox_full", "MESH_AGENT_INBOX_FULL", true],
    ["timeout", "MESH_MESSAGE_TIMEOUT", true],
  ] as const)("%s rejects with %s", async (outcome, code, retryable) => {
    const waiters = new Waiters();
    const answer = waiters.message(1n, undefined);
    waiters.settleMessage(1n, outcome);
    await expect(answer).rejects.toMatchObject({ code, retryable });
  });

  it("may be known before anybody waits for it", async () => {
    const waiters = new Waiters();
    waiters.settleMessage(1n, "accepted");
    await waiters.message(1n, undefined);
    waiters.settleMessage(2n, "inbox_full");
    await expect(waiters.message(2n, undefined)).rejects.toMatchObject({
      code: "MESH_AGENT_INBOX_FULL",
    });
  });
});

describe("a write", () => {
  const full = new MeshError("MESH_STATE_FULL", "full");

  it("is acknowledged with its range, and those outside wait on", async () => {
    const waiters = new Waiters();
    const writes = [1, 2, 3].map((id) => waiters.write(id, undefined));
    waiters.settleWrites(1, 2);
    await Promise.all(writes.slice(0, 2));
    waiters.settleWrites(3, 3, full);
    await expect(writes[2]).rejects.toBe(full);
  });

  it("may be settled before anybody waits for it, either way", async () => {
    const waiters = new Waiters();
    waiters.settleWrites(1, 2);
    await waiters.write(2, undefined);
    waiters.settleWrites(3, 3, full);
    await expect(waiters.write(3, undefined)).rejects.toBe(full);
  });

  it("waits no longer when the node is closed", async () => {
    const waiters = new Waiters();
    const closed = new MeshError("MESH_CLOSED", "closed");
    const waiting = [waiters.write(1, undefined), waiters.message(1n, undefined)];
    waiters.close(closed);
    for (const promise of waiting) await expect(promise).rejects.toBe(closed);
  });
});
