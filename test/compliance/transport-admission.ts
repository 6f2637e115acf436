/**
 * Transport compliance: admission by certificate (C2, C6). Refused before any frame is read, and both
 * ends are told why.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { nodeIdFromSeed } from "../../src/node/node-id.ts";
import type { Admission } from "../../src/node/security/admission.ts";
import { LANE_CONTROL } from "../../src/node/transport/transport.ts";
import { HOUR_MS, LIFETIME_MS, START_MS, TestAuthority } from "../support/credentials.ts";
import { addressOf, bytes, type Side, type Suite } from "../support/transport-suite.ts";
import { until } from "../support/until.ts";

/** Registers this part of the suite. */
export function describeAdmission(suite: Suite): void {
  const { harness, started } = suite;
  const authority = new TestAuthority();

  /** A started transport with a certificate, or with the gate that `make` gives it. */
  const certified = async (
    make: (seed: Uint8Array) => Admission = (seed) => authority.gate(seed),
  ): Promise<Side> => {
    const identitySeed = randomBytes(32);
    return started({ identitySeed, admission: make(identitySeed) });
  };

  /** Neither gets a link, and the users of both read `code`; each refuses the other. */
  const expectMutual = async (a: Side, b: Side, code: string): Promise<void> => {
    await expect(a.transport.dial(addressOf(b))).rejects.toMatchObject({ code });
    await until(() => b.events.refusals.length > 0);
    expect(b.events.refusals[0]?.error).toMatchObject({ code });
    expect([...a.events.links, ...b.events.links]).toEqual([]);
  };

  /** `b` refuses `a`: nobody gets a link, and the users of both read `code`. */
  const expectRefused = async (a: Side, b: Side, code: string): Promise<void> => {
    await expect(a.transport.dial(addressOf(b))).rejects.toMatchObject({
      code,
      details: { by: "peer", peer: b.transport.localId },
    });
    await until(() => b.events.refusals.length > 0);
    expect(b.events.refusals[0]?.error).toMatchObject({
      code,
      details: { by: "self", peer: a.transport.localId },
    });
    expect(a.events.refusals[0]?.error).toMatchObject({ code, details: { by: "peer" } });
    expect([...a.events.links, ...b.events.links]).toEqual([]);
  };

  describe(`${harness.name} transport: admission by certificate (C2, C6)`, () => {
    test("links two nodes that one authority has certified, and carries their frames", async () => {
      const [a, b] = await Promise.all([certified(), certified()]);
      const link = await a.transport.dial(addressOf(b));
      const back = await b.events.nextLink();
      expect([link.peer, back.peer]).toEqual([b.transport.localId, a.transport.localId]);
      link.send(bytes(300_000, 1), LANE_CONTROL);
      back.send(bytes(3, 2), LANE_CONTROL);
      expect((await b.events.nextFrame()).bytes).toEqual(bytes(300_000, 1));
      expect((await a.events.nextFrame()).bytes).toEqual(bytes(3, 2));
    });

    test("refuses an expired certificate, and tells both ends", async () => {
      const late = () => START_MS + LIFETIME_MS + HOUR_MS;
      const a = await certified();
      const b = await certified((seed) => {
        const notAfter = START_MS + 2 * LIFETIME_MS;
        const shown = authority.issue(nodeIdFromSeed(seed), { notAfter });
        return authority.gate(seed, { shown, nowMs: late });
      });
      await expectRefused(a, b, "MESH_CERTIFICATE_EXPIRED");
    });

    test("refuses a certificate that is not valid yet, and tells both ends", async () => {
      const early = () => START_MS - HOUR_MS;
      const a = await certified();
      const b = await certified((seed) => {
        const shown = authority.issue(nodeIdFromSeed(seed), { notBefore: START_MS - 2 * HOUR_MS });
        return authority.gate(seed, { shown, nowMs: early });
      });
      await expectRefused(a, b, "MESH_CERTIFICATE_NOT_YET_VALID");
    });

    test("refuses a certificate of another mesh, and tells both ends", async () => {
      const [a, b] = await Promise.all([
        certified((seed) => new TestAuthority("other").gate(seed)),
        certified(),
      ]);
      await expectMutual(a, b, "MESH_CERTIFICATE_MESH");
    });

    test("refuses a certificate of another authority, and tells both ends", async () => {
      const [a, b] = await Promise.all([
        certified((seed) => new TestAuthority().gate(seed)),
        certified(),
      ]);
      await expectMutual(a, b, "MESH_CERTIFICATE_INVALID");
    });

    test("refuses a node that shows another node's certificate", async () => {
      const stolen = authority.gate(randomBytes(32));
      const [a, b] = await Promise.all([certified(() => stolen), certified()]);
      await expectRefused(a, b, "MESH_CERTIFICATE_INVALID");
    });

    test("refuses a node of an open mesh that dials in, which hears that it needs one", async () => {
      const [a, b] = await Promise.all([started(), certified()]);
      const link = await a.transport.dial(addressOf(b)).catch(() => undefined);
      link?.send(bytes(10, 1), LANE_CONTROL);
      await until(() => a.events.refusals.length > 0 && b.events.refusals.length > 0);
      for (const [side, by] of [
        [a, "peer"],
        [b, "self"],
      ] as const) {
        expect(side.events.refusals[0]).toMatchObject({
          reason: "certificate_missing",
          error: { code: "MESH_CERTIFICATE_REQUIRED", details: { by } },
        });
      }
      expect([...a.events.frames, ...b.events.frames, ...b.events.links]).toEqual([]);
    });

    test("refuses a node of an open mesh that it dials", async () => {
      const [a, b] = await Promise.all([certified(), started()]);
      const dial = a.transport.dial(addressOf(b));
      const far = await b.events.nextLink();
      far.send(bytes(10, 1), LANE_CONTROL);
      await expect(dial).rejects.toMatchObject({ code: expect.stringMatching(REQUIRED_OR_LOST) });
      expect(await b.events.nextDown()).toMatchObject({ reason: "certificate_missing" });
      expect([...a.events.links, ...a.events.frames]).toEqual([]);
    });

    test.each([
      ["a frame", [5, 0, 0, 0, 1, 2, 3, 4, 5]],
      ["a greeting longer than any", [0x4b, 0x4e, 0x4d, 0xff, 0xff, 0xff]],
      ["a greeting that is no credential", [0x4b, 0x4e, 0x4d, 0xff, 3, 0, 1, 2, 3]],
      ["an admission of itself", [0x4b, 0x4e, 0x4d, 0xff, 0, 0, 0, 5, 0, 0, 0, 1, 2, 3, 4, 5]],
    ])("ends a connection that begins with %s, and reads no frame", async (_, first) => {
      const b = await certified();
      const raw = await harness.sendRaw(addressOf(b), Uint8Array.from(first));
      suite.open.push(raw);
      await raw.gone;
      expect([...b.events.links, ...b.events.frames]).toEqual([]);
      expect(b.events.refusals[0]?.reason).toMatch(/^certificate_/);
    });

    test("goes on admitting after it has refused", async () => {
      const b = await certified();
      const raw = await harness.sendRaw(addressOf(b), Uint8Array.of(1, 0, 0, 0, 9));
      suite.open.push(raw);
      await raw.gone;
      const a = await certified();
      expect((await a.transport.dial(addressOf(b))).peer).toBe(b.transport.localId);
    });

    test("closes while a connection has not greeted yet", async () => {
      const b = await certified();
      const raw = await harness.sendRaw(addressOf(b), Uint8Array.of(0x4b));
      suite.open.push(raw);
      await b.transport.close();
      await raw.gone;
      expect(b.events.links).toEqual([]);
    });
  });
}

/** The open end may hang up before its first frame has come. */
const REQUIRED_OR_LOST = /^MESH_(CERTIFICATE_REQUIRED|TRANSPORT_DIAL)$/;
