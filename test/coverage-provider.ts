/**
 * What `coverage` in vitest.config.ts counts with: V8's coverage, but of each test file only what it runs of the module beside it.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import v8 from "@vitest/coverage-v8";
import { V8CoverageProvider } from "@vitest/coverage-v8/dist/provider.js";
import type { AfterSuiteRunMeta } from "vitest";
import type { CoverageProvider, CoverageProviderModule } from "vitest/node";

class OwnTestsProvider extends V8CoverageProvider {
  override onAfterSuiteRun(meta: AfterSuiteRunMeta): void {
    const path = meta.coverage as string; // of a file of V8's, as written by the worker
    const own = meta.testFiles.map((file) => `/${file.replace(/(?:\.[^./]+)*\.test\.ts$/, ".ts")}`);
    const { result } = JSON.parse(readFileSync(path, "utf8")) as { result: { url: string }[] };
    writeFileSync(path, JSON.stringify({ result: result.filter(({ url }) => own.some((module) => url.endsWith(module))) }));
    super.onAfterSuiteRun(meta);
  }
}

const module: CoverageProviderModule = {
  ...v8,
  getProvider: (): CoverageProvider => new OwnTestsProvider(),
};
export default module;
