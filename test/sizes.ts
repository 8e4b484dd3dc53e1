/**
 * `npm run sizes`: what each entry weighs in a bundle, and whether that is within its budget.
 * @module
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** An entry's source and its budget, in bytes of minified code and of the same gzipped. Raising one is a decision. */
interface Budget {
  readonly source: string;
  readonly minified: number;
  readonly gzip: number;
  /** It is no part of what programs ship, and not in README's table. */
  readonly isTool?: true;
}

/** By the name of the entry. */
export const ENTRIES: Readonly<Record<string, Budget>> = {
  "./node": { source: "index.node.ts", minified: 99_800, gzip: 35_500 },
  "./deno": { source: "index.deno.ts", minified: 97_300, gzip: 34_500 },
  "./bun": { source: "index.bun.ts", minified: 95_500, gzip: 33_900 },
  "./workers": { source: "index.workers.ts", minified: 100_400, gzip: 35_300 },
  "./browser": { source: "index.browser.ts", minified: 12_000, gzip: 4_700 },
  "./streams": { source: "adapters/streams.ts", minified: 82_200, gzip: 29_100 },
  "./memory": { source: "adapters/memory.ts", minified: 86_000, gzip: 30_500 },
  "./deflate": { source: "index.deflate.ts", minified: 19_500, gzip: 7_900 },
  "./core": { source: "core/mod.ts", minified: 65_000, gzip: 24_400 },
  "./conformance": { source: "conformance/mod.ts", minified: 280_000, gzip: 86_500, isTool: true },
};

/** What one entry weighs, in bytes. */
export interface Size {
  readonly entry: string;
  readonly minified: number;
  readonly gzip: number;
}

/** Bundles and weighs one entry. */
export async function measure(entry: string): Promise<Size> {
  const { outputFiles } = await build({
    entryPoints: [join(root, ENTRIES[entry].source)],
    bundle: true, minify: true, write: false, format: "esm", target: "es2022", platform: "neutral",
    mainFields: ["module", "main"], external: ["node:*", "cloudflare:*"], logLevel: "error",
  });
  const { contents } = outputFiles[0];
  return { entry, minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}

/** The sizes as a Markdown table. */
export function toTable(sizes: readonly Size[]): string {
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
  return ["| entry | minified | gzip |", "|---|---|---|", ...sizes.map(({ entry, minified, gzip }) => (
    `| \`isosocket${entry.slice(1)}\` | ${kib(minified)} | ${kib(gzip)} |`
  ))].join("\n");
}

if (import.meta.main) {
  const sizes = await Promise.all(Object.keys(ENTRIES).map(measure));
  console.log(toTable(sizes));
  for (const { entry, minified, gzip } of sizes) {
    const budget = ENTRIES[entry];
    if (minified <= budget.minified && gzip <= budget.gzip) continue;
    console.error(`${entry} is over its budget: ${minified} of ${budget.minified} bytes minified, ${gzip} of ${budget.gzip} gzipped`);
    process.exitCode = 1;
  }
}
