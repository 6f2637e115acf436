/**
 * Who is certified, in a mesh that has an authority: the credential is part of what is signed (in a
 * member record) or behind it (in an incarnation's record), so it is judged from those bytes alone,
 * and alike at all nodes. No clock is read: an author's own stamps must lie in its certificate's time.
 */
import { hexFromBytes, type NodeId } from "../node-id.ts";
import type { SignatureCheck } from "../outputs.ts";
import type { Certificate } from "../wire/certificate.ts";
import { decodeCredential } from "../wire/credential.ts";
import {
  type CredentialFault,
  credentialChecks,
  credentialFault,
  type TrustAnchor,
} from "./credential-check.ts";

/** 72 h without issuers, and a day to renew what has ended meanwhile. */
export const GRACE_MS = 96 * 3_600_000;
/** How far the issuer's clock may be ahead: as much as a frame's. */
export const CLOCK_SKEW_MS = 300_000;
/** Credentials whose signatures hold, remembered by hash; beyond, the first is forgotten. */
const VERIFIED_MAX = 4_096;

export type CertificateFault =
  /** None in a mesh that wants one, or one in a mesh without an authority. */
  | "missing"
  | "unexpected"
  | "malformed"
  | "key"
  | "role"
  /** What is certified is not what is claimed. */
  | "region"
  | "time"
  | CredentialFault;

/** A credential that holds if its signatures do. */
export interface Judged {
  readonly certificate: Certificate;
  /** Signatures to verify; none when they are known to hold. */
  readonly checks: readonly SignatureCheck[];
  /** Hex of the hash of its bytes. */
  readonly hash: string;
}

/** This node's own credential. */
export interface OwnCertificate {
  readonly bytes: Uint8Array;
  readonly certificate: Certificate;
}

export class Certificates {
  readonly #anchor: TrustAnchor | undefined;
  readonly #blake3: (bytes: Uint8Array) => Uint8Array;
  readonly #verified = new Map<string, Certificate>();
  /** What this node shows; undefined in an open mesh. */
  own: OwnCertificate | undefined;

  /** @param anchor undefined in an open mesh: there nobody is certified. */
  constructor(anchor: TrustAnchor | undefined, blake3: (bytes: Uint8Array) => Uint8Array) {
    this.#anchor = anchor;
    this.#blake3 = blake3;
  }

  /** Whether members and authors must be certified. */
  get isRequired(): boolean {
    return this.#anchor !== undefined;
  }

  /**
   * Judges the credential that `node` shows, but for its signatures.
   * @param bytes borrowed; empty or undefined: it shows none.
   * @returns undefined in an open mesh, where none is wanted.
   */
  judge(node: NodeId, bytes: Uint8Array | undefined): Judged | CertificateFault | undefined {
    const isShown = bytes !== undefined && bytes.length > 0;
    if (this.#anchor === undefined) return isShown ? "unexpected" : undefined;
    if (!isShown) return "missing";
    const judged = this.#judge(bytes, this.#anchor);
    if (typeof judged === "string") return judged;
    if (judged.certificate.node !== node) return "key";
    return judged.certificate.role === "peer" ? judged : "role";
  }

  /** Judges what says that a node is no member any more, but for its signatures. */
  judgeRevocation(bytes: Uint8Array): Judged | CertificateFault {
    if (this.#anchor === undefined) return "unexpected";
    const judged = this.#judge(bytes, this.#anchor);
    if (typeof judged === "string") return judged;
    return judged.certificate.role === "revoked" ? judged : "role";
  }

  /** Whose key it is that says who belongs to the mesh; undefined in an open one. */
  get authority(): NodeId | undefined {
    return this.#anchor?.authority;
  }

  #judge(bytes: Uint8Array, anchor: TrustAnchor): Judged | CertificateFault {
    const hash = hexFromBytes(this.#blake3(bytes));
    const known = this.#verified.get(hash);
    if (known !== undefined) return { certificate: known, checks: [], hash };
    const credential = decodeCredential(bytes);
    if (credential === undefined) return "malformed";
    const fault = credentialFault(credential, anchor);
    const { certificate } = credential;
    return fault ?? { certificate, checks: credentialChecks(credential), hash };
  }

  /** The signatures of a judged credential hold. */
  remember({ hash, certificate }: Judged): void {
    if (this.#verified.has(hash)) return;
    if (this.#verified.size >= VERIFIED_MAX) {
      const [first] = this.#verified.keys();
      if (first !== undefined) this.#verified.delete(first);
    }
    this.#verified.set(hash, certificate);
  }

  /** Takes the own credential, which the node has checked. False when it cannot be decoded. */
  install(bytes: Uint8Array): boolean {
    const certificate = decodeCredential(bytes)?.certificate;
    if (certificate === undefined) return false;
    this.own = { bytes: bytes.slice(), certificate };
    return true;
  }
}

/** Whether an author's stamp (wall ms) lies in the time that its certificate gives it. */
export function covers(
  { notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">,
  wallMs: number,
): boolean {
  return wallMs >= notBefore - CLOCK_SKEW_MS && wallMs <= notAfter + GRACE_MS;
}
