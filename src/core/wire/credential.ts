/**
 * A credential: a certificate with its signatures, and the issuing statement that gives them weight
 * when issuers signed. This is what a node shows first on every link and keeps in a file.
 *
 * Decoding is bounded and total; nothing is verified here (verify.ts).
 */
import {
  NODE_ID_BYTES,
  RECORD_CREDENTIAL_BYTES_MAX,
  SIGNATURE_BYTES,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { decodeIssuers, ISSUERS_MAX, type Issuers, isAscending } from "./issuers.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Bytes as they were signed, kept beside what they say. */
export interface SignedIssuers {
  readonly issuers: Issuers;
  readonly bytes: Uint8Array;
  /** The authority's, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface Endorsement {
  readonly signer: NodeId;
  /** 64 bytes, over the certificate's bytes. */
  readonly signature: Uint8Array;
}

export interface Credential {
  /** Undefined: signed by the authority itself. */
  readonly delegation: SignedIssuers | undefined;
  readonly certificate: Certificate;
  readonly certificateBytes: Uint8Array;
  /** Ascending by signer, none twice, at most {@link ISSUERS_MAX}; not yet enough, perhaps. */
  readonly endorsements: readonly Endorsement[];
}

export function encodeCredential(credential: Credential): Uint8Array {
  const { delegation, certificateBytes, endorsements } = credential;
  const writer = new Writer(512).u16(delegation?.bytes.length ?? 0);
  if (delegation !== undefined) writer.bytes(delegation.bytes).bytes(delegation.signature);
  writer.u16(certificateBytes.length).bytes(certificateBytes).u8(endorsements.length);
  for (const { signer, signature } of endorsements) {
    writer.bytes(nodeIdToBytes(signer)).bytes(signature);
  }
  return writer.finish();
}

/** The credential of bytes (copied); undefined when they are malformed. */
export function decodeCredential(given: Uint8Array): Credential | undefined {
  if (given.length > RECORD_CREDENTIAL_BYTES_MAX) return undefined;
  const reader = new Reader(new Uint8Array(given));
  const statementBytes = reader.u16();
  const delegation = statementBytes === 0 ? undefined : readSignedIssuers(reader, statementBytes);
  if (statementBytes !== 0 && delegation === undefined) return undefined;
  const certificateBytes = reader.view(reader.u16());
  const endorsements = readEndorsements(reader);
  if (!reader.finished || !isAscending(endorsements.map(({ signer }) => signer))) return undefined;
  const certificate = decodeCertificate(certificateBytes);
  if (certificate === undefined) return undefined;
  return Object.freeze({ delegation, certificate, certificateBytes, endorsements });
}

/** A statement with its signature, as a file holds it; undefined when malformed. */
export function decodeSignedIssuers(given: Uint8Array): SignedIssuers | undefined {
  if (given.length > RECORD_CREDENTIAL_BYTES_MAX) return undefined;
  const reader = new Reader(new Uint8Array(given));
  const signed = readSignedIssuers(reader, given.length - SIGNATURE_BYTES);
  return reader.finished ? signed : undefined;
}

function readSignedIssuers(reader: Reader, count: number): SignedIssuers | undefined {
  if (count < 0) return undefined;
  const bytes = reader.view(count);
  const signature = reader.view(SIGNATURE_BYTES);
  const issuers = reader.ok ? decodeIssuers(bytes) : undefined;
  return issuers === undefined ? undefined : { issuers, bytes, signature };
}

function readEndorsements(reader: Reader): Endorsement[] {
  const count = reader.u8();
  if (count > ISSUERS_MAX) reader.fail();
  const endorsements: Endorsement[] = [];
  for (let i = 0; i < count && reader.ok; i++) {
    const key = reader.view(NODE_ID_BYTES);
    const signature = reader.view(SIGNATURE_BYTES);
    if (reader.ok) endorsements.push({ signer: nodeIdFromBytes(key), signature });
  }
  return endorsements;
}

/** The largest: a statement of 16 keys, a certificate and 16 signatures are 2,409 bytes. */
export { RECORD_CREDENTIAL_BYTES_MAX as CREDENTIAL_BYTES_MAX };
