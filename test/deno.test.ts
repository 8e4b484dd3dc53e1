import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeCertificates } from "./certificate.ts";

const root = join(import.meta.dirname, "..");
const deno = join(root, "node_modules/deno/deno");

/** Runs a file by `deno test`, with no permission but these. */
function runTests(file: string, ...permissions: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(deno, ["test", "--no-prompt", "--no-remote", "--no-check", ...permissions, "--trace-leaks", file], {
    cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", CERTIFICATES: JSON.stringify(makeCertificates()) }, timeout: 60_000,
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

test("Deno's sanitizers find no resource, timer or operation left behind", () => {
  expect(runTests("test/deno/sanitized.ts", "--allow-net", "--allow-env=CERTIFICATES")).toContain("10 passed | 0 failed");
});

test("servers on handles and those on Deno.listen do the same, with no permission but for the network", () => {
  expect(runTests("test/deno/handles.ts", "--allow-net")).toContain("13 passed | 0 failed");
});

test.runIf(process.platform === "linux")("a server that had no file left for who connects lets them in once there are files again", async () => {
  const server = spawn("sh", ["-c", `ulimit -n ${FILES}; exec "$0" run --no-prompt --no-remote --no-check --allow-net test/deno/few-files.ts`, deno], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void server.kill("SIGKILL"));
  const port = Number(String((await once(server.stdout, "data"))[0]));
  const open = new Set<net.Socket>();
  let welcomed = 0;
  for (let count = 0; count < 2 * FILES; count++) {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(REQUEST));
    socket.on("error", () => {});
    socket.once("data", () => {
      welcomed++;
      open.add(socket);
    });
    onTestFinished(() => void socket.destroy());
  }
  await vi.waitUntil(() => readdirSync(`/proc/${server.pid}/fd`).length >= FILES, { timeout: 20_000 });
  await vi.waitUntil(() => {
    for (const socket of open) socket.destroy();
    return welcomed === 2 * FILES;
  }, { timeout: 20_000 });
}, 60_000);

const FILES = 64;
const REQUEST = [
  "GET / HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", "",
].join("\r\n");
