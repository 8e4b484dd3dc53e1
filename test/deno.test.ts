import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCertificates } from "./certificate.ts";

const root = join(import.meta.dirname, "..");

test.each(["sanitized", "without-core"])("Deno's sanitizers find no resource, timer or operation left behind: %s", (name) => {
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules/deno/deno"), [
    "test", "--no-prompt", "--no-remote", "--no-check", "--allow-net", "--allow-env=CERTIFICATES", "--trace-leaks", `test/deno/${name}.ts`,
  ], { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", CERTIFICATES: JSON.stringify(makeCertificates()) }, timeout: 60_000 });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain("7 passed | 0 failed");
});
