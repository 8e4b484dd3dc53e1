import { describe, expect, it } from "vitest";
import { COMMANDS } from "./commands.ts";
import { finish } from "./testing.ts";

describe("the help", () => {
  it("gives an overview with every command and the exit codes", async () => {
    const { code, stdout, stderr } = await finish(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toContain(`  ${name} `);
      expect(stdout.replace(/\s+/g, " ")).toContain(summary);
    }
    expect(stdout).toContain("Exit codes");
    expect((await finish(["help"])).stdout).toBe(stdout);
    expect((await finish(["-h"])).stdout).toBe(stdout);
  });

  it("is on stderr, with exit code 2, when no command is given", async () => {
    const { code, stdout, stderr } = await finish([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: isosocket COMMAND");
  });

  it.each(COMMANDS.map(({ name }) => name))("explains %s in 80 columns, with each option and examples", async (name) => {
    const { code, stdout } = await finish(["help", name]);
    expect(code).toBe(0);
    expect((await finish([name, "--help"])).stdout).toBe(stdout);
    expect((await finish([name, "-h", "too", "many"])).stdout).toBe(stdout);
    const command = await COMMANDS.find((entry) => entry.name === name)?.load();
    for (const option of command?.groups.flatMap(([, options]) => options) ?? []) expect(stdout).toContain(`--${option.name}`);
    expect(stdout).toContain("Examples\n");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("knows the version", async () => {
    const { code, stdout } = await finish(["--version"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});
