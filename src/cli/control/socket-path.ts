/**
 * Where a node's control socket is: `<dataDir>/control.sock`, or on Windows a named pipe named
 * after the folder. Whoever wants to listen there takes the place of a dead node's socket file,
 * never of a live one's.
 */
import { createHash } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join, relative, resolve } from "node:path";
import { MeshError } from "../../errors.ts";

/** The socket's address for listen and connect; MESH_CONTROL_UNAVAILABLE when it cannot have one. */
export function controlSocketPath(dataDir: string): string {
  if (process.platform === "win32") {
    const name = createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 16);
    return `\\\\.\\pipe\\knhk-mesh-${name}`;
  }
  const absolute = join(resolve(dataDir), SOCKET_FILE);
  if (Buffer.byteLength(absolute) <= SOCKET_PATH_BYTES_MAX) return absolute;
  const short = relative(process.cwd(), absolute);
  if (Buffer.byteLength(short) <= SOCKET_PATH_BYTES_MAX) return short;
  throw new MeshError(
    "MESH_CONTROL_UNAVAILABLE",
    "the data folder's path is too long for a socket",
    {
      details: { path: absolute, max: SOCKET_PATH_BYTES_MAX },
    },
  );
}

/**
 * Removes the socket file of a dead node.
 * @throws MeshError MESH_DATA_DIR_IN_USE when a live node answers there.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  if (process.platform === "win32") return;
  if (await answers(path)) throw inUse(path);
  // Moved aside first and asked again: had another start replaced it meanwhile, that one is live.
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  if (await answers(aside)) {
    await rename(aside, path);
    throw inUse(path);
  }
  await rm(aside, { force: true });
}

export function inUse(path: string): MeshError {
  return new MeshError(
    "MESH_DATA_DIR_IN_USE",
    `another node runs with this data folder (${path})`,
    {
      details: { path },
    },
  );
}

/** Whether a process accepts connections at `path`. */
function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.once("error", () => settle(false));
  });
}

const SOCKET_FILE = "control.sock";
/** sun_path holds 104 bytes on macOS, 108 on Linux, the closing zero included. */
const SOCKET_PATH_BYTES_MAX = 103;
