import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { publint } from "publint";
import { rollup } from "rollup";
import { build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { connect, serve } from "../index.node.ts";
import { makeCertificates } from "./certificate.ts";
import { isMissing, launch } from "./chromium.ts";
import { ENTRIES, measure } from "./sizes.ts";
import { startWorkerd } from "./workerd/start.ts";

const root = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: Record<string, unknown>; scripts: Record<string, string> };
const subpaths = Object.keys(manifest.exports).filter((path) => path !== "./package.json");

/** A project in which the packed package is installed, as a user's would be. */
let project: string;
let tarball: string;
let files: string[];

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "isosocket-package-"));
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", project], root).replace(/^[^]*?(?=^\[$)/m, "")) as [{ filename: string; files: { path: string }[] }];
  tarball = join(project, packed.filename);
  files = packed.files.map(({ path }) => path).sort();
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  run("npm", ["install", "--no-audit", "--no-fund", tarball], project);
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

function write(name: string, text: string): string {
  const path = join(project, name);
  writeFileSync(path, text);
  return path;
}

/** A program that a newcomer would write: a server, a client, one message. */
const ECHO = `
const server = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(message) });
const socket = await connect(server.url);
socket.send("it works");
for await (const message of socket) { console.log(message); break; }
const close = await socket.close();
await server.close();
console.log(close.code, close.clean, typeof WebSocket);
`;
const ANSWER = "it works\n1000 true function\n";

const runtimes = {
  node: process.execPath,
  deno: join(root, "node_modules/deno/deno"),
  bun: [join(root, "node_modules/@oven/bun-linux-x64/bin/bun"), join(root, "node_modules/.bin/bun")].find(existsSync) ?? "bun",
};

describe("the packed package", () => {
  test("holds the bundles, their types, a schema, README and licence, and nothing else", () => {
    const others = files.filter((path) => !/^dist\/[\w.-]+\.(js|cjs|d\.ts|d\.cts)$/.test(path));
    expect(others).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "conformance/report/schema.json", "package.json"]);
    expect(files.filter((path) => /first-run|\.test\b/.test(path))).toEqual([]);
    for (const script of ["preinstall", "install", "postinstall", "prepare"]) expect(manifest.scripts).not.toHaveProperty(script);
  });

  test("is found without a fault by publint", async () => {
    const { messages } = await publint({ pkgDir: root, strict: true });
    expect(messages).toEqual([]);
  });

  test("resolves with its types however it is imported, says attw", () => {
    run(process.execPath, [join(root, "node_modules/@arethetypeswrong/cli/dist/index.js"), "--profile", "node16", tarball], project);
  });

  // the Workers entry imports what only workerd has: its test is with the programs below
  test.each(subpaths.filter((path) => path !== "./workers"))("%s can be imported and required", (path) => {
    const name = join("isosocket", path);
    write("import.mjs", `import * as all from ${JSON.stringify(name)}; console.log(Object.keys(all).length > 1);`);
    write("require.cjs", `console.log(Object.keys(require(${JSON.stringify(name)})).length > 1);`);
    for (const file of ["import.mjs", "require.cjs"]) expect(run(process.execPath, [file], project)).toBe("true\n");
  });
});

