import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { echo, folder, MAIN, startProcess, using } from "./testing.ts";

/** The `script` of util-linux runs a command on a terminal of its own. */
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
describe.skipIf(!hasScript)("isosocket conformance at a terminal (skipped without script of util-linux)", () => {
  const terminal = (env: Record<string, string>, columns: number, ...args: string[]): ReturnType<typeof startProcess> => {
    const path = join(folder(), "run.sh");
    writeFileSync(path, `stty cols ${columns}\nexec ${[process.execPath, MAIN, "conformance", ...args].map((arg) => `'${arg}'`).join(" ")}\n`);
    return startProcess("script", ["-qec", `sh ${path}`, "/dev/null"], { TERM: "xterm-256color", ...env });
  };

  it.each([80, 40])("shows progress on one line of %i columns that is written anew, and takes it away at the end", (columns) => using(echo, async ({ url }) => {
    const run = terminal({ NO_COLOR: "1" }, columns, "server", url, "--cases", "5.2", "--no-report");
    await run.ended;
    const drawn = run.stdout.split("\r").filter((line) => line.includes("\x1b[K")).map((line) => line.split("\x1b[K")[0]);
    expect(drawn.length).toBeGreaterThan(1);
    expect(drawn.every((line) => line === "" || /^[█░]{20} \d+ of \d+ cases|^\d+ of \d+ cases/.test(line))).toBe(true);
    for (const line of drawn) expect(line.length).toBeLessThan(columns);
    expect(run.stdout).not.toMatch(/\x1b\[\d+m/);
    const shown = run.stdout.split("\r\n").at(-2) ?? "";
    expect(shown).not.toMatch(/[█░]/);
  }));

  it("paints, and says that Ctrl-C was heard", () => using({ message: () => new Promise(() => {}) }, async ({ url }) => {
    const run = terminal({ FORCE_COLOR: "1" }, 80, "server", url, "--no-report", "--timeout", "600s"); // Node paints nothing where CI is set
    await run.until(/connecting/);
    run.type("\x03");
    await run.until(/ending; Ctrl-C again kills/);
    expect(await run.ended).toBe(130);
    expect(run.stdout).toMatch(/\x1b\[\d+m/);
  }));
});
