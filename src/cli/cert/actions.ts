/** What the `cert` commands do: read keys, make or sign, write, describe. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MeshError } from "../../errors.ts";
import { IDENTITY_FILE, loadIdentity, loadOrCreateIdentity } from "../../node/identity.ts";
import { authorityId } from "../../node/security/admission-options.ts";
import {
  CERTIFICATE_FILE,
  readCredential,
  readIssuers,
  writeCredential,
  writeIssuers,
} from "../../node/security/credential-file.ts";
import type { Credential } from "../../node/security/issue.ts";
import {
  delegate,
  endorse,
  meshIdOfName,
  missingSignatures,
  unsignedCredential,
} from "../../node/security/issue.ts";
import { ownCertificateError } from "../../node/security/reasons.ts";
import { credentialFault } from "../../node/security/verify.ts";
import { type Crypto, createCrypto } from "../../node/signature/signature.ts";
import { requestError } from "../control/protocol.ts";
import { authorityOf, type Described, describeCredential, describeIssuers } from "./describe.ts";
import type {
  DelegateFlags,
  IssueFlags,
  KeyFlags,
  RenewFlags,
  RevokeFlags,
  ShowFlags,
} from "./flags.ts";

/** Issues a certificate for a node's key, or for the key of a data folder, which is made if need be. */
export async function issue(flags: IssueFlags): Promise<Described> {
  const { mesh, region, zone, role, hours, issuers } = flags;
  if (flags.node !== undefined && flags.out === undefined) {
    throw requestError("--node needs --out: where the certificate is written");
  }
  const out = flags.out ?? join(flags.dataDir, CERTIFICATE_FILE);
  const node = flags.node === undefined ? await nodeOf(flags.dataDir) : keyId(flags.node, "--node");
  const statement = issuers === undefined ? undefined : await readIssuers(issuers);
  const nowMs = Date.now();
  const unsigned = unsignedCredential(
    {
      meshId: meshIdOfName(mesh),
      node,
      role,
      region,
      zone,
      serial: Math.floor(nowMs / 1000),
      notBefore: nowMs,
      notAfter: nowMs + hours * HOUR_MS,
    },
    statement,
  );
  const crypto = createCrypto();
  const credential = await signed(unsigned, flags, crypto);
  refuseUseless(credential, out, flags.node === undefined);
  refuseFault(credential, out, crypto);
  return write(out, credential);
}

/** States that a node is no member any more. It holds whatever the clock says. */
export async function revoke(flags: RevokeFlags): Promise<Described> {
  const { mesh, issuers, out } = flags;
  const statement = issuers === undefined ? undefined : await readIssuers(issuers);
  const nowMs = Date.now();
  const unsigned = unsignedCredential(
    {
      meshId: meshIdOfName(mesh),
      node: keyId(flags.node, "--node"),
      role: "revoked",
      region: "any",
      zone: "any",
      serial: Math.floor(nowMs / 1000),
      notBefore: nowMs,
      notAfter: nowMs,
    },
    statement,
  );
  const crypto = createCrypto();
  const credential = await signed(unsigned, flags, crypto);
  refuseFault(credential, out, crypto);
  return write(out, credential);
}

/** Adds signatures to a certificate that lacks some, or has enough. */
export async function sign(file: string, flags: KeyFlags): Promise<Described> {
  const credential = await readCredential(file);
  return write(file, await signed(credential, flags, createCrypto()));
}

/** The same certificate for a new time. The old file stays until the new one is complete. */
export async function renew(given: string | undefined, flags: RenewFlags): Promise<Described> {
  const file = given ?? join(flags.dataDir, CERTIFICATE_FILE);
  const crypto = createCrypto();
  const old = await readCredential(file);
  refuseUseless(old, file, true);
  refuseFault(old, file, crypto);
  const { certificate, delegation } = old;
  const nowMs = Date.now();
  const lifetimeMs =
    flags.hours === undefined
      ? certificate.notAfter - certificate.notBefore
      : flags.hours * HOUR_MS;
  const serial = Math.max(certificate.serial + 1, Math.floor(nowMs / 1000));
  const times = { notBefore: nowMs, notAfter: nowMs + lifetimeMs };
  const unsigned = unsignedCredential({ ...certificate, serial, ...times }, delegation);
  const renewed = await signed(unsigned, flags, crypto);
  const out = flags.out ?? file;
  refuseUseless(renewed, out, out === file);
  refuseFault(renewed, out, crypto, authorityOf(old));
  return write(out, renewed);
}

