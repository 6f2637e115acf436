/** An authority of a test's own, the credentials it issues, and gates that trust it. */
import { randomBytes } from "node:crypto";
import { hexFromBytes, type NodeId } from "../../src/core/node-id.ts";
import type { SigningKey } from "../../src/core/trust/crypto.ts";
import type { Certificate } from "../../src/core/wire/certificate.ts";
import type { Credential, SignedIssuers } from "../../src/core/wire/credential.ts";
import { nodeIdFromSeed } from "../../src/node/node-id.ts";
import { Admission } from "../../src/node/security/admission.ts";
import {
  delegate,
  endorse,
  meshIdOfName,
  unsignedCredential,
} from "../../src/node/security/issue.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";

export const crypto = createCrypto();
export const HOUR_MS = 3_600_000;
/** When the tests' certificates begin, and how long they last. */
export const START_MS = 1_800_000_000_000;
export const LIFETIME_MS = 48 * HOUR_MS;

export function newKey(): SigningKey {
  return crypto.createSigningKey(randomBytes(32));
}

export function idOf(key: SigningKey): NodeId {
  return hexFromBytes(key.publicKey);
}

export class TestAuthority {
  readonly key = newKey();
  readonly mesh: string;

  constructor(mesh = "test") {
    this.mesh = mesh;
  }

  get anchor() {
    return { meshId: meshIdOfName(this.mesh), authority: idOf(this.key) };
  }

  certificate(node: NodeId, changes: Partial<Certificate> = {}): Certificate {
    return {
      meshId: meshIdOfName(this.mesh),
      node,
      role: "peer",
      region: "local",
      zone: "local",
      serial: 1,
      notBefore: START_MS,
      notAfter: START_MS + LIFETIME_MS,
      ...changes,
    };
  }

  /** Signed by the authority, or by `keys` under a statement. */
  issue(
    node: NodeId,
    changes: Partial<Certificate> = {},
    delegation?: SignedIssuers,
    keys: readonly SigningKey[] = [this.key],
  ): Credential {
    const unsigned = unsignedCredential(this.certificate(node, changes), delegation);
    return keys.reduce((credential, key) => endorse(credential, key, crypto), unsigned);
  }

  delegate(threshold: number, keys: readonly SigningKey[]): SignedIssuers {
    const times = { notBefore: START_MS, notAfter: START_MS + 365 * 24 * HOUR_MS };
    const { meshId } = this.anchor;
    const statement = { meshId, serial: 1, threshold, keys: keys.map(idOf), ...times };
    return delegate(statement, this.key, crypto);
  }

  /** A gate of the node of `identitySeed` that shows `shown`, its own certificate by default. */
  gate(identitySeed: Uint8Array, options: GateOptions = {}): Admission {
    const self = nodeIdFromSeed(identitySeed);
    const { nowMs = () => START_MS + HOUR_MS, isKnown = () => false } = options;
    const admission = new Admission({ self, anchor: this.anchor, crypto, now: nowMs, isKnown });
    const fault = admission.install(options.shown ?? this.issue(self));
    if (fault !== undefined) throw new Error(`the test's own certificate: ${fault}`);
    return admission;
  }
}

export interface GateOptions {
  readonly shown?: Credential;
  nowMs?(): number;
  isKnown?(peer: NodeId): boolean;
}
