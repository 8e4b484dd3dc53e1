import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those that take longest, by the measure of a machine with two cores; most of it they wait. */
const LONGEST = [
  "conformance/wire-runtimes", "conformance/attacks/attacks-client", "conformance/attacks/attacks-server", "test/package", "conformance/mutants/mutants", "test/simulation/chat",
  "conformance/fuzz/fuzz", "conformance/mutants/tls", "cli/conformance.server", "cli/conformance.client", "examples/first-run/page", "conformance/report/page",
  "conformance/wire/protocol-tester", "conformance/ledger/ledger", "conformance/wire-settings", "cli/connect", "cli/serve", "conformance/targets", "conformance/conformance",
];

/** Starts those first: a fresh checkout knows no durations, and by size, which is the default, they would be among the last, with a core idle beside them. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ["{core,adapters,bench,conformance,cli,examples,test}/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // many tests wait for another process: one worker per core, the default less one, leaves the machine idle
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 20_000 } }, // of what comes soon, unless the machine is busy
    coverage: {
      provider: "custom",
      customProviderModule: join(import.meta.dirname, "test/coverage-provider.ts"),
      include: ["core/**/*.ts"],
      // the last three are interfaces and re-exports only: there is nothing to run
      exclude: ["core/**/*.test.ts", "core/**/*.d.ts", "core/testing/**", "core/mod.ts", "core/protocol.ts", "core/websocket/handler.ts"],
      reporter: [["text", { skipFull: true }]],
      thresholds: { perFile: true, branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
