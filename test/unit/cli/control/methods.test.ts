// What a running node does for its client commands, on a real node over the memory transport.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLS, type ControlScope, STREAMS } from "../../../../src/cli/control/methods.ts";
import { Mesh } from "../../../../src/node/mesh.ts";

let scope: ControlScope;
const never = new AbortController().signal;

beforeAll(async () => {
  scope = { mesh: await Mesh.join({ transport: "memory" }), agents: new Map() };
});
afterAll(() => scope.mesh.close());

async function call(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
  return CALLS.get(method)?.(scope, params, never);
}

function stream(method: string, params: Record<string, unknown>, signal: AbortSignal) {
  const items = STREAMS.get(method)?.(scope, params, signal);
  if (items === undefined) throw new Error(`no stream ${method}`);
  return items[Symbol.asyncIterator]();
}

describe("the control methods", () => {
  it("set, get and delete a map's keys", async () => {
    await call("set", { collection: "m", key: "k", value: { n: 1 } });
    expect(await call("get", { collection: "m", key: "k" })).toEqual({
      found: true,
      encoding: "json",
      value: { n: 1 },
    });
    await call("delete", { collection: "m", key: "k" });
    expect(await call("get", { collection: "m", key: "k" })).toEqual({ found: false });
  });

  it("show bytes as base64", async () => {
    await scope.mesh.map("m").set("bytes", Uint8Array.of(1, 2, 3));
    expect(await call("get", { collection: "m", key: "bytes" })).toEqual({
      found: true,
      encoding: "base64",
      value: "AQID",
    });
  });

  it("tell the status", async () => {
    expect(await call("status")).toMatchObject({ transport: "memory", members: 1 });
  });

  it.each([
    ["set", { collection: "m", key: "k" }],
    ["get", { collection: "m" }],
    ["send", { to: "x" }],
  ])("refuse %s with %j", async (method, params) => {
    await expect(call(method, params)).rejects.toMatchObject({ code: "MESH_CONTROL_REQUEST" });
  });

  it("watch from the present entries on, until the client hangs up", async () => {
    const hangUp = new AbortController();
    await call("set", { collection: "watched", key: "a", value: 1 });
    const items = stream("watch", { collection: "watched", initial: true }, hangUp.signal);
    expect((await items.next()).value).toMatchObject({ key: "a", deleted: false, value: 1 });
    await call("delete", { collection: "watched", key: "a" });
    expect((await items.next()).value).toMatchObject({ key: "a", deleted: true });
    hangUp.abort(new Error("hung up"));
    await expect(items.next()).rejects.toThrow("hung up");
  });

  it("host an agent for as long as a client listens, and send to it", async () => {
    const hangUp = new AbortController();
    const params = { agent: "listener", capabilities: ["ears"] };
    const items = stream("inbox", params, hangUp.signal);
    expect((await items.next()).value).toMatchObject({ open: true });
    expect(await call("agents", { capability: "ears" })).toMatchObject([{ name: "listener" }]);
    const second = stream("inbox", { agent: "listener" }, hangUp.signal);
    await expect(second.next()).rejects.toMatchObject({ code: "MESH_AGENT_NAME_TAKEN" });
    await call("send", { to: "listener", body: "hi", from: "caller" });
    expect((await items.next()).value).toMatchObject({ body: { value: "hi" } });
    // As the agent that is hosted here.
    await call("send", { to: "listener", body: "me", from: "listener" });
    expect((await items.next()).value).toMatchObject({ body: { value: "me" } });
    hangUp.abort(new Error("hung up"));
    await expect(items.next()).rejects.toThrow("hung up");
    expect(await call("agents", { capability: "ears" })).toEqual([]);
  });
});
