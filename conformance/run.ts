/**
 * `node conformance/run.ts [words]`: the transport's cases on every runtime there is, as one table. Fails when a case does, or
 * when a process does not end by itself.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Given, GIVEN, LAST_LINE, type Result } from "./runtimes/cases.ts";

const root = join(import.meta.dirname, "..");
const modules = join(root, "node_modules");

/** A runtime, and how to start its cases. */
interface Column {
  readonly name: string;
  /** The program and its arguments; undefined where it is not installed. */
  readonly command: readonly string[] | undefined;
}

const COLUMNS: readonly Column[] = [
  { name: "node", command: [process.execPath, "conformance/runtimes/node.ts"] },
  // /proc, which tells what is open, is for those who are allowed everything
  { name: "deno", command: command(["deno/deno", ".bin/deno"], ["run", "--no-prompt", "--no-remote", "--no-check", "--allow-all", "conformance/runtimes/deno.ts"]) },
  { name: "bun", command: command(["@oven/bun-linux-x64/bin/bun", ".bin/bun"], ["conformance/runtimes/bun.ts"]) },
];

/** How long a process may take to end after its last case, in milliseconds. */
const GRACE = 5_000;

function command(programs: readonly string[], args: readonly string[]): readonly string[] | undefined {
  const program = programs.map((name) => join(modules, name)).find((path) => existsSync(path));
  return program === undefined ? undefined : [program, ...args];
}

/** Starts one, and gives its results as they are when it has ended. */
function start({ name, command }: Column, given: Given): Promise<Result[]> {
  const row = (status: Result["status"], reason: string): Result => ({ runtime: name, group: "process", name: "(process)", status, milliseconds: 0, reason });
  if (command === undefined) return Promise.resolve([row("skip", "it is not installed")]);
  return new Promise((resolve) => {
    const results: Result[] = [];
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, [GIVEN]: JSON.stringify(given), DENO_NO_UPDATE_CHECK: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    let complete = false;
    let late: ReturnType<typeof setTimeout> | undefined;
    const guard = (): void => {
      clearTimeout(late);
      late = setTimeout(() => {
        results.push(row("fail", "it did not end, or was silent for too long"));
        child.kill("SIGKILL");
      }, 30_000 + GRACE);
    };
    guard();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (output + text).split("\n");
      output = lines.pop() as string;
      guard();
      for (const line of lines) {
        if (line === LAST_LINE) complete = true;
        else if (line.startsWith("@@")) results.push(JSON.parse(line.slice(2)) as Result);
        else if (line.trim() !== "") errors += `${line}\n`;
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
    child.on("error", (error) => results.push(row("fail", error.message)));
    child.on("close", (code, signal) => {
      clearTimeout(late);
      if (code !== 0 || !complete) results.push(row("fail", `it ended with ${code ?? signal}${complete ? "" : ", before its last case"}: ${errors.slice(-2_000)}`));
      resolve(results);
    });
  });
}

function table(columns: readonly Column[], results: readonly (readonly Result[])[]): string {
  const groups = [...new Set(results.flat().map(({ group }) => group))];
  const titles = columns.map(({ name }, at) => results[at].find(({ group }) => group !== "process")?.runtime ?? name);
  const cell = (of: readonly Result[]): string => {
    if (of.length === 0) return "-";
    const count = (status: Result["status"]): number => of.filter((result) => result.status === status).length;
    const time = of.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    return [`${count("pass")} pass`, count("fail") > 0 ? `${count("fail")} FAIL` : "", count("skip") > 0 ? `${count("skip")} skip` : "", `${(time / 1000).toFixed(1)} s`]
      .filter((part) => part !== "").join(", ");
  };
  const rows = [["", ...titles], ...groups.map((name) => [name, ...results.map((of) => cell(of.filter(({ group }) => group === name)))])];
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  return rows.map((row) => row.map((text, at) => text.padEnd(widths[at])).join("  ").trimEnd()).join("\n");
}

const [only = ""] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "isosocket-conformance-"));
// named at run time: tests' tools are no part of the suite
const { makeCertificates } = await import(join(root, "test", "certificate.ts")) as { makeCertificates(): Given["certificates"] };
const certificates = makeCertificates();
const begin = performance.now();
const results: Result[][] = [];
for (const column of COLUMNS) results.push(await start(column, { certificates, folder, only })); // in turn: they would slow each other down
rmSync(folder, { recursive: true, force: true });

console.log(table(COLUMNS, results));
const all = results.flat();
for (const { runtime, group, name, reason } of all.filter(({ status }) => status === "skip")) console.log(`skip  ${runtime}  ${group}: ${name}: ${reason}`);
for (const { runtime, group, name, reason } of all.filter(({ status }) => status === "fail")) console.log(`FAIL  ${runtime}  ${group}: ${name}\n      ${reason}`);
const failed = all.filter(({ status }) => status === "fail").length;
console.log(`${all.filter(({ status }) => status === "pass").length} passed, ${failed} failed, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
process.exitCode = failed === 0 && all.some(({ status }) => status === "pass") ? 0 : 1;
