import { expect, it } from "vitest";
import { isMeshError } from "../../../src/errors.ts";
import { runSim } from "../../../src/sim/run.ts";

it("a run says that its engine is not there, rather than that all is well", () => {
  expect(() => runSim({ seed: 1, nodes: 3 })).toThrow(
    expect.toSatisfy((error: unknown) => isMeshError(error, "MESH_CONFIG_UNSUPPORTED")),
  );
});
