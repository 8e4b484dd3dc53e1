import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  /** Its path from the root, with slashes. */
  readonly file: string;
  readonly text: string;
  /** What it imports, types too: paths from the root for relative ones, else as it stands there. */
  readonly imports: readonly string[];
}

/** The sources of some folders; tests and what only tests use are not among them. */
function sources(...folders: string[]): Source[] {
  const files = folders.flatMap((folder) => {
    const names = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" });
    return names.map((name) => path.posix.join(folder, name.replaceAll(path.sep, "/")));
  });
  return files.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|\.d\.ts$|\/testing[./]/.test(file)).map((file) => {
    const text = readFileSync(path.join(ROOT, file), "utf8");
    const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => (
      fileName.startsWith(".") ? path.posix.join(path.posix.dirname(file), fileName) : fileName
    ));
    return { file, text, imports };
  });
}

/** Each import that is not allowed, as "file imports what". */
function wrongImports(from: readonly Source[], isAllowed: (name: string, file: string) => boolean): string[] {
  return from.flatMap(({ file, imports }) => imports.filter((name) => !isAllowed(name, file)).map((name) => `${file} imports ${name}`));
}

/** The runtime that a file of the adapters is for; undefined for one that all share. */
function runtimeOf(file: string): string | undefined {
  return /^adapters\/(node|deno|bun|workers)[-./]/.exec(file)?.[1];
}

const core = sources("core");
const adapters = sources("adapters");
const conformance = sources("conformance");

test("core imports itself, by files that exist", () => {
  expect(core.length).toBeGreaterThan(20);
  const files = new Set(core.map(({ file }) => file));
  expect(wrongImports(core, (name) => files.has(name))).toEqual([]);
});

test("core names no clock, no randomness and no host", () => {
  const hosts = new Set([
    "Date", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "performance", "crypto", "process", "Buffer", "require",
    "globalThis", "console", "fetch", "Deno", "Bun", "WebSocket",
  ]);
  const named: string[] = [];
  for (const { file, text } of core) {
    const visit = (node: ts.Node): void => {
      const name = ts.isPropertyAccessExpression(node) ? node.getText() : ts.isIdentifier(node) ? node.text : "";
      if (hosts.has(name) || name === "Math.random") named.push(`${file} names ${name}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  }
  expect(named).toEqual([]);
});

test("no file of the core or the adapters imports itself, however long the way round", () => {
  const imports = new Map([...core, ...adapters].map((source) => [source.file, source.imports]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) cycles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (way.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});

test("an adapter imports the core, what all runtimes share, and its own runtime's: never another's", () => {
  expect(wrongImports(adapters, (name, file) => {
    const runtime = runtimeOf(file);
    if (name.startsWith("core/")) return true;
    if (name.startsWith("adapters/")) return runtimeOf(name) === undefined || runtimeOf(name) === runtime;
    return runtime !== undefined && /^(?:node|bun|cloudflare):|^bun$/.test(name); // what all share names no host
  })).toEqual([]);
});

test("the conformance suite imports the core, the adapters and itself, and a host's own modules", () => {
  expect(wrongImports(conformance, (name, file) => {
    if (/^(?:core|adapters|conformance)\/|^(?:node|bun|cloudflare):/.test(name)) return true;
    return file.startsWith("conformance/ledger/"); // other people's peers are what it runs
  })).toEqual([]);
});

test("the tester, its reports and the mutants share nothing with what is tested", () => {
  const apart = conformance.filter(({ file }) => /^conformance\/(?:wire|report|mutants)\//.test(file));
  expect(apart.length).toBeGreaterThan(50);
  expect(wrongImports(apart, (name) => /^conformance\/(?:wire|report|mutants|frames|sequences)|^node:/.test(name))).toEqual([]);
});

test("npm and JSR export the same names", () => {
  const read = (name: string): { exports?: Record<string, unknown> } => (
    existsSync(path.join(ROOT, name)) ? JSON.parse(readFileSync(path.join(ROOT, name), "utf8")) : {}
  );
  const names = (name: string): string[] | undefined => {
    const { exports } = read(name);
    return exports && Object.keys(exports).filter((each) => each !== "./package.json").sort(); // which JSR has no use for
  };
  expect(names("jsr.json")).toEqual(names("package.json"));
});

test("core compiles alone, with no types but the language's and those in globals.d.ts", { timeout: 120_000 }, () => {
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "core/tsconfig.json"], { cwd: ROOT, encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
});
