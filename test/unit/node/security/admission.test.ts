// Whom a node admits, and when: keys, roles, time, the grace of 72 h without issuers (C2, N20).
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CLOCK_SKEW_MS, GRACE_MS } from "../../../../src/core/trust/certificates.ts";
import { encodeCredential } from "../../../../src/core/wire/credential.ts";
import { nodeIdFromSeed } from "../../../../src/node/node-id.ts";
import type { Admission } from "../../../../src/node/security/admission.ts";
import { judgeTime } from "../../../../src/node/security/validity.ts";
import { HOUR_MS, LIFETIME_MS, START_MS, TestAuthority } from "../../../support/credentials.ts";

const authority = new TestAuthority();
const END_MS = START_MS + LIFETIME_MS;
const validity = { notBefore: START_MS, notAfter: END_MS };
const far = Number.MAX_SAFE_INTEGER;
const at = (wallMs: number, isKnown: boolean, ownNotAfter = far, isDialled = false) =>
  judgeTime(validity, { wallMs, isKnown, isDialled, ownNotAfter });

describe("the time of a certificate (C2)", () => {
  it("begins with the clock difference that a frame may have, and ends with its last ms", () => {
    expect(at(START_MS - CLOCK_SKEW_MS - 1, true)).toBe("not_yet_valid");
    expect(at(START_MS - CLOCK_SKEW_MS, false)).toBe("valid");
    expect(at(END_MS, false)).toBe("valid");
    expect(at(END_MS + 1, false)).toBe("expired");
  });

  it("is prolonged for known members, to the end of the grace", () => {
    expect(at(END_MS + 1, true)).toBe("grace");
    expect(at(END_MS + GRACE_MS, true)).toBe("grace");
    expect(at(END_MS + GRACE_MS + 1, true)).toBe("expired");
  });

  it("is prolonged by a node that has dialled the peer: its seed, or a member", () => {
    expect(at(END_MS + HOUR_MS, false, far, true)).toBe("grace");
    expect(at(END_MS + GRACE_MS + 1, false, far, true)).toBe("expired");
  });

  it("is prolonged by a node whose own certificate has ended too, for peers it does not know", () => {
    expect(at(END_MS + HOUR_MS, false, END_MS)).toBe("grace");
    expect(at(END_MS + HOUR_MS, false, END_MS + 2 * HOUR_MS)).toBe("expired");
    expect(at(END_MS + GRACE_MS + 1, false, END_MS)).toBe("expired");
  });
});

describe("admission (C2, C6)", () => {
  const seeds = [randomBytes(32), randomBytes(32)] as const;
  const [self, peer] = [nodeIdFromSeed(seeds[0]), nodeIdFromSeed(seeds[1])];
  const gate = authority.gate(seeds[0]);
  const shows = (changes = {}) => encodeCredential(authority.issue(peer, changes));

  it("lets in whom the authority has certified", () => {
    expect(gate.refuse(peer, shows(), false)).toBeUndefined();
  });

  it("refuses with a reason: another's key, a role it does not serve, bytes that mean nothing", () => {
    expect(gate.refuse(self, shows(), false)).toBe("key");
    expect(gate.refuse(peer, shows({ role: "edge" }), false)).toBe("role");
    expect(gate.refuse(peer, new Uint8Array(0), false)).toBe("malformed");
    expect(gate.refuse(peer, randomBytes(4_000), false)).toBe("malformed");
  });

  it("shows a renewed certificate from then on, and keeps the old one when the new one is bad", () => {
    const own = authority.gate(seeds[0]);
    const renewed = authority.issue(self, { serial: 2 });
    expect(own.install(authority.issue(peer, { serial: 3 }))).toBe("key");
    expect(own.own?.certificate.serial).toBe(1);
    expect(own.install(renewed)).toBeUndefined();
    expect(own.greeting).toEqual(encodeCredential(renewed));
  });

  it("does not take an own certificate that has ended beyond the grace", () => {
    const late = { nowMs: () => END_MS + GRACE_MS + 1 };
    expect(() => authority.gate(seeds[0], late)).toThrow("expired");
  });

  it("knows the end of a linked peer's certificate, until the link is forgotten", () => {
    let nowMs = START_MS;
    const own = authority.gate(seeds[0], { nowMs: () => nowMs });
    own.admitted(peer, shows());
    expect([own.hasEnded(peer), own.isOver(peer)]).toEqual([false, false]);
    nowMs = END_MS + 1;
    expect([own.hasEnded(peer), own.isOver(peer)]).toEqual([true, false]);
    nowMs = END_MS + GRACE_MS + 1;
    expect([own.hasEnded(peer), own.isOver(peer)]).toEqual([true, true]);
    own.forget(peer);
    expect([own.hasEnded(peer), own.isOver(peer)]).toEqual([false, false]);
  });
});

