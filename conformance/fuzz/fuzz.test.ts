import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { toCase, toText } from "./case.ts";
import { describe as describeFailure, fuzz } from "./command.ts";
import { CORPUS, readCorpus } from "./corpus.ts";
import * as planted from "./planted.ts";
import { type Failure, Session } from "./session.ts";
import { CORE, type Subject } from "./subject.ts";
import { chosen, MISSING, TARGETS } from "./targets.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const PLANTED = join(import.meta.dirname, "planted.ts");
const folder = mkdtempSync(join(tmpdir(), "isosocket-fuzz-"));
process.env["TMPDIR"] = folder; // where long cases go
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
}

/** What is found first. */
function find(subject: Subject, only: string, runs: number): Failure | undefined {
  const session = new Session({ seed: 1, targets: chosen([only]), subject, runs });
  while (session.failures.length === 0 && session.advance(50)) { /* one more */ }
  return session.failures[0];
}

/** Those that compress, or count all that is done. */
const SLOW = ["packing", "compressed", "deflate", "inflate", "work"];

describe("the fuzzer", { timeout: 180_000 }, () => {
  it.each(TARGETS.map(({ name }) => name))("finds nothing in the core: %s", (name) => {
    const runs = SLOW.includes(name) ? 100 : 500;
    const session = new Session({ seed: 20_261_120, targets: chosen([name]), subject: CORE, runs });
    session.advance(Number.POSITIVE_INFINITY);
    expect(session.failures).toEqual([]);
    expect(session.runs).toBe(runs);
  });

  it("finds nothing in what failed once, under any cut", () => {
    const session = new Session({ seed: 1, targets: TARGETS, subject: CORE, runs: 0 });
    const cases = readCorpus(CORPUS);
    expect(cases.length).toBeGreaterThan(4);
    for (const text of cases) session.replay(toCase(text));
    expect(session.failures).toEqual([]);
  });

  it("compares with all there is to compare with on Node", () => {
    expect(MISSING).toEqual([]);
  });

  it("makes the same from the same seed, and something else from another", () => {
    const texts = (seed: number): string[] => {
      const made: string[] = [];
      const targets = chosen([]).map((target) => ({ ...target, check: (one: Parameters<typeof toText>[0]) => void made.push(toText(one)) }));
      new Session({ seed, targets, subject: CORE, runs: 60 }).advance(60);
      return made;
    };
    expect(texts(5)).toEqual(texts(5));
    expect(texts(5)).not.toEqual(texts(6));
  });
});

/** Each bug, where it shows, what it is called, and how small it must become. */
const BUGS: readonly (readonly [name: Exclude<keyof typeof planted, "leaks" | "hangs">, only: string, kind: RegExp, bytes: number])[] = [
  ["dropsByte", "connection", /^(?:position|events|fault|output)/, 12],
  ["takesReserved", "connection", /^(?:position|events|fault)/, 20],
  ["losesPosition", "connection", /^position/, 8],
  ["throwsAtThirteen", "connection", /^throws: Error: thirteen/, 22],
  ["sameMask", "connection", /^output: two frames in a row have the same masking key/, 6],
  ["sameMask", "writing", /^wire: two frames in a row have the same masking key/, 6],
  ["bareLineFeed", "requests", /^(?:verdict|position)/, 160],
  ["bareLineFeed", "node-http", /^refused/, 160],
  ["endsLate", "requests", /^rest/, 160],
  ["endsLate", "node-http", /^end/, 160],
  ["trimsMore", "fields", /^blanks/, 1],
  ["servesOld", "requests", /^(?:verdict|head)/, 160],
  ["tellsAll", "requests", /^extension: the choice answers none of the offers/, 200],
  ["answersAll", "work", /^queued/, 30_000],
  ["rereads", "work", /^(?:copied|allocated)/, 30_000],
  ["endsInBlock", "inflate", /^restored/, 40],
  ["oneTooMany", "deflate", /^limit/, 4],
  ["forgets", "inflate", /^refused/, 40],
  ["forgets", "compressed", /^(?:position|fault|events)/, 400],
];

