/** A mesh of real cores that one authority has certified, some members' keys left out. */
import { hexFromBytes, type NodeId } from "../../src/core/node-id.ts";
import type { Certificate } from "../../src/core/wire/certificate.ts";
import { encodeCredential } from "../../src/core/wire/credential.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { endorse, unsignedCredential } from "../../src/node/security/issue.ts";
import { HOUR_MS } from "./credentials.ts";
import { type NodeOptions, Swarm, type SwarmOptions, type TestNode, text } from "./pair.ts";

/** Around the wall time at which swarms begin. */
export const NOT_BEFORE = 1_700_000_000_000 - HOUR_MS;
export const NOT_AFTER = NOT_BEFORE + 48 * HOUR_MS;

export class CertifiedSwarm extends Swarm {
  readonly authority = this.crypto.createSigningKey(this.kernels.blake3(text("authority")));

  constructor(config: SwarmOptions["config"] = {}) {
    super({ kernels: createKernels(), config });
  }

  idOf(identity: number): NodeId {
    const key = this.crypto.createSigningKey(this.kernels.blake3(text(`identity ${identity}`)));
    return hexFromBytes(key.publicKey);
  }

  /** A credential of the authority, or of `signer`. */
  credential(
    node: NodeId,
    changes: Partial<Certificate> = {},
    signer = this.authority,
  ): Uint8Array {
    const certificate = {
      meshId: this.meshId,
      node,
      role: "peer",
      region: "local",
      zone: "local",
      serial: 1,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      ...changes,
    } as const;
    return encodeCredential(
      endorse(unsignedCredential(certificate, undefined), signer, this.crypto),
    );
  }

  /** A node that shows `credential`; its own by default. */
  certified(options: NodeOptions & { readonly credential?: Uint8Array } = {}): TestNode {
    const identity = options.identity ?? this.nodes.length + 1;
    const credential = options.credential ?? this.credential(this.idOf(identity));
    const authority = hexFromBytes(this.authority.publicKey);
    const config = { ...options.config, admission: { authority, credential } };
    return this.add({ ...options, identity, config });
  }

  /** Takes a node out of the swarm's time: it says what it is asked to, and nobody hears it. */
  apart(node: TestNode): TestNode {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    return node;
  }

  /** `count` certified nodes, all linked, at rest. */
  static linked(count: number, config: SwarmOptions["config"] = {}): CertifiedSwarm {
    const swarm = new CertifiedSwarm(config);
    for (let i = 0; i < count; i++) swarm.certified();
    for (const [i, a] of swarm.nodes.entries()) {
      for (const b of swarm.nodes.slice(i + 1)) swarm.link(a, b);
    }
    swarm.deliver();
    return swarm;
  }
}
