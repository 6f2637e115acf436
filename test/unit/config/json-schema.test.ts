import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const schema = z.fromJSONSchema(JSON.parse(read("src/config/topology.schema.gen.json")));
const NAMES = ["flat-mesh", "single-region-mesh", "multi-region-leaders", "hierarchical"];

describe("C13: the JSON Schema that editors use", () => {
  test.each(NAMES)("accepts %s of 003", (name) => {
    expect(schema.safeParse(parse(read(`examples/topologies/${name}.yaml`))).error).toBeUndefined();
  });

  test.each([
    ["an unknown key", "fanout: 5", "fanout: 5\n  fan_out: 5"],
    ["a fanout out of range", "fanout: 5", "fanout: 500"],
    ["a reversed notation", "10-100", "10..100"],
    ["a missing section", /bootstrap:.*/s, ""],
  ])("refuses %s", (_, from, to) => {
    const text = read("examples/topologies/flat-mesh.yaml").replace(from, to);
    expect(schema.safeParse(parse(text)).success).toBe(false);
  });

  test("describes every key, for completion", () => {
    const keys = read("src/config/topology.schema.gen.json").match(/"description"/g) ?? [];
    expect(keys.length).toBeGreaterThan(60);
  });
});
