/**
 * The small notations inside topology files: `10-100`, `8000-8100` and `host:port`.
 *
 * Each parser takes what YAML gave (a number or a string) and returns the value, or undefined when
 * the notation is not met; the schema and the cross-field rules share them, so a rule never reads a
 * value otherwise than the schema does.
 */
import { isIPv4, isIPv6 } from "node:net";

/** Inclusive on both ends, `min <= max`. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A dial target without a peer id; IPv6 hosts stand without their brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A range as text: two decimal integers without signs or leading zeros. */
export const RANGE_PATTERN = /^(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})$/;

/** `name:port`, `1.2.3.4:port` or `[::1]:port`. */
export const HOST_PORT_PATTERN = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):([1-9]\d{0,4})$/;

export const PORT_MAX = 65_535;

const LABEL_PATTERN = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const LOOPBACK_NAME_PATTERN = /(^|\.)localhost$/i;

/** `10-100` or a single integer; undefined when neither, or when the bounds are reversed. */
export function parseRange(value: unknown): Range | undefined {
  if (Number.isSafeInteger(value)) return { min: value as number, max: value as number };
  if (typeof value !== "string") return undefined;
  const match = RANGE_PATTERN.exec(value);
  if (match === null) return undefined;
  const min = Number(match[1]);
  const max = Number(match[2]);
  return min <= max ? { min, max } : undefined;
}

/** `host:port`; undefined when the host is no DNS name or address, or the port is not 1-65535. */
export function parseHostPort(value: unknown): HostPort | undefined {
  if (typeof value !== "string") return undefined;
  const match = HOST_PORT_PATTERN.exec(value);
  const [, written = "", digits = ""] = match ?? [];
  const port = Number(digits);
  if (match === null || port > PORT_MAX) return undefined;
  if (written.startsWith("[")) {
    const host = written.slice(1, -1).toLowerCase();
    return isIPv6(host) ? { host, port } : undefined;
  }
  return isHostName(written) ? { host: written.toLowerCase(), port } : undefined;
}

/** True for addresses that cannot leave this machine. */
export function isLoopbackHost(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  return host === "::1" || LOOPBACK_NAME_PATTERN.test(host);
}

function isHostName(host: string): boolean {
  if (isIPv4(host)) return true;
  const labels = host.split(".");
  // A name whose last label is a number would be read as an IPv4 address by some resolvers.
  if (/^\d+$/.test(labels.at(-1) ?? "")) return false;
  return labels.every((label) => LABEL_PATTERN.test(label));
}