describe("a program that uses it", () => {
  test("runs as an ES module on Node", () => {
    write("echo.mjs", `import { connect, serve, WebSocket } from "isosocket";${ECHO}`);
    expect(run(runtimes.node, ["echo.mjs"], project)).toBe(ANSWER);
  });

  test("runs as CommonJS on Node", () => {
    write("echo.cjs", `const { connect, serve, WebSocket } = require("isosocket");\n(async () => {${ECHO}})();`);
    expect(run(runtimes.node, ["echo.cjs"], project)).toBe(ANSWER);
  });

  test("runs on Deno", () => {
    write("echo.mjs", `import { connect, serve, WebSocket } from "isosocket";${ECHO}`);
    expect(run(runtimes.deno, ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "echo.mjs"], project)).toBe(ANSWER);
  });

  test("runs on Bun", () => {
    write("echo.mjs", `import { connect, serve, WebSocket } from "isosocket";${ECHO}`);
    expect(run(runtimes.bun, ["echo.mjs"], project)).toBe(ANSWER);
  });

  test("runs on workerd, as client on raw sockets and as server of upgrades", async () => {
    const node = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(`node ${message}`) });
    const entry = write("worker.js", `
      import { connect, upgradeRequest } from "isosocket";
      export default {
        async fetch(request) {
          if (request.headers.get("Upgrade") === "websocket") return upgradeRequest(request, { message: (socket, message) => socket.send("worker " + message) });
          const socket = await connect("${node.url}");
          socket.send("hello");
          for await (const message of socket) { await socket.close(); return new Response(message); }
        },
      };`);
    const workerd = await startWorkerd(entry, makeCertificates());
    try {
      expect(await (await fetch(`http://127.0.0.1:${workerd.ports.http}/`)).text()).toBe("node hello");
      const socket = await connect(`ws://127.0.0.1:${workerd.ports.http}/`);
      socket.send("hello");
      for await (const message of socket) {
        expect(message).toBe("worker hello");
        break;
      }
      await socket.close();
    } finally {
      await Promise.all([workerd.stop(), node.close()]);
    }
  });

  test.skipIf(isMissing)("built by Vite runs in Chromium", async () => {
    write("main.js", `
      import { connect } from "isosocket";
      const socket = await connect("ws://" + location.host + "/");
      socket.send("hello");
      for await (const message of socket) { document.title = message; break; }`);
    write("index.html", `<!doctype html><link rel="icon" href="data:"><script type="module" src="/main.js"></script>`);
    await vite({ root: project, logLevel: "error", configFile: false, build: { outDir: "site", target: "es2022" } });
    const site = join(project, "site");
    const server = await serve({
      port: 0, hostname: "127.0.0.1",
      message: (socket, message) => void socket.send(`echo ${message}`),
      request: ({ path }) => ({
        headers: { "Content-Type": path.endsWith(".js") ? "text/javascript" : "text/html" },
        body: readFileSync(join(site, path === "/" ? "index.html" : path)),
      }),
    });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(server.url.replace("ws:", "http:"));
      await page.waitForFunction(() => document.title === "echo hello");
    } finally {
      await Promise.all([browser.close(), server.close()]);
    }
  });

  test("its command is there", () => {
    expect(run(process.execPath, ["node_modules/isosocket/dist/cli.js", "--version"], project)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("tests a server with its conformance suite, and writes the report, by its command", () => {
    write("answers.mjs", `
      import { spawnSync } from "node:child_process";
      import { Worker } from "node:worker_threads";
      const worker = new Worker('const { serve } = require("isosocket"); serve({ port: 0, message: (socket, message) => socket.send(message) }).then(({ url }) => require("worker_threads").parentPort.postMessage(url))', { eval: true });
      worker.once("message", (url) => {
        const { status, stdout } = spawnSync(process.execPath, ["node_modules/isosocket/dist/cli.js", "conformance", "server", url, "--cases", "5.5.2-1,7.1.1-1", "--report", "report"], { encoding: "utf8" });
        console.log(status, stdout.includes("2 cases in"), stdout.includes("/report/"));
        process.exit();
      });`);
    expect(run(process.execPath, ["answers.mjs"], project)).toBe("0 true true\n");
    expect(readFileSync(join(project, "report/index.html"), "utf8")).toContain("<!doctype html>");
  });

  test.each(Object.entries(runtimes))("tests a server with its conformance suite on %s", (name, runtime) => {
    write("suite.mjs", `
      import { serve } from "isosocket";
      import { cases, select, testServer } from "isosocket/conformance";
      const server = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(message) });
      const results = await testServer(server.url, { cases: select(cases, ["5.5.2-1", "5.2-3"]) });
      console.log(results.map(({ id, verdict }) => id + " " + verdict).join(", "));
      await server.close();`);
    expect(run(runtime, name === "deno" ? ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "suite.mjs"] : ["suite.mjs"], project)).toBe("5.2-3 pass, 5.5.2-1 pass\n");
  });
});