describe("a bug that is put in", { timeout: 180_000 }, () => {
  it.each(BUGS)("is found, made small, and shown again by the command that is printed: %s by %s", async (name, only, kind, bytes) => {
    const subject = `${PLANTED}#${name}`;
    const failure = find(planted[name], only, 4_000) as Failure;
    expect(failure?.problem).toMatch(kind);
    expect(failure.shrunkLength).toBeLessThanOrEqual(bytes);
    const printed = describeFailure(failure, { seed: 1, only: [only], subject });
    const commands = [...printed.matchAll(/npm run fuzz -- (.+)/g)].map(([, args]) => args.split(" "));
    expect(commands.length).toBe(2);
    for (const args of commands) {
      const lines: string[] = [];
      expect(await fuzz(args, (line) => lines.push(line))).toBe(1);
      expect(lines.join("\n")).toContain(failure.problem);
    }
    expect(await fuzz(["--replay", commands[0][1]], () => {})).toBe(0); // by the core
  });

  it("is found and shown again from the command line, and kept for the next time", () => {
    const arguments_ = ["--only", "connection", "--corpus", folder, "--subject", `${PLANTED}#losesPosition`];
    const found = run("--runs", "2000", "--seed", "1", ...arguments_);
    expect([found.status, found.stderr, found.stdout]).toEqual([1, "", expect.stringContaining("FAILED connection, run ")]);
    const [, command] = /npm run fuzz -- (--replay .+)/.exec(found.stdout) as RegExpExecArray;
    expect(run(...command.split(" "))).toMatchObject({ status: 1, stdout: expect.stringMatching(/^FAILED connection, a case that was kept: position/m) as string });
    const [, , text] = /(--replay) (\S+)/.exec(command) as RegExpExecArray;
    writeFileSync(join(folder, "x.txt"), `# a note\n${text}\n`);
    const again = run("--runs", "1", "--seed", "2", ...arguments_);
    expect([again.status, again.stdout]).toEqual([1, expect.stringContaining("1 of the corpus first")]);
    expect(again.stdout).toContain("FAILED connection, a case that was kept");
  });

  it("that hangs is found by the run that does not end", () => {
    const { status, stdout } = run("--runs", "2000", "--seed", "1", "--only", "connection", "--patience", "2", "--subject", `${PLANTED}#hangs`, "--corpus", folder);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/FAILED connection, run \d+ of seed 1: hangs: no end in 2 s\n {2}as it came: npm run fuzz -- --seed 1 --run \d+ --only connection/)]);
  });

  it("that keeps memory is found at the end", () => {
    const { status, stdout } = run("--runs", "1500", "--seed", "1", "--only", "connection", "--subject", `${PLANTED}#leaks`, "--corpus", folder);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/grows: heap in use/)]);
  });
});

describe("the command", { timeout: 180_000 }, () => {
  it.each([
    [["--runz", "1"], "There is no option --runz: it is one of --runs, --frames"],
    [["--runs", "many"], `Cannot use --runs "many": it must be a whole number of at least 1`],
    [["--runs"], "Option --runs needs a value"],
    [["100"], `Cannot use "100": every argument is an option, such as --runs 1000`],
    [["--only", "frame"], `Cannot use --only "frame": it must be one of frames, heads, deflate, connection`],
    [["--only", "heads", "--frames", "1"], "Cannot count frames: --only leaves out all that read them"],
    [["--only", "fields", "--heads", "1"], "Cannot count heads: --only leaves out all that read them"],
    [["--run", "1"], "Option --run needs --seed and --only with the name of one target"],
    [["--on", "rhino"], `Cannot use --on "rhino": it must be node, deno or bun`],
    [["--replay", "abc"], `Cannot replay "abc": it is not "target:flags:hex:cuts"`],
    [["--replay", "abc:0:00:"], `Cannot replay "abc": it is none of connection`],
    [["--runs", "1", "--corpus", "/nowhere"], "Cannot read the corpus: there is no folder /nowhere"],
    [["--runs", "1", "--subject", `${PLANTED}#nobody`], `exports no "nobody"`],
  ])("says what is wrong with %j", async (args, sentence) => {
    await expect(fuzz(args, () => {})).rejects.toThrow(sentence);
  });

  it("tells what was done when it is stopped", async () => {
    const child = spawn(process.execPath, [MAIN, "--runs", "1000000000", "--seed", "3", "--jobs", "2"], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += String(text);
      if (printed.includes("first")) setTimeout(() => child.kill("SIGINT"), 1_000);
    });
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect([status, printed]).toEqual([130, expect.stringMatching(/stopped: frames [\d,]+ {2}heads [\d,]+ {2}runs [\d,]+ {2}seed 3 {2}[\d.]+ s: nothing is wrong/)]);
  });

  it("goes on until so many frames and heads were read, by several jobs", () => {
    const { status, stdout } = run("--frames", "2_000", "--heads", "200", "--only", "connection,tunnels", "--seed", "4", "--jobs", "2");
    const [, frames, heads] = /frames ([\d,]+) {2}heads ([\d,]+) {2}runs [\d,]+ {2}seed 4 {2}[\d.]+ s: nothing is wrong/.exec(stdout) ?? [];
    expect(status).toBe(0);
    expect(Number(frames.replace(",", ""))).toBeGreaterThanOrEqual(2_000);
    expect(Number(heads)).toBeGreaterThanOrEqual(200);
  });

  it.each(["deno", "bun"])("runs on %s", (runtime) => {
    const { status, stdout } = run("--runs", "300", "--seed", "9", "--only", "connection,requests,answers,compressed", "--on", runtime);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/frames [\d,]+ {2}heads [\d,]+ {2}runs 300 {2}seed 9/)]);
  });
});
