import { defineConfig } from "vitest/config";

// The fast lanes: everything but test/interop and test/slow, which vitest.ci.config.ts runs.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/interop/**", "test/slow/**", "**/node_modules/**"],
    testTimeout: 30_000,
    // Every core has a worker, and a worker keeps what it has loaded: no test leaves state behind.
    maxWorkers: "100%",
    isolate: false,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
