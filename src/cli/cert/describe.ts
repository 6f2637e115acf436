/** Certificates and issuing statements as a person, or a program, reads them. */

import { peerIdFromNodeId } from "../../node/node-id.ts";
import type { Credential, SignedIssuers, Validity } from "../../node/security/issue.ts";
import { missingSignatures } from "../../node/security/issue.ts";

export interface Described {
  readonly value: object;
  readonly text: string;
}

export function describeCredential(file: string, credential: Credential, nowMs: number): Described {
  const { certificate, delegation, endorsements } = credential;
  const { node, role, region, zone, serial } = certificate;
  const missing = missingSignatures(credential);
  const signers = endorsements.map(({ signer }) => peerIdFromNodeId(signer));
  const authority = authorityOf(credential);
  const value = {
    file,
    peerId: peerIdFromNodeId(node),
    nodeId: node,
    meshId: Buffer.from(certificate.meshId).toString("hex"),
    role,
    region,
    zone,
    serial,
    ...times(certificate),
    state: stateOf(certificate, nowMs),
    authority: authority === undefined ? undefined : peerIdFromNodeId(authority),
    threshold: delegation?.issuers.threshold ?? 1,
    signers,
    missingSignatures: missing,
  };
  const rows = [
    ["file", file],
    ["node", value.peerId],
    ["mesh id", value.meshId],
    ["place", `${region}, zone ${zone}, as ${role}`],
    ["valid", `${value.notBefore} to ${value.notAfter}, ${value.state}`],
    ["serial", String(serial)],
    ["authority", value.authority ?? "unknown: nobody has signed yet"],
    ["signed by", signers.length === 0 ? "nobody yet" : signers.join("\n           ")],
    ...(missing === 0 ? [] : [["missing", `${missing} of ${value.threshold} signatures`]]),
  ];
  return { value, text: table(rows) };
}

export function describeIssuers(file: string, { issuers }: SignedIssuers): Described {
  const keys = issuers.keys.map((key) => peerIdFromNodeId(key));
  const value = {
    file,
    meshId: Buffer.from(issuers.meshId).toString("hex"),
    authority: peerIdFromNodeId(issuers.authority),
    threshold: issuers.threshold,
    issuers: keys,
    serial: issuers.serial,
    ...times(issuers),
  };
  const text = table([
    ["file", file],
    ["authority", value.authority],
    ["mesh id", value.meshId],
    ["issuers", keys.join("\n           ")],
    ["needed", `${issuers.threshold} of ${keys.length}`],
    ["valid", `${value.notBefore} to ${value.notAfter}`],
  ]);
  return { value, text };
}

/** Whose certificate it claims to be: the statement's authority, or who signed without one. */
export function authorityOf({ delegation, endorsements }: Credential): string | undefined {
  return delegation?.issuers.authority ?? endorsements[0]?.signer;
}

function stateOf({ notBefore, notAfter }: Validity, nowMs: number): string {
  if (nowMs < notBefore) return "not valid yet";
  return nowMs > notAfter ? "expired" : "valid now";
}

function times({ notBefore, notAfter }: Validity) {
  return { notBefore: instant(notBefore), notAfter: instant(notAfter) };
}

/** Beyond what a date can hold, the number itself. */
function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map(([name = "", value = ""]) => `${name.padEnd(11)}${value}`).join("\n");
}
