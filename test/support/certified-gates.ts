/**
 * What every node of a simulated mesh has of admission: a certificate that nobody renews, the node's
 * own gate, and its own upkeep of links.
 */
import { hexFromBytes, type NodeId } from "../../src/core/node-id.ts";
import type { Crypto, SigningKey } from "../../src/core/trust/crypto.ts";
import type { Certificate } from "../../src/core/wire/certificate.ts";
import { Admission } from "../../src/node/security/admission.ts";
import { endorse, unsignedCredential } from "../../src/node/security/issue.ts";
import { AdmissionUpkeep } from "../../src/node/security/upkeep.ts";
import type { Links, SimLink } from "../../src/sim/engine/links.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import type { WorldAdmission, WorldOptions } from "../../src/sim/engine/world-options.ts";
import type { SmallMesh } from "./small-mesh.ts";

const HOUR_MS = 3_600_000;
/** The world's wall clocks begin here. */
const WALL_START_MS = 1_700_000_000_000;
/** As `knhk-mesh cert issue` makes them; links are made anew as often as certificates are due. */
const LIFETIME_MS = 48 * HOUR_MS;
const KEY_ROTATION_MS = 24 * HOUR_MS;
/** A renewal is due a day before the end, so all certificates end within a day of the last one. */
const ENDS_WITHIN_MS = 24 * HOUR_MS;

export interface GateOptions {
  readonly nodes: number;
  /** When the first certificate ends, hours from the start; the others follow within a day. */
  readonly firstEndHours: number;
}

interface Kept {
  readonly gate: Admission;
  readonly upkeep: AdmissionUpkeep;
  readonly endMs: number;
}

/** What every node has of admission: its certificate, its gate, and the gate's upkeep. */
export class CertifiedGates {
  readonly #options: GateOptions;
  readonly #byNode = new Map<SimNode, Kept>();
  readonly #linkedMs = new WeakMap<SimLink, number>();
  #wallMs = WALL_START_MS;
  #nowMs = 0;
  #links: Links | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Hours since the end of a node's certificate, by its clock. */
  endedHours(node: SimNode, nowMs: number): number {
    return (node.now(nowMs).wallMs - (this.#byNode.get(node)?.endMs ?? 0)) / HOUR_MS;
  }

  admission({ crypto, kernels }: Pick<WorldOptions, "kernels" | "crypto">): WorldAdmission {
    const authority = crypto.createSigningKey(
      kernels.blake3(new TextEncoder().encode("authority")),
    );
    return {
      configOf: (node, meshId) => {
        const kept = this.#byNode.get(node) ?? this.#create(node, { authority, meshId, crypto });
        const credential = kept.gate.greeting;
        return { admission: { authority: hexFromBytes(authority.publicKey), credential } };
      },
      admits: (node, peer, isDialled, wallMs) => {
        this.#wallMs = wallMs;
        const [own, theirs] = [this.#byNode.get(node)?.gate, this.#byNode.get(peer)?.gate];
        if (own === undefined || theirs === undefined) return false;
        if (own.refuse(peer.id, theirs.greeting, isDialled) !== undefined) return false;
        own.admitted(peer.id, theirs.greeting);
        return true;
      },
    };
  }

  /** What a node does about its links once a minute. */
  sweep(node: SimNode, { world }: SmallMesh): void {
    this.#links = world.links;
    this.#nowMs = world.nowMs;
    this.#wallMs = node.now(world.nowMs).wallMs;
    this.#byNode.get(node)?.upkeep.sweep();
  }

  #create(
    node: SimNode,
    issuing: {
      readonly authority: SigningKey;
      readonly meshId: Uint8Array;
      readonly crypto: Crypto;
    },
  ): Kept {
    const { authority, meshId, crypto } = issuing;
    const { nodes, firstEndHours } = this.#options;
    const laterMs = (node.index * ENDS_WITHIN_MS) / nodes;
    const endMs = WALL_START_MS + firstEndHours * HOUR_MS + laterMs;
    const certificate = {
      meshId,
      node: node.id,
      role: "peer",
      region: "sim",
      zone: "local",
      serial: 1,
      notBefore: endMs - LIFETIME_MS,
      notAfter: endMs,
    } as const;
    const gate = new Admission({
      self: node.id,
      anchor: { meshId, authority: hexFromBytes(authority.publicKey) },
      crypto,
      now: () => this.#wallMs,
      isKnown: (peer) => node.core?.membership.get(peer) !== undefined,
    });
    const credential = endorse(unsignedCredential(certificate, undefined), authority, crypto);
    const fault = gate.install(credential);
    if (fault !== undefined) throw new Error(`the test's own certificate: ${fault}`);
    const kept = { gate, endMs, upkeep: this.#upkeepOf(node, gate, certificate) };
    this.#byNode.set(node, kept);
    return kept;
  }

  #upkeepOf(node: SimNode, gate: Admission, certificate: Certificate): AdmissionUpkeep {
    const linkTo = (id: NodeId) =>
      [...node.links.values()].find(({ a, b }) => (a === node ? b : a).id === id);
    const pool = {
      connected: () => [...node.links.values()].map(({ a, b }) => (a === node ? b : a).id),
      reset: (peer: NodeId) => {
        const link = linkTo(peer);
        if (link !== undefined) this.#links?.close(link, "certificate");
      },
      // The pool's new link is up before the old one ends; here it ends first, which is harder.
      replaceLinks: (isDue: (peer: NodeId, ageMs: number) => boolean, max: number) => {
        const due = [...node.links.values()].filter((link) => {
          const sinceMs = this.#linkedMs.get(link) ?? this.#nowMs;
          this.#linkedMs.set(link, sinceMs);
          return link.a === node && isDue(link.b.id, this.#nowMs - sinceMs);
        });
        for (const link of due.slice(0, max)) {
          this.#links?.close(link, "replaced");
          this.#links?.dial(node, link.b.index, true);
        }
      },
    };
    return new AdmissionUpkeep({
      pool,
      certificate: { gate, isDue: false, renew: async () => false, current: certificate },
      keyRotationMs: KEY_ROTATION_MS,
      renewed: () => undefined,
      due: () => undefined,
      failed: () => undefined,
    });
  }
}
