/**
 * Judging a certificate's time (docs/decisions/0012-admission.md). Pure: the wall clock is an
 * argument. It decides about links only; what a member has signed is never judged by a local clock.
 *
 * Issuers may be gone for 72 h without excluding a member: past its end a certificate counts for
 * GRACE_MS more, but only at a node that knows the peer as a member, that has dialled it at an address
 * it was given, or whose own certificate has ended too, which shows that renewals fail.
 */
import { CLOCK_SKEW_MS, GRACE_MS } from "../../core/trust/certificates.ts";
import type { Validity } from "../../core/wire/certificate.ts";

export type TimeVerdict = "valid" | "grace" | "not_yet_valid" | "expired";

export interface TimeContext {
  /** Ms since 1970. */
  readonly wallMs: number;
  /** A member record of the peer is held here, its leave included. */
  readonly isKnown: boolean;
  /** This node dialled the peer: a seed of its own, or a member. */
  readonly isDialled: boolean;
  /** The own certificate's end, ms since 1970. */
  readonly ownNotAfter: number;
}

export function judgeTime(validity: Validity, context: TimeContext): TimeVerdict {
  const { wallMs, isKnown, isDialled, ownNotAfter } = context;
  if (wallMs < validity.notBefore - CLOCK_SKEW_MS) return "not_yet_valid";
  if (wallMs <= validity.notAfter) return "valid";
  const lenient = isKnown || isDialled || wallMs > ownNotAfter;
  return lenient && wallMs <= validity.notAfter + GRACE_MS ? "grace" : "expired";
}
