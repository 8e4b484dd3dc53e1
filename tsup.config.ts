import { defineConfig, type Options } from "tsup";

const shared: Options = {
  target: "es2022",
  platform: "neutral",
  splitting: true,
  treeshake: true,
  sourcemap: false,
  removeNodeProtocol: false,
  external: [/^node:/, /^cloudflare:/],
  outDir: "dist",
};

/** What the package exports. */
const entry = {
  index: "index.ts",
  node: "index.node.ts",
  deno: "index.deno.ts",
  bun: "index.bun.ts",
  workers: "index.workers.ts",
  browser: "index.browser.ts",
  streams: "adapters/streams.ts",
  memory: "adapters/memory.ts",
  testing: "index.testing.ts",
  adapter: "index.adapter.ts",
  core: "core/mod.ts",
  conformance: "conformance/mod.ts",
  deflate: "index.deflate.ts",
};

export default defineConfig((options) => [
  {
    ...shared,
    entry: { ...entry, cli: "cli/main.ts" },
    format: ["esm"],
    dts: options.dts === false ? false : { entry },
    clean: true,
  },
  {
    ...shared,
    entry,
    format: ["cjs"],
    dts: options.dts === false ? false : { entry },
  },
  {
    // What `npm start` runs: one file, which is not published.
    ...shared,
    entry: { "first-run": "examples/first-run/server.ts" },
    format: ["esm"],
    splitting: false,
    dts: false,
  },
]);