/** The authority's statement that m of some issuers may issue. */
export async function delegateIssuing(flags: DelegateFlags): Promise<Described> {
  const [file, ...more] = flags.key;
  if (file === undefined || more.length > 0)
    throw requestError("--key: the authority's, and only it");
  const crypto = createCrypto();
  const authority = crypto.createSigningKey((await loadIdentity(file)).seed);
  const nowMs = Date.now();
  const statement = delegate(
    {
      meshId: meshIdOfName(flags.mesh),
      serial: Math.floor(nowMs / 1000),
      threshold: flags.threshold,
      keys: flags.issuer.map((text) => keyId(text, "--issuer")),
      notBefore: nowMs,
      notAfter: nowMs + flags.days * 24 * HOUR_MS,
    },
    authority,
    crypto,
  );
  await writeIssuers(flags.out, statement);
  return describeIssuers(flags.out, statement);
}

/** @returns what a file says, and whether it holds: for a given authority and mesh, or in itself. */
export async function show(
  given: string | undefined,
  flags: ShowFlags,
): Promise<Described & { readonly holds: boolean }> {
  const file = given ?? join(flags.dataDir, CERTIFICATE_FILE);
  const credential = await readCredential(file);
  const fault = faultOf(credential, createCrypto(), {
    authority: flags.authority === undefined ? undefined : keyId(flags.authority, "--authority"),
    meshId: flags.mesh === undefined ? undefined : meshIdOfName(flags.mesh),
  });
  const { value, text } = describeCredential(file, credential, Date.now());
  const line = `holds      ${fault === undefined ? "yes" : `no: ${ownCertificateError(fault, file).message}`}`;
  return {
    value: { ...value, fault: fault ?? null },
    text: `${text}\n${line}`,
    holds: fault === undefined,
  };
}

async function signed(given: Credential, flags: KeyFlags, crypto: Crypto): Promise<Credential> {
  let credential = given;
  for (const file of flags.key) {
    const { seed } = await loadIdentity(file);
    credential = endorse(credential, crypto.createSigningKey(seed), crypto);
  }
  return credential;
}

/** @param isFinal whether a node may be reading the file: then too few signatures do not do. */
function refuseUseless(credential: Credential, file: string, isFinal: boolean): void {
  const missing = missingSignatures(credential);
  if (missing === 0 || !isFinal) return;
  throw new MeshError(
    "MESH_CERTIFICATE_INVALID",
    `${missing} more --key needed, or --out with another file for the other issuers to sign`,
    { details: { file, missing } },
  );
}

/** Nothing is written that the authority's nodes would refuse, but for signatures still missing. */
function refuseFault(
  credential: Credential,
  file: string,
  crypto: Crypto,
  authority?: string | undefined,
): void {
  const fault = faultOf(credential, crypto, { authority });
  if (fault !== undefined && fault !== "quorum") throw ownCertificateError(fault, file);
}

/** Why a credential does not hold; without an authority or a mesh given, measured by its own. */
function faultOf(
  credential: Credential,
  crypto: Crypto,
  anchor: { readonly authority?: string | undefined; readonly meshId?: Uint8Array | undefined },
) {
  const authority = anchor.authority ?? authorityOf(credential);
  const meshId = anchor.meshId ?? credential.certificate.meshId;
  if (authority === undefined) return "quorum";
  return credentialFault(credential, { authority, meshId }, crypto.verify);
}

async function write(file: string, credential: Credential): Promise<Described> {
  await writeCredential(file, credential);
  return describeCredential(file, credential, Date.now());
}

async function nodeOf(dataDir: string): Promise<string> {
  const path = join(dataDir, IDENTITY_FILE);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return (await loadOrCreateIdentity(path)).nodeId;
}

function keyId(text: string, flag: string): string {
  const id = authorityId(text);
  if (id !== undefined) return id;
  throw requestError(`${flag}: a public key as keygen prints it, got "${text.slice(0, 80)}"`);
}

const HOUR_MS = 3_600_000;
