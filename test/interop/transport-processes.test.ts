/**
 * Transports in separate processes: sudden death, and an end without leftovers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { createQuicTransport, createTcpTransport } from "../../src/node/transport/libp2p.ts";
import { LANE_CONTROL, type Transport } from "../../src/node/transport/transport.ts";
import { createRecorder } from "../support/recorder.ts";

const children: ChildProcess[] = [];
const transports: Transport[] = [];
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function echoProcess(kind: "quic" | "tcp") {
  const script = new URL("../support/echo-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, kind], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const [address] = (await once(lines, "line")) as [string];
  return { child, address };
}

describe.each(["quic", "tcp"] as const)("%s transport between processes", (kind) => {
  async function connect(address: string) {
    const events = createRecorder();
    const options = { identitySeed: randomBytes(32), listen: [], handlers: events.handlers };
    const transport = kind === "quic" ? createQuicTransport(options) : createTcpTransport(options);
    transports.push(transport);
    await transport.start();
    const link = await transport.dial(address);
    link.send(Uint8Array.of(42), LANE_CONTROL);
    expect((await events.nextFrame()).bytes).toEqual(Uint8Array.of(42));
    return { events, link, transport };
  }

  test("tells once that a killed peer is lost, while frames for it wait", async () => {
    const { child, address } = await echoProcess(kind);
    const { events, link } = await connect(address);
    child.kill("SIGKILL");
    await once(child, "exit");
    for (let at = 0; at < 100; at += 1) link.send(randomBytes(10_000), LANE_CONTROL);
    expect((await events.nextDown()).reason).toBe("peer_lost");
    expect(link.send(Uint8Array.of(1), LANE_CONTROL)).toBe("closed");
    await link.close();
    expect(events.downs).toHaveLength(1);
  });

  test("closes within its bound while the peer process stands still", async () => {
    const { child, address } = await echoProcess(kind);
    const { events, link } = await connect(address);
    child.kill("SIGSTOP");
    for (let at = 0; at < 100; at += 1) link.send(randomBytes(50_000), LANE_CONTROL);
    await link.close();
    expect(events.downs.map((each) => each.reason)).toEqual(["local_close"]);
  });

  test("lets the process end after close", async () => {
    const { child, address } = await echoProcess(kind);
    const { events } = await connect(address);
    child.stdin?.write("close\n");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    expect((await events.nextDown()).reason).toBe("peer_close");
  });
});