describe("a bundle for the browser", () => {
  const noNode = (code: string): void => {
    expect(code).not.toMatch(/["']node:|require\(["'](net|tls|http)["']\)/);
    expect(code).toContain("WebSocket");
  };
  beforeAll(() => void write("page.js", `import { connect } from "isosocket"; connect("ws://localhost/").then((socket) => socket.send("hi"));`));

  test("by esbuild has nothing of Node", async () => {
    const { outputFiles } = await esbuild({ entryPoints: [join(project, "page.js")], bundle: true, write: false, platform: "browser", format: "esm", logLevel: "error" });
    noNode(outputFiles[0].text);
  });

  test("by rollup has nothing of Node", async () => {
    const bundle = await rollup({ input: join(project, "page.js"), plugins: [nodeResolve({ browser: true, exportConditions: ["browser"] })] });
    const { output } = await bundle.generate({ format: "es" });
    noNode(output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n"));
  });

  test("by vite has nothing of Node", async () => {
    write("index.html", `<!doctype html><script type="module" src="/page.js"></script>`);
    const result = await vite({ root: project, logLevel: "error", configFile: false, build: { write: false } });
    const outputs = [result].flat().flatMap((one) => ("output" in one ? one.output : []));
    noNode(outputs.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n"));
  });

  test("by webpack has nothing of Node", async () => {
    const code = await new Promise<string>((done, fail) => {
      webpack({ mode: "production", context: project, entry: "./page.js", output: { path: join(project, "packed"), filename: "page.js" } }, (error, stats) => {
        if (error !== null && error !== undefined) fail(error);
        else if (stats?.hasErrors()) fail(new Error(stats.toString("errors-only")));
        else done(readFileSync(join(project, "packed/page.js"), "utf8"));
      });
    });
    noNode(code);
  });
});

describe("sizes", () => {
  test.each(Object.keys(ENTRIES))("%s is within its budget", async (entry) => {
    const { minified, gzip } = await measure(entry);
    expect(minified).toBeLessThanOrEqual(ENTRIES[entry].minified);
    expect(gzip).toBeLessThanOrEqual(ENTRIES[entry].gzip);
  });

  test("README's table is not out of date", async () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    for (const { entry, minified, gzip } of await Promise.all(Object.keys(ENTRIES).filter((entry) => !ENTRIES[entry].isTool).map(measure))) {
      const row = new RegExp(`\\| \`isosocket${entry.slice(1)}\` \\| (\\d+) KiB \\| (\\d+) KiB \\|`).exec(readme);
      for (const [shown, bytes] of [[row?.[1], minified], [row?.[2], gzip]]) {
        expect(Math.abs(Number(shown) * 1024 - Number(bytes)), entry).toBeLessThan(Number(bytes) * 0.1 + 512);
      }
    }
  });
});

describe("JSR", () => {
  const deno = runtimes.deno;

  test("would take it: no slow types, and every import resolves", () => {
    const { status, stderr } = spawnSync(deno, ["publish", "--dry-run", "--allow-dirty"], { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
    expect(status, stderr).toBe(0); // slow types are errors
  }, 120_000);

  test("documents every exported symbol", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8")) as { exports: Record<string, string> };
    const { status, stderr } = spawnSync(deno, ["doc", "--lint", ...new Set(Object.values(exports))], { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
    expect(status, stderr.slice(0, 4000)).toBe(0);
  }, 120_000);
});

test("the lock file names no registry and has no address to download from", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { resolved?: string; link?: boolean }> };
  const resolved = Object.values(lock.packages).filter(({ resolved, link }) => resolved !== undefined && link !== true);
  expect(resolved).toEqual([]);
  expect(execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })).not.toContain("node_modules");
});
