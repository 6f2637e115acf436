import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-codes.ts";

describe("exit codes", () => {
  it.each([
    ["MESH_DEMO_FAILED", 1],
    ["MESH_CONTROL_REQUEST", 2],
    ["MESH_FAULTS_INVALID", 2],
    ["MESH_SEED_UNREACHABLE", 3],
    ["MESH_CONTROL_UNAVAILABLE", 3],
    ["MESH_CONFIG_UNSUPPORTED", 4],
    ["MESH_ADMISSION_UNSTATED", 4],
    ["MESH_CERTIFICATE_REQUIRED", 6],
    ["MESH_CERTIFICATE_EXPIRED", 6],
  ] as const)("tell %s by %i", (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });
});
