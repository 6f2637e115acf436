import { defineConfig } from "vitest/config";

// The long lanes: real processes (test/interop) and slow suites (test/slow), one file at a time.
export default defineConfig({
  test: {
    include: ["test/interop/**/*.test.ts", "test/slow/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
