import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { echo, folder, MAIN, startProcess, using } from "./testing.ts";

/** The `script` of util-linux runs a command on a terminal of its own. */
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
describe.skipIf(!hasScript)("isosocket connect at a terminal (skipped without script of util-linux)", () => {
  const terminal = (env: Record<string, string>, ...args: string[]): ReturnType<typeof startProcess> => {
    const path = join(folder(), "run.sh");
    writeFileSync(path, `exec ${[process.execPath, MAIN, "connect", ...args].map((arg) => `'${arg}'`).join(" ")}\n`);
    return startProcess("script", ["-qec", `sh ${path}`, "/dev/null"], { TERM: "xterm-256color", ...env });
  };

  it("sends what is typed, marks what comes, and knows commands", () => using(echo, async ({ url }) => {
    const run = terminal({ NO_COLOR: "1" }, url);
    await run.until(/\/help for more/);
    run.type("hello\r");
    await run.until(/< hello\r\n/);
    run.type("/ping\r");
    await run.until(/\* pong after [\d.]+ ms/);
    run.type("/binary 00 ff\r");
    await run.until(/< \(2 bytes\) 00ff/);
    run.type("//slash\r");
    await run.until(/< \/slash\r\n/);
    run.type("/pign\r");
    await run.until(/There is no command "\/pign"\. Did you mean "\/ping"\?/);
    run.type("/binary xyz\r");
    await run.until(/pairs of hexadecimal digits/);
    run.type("/close 1005\r");
    await run.until(/Cannot close with code 1005/);
    run.type("/help\r");
    await run.until(/\/close \[CODE \[REASON\]\]/);
    run.type("/close 4001 bye now\r");
    await run.until(/closed: 4001 private to the application "bye now"/);
    expect(await run.ended).toBe(0);
    expect(run.stdout).not.toMatch(/\x1b\[\d+m/);
  }));

  it("keeps the line being typed whole, and escapes what would steer the terminal", () => {
    let say = (_: string): void => {};
    return using({ open: (socket) => void (say = (text) => void socket.send(text)) }, async ({ url }) => {
      const run = terminal({ FORCE_COLOR: "1" }, url); // Node takes CI for a terminal without colours
      await run.until(/> /);
      run.type("half a line");
      await run.until(/half a line/);
      say("evil\x1b[2Jmessage");
      await run.until(/\x1b\[36m< evil\\e\[2Jmessage\x1b\[0m\r\n(?:\x1b\[\d*[A-Z])*> half a line/);
    });
  });

  it("closes at Ctrl-D, and at Ctrl-C with exit code 130", () => using(echo, async ({ url }) => {
    for (const [key, code] of [["\x04", 0], ["\x03", 130]] as const) {
      const run = terminal({}, url);
      await run.until(/> /);
      run.type(key);
      await run.until(/closed: 1000 normal closure/);
      expect(await run.ended).toBe(code);
    }
  }));
});
