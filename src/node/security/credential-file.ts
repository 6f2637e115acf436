/**
 * Files of credentials and issuing statements: a heading and one line of base64. Written whole or
 * not at all, mode 0600; what is read is bounded, decoded, and not yet verified.
 */
import { open } from "node:fs/promises";
import {
  type Credential,
  decodeCredential,
  decodeSignedIssuers,
  encodeCredential,
  type SignedIssuers,
} from "../../core/wire/credential.ts";
import { isMeshError, MeshError } from "../../errors.ts";
import { replaceDurably } from "../durable-file.ts";

/** Name of the certificate inside the data folder. */
export const CERTIFICATE_FILE = "membership.cert";

/** @throws MeshError MESH_CERTIFICATE_FILE when it cannot be read or holds no certificate. */
export async function readCredential(path: string): Promise<Credential> {
  const credential = decodeCredential(await readBody(path, CERTIFICATE_HEADING));
  if (credential === undefined) throw fileError(path, "holds no certificate of this version");
  return credential;
}

/** @throws MeshError MESH_CERTIFICATE_FILE when it cannot be written. */
export async function writeCredential(path: string, credential: Credential): Promise<void> {
  await writeBody(path, CERTIFICATE_HEADING, encodeCredential(credential));
}

/** @throws MeshError MESH_CERTIFICATE_FILE when it cannot be read or holds no statement. */
export async function readIssuers(path: string): Promise<SignedIssuers> {
  const signed = decodeSignedIssuers(await readBody(path, ISSUERS_HEADING));
  if (signed === undefined) throw fileError(path, "holds no issuing statement of this version");
  return signed;
}

/** @throws MeshError MESH_CERTIFICATE_FILE when it cannot be written. */
export async function writeIssuers(path: string, signed: SignedIssuers): Promise<void> {
  await writeBody(path, ISSUERS_HEADING, Buffer.concat([signed.bytes, signed.signature]));
}

async function readBody(path: string, heading: string): Promise<Uint8Array> {
  const text = await readText(path);
  const [first, body = "", end, ...more] = text.split("\n");
  if (first !== heading || end !== "" || more.length > 0 || !BASE64.test(body)) {
    throw fileError(path, `does not begin with "${heading}" and one line of base64`);
  }
  return Buffer.from(body, "base64");
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const buffer = new Uint8Array(FILE_BYTES_MAX + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > FILE_BYTES_MAX) throw fileError(path, "is too large for a certificate");
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch (cause) {
    if (isMeshError(cause)) throw cause;
    throw fileError(path, "cannot be read", cause);
  }
}

async function writeBody(path: string, heading: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceDurably(path, `${heading}\n${Buffer.from(bytes).toString("base64")}\n`);
  } catch (cause) {
    throw fileError(path, "cannot be written", cause);
  }
}

function fileError(path: string, problem: string, cause?: unknown): MeshError {
  return new MeshError("MESH_CERTIFICATE_FILE", `${path} ${problem}`, {
    details: { path },
    cause,
  });
}

const CERTIFICATE_HEADING = "knhk-mesh certificate 1";
const ISSUERS_HEADING = "knhk-mesh issuers 1";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const FILE_BYTES_MAX = 8192;
