import { defineConfig } from "vitest/config";

/** What mutation testing runs: the core's own tests, none of which needs a socket, a browser or the file system. TESTS in the environment names fewer of them. */
const { TESTS = "core/**/*.test.ts" } = process.env;

export default defineConfig({
  test: { include: TESTS.split(","), exclude: ["core/layers.test.ts"], testTimeout: 60_000 },
});