describe("72 hours without an issuer (N20)", () => {
  /** Twelve members that renew every 24 h for 48 h, each two hours after the one before it. */
  const COUNT = 12;
  const OUTAGE_MS = START_MS + 10 * 24 * HOUR_MS;
  const seeds = Array.from({ length: COUNT }, () => randomBytes(32));

  /** The members at an instant of the outage; `knows` tells whether they hold one another's records. */
  const membersAt = (wallMs: number, lifetimeMs: number, knows: boolean): Admission[] =>
    seeds.map((seed, index) => {
      // The last renewal before the issuers went.
      const notBefore = OUTAGE_MS - (index + 1) * 2 * HOUR_MS;
      const times = { notBefore, notAfter: notBefore + lifetimeMs };
      const shown = authority.issue(nodeIdFromSeed(seed), times);
      return authority.gate(seed, { shown, nowMs: () => wallMs, isKnown: () => knows });
    });

  const refusals = (members: readonly Admission[]): string[] => {
    const refused: string[] = [];
    for (const [i, judge] of members.entries()) {
      for (const [j, seed] of seeds.entries()) {
        const greeting = members[j]?.greeting ?? new Uint8Array(0);
        const reason = judge.refuse(nodeIdFromSeed(seed), greeting, false);
        if (i !== j && reason !== undefined) refused.push(`${i} refuses ${j}: ${reason}`);
      }
    }
    return refused;
  };

  it.each([24, 48])("excludes no member of %d h certificates, whoever dials whom", (hours) => {
    for (let hour = 0; hour <= 72; hour += 6) {
      const members = membersAt(OUTAGE_MS + hour * HOUR_MS, hours * HOUR_MS, true);
      expect(refusals(members), `after ${hour} h`).toEqual([]);
    }
  });

  it("excludes no member of a mesh that restarts without its records once all have ended", () => {
    expect(refusals(membersAt(OUTAGE_MS + 72 * HOUR_MS, 48 * HOUR_MS, false))).toEqual([]);
  });

  it("lets a newcomer, or a member that has lost its records, in through its seeds", () => {
    const [fresh, ...others] = membersAt(OUTAGE_MS + 40 * HOUR_MS, 48 * HOUR_MS, false);
    const ended = others.map(
      ({ greeting }, i) => [nodeIdFromSeed(seeds[i + 1] ?? seeds[0]!), greeting] as const,
    );
    const reasons = (isDialled: boolean) =>
      ended.map(([id, greeting]) => fresh?.refuse(id, greeting, isDialled));
    expect(reasons(false)).toContain("expired");
    expect(new Set(reasons(true))).toEqual(new Set([undefined]));
  });

  it("still keeps out a stranger whose certificate has ended, while the own one has not", () => {
    const members = membersAt(OUTAGE_MS + 30 * HOUR_MS, 48 * HOUR_MS, false);
    expect(refusals(members)).toContain("0 refuses 11: expired");
  });
});
