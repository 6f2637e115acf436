/**
 * The node's identity and the file that keeps it.
 *
 * The file is three lines of text: a heading with the version, the 32-byte ed25519 seed in hex and
 * the node id it must yield, so that a damaged file is noticed and never used. It is readable by
 * its owner alone. Writing is atomic and never replaces a file: whoever comes second reads what the
 * first one wrote, so two starts at once end up with one identity.
 */
import { randomBytes } from "node:crypto";
import { link, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isMeshError, MeshError } from "../errors.ts";
import { codeOf, syncDirectory, writeDurably } from "./durable-file.ts";
import { nodeIdFromPublicKey, peerIdFromNodeId, publicKeyFromSeed } from "./node-id.ts";
import type { NodeId } from "./transport/transport.ts";

/** Name of the identity key inside the data folder. */
export const IDENTITY_FILE = "identity.key";

export interface Identity {
  /** 32-byte ed25519 seed: the secret. */
  readonly seed: Uint8Array;
  /** Raw 32-byte public key. */
  readonly publicKey: Uint8Array;
  /** The public key as 64 hex digits. */
  readonly nodeId: NodeId;
  /** The public key as libp2p peer id text. */
  readonly peerIdText: string;
}

/** A new identity from the system's randomness. */
export function generateIdentity(): Identity {
  return identityFromSeed(randomBytes(SEED_BYTES));
}

/** The identity of a seed (copied); MESH_VALUE_INVALID unless it has 32 bytes. */
export function identityFromSeed(seed: Uint8Array): Identity {
  const publicKey = publicKeyFromSeed(seed);
  const nodeId = nodeIdFromPublicKey(publicKey);
  return Object.freeze({
    seed: new Uint8Array(seed),
    publicKey,
    nodeId,
    peerIdText: peerIdFromNodeId(nodeId),
  });
}

/**
 * Reads the identity file at `path`, or writes a new identity there when there is none.
 * @throws MeshError MESH_IDENTITY_FILE when the file can be read or written by others, does not
 * hold an identity, or cannot be read or created. An existing file is never changed.
 */
export async function loadOrCreateIdentity(path: string): Promise<Identity> {
  try {
    return (await readIdentity(path)) ?? (await createIdentity(path));
  } catch (error) {
    if (isMeshError(error)) throw error;
    throw fileError(path, "cannot be read or created", error);
  }
}

/**
 * Reads the identity file at `path`.
 * @throws MeshError MESH_IDENTITY_FILE as {@link loadOrCreateIdentity}, and when there is none.
 */
export async function loadIdentity(path: string): Promise<Identity> {
  const identity = await readIdentity(path).catch((error: unknown) => {
    if (isMeshError(error)) throw error;
    throw fileError(path, "cannot be read", error);
  });
  if (identity === undefined) throw fileError(path, "does not exist");
  return identity;
}

async function readIdentity(path: string): Promise<Identity | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw fileError(path, "is not a regular file");
    // The open handle is checked, not the path, so that nothing can be swapped in between.
    if (process.platform !== "win32" && (stat.mode & OTHERS_MODE) !== 0) {
      const mode = (stat.mode & 0o777).toString(8);
      throw fileError(path, `must be private to its owner (0600), and has mode 0${mode}`);
    }
    if (stat.size > FILE_BYTES_MAX) throw fileError(path, "is too large to be an identity");
    return parseIdentity(path, await file.readFile("utf8"));
  } finally {
    await file.close();
  }
}

function parseIdentity(path: string, text: string): Identity {
  const match = FILE_PATTERN.exec(text);
  const seedText = match?.[1];
  if (seedText === undefined) throw fileError(path, "does not hold an identity");
  const identity = identityFromSeed(Buffer.from(seedText, "hex"));
  if (identity.nodeId !== match?.[2])
    throw fileError(path, "is damaged: its seed and node id disagree");
  return identity;
}

async function createIdentity(path: string): Promise<Identity> {
  const identity = generateIdentity();
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const seedText = Buffer.from(identity.seed).toString("hex");
  try {
    await writeDurably(draft, `${FILE_HEADING}\n${seedText}\n${identity.nodeId}\n`);
    await publish(draft, path);
  } catch (error) {
    // The draft may not exist; the first error is the one to tell.
    await unlink(draft).catch(() => undefined);
    if (codeOf(error) !== "EEXIST") throw error;
    const winner = await readIdentity(path);
    if (winner === undefined) throw error;
    return winner;
  }
  await syncDirectory(dirname(path));
  return identity;
}

/** Gives the draft its name: a hard link fails when the name is taken, where a rename replaces. */
async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!NO_LINKS_CODES.has(codeOf(error) ?? "")) throw error;
    await rename(draft, path);
    return;
  }
  await unlink(draft);
}

function fileError(path: string, problem: string, cause?: unknown): MeshError {
  return new MeshError("MESH_IDENTITY_FILE", `identity file ${problem}`, {
    details: { path },
    cause,
  });
}

const SEED_BYTES = 32;
const OTHERS_MODE = 0o077;
const FILE_BYTES_MAX = 4096;
const FILE_HEADING = "knhk-mesh identity 1";
const FILE_PATTERN = /^knhk-mesh identity 1\n([0-9a-f]{64})\n([0-9a-f]{64})\n$/;
/** What file systems without hard links answer. */
const NO_LINKS_CODES: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);
