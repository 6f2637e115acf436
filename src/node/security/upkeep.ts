/**
 * What time does to admission while a node runs: its certificate is read again from its file, links
 * are replaced when their keys or certificates are old, and those of peers whose certificate has
 * ended for good are given up. Replacing loses nothing: the new link is up before the old one is
 * flushed and closed.
 */

import type { Certificate } from "../../core/wire/certificate.ts";
import { isMeshError, type MeshError } from "../../errors.ts";
import type { LinkPool } from "../transport/pool.ts";
import type { NodeId } from "../transport/transport.ts";
import type { MembershipCertificate } from "./membership-certificate.ts";

export interface UpkeepOptions {
  readonly pool: Pick<LinkPool, "replaceLinks" | "reset" | "connected">;
  /** Undefined in an open mesh. */
  readonly certificate:
    | Pick<MembershipCertificate, "gate" | "renew" | "current" | "isDue">
    | undefined;
  readonly keyRotationMs: number;
  renewed(certificate: Certificate): void;
  /** Told once a certificate. */
  due(certificate: Certificate): void;
  /** The file holds something of no use; told once for each problem in a row. */
  failed(error: MeshError): void;
}

export class AdmissionUpkeep {
  readonly #options: UpkeepOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #toldDue: Certificate | undefined;
  #toldProblem: string | undefined;
  /** When the own certificate last changed; links older than that still show the earlier one. */
  #changedMs = Number.NEGATIVE_INFINITY;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    const { certificate, keyRotationMs } = this.#options;
    if (certificate !== undefined) {
      this.#timers.push(setInterval(() => void this.check(), CHECK_MS).unref());
    } else if (keyRotationMs === Number.POSITIVE_INFINITY) return;
    this.#timers.push(setInterval(() => this.sweep(), SWEEP_MS).unref());
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Reads the certificate's file, as the timer does; what is wrong with it is told to `failed`. */
  async check(): Promise<void> {
    try {
      await this.renew();
      this.#toldProblem = undefined;
    } catch (error) {
      if (!isMeshError(error)) throw error;
      if (this.#toldProblem !== error.message) this.#options.failed(error);
      this.#toldProblem = error.message;
    }
  }

  /** Takes up the file's certificate. @returns whether it is a new one. @throws MeshError. */
  async renew(): Promise<boolean> {
    const { certificate, renewed, due } = this.#options;
    if (certificate === undefined) return false;
    const isNew = await certificate.renew();
    const { current } = certificate;
    if (isNew) {
      this.#changedMs = performance.now();
      renewed(current);
    }
    if (certificate.isDue && this.#toldDue !== current) {
      this.#toldDue = current;
      due(current);
    }
    return isNew;
  }

  /** Gives up links whose peer's certificate has ended for good, and replaces those that are due. */
  sweep(): void {
    const { pool, certificate } = this.#options;
    for (const peer of pool.connected())
      if (certificate?.gate.isOver(peer) === true) pool.reset(peer);
    pool.replaceLinks((peer, ageMs) => this.#isLinkDue(peer, ageMs), REPLACED_MAX);
  }

  #isLinkDue(peer: NodeId, ageMs: number): boolean {
    const { keyRotationMs, certificate } = this.#options;
    if (ageMs >= keyRotationMs) return true;
    if (certificate === undefined) return false;
    if (performance.now() - ageMs < this.#changedMs) return true;
    return certificate.gate.hasEnded(peer) && ageMs >= RETRY_MS;
  }
}

/** The certificate's file is read this often. */
const CHECK_MS = 10_000;
/** Links are looked through this often. */
const SWEEP_MS = 60_000;
/** Links replaced in one sweep. */
const REPLACED_MAX = 16;
/** A link whose peer still shows an ended certificate is not replaced again before. */
const RETRY_MS = 3_600_000;
