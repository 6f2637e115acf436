import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callNode } from "../../../../src/cli/control/client.ts";
import { LINE_BYTES_MAX } from "../../../../src/cli/control/protocol.ts";
import { ControlServer } from "../../../../src/cli/control/server.ts";
import { controlSocketPath } from "../../../../src/cli/control/socket-path.ts";
import { isMeshError } from "../../../../src/errors.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "control-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Writes raw bytes and collects what the server answers until it hangs up or has said a line. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlSocketPath(dataDir), () => socket.write(bytes));
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) socket.destroy();
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

describe("control socket", () => {
  it("is for its owner alone", async () => {
    const server = await ControlServer.listen(dataDir);
    expect(statSync(server.path).mode & 0o777).toBe(0o600);
    await server.close();
  });

  it("says that the node is still joining", async () => {
    const server = await ControlServer.listen(dataDir);
    await expect(callNode(dataDir, "status")).rejects.toMatchObject({
      code: "MESH_CONTROL_UNAVAILABLE",
      message: "the node is still joining",
    });
    await server.close();
  });

  it.each([
    ["garbage", "hello\n"],
    ["a line without end", "x".repeat(LINE_BYTES_MAX + 1)],
  ])("answers %s with a typed error and hangs up", async (_, bytes) => {
    const server = await ControlServer.listen(dataDir);
    const answer = JSON.parse(await exchange(bytes));
    expect(answer).toMatchObject({ id: 0, error: { code: "MESH_CONTROL_REQUEST" } });
    await server.close();
  });

  it("refuses a second node while the first one lives", async () => {
    const first = await ControlServer.listen(dataDir);
    await expect(ControlServer.listen(dataDir)).rejects.toSatisfy((error) =>
      isMeshError(error, "MESH_DATA_DIR_IN_USE"),
    );
    await expect(callNode(dataDir, "status")).rejects.toThrow("still joining");
    await first.close();
  });

  it("can be taken again after it was closed", async () => {
    await (await ControlServer.listen(dataDir)).close();
    await (await ControlServer.listen(dataDir)).close();
  });

  it("tells a client that nobody listens", async () => {
    await expect(callNode(dataDir, "status")).rejects.toSatisfy((error) =>
      isMeshError(error, "MESH_CONTROL_UNAVAILABLE"),
    );
  });

  it("tells a client that what listens is no node", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n"));
    await new Promise<void>((resolve) => server.listen(controlSocketPath(dataDir), resolve));
    await expect(callNode(dataDir, "status")).rejects.toThrow("is no node");
    server.close();
  });

  it("tells a client that the node hung up", async () => {
    const server = createServer((socket) => socket.resume().end());
    await new Promise<void>((resolve) => server.listen(controlSocketPath(dataDir), resolve));
    await expect(callNode(dataDir, "status")).rejects.toSatisfy((error) =>
      isMeshError(error, "MESH_CONTROL_UNAVAILABLE"),
    );
    server.close();
  });
});
