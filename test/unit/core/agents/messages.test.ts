import { describe, expect, it } from "vitest";
import { resolveAndSend } from "../../../../src/core/agents/messages.ts";
import { Outbox } from "../../../../src/core/agents/outbox.ts";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { AGENT_NAME_BYTES_MAX, decodeMessage } from "../../../../src/core/wire/message.ts";
import { at } from "../../../support/peers.ts";
import { crypto, IDENTITY, MESH_ID, NODE, OTHER_NODE } from "../../../support/wire-samples.ts";

/** The parts that sending uses; nobody is linked, so that messages wait in the outbox. */
function coreOf(): CoreState {
  const parts = {
    config: { nodeId: NODE, meshId: MESH_ID },
    deps: { crypto, identityKey: IDENTITY },
    messageCount: 0n,
    outbox: new Outbox(),
    view: { link: () => undefined },
    membership: { get: () => undefined },
    out: { links: { push: () => undefined } },
  };
  return parts as unknown as CoreState;
}

function send(core: CoreState, toAgent: string, toNode: string = OTHER_NODE) {
  const body = Uint8Array.of(1);
  const names = { fromAgent: "a", toAgent, toNode };
  return resolveAndSend(core, { kind: "send", ...names, codec: 0, body, timeoutMs: 9 }, at(0));
}

describe("sending a direct message (C3)", () => {
  it("signs what the recipient's decoder takes", () => {
    const core = coreOf();
    const name = "n".repeat(AGENT_NAME_BYTES_MAX);
    expect(send(core, name)).toEqual({ kind: "message", id: 1n });
    const [sent] = core.outbox.takeFor(OTHER_NODE);
    expect(decodeMessage(sent?.bytes ?? new Uint8Array(0), MESH_ID)).toMatchObject({
      id: 1n,
      toAgent: name,
    });
  });

  it.each([
    ["longer than a name may be", "n".repeat(AGENT_NAME_BYTES_MAX + 1)],
    ["longer in bytes, not in characters", "é".repeat(AGENT_NAME_BYTES_MAX / 2 + 1)],
    ["that is no well-formed text", "\ud800"],
    ["that is empty", ""],
  ])("refuses a recipient's name %s, which would cost reputation at the peer", (_, name) => {
    const core = coreOf();
    expect(send(core, name)).toMatchObject({ kind: "refused", code: "MESH_KEY_INVALID" });
    expect(core.outbox.size).toBe(0);
  });

  it("refuses a recipient's node that is no node id, instead of throwing", () => {
    const refused = { kind: "refused", code: "MESH_AGENT_UNKNOWN" };
    expect(send(coreOf(), "b", "12D3KooW")).toMatchObject(refused);
  });
});
