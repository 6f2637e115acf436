// What time does to links and to the own certificate while a node runs (C2): one real pool and a peer.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { GRACE_MS } from "../../../../src/core/trust/certificates.ts";
import type { MeshError } from "../../../../src/errors.ts";
import { nodeIdFromSeed } from "../../../../src/node/node-id.ts";
import { writeCredential } from "../../../../src/node/security/credential-file.ts";
import { MembershipCertificate } from "../../../../src/node/security/membership-certificate.ts";
import { AdmissionUpkeep } from "../../../../src/node/security/upkeep.ts";
import { createMemoryTransport, MemoryNetwork } from "../../../../src/node/transport/memory.ts";
import { LinkPool } from "../../../../src/node/transport/pool.ts";
import type { AdmissionGate } from "../../../../src/node/transport/transport.ts";
import {
  crypto,
  HOUR_MS,
  LIFETIME_MS,
  START_MS,
  TestAuthority,
} from "../../../support/credentials.ts";
import { temporaryFolder } from "../../../support/folders.ts";
import { createPoolRecorder } from "../../../support/pool-recorder.ts";
import { until } from "../../../support/until.ts";

const authority = new TestAuthority();
const END_MS = START_MS + LIFETIME_MS;

async function pooled(network: MemoryNetwork, name: string, seed: Uint8Array, gate: AdmissionGate) {
  const { handlers, events } = createPoolRecorder();
  const pool = new LinkPool({
    transport: (given) =>
      createMemoryTransport(
        { identitySeed: seed, listen: [`/memory/${name}`], handlers: given, admission: gate },
        network,
      ),
    handlers,
    random: () => 0.5,
    limits: { contestMs: 1, graceMs: 20 },
  });
  onTestFinished(() => pool.close());
  await pool.start();
  return { pool, events, id: pool.transport.localId, address: pool.transport.addresses[0] ?? "" };
}

/** A node whose upkeep is called by hand, linked to a peer; `clock` is the time of both. */
async function linked(keyRotationMs = Number.POSITIVE_INFINITY) {
  const clock = { nowMs: START_MS + HOUR_MS };
  const now = () => clock.nowMs;
  const seeds = [randomBytes(32), randomBytes(32)] as const;
  const self = nodeIdFromSeed(seeds[0]);
  const file = join(await temporaryFolder(), "membership.cert");
  await writeCredential(file, authority.issue(self));
  const { meshId, authority: key } = authority.anchor;
  const config = {
    mode: "certificate",
    authority: key,
    file,
    certRotationMs: 24 * HOUR_MS,
    keyRotationMs,
  } as const;
  const options = { self, meshId, crypto, config, region: undefined, zone: undefined, now };
  const certificate = await MembershipCertificate.load(options);
  const network = new MemoryNetwork();
  const peerGate = authority.gate(seeds[1], { nowMs: now, isKnown: () => true });
  certificate.isKnown = () => true;
  const far = await pooled(network, "far", seeds[1], peerGate);
  const near = await pooled(network, "near", seeds[0], certificate.gate);
  const told = { renewed: vi.fn(), due: vi.fn(), failed: vi.fn<(error: MeshError) => void>() };
  const upkeep = new AdmissionUpkeep({ pool: near.pool, certificate, keyRotationMs, ...told });
  near.pool.want(far.id, [far.address]);
  await near.events.next();
  const link = () => near.pool.linkOf(far.id);
  // A link is replaced only when it is older than a contest.
  const upMs = performance.now();
  await until(() => performance.now() > upMs + 1);
  return { clock, near, far, file, self, upkeep, certificate, peerGate, told, link };
}

describe("upkeep of the own certificate (C2)", () => {
  it("tells a renewal once, and that one is due once a certificate", async () => {
    const { clock, upkeep, told, file, self } = await linked();
    await upkeep.check();
    expect([told.renewed.mock.calls.length, told.due.mock.calls.length]).toEqual([0, 0]);
    clock.nowMs = START_MS + 24 * HOUR_MS;
    await upkeep.check();
    await upkeep.check();
    expect(told.due).toHaveBeenCalledTimes(1);
    await writeCredential(file, authority.issue(self, { serial: 2, notBefore: clock.nowMs }));
    await upkeep.check();
    await upkeep.check();
    expect(told.renewed.mock.calls).toEqual([[expect.objectContaining({ serial: 2 })]]);
    expect(told.due).toHaveBeenCalledTimes(1);
  });

  it("tells once what is wrong with the file, and takes the next one", async () => {
    const { upkeep, told, file, self, certificate } = await linked();
    await writeCredential(file, new TestAuthority().issue(self));
    await upkeep.check();
    await upkeep.check();
    expect(told.failed).toHaveBeenCalledTimes(1);
    expect(told.failed.mock.calls[0]?.[0].code).toBe("MESH_CERTIFICATE_INVALID");
    await writeCredential(file, authority.issue(self, { serial: 3 }));
    await upkeep.check();
    expect(certificate.current.serial).toBe(3);
  });
});

describe("upkeep of links (C2)", () => {
  it("leaves a link alone while nothing is due", async () => {
    const { upkeep, near, link } = await linked();
    const first = link();
    upkeep.sweep();
    expect(near.pool.stats.dialsStarted).toBe(1);
    expect(link()).toBe(first);
  });

  it("replaces a link that is as old as its keys may be, and nobody goes down", async () => {
    const { upkeep, near, far, link } = await linked(1);
    const first = link();
    upkeep.sweep();
    await until(() => link() !== first);
    expect(link()?.peer).toBe(far.id);
    expect(near.events.all.map(({ kind }) => kind)).toEqual(["up"]);
  });

  it("shows a renewed certificate to the peer by a new link", async () => {
    const { upkeep, file, self, peerGate, clock, link } = await linked();
    const first = link();
    await writeCredential(file, authority.issue(self, { serial: 2, notAfter: END_MS + HOUR_MS }));
    await upkeep.check();
    upkeep.sweep();
    await until(() => link() !== first);
    clock.nowMs = END_MS + 1;
    await until(() => !peerGate.hasEnded(self));
  });

  it("gives up the link of a peer whose certificate is over, grace included", async () => {
    const { upkeep, near, file, self, clock, certificate } = await linked();
    await writeCredential(
      file,
      authority.issue(self, { serial: 2, notAfter: END_MS + 2 * GRACE_MS }),
    );
    await upkeep.check();
    clock.nowMs = END_MS + GRACE_MS;
    upkeep.sweep();
    expect(near.pool.connected()).toHaveLength(1);
    clock.nowMs += 1;
    expect(certificate.gate.isOver(near.pool.connected()[0] ?? "")).toBe(true);
    upkeep.sweep();
    expect(near.pool.connected()).toEqual([]);
  });
});
