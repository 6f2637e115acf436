import { describe, expect, it } from "vitest";
import { Backbone, levelOf } from "../../../../src/core/gossip/backbone.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(blake3(new TextEncoder().encode(`node ${i}`))).toString("hex"),
  );
}

function backboneOf(members: readonly string[]): Backbone {
  const backbone = new Backbone();
  for (const id of members) backbone.add(id);
  return backbone;
}

/** Hops from a member to the root; fails on a cycle. */
function depth(backbone: Backbone, id: string): number {
  let hops = 0;
  for (let at: string | undefined = id; at !== undefined; hops++) {
    if (hops > 50) throw new Error("a cycle");
    at = backbone.parentOf(at, () => true);
  }
  return hops - 1;
}

describe("backbone of the push tree", () => {
  it.each([
    [12, 2],
    [100, 3],
    [1_000, 4],
  ])("joins %i members to one root within %i hops", (count, hops) => {
    const members = ids(count);
    const backbone = backboneOf(members);
    const roots = members.filter((id) => backbone.parentOf(id, () => true) === undefined);
    expect(roots).toHaveLength(1);
    for (const id of members) expect(depth(backbone, id)).toBeLessThanOrEqual(hops);
  });

  it("does not depend on the order in which members came", () => {
    const members = ids(200);
    const [one, other] = [backboneOf(members), backboneOf([...members].reverse())];
    for (const id of members) {
      expect(one.parentOf(id, () => true)).toBe(other.parentOf(id, () => true));
    }
  });

  it("moves only the children of a member that goes", () => {
    const members = ids(500);
    const backbone = backboneOf(members);
    const before = new Map(members.map((id) => [id, backbone.parentOf(id, () => true)]));
    const gone = members.find((id) => levelOf(id) === 1) ?? "";
    backbone.delete(gone);
    for (const id of members) {
      if (id === gone || before.get(id) === gone) continue;
      expect(backbone.parentOf(id, () => true)).toBe(before.get(id));
    }
  });

  it("passes over members that are not accepted", () => {
    const members = ids(100);
    const backbone = backboneOf(members);
    const child = members.find((id) => backbone.parentOf(id, () => true) !== undefined) ?? "";
    const parent = backbone.parentOf(child, () => true);
    expect(backbone.parentOf(child, (id) => id !== parent)).not.toBe(parent);
  });

  it("gives no member many more children than the mean", () => {
    const members = ids(1_000);
    const backbone = backboneOf(members);
    const children = new Map<string, number>();
    for (const id of members) {
      const parent = backbone.parentOf(id, () => true);
      if (parent !== undefined) children.set(parent, (children.get(parent) ?? 0) + 1);
    }
    expect(Math.max(...children.values())).toBeLessThan(40);
  });
});
