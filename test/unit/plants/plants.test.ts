import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PLANTS } from "../../plants/plants.ts";
import { ROOT } from "../../support/source-tree.ts";

describe("planted defects", () => {
  it("are exactly the patches of the folder", () => {
    const patches = globSync("test/plants/*.patch", { cwd: ROOT });
    expect(patches.toSorted()).toEqual(
      PLANTS.map(({ name }) => `test/plants/${name}.patch`).toSorted(),
    );
  });

  // Whoever changes the line that one spoils finds it a new place.
  it.each(PLANTS)("$name still applies to the source", ({ name }) => {
    const args = ["apply", "--check", `test/plants/${name}.patch`];
    const { status, stderr } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
    expect(status, stderr).toBe(0);
  });
});
