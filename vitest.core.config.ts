import { defineConfig } from "vitest/config";

/** What mutation testing runs: the core's own tests, none of which needs a socket, a browser or the file system. */
export default defineConfig({
  test: { include: ["core/**/*.test.ts"], exclude: ["core/layers.test.ts"], testTimeout: 60_000 },
});
