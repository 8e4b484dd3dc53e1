import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,adapters,bench,conformance,cli,examples,test}/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // many tests wait for another process: one worker per core, the default less one, leaves the machine idle
    maxWorkers: Math.max(3, availableParallelism()),
    coverage: {
      provider: "v8",
      include: ["core/**/*.ts"],
      exclude: ["core/**/*.test.ts", "core/**/*.d.ts", "core/mod.ts", "core/protocol.ts"],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
