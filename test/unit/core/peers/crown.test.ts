import { describe, expect, it } from "vitest";
import { heightOf, levelOf } from "../../../../src/core/gossip/backbone.ts";
import { CROWN_MAX, Crown } from "../../../../src/core/peers/crown.ts";
import { MEMBERS_MAX, Membership } from "../../../../src/core/peers/membership.ts";
import { SAMPLE_MAX } from "../../../../src/core/peers/sample.ts";
import type { MemberRecord, SignedMember } from "../../../../src/core/wire/member.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { MEMBERS } from "../../../support/wire-samples.ts";

const kernels = createKernels();
const IDS = Array.from({ length: 2 * MEMBERS_MAX }, (_, i) =>
  Buffer.from(kernels.blake3(Uint8Array.of(i, i >> 8))).toString("hex"),
);
const TOP = IDS.toSorted((a, b) => heightOf(a) - heightOf(b)).slice(0, CROWN_MAX);

function signed(id: string, more: Partial<MemberRecord> = {}): SignedMember {
  const plain = MEMBERS.plain as MemberRecord;
  return { record: { ...plain, id, epoch: 1n, counter: 0, ...more }, bytes: new Uint8Array(1) };
}

/** What `selfId` knows of all members, having heard of them from one end or the other. */
function viewOf(selfId: string, ids: readonly string[] = IDS): Membership {
  const sampleKey = kernels.blake3(new TextEncoder().encode(selfId));
  const view = new Membership({ selfId, kernels, sampleKey });
  view.merge(signed(selfId));
  for (const id of ids) view.merge(signed(id));
  return view;
}

function keptIn(view: Membership): string[] {
  return TOP.filter((id) => view.isPresent(id));
}

describe("the crown of the backbone", () => {
  it("keeps the members of lowest height, in whatever order they come", () => {
    for (const ids of [IDS, IDS.toReversed()]) {
      const crown = new Crown();
      for (const id of ids) if (crown.wants(id)) crown.add(id);
      expect(TOP.every((id) => crown.has(id))).toBe(true);
    }
  });

  it("gives the place of one that goes to the next", () => {
    const crown = new Crown();
    for (const id of TOP) crown.add(id);
    const next = IDS.find((id) => !TOP.includes(id)) ?? "";
    expect(crown.wants(next)).toBe(false);
    crown.delete(TOP[0] ?? "");
    expect(crown.wants(next)).toBe(true);
  });
});

describe("a partial view and the backbone", () => {
  it("knows the same top as any other, and draws no more links from it than from the rest", () => {
    const [one, other] = [viewOf(IDS[7] ?? ""), viewOf(IDS[8] ?? "", IDS.toReversed())];
    for (const view of [one, other]) {
      expect(keptIn(view)).toEqual(TOP);
      expect(view.present().length).toBeLessThanOrEqual(SAMPLE_MAX + 1);
    }
  });

  it("leads from every member to one root in as many hops as there are levels", () => {
    const roots = new Set<string>();
    for (const id of IDS.slice(0, 12)) {
      let [at, hops] = [id, 0];
      for (let up = viewOf(at).parentOf(at); up !== undefined; up = viewOf(at).parentOf(at)) {
        expect(levelOf(up)).toBeGreaterThanOrEqual(levelOf(at));
        at = up;
        hops += 1;
      }
      expect(hops).toBeLessThanOrEqual(5);
      roots.add(at);
    }
    expect(roots.size).toBe(1);
  });

  it("hangs on another when its parent is not accepted", () => {
    const self = IDS.find((id) => levelOf(id) === 0) ?? "";
    const view = viewOf(self);
    const parent = view.parentOf(self);
    expect(parent).toBeDefined();
    expect(view.parentOf(self, (id) => id !== parent)).not.toBe(parent);
  });

  it("lets one go that has left or departed, and no old record brings it back", () => {
    const self = IDS[7] ?? "";
    const view = viewOf(self);
    const [left = "", departed = ""] = TOP;
    view.merge(signed(left, { counter: 1, left: true }));
    view.depart(departed);
    for (const id of [left, departed]) view.merge(signed(id));
    expect(keptIn(view)).toEqual(TOP.slice(2));
    // There is room for the next again, and for the departed one's next life.
    expect(view.wants(signed(departed, { epoch: 2n }).record)).toBe(true);
  });
});
