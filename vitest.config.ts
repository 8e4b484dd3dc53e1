import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,adapters,conformance,cli,examples,test}/**/*.test.ts"],
    testTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["core/**/*.ts"],
      exclude: ["core/**/*.test.ts", "core/**/*.d.ts", "core/mod.ts", "core/protocol.ts"],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
