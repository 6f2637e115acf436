/** The options of the `cert` commands, as commander hands them over, and what they are made of. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ROLES, type Role } from "../../node/security/issue.ts";

export interface KeyFlags {
  /** Files of the keys that sign. */
  readonly key: readonly string[];
  readonly json?: true;
}

export interface IssueFlags extends KeyFlags {
  readonly mesh: string;
  readonly node?: string;
  readonly dataDir: string;
  readonly issuers?: string;
  readonly region: string;
  readonly zone: string;
  readonly role: Role;
  readonly hours: number;
  readonly out?: string;
}

export interface RenewFlags extends KeyFlags {
  readonly dataDir: string;
  readonly hours?: number;
  readonly out?: string;
}

export interface RevokeFlags extends KeyFlags {
  readonly mesh: string;
  readonly node: string;
  readonly issuers?: string;
  readonly out: string;
}

export interface DelegateFlags extends KeyFlags {
  readonly mesh: string;
  readonly issuer: readonly string[];
  readonly threshold: number;
  readonly days: number;
  readonly out: string;
}

export interface ShowFlags {
  readonly dataDir: string;
  readonly authority?: string;
  readonly mesh?: string;
  readonly json?: true;
}

/** --key: one for each signer. */
export function withKeyOption(command: Command): Command {
  return command.requiredOption("-k, --key <file...>", "key that signs; by keygen, kept secret");
}

export function roleOption(): Option {
  return new Option("--role <role>", "what the node may be").choices(ADMITTED).default("peer");
}

/** What a certificate may say that somebody is. */
const ADMITTED = ROLES.filter((role) => role !== "revoked");

/** A whole number of at least 1. */
export function parseCount(unit: string, max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1 && count <= max) return count;
    throw new InvalidArgumentError(`It must be a whole number of ${unit} from 1 to ${max}.`);
  };
}

/** Twice the rotation that topologies ask for, so that a renewal may come a day late. */
export const HOURS_DEFAULT = 48;
export const DAYS_DEFAULT = 365;
export const CERTIFICATE_HOURS_MAX = 87_600;
export const STATEMENT_DAYS_MAX = 3_650;
