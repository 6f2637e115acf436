/**
 * Admission by certificate: what this node shows, and whom it lets in. The transports ask it before
 * a link exists; it holds the one own credential, which a renewal replaces while links stay up.
 */

import type { NodeId } from "../../core/node-id.ts";
import { GRACE_MS } from "../../core/trust/certificates.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Validity } from "../../core/wire/certificate.ts";
import { type Credential, decodeCredential, encodeCredential } from "../../core/wire/credential.ts";
import type { AdmissionGate } from "../transport/transport.ts";
import type { AdmissionReason } from "./reasons.ts";
import { judgeTime, type TimeVerdict } from "./validity.ts";
import { credentialFault, type TrustAnchor } from "./verify.ts";

export interface AdmissionOptions {
  readonly self: NodeId;
  readonly anchor: TrustAnchor;
  readonly crypto: Pick<Crypto, "verify">;
  /** Ms since 1970. */
  now(): number;
  /** Whether a member record of the peer is held here. */
  isKnown(peer: NodeId): boolean;
}

export class Admission implements AdmissionGate {
  readonly #options: AdmissionOptions;
  #own: Credential | undefined;
  #greeting: Uint8Array = new Uint8Array(0);
  /** The end of each linked peer's certificate, ms since 1970; forgotten with its link. */
  readonly #ends = new Map<NodeId, number>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** The credential that this node shows. */
  get own(): Credential | undefined {
    return this.#own;
  }

  get greeting(): Uint8Array {
    return this.#greeting;
  }

  /**
   * Shows `credential` from the next link on.
   * @returns why it is of no use to this node, in which case nothing changes; undefined when taken.
   */
  install(credential: Credential): AdmissionReason | undefined {
    const { notBefore, notAfter } = credential.certificate;
    const own = { notBefore, notAfter };
    const fault =
      this.#fault(this.#options.self, credential) ??
      // Its own end never makes a node lenient towards itself: it is a member, and knows that.
      timeFault(
        judgeTime(own, {
          wallMs: this.#options.now(),
          isKnown: true,
          isDialled: false,
          ownNotAfter: notAfter,
        }),
      );
    if (fault !== undefined) return fault;
    this.#own = credential;
    this.#greeting = encodeCredential(credential);
    return undefined;
  }

  refuse(peer: NodeId, greeting: Uint8Array, isDialled: boolean): AdmissionReason | undefined {
    const credential = decodeCredential(greeting);
    if (credential === undefined) return "malformed";
    const { notBefore, notAfter } = credential.certificate;
    const validity = { notBefore, notAfter };
    // Time first: it costs nothing, and an ended certificate is what honest peers show most.
    return timeFault(this.#judge(peer, validity, isDialled)) ?? this.#fault(peer, credential);
  }

  admitted(peer: NodeId, greeting: Uint8Array): void {
    const credential = decodeCredential(greeting);
    if (credential !== undefined) this.#ends.set(peer, credential.certificate.notAfter);
  }

  /** Whether a linked peer's certificate, as it was last shown, has ended. */
  hasEnded(peer: NodeId): boolean {
    return this.#options.now() > (this.#ends.get(peer) ?? Number.POSITIVE_INFINITY);
  }

  /** Whether a linked peer's certificate has ended for good: the link has no ground any more. */
  isOver(peer: NodeId): boolean {
    return this.#options.now() > (this.#ends.get(peer) ?? Number.POSITIVE_INFINITY) + GRACE_MS;
  }

  /** The peer's last link is gone. */
  forget(peer: NodeId): void {
    this.#ends.delete(peer);
  }

  #judge(peer: NodeId, validity: Validity, isDialled: boolean): TimeVerdict {
    const { now, isKnown } = this.#options;
    return judgeTime(validity, {
      wallMs: now(),
      isKnown: isKnown(peer),
      isDialled,
      ownNotAfter: this.#own?.certificate.notAfter ?? Number.POSITIVE_INFINITY,
    });
  }

  #fault(peer: NodeId, credential: Credential): AdmissionReason | undefined {
    if (credential.certificate.node !== peer) return "key";
    if (credential.certificate.role !== "peer") return "role";
    const { anchor, crypto } = this.#options;
    return credentialFault(credential, anchor, crypto.verify);
  }
}

function timeFault(verdict: TimeVerdict): AdmissionReason | undefined {
  return verdict === "valid" || verdict === "grace" ? undefined : verdict;
}
