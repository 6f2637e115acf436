/** The options of Mesh.join that say who may join, and what follows when nothing is said. */
import { join } from "node:path";
import { isNodeId, type NodeId } from "../../core/node-id.ts";
import { MeshError } from "../../errors.ts";
import { nodeIdFromPeerId } from "../node-id.ts";
import { CERTIFICATE_FILE } from "./credential-file.ts";

export interface AdmissionOptions {
  /**
   * Who may join. "open": whoever reaches the port and knows the mesh's name. "certificate": only
   * nodes that the `authority` or its issuers have certified. Default: "certificate" with an
   * authority; else "open" while every listen address is on loopback, and refused otherwise.
   */
  readonly admission?: "open" | "certificate";
  /** Public key of the mesh's authority: peer id text, or 64 hex digits. */
  readonly authority?: string;
  /** File of this node's certificate. Default: `membership.cert` in `dataDir`. */
  readonly certificate?: string;
  /** The node tells (`certificate:due`) when its certificate is this old. Default 24 hours. */
  readonly certRotationHours?: number;
  /**
   * Links that this node dialled are replaced by new ones, with new session keys, when this old.
   * Default: never; the keys of a link then live as long as the link.
   */
  readonly keyRotationHours?: number;
}

export type AdmissionConfig =
  | { readonly mode: "open"; readonly keyRotationMs: number }
  | {
      readonly mode: "certificate";
      readonly authority: NodeId;
      /** Path of the certificate's file. */
      readonly file: string;
      readonly certRotationMs: number;
      readonly keyRotationMs: number;
    };

interface Problem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

type Given = AdmissionOptions & { readonly dataDir?: string };

/** Every option that is of no use, or that contradicts another. */
export function admissionProblems(options: Given): Problem[] {
  const { admission, authority, certificate, dataDir } = options;
  const byCertificate = admission === "certificate" || authority !== undefined;
  const hours = (value: unknown): boolean =>
    value === undefined || (typeof value === "number" && value > 0 && value <= HOURS_MAX);
  const rules: readonly (readonly [keyof Given, boolean, string])[] = [
    ["admission", admission === undefined || MODES.includes(admission), "open or certificate"],
    [
      "admission",
      !(admission === "open" && authority !== undefined),
      "certificate, or no authority",
    ],
    ["authority", admission !== "certificate" || authority !== undefined, "the authority's key"],
    ["authority", authority === undefined || authorityId(authority) !== undefined, KEY_EXPECTED],
    ["certificate", certificate === undefined || byCertificate, "nothing without an authority"],
    ["dataDir", !byCertificate || dataDir !== undefined, "a path: it holds the certified key"],
    ["certRotationHours", hours(options.certRotationHours), HOURS_EXPECTED],
    ["keyRotationHours", hours(options.keyRotationHours), HOURS_EXPECTED],
  ];
  return rules
    .filter(([, holds]) => !holds)
    .map(([path, , expected]) => {
      const got = JSON.stringify(options[path]) ?? "nothing";
      return { path, expected, got };
    });
}

/**
 * What sound options mean for a node that listens on `listen`.
 * @throws MeshError MESH_ADMISSION_UNSTATED when it would listen outside, and nothing says for whom.
 */
export function admissionConfig(options: Given, listen: readonly string[]): AdmissionConfig {
  const { admission, dataDir = ".", certificate = join(dataDir, CERTIFICATE_FILE) } = options;
  const authority = authorityId(options.authority ?? "");
  const keyRotationMs = (options.keyRotationHours ?? Number.POSITIVE_INFINITY) * HOUR_MS;
  if (authority !== undefined) {
    const certRotationMs = (options.certRotationHours ?? CERT_ROTATION_HOURS) * HOUR_MS;
    return { mode: "certificate", authority, file: certificate, certRotationMs, keyRotationMs };
  }
  const outside = listen.find((address) => !isInside(address));
  if (admission === "open" || outside === undefined) return { mode: "open", keyRotationMs };
  throw new MeshError(
    "MESH_ADMISSION_UNSTATED",
    `${outside} can be reached from outside, and nothing says who may join`,
    { details: { listen: outside, expected: ["authority", 'admission "open"'] } },
  );
}

/** Whether only this machine, or this process, can reach a listen address. */
export function isInside(address: string): boolean {
  return INSIDE.test(address);
}

/** The node id of a key's text; undefined when it is none. */
export function authorityId(text: string): NodeId | undefined {
  if (isNodeId(text)) return text;
  try {
    return nodeIdFromPeerId(text);
  } catch {
    return undefined;
  }
}

const MODES: readonly string[] = ["open", "certificate"];
const INSIDE = /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/|memory\/)/;
const HOUR_MS = 3_600_000;
const CERT_ROTATION_HOURS = 24;
const HOURS_MAX = 8760;
const HOURS_EXPECTED = "above 0, at most 8,760 hours";
const KEY_EXPECTED = "a key: peer id text or 64 hex digits";
