/**
 * The node's own certificate and its file: taken at the start, taken up again when the file holds
 * another one. The node id stays, and so do the links; the next ones show the new certificate.
 */
import type { NodeId } from "../../core/node-id.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Certificate } from "../../core/wire/certificate.ts";
import { type Credential, encodeCredential } from "../../core/wire/credential.ts";
import { MeshError } from "../../errors.ts";
import { Admission } from "./admission.ts";
import type { AdmissionConfig } from "./admission-options.ts";
import { readCredential } from "./credential-file.ts";
import { ownCertificateError } from "./reasons.ts";

export interface MembershipCertificateOptions {
  readonly self: NodeId;
  readonly meshId: Uint8Array;
  readonly crypto: Pick<Crypto, "verify">;
  readonly config: Extract<AdmissionConfig, { mode: "certificate" }>;
  /** What the node was started for; undefined takes the certificate's. */
  readonly region: string | undefined;
  readonly zone: string | undefined;
  now(): number;
}

export class MembershipCertificate {
  readonly gate: Admission;
  /** Whether a member record of a peer is held; to be set before the first link. */
  isKnown: (peer: NodeId) => boolean = () => false;
  readonly #options: MembershipCertificateOptions;
  #current: Certificate;

  private constructor(options: MembershipCertificateOptions, credential: Credential) {
    const { self, meshId, crypto, config } = options;
    this.#options = options;
    this.#current = credential.certificate;
    this.gate = new Admission({
      self,
      anchor: { meshId, authority: config.authority },
      crypto,
      now: () => options.now(),
      isKnown: (peer) => this.isKnown(peer),
    });
    this.#install(credential);
  }

  /**
   * Reads and checks the certificate.
   * @throws MeshError MESH_CERTIFICATE_REQUIRED when there is none, MESH_CERTIFICATE_FILE when it
   *   cannot be read, another MESH_CERTIFICATE_* when it is of no use to this node.
   */
  static async load(options: MembershipCertificateOptions): Promise<MembershipCertificate> {
    return new MembershipCertificate(options, await readOwn(options.config.file, options.self));
  }

  get current(): Certificate {
    return this.#current;
  }

  /** Whether the certificate is as old as it should ever become, or has ended. */
  get isDue(): boolean {
    const { notBefore, notAfter } = this.#current;
    const { now, config } = this.#options;
    return now() >= Math.min(notBefore + config.certRotationMs, notAfter);
  }

  /**
   * Takes up what the file holds now. What is of no use changes nothing.
   * @returns whether it is another certificate than before.
   * @throws MeshError as {@link load}.
   */
  async renew(): Promise<boolean> {
    const credential = await readOwn(this.#options.config.file, this.#options.self);
    if (Buffer.compare(encodeCredential(credential), this.gate.greeting) === 0) return false;
    this.#install(credential);
    this.#current = credential.certificate;
    return true;
  }

  #install(credential: Credential): void {
    const { config, region, zone } = this.#options;
    const { certificate } = credential;
    const wanted = this.gate.own === undefined ? { region, zone } : this.#current;
    for (const label of ["region", "zone"] as const) {
      if (wanted[label] === undefined || wanted[label] === certificate[label]) continue;
      throw new MeshError(
        "MESH_CERTIFICATE_INVALID",
        `this node's ${label} is ${wanted[label]}, its certificate says ${certificate[label]}`,
        { details: { file: config.file, expected: wanted[label], got: certificate[label] } },
      );
    }
    const fault = this.gate.install(credential);
    if (fault !== undefined) throw ownCertificateError(fault, config.file);
  }
}

async function readOwn(file: string, self: NodeId): Promise<Credential> {
  try {
    return await readCredential(file);
  } catch (error) {
    if (!(error instanceof MeshError) || !isAbsent(error.cause)) throw error;
    throw new MeshError("MESH_CERTIFICATE_REQUIRED", `this node has no certificate: ${file}`, {
      details: { file, node: self },
    });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
