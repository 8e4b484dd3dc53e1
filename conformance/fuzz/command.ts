/**
 * The command behind `npm run fuzz`.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ended, installed, startProcess } from "../targets/start.ts";
import { toCase } from "./case.ts";
import { addToCorpus, CORPUS, readCorpus } from "./corpus.ts";
import { type Done, Jobs } from "./jobs.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { type Failure, Session } from "./session.ts";
import { loadSubject } from "./subject.ts";
import { chosen, MISSING, TARGETS } from "./targets.ts";

/**
 * Runs it and gives its exit code: 1 when something is wrong, 130 when it was stopped.
 * @throws {Error} with one sentence for people, for a mistake in the arguments
 */
export async function fuzz(args: readonly string[], print: (line: string) => void = console.log): Promise<number> {
  const options = parseOptions(args, TARGETS.map(({ name }) => name));
  if (options.help) {
    print(HELP);
    return 0;
  }
  if (options.on !== "") return elsewhere(options.on, args);
  for (const group of ["frames", "heads"] as const) {
    if (options[group] !== undefined && !chosen(options.only).some((target) => target.group === group && !target.uncounted)) throw new Error(`Cannot count ${group}: --only leaves out all that read them`);
  }
  for (const reason of MISSING) print(reason);
  const failures: Failure[] = [];
  const fail = (failure: Failure): void => {
    failures.push(failure);
    print(`${clear}${describe(failure, options)}`);
    if (options.subject === undefined && options.replay === undefined && failure.text !== "" && failure.run >= 0) addToCorpus(options.corpus ?? CORPUS, failure);
  };
  if (options.replay !== undefined || options.run !== undefined) return alone(options, fail, failures, print);

  const { seed, runs, frames, heads, jobs, only, subject } = options;
  await loadSubject(subject); // its mistakes are the caller's
  const share = (wanted: number | undefined): number | undefined => (wanted === undefined ? undefined : Math.ceil(wanted / jobs));
  const cases = readCorpus(options.corpus ?? CORPUS);
  print(`seed ${seed}, ${cases.length} of the corpus first`);
  const start = performance.now();
  const all = new Jobs(Array.from({ length: jobs }, (_, job) => ({
    seed, only, subject, job, jobs, runs: share(runs), frames: share(frames), heads: share(heads), cases: job === 0 ? cases : [],
  })), options.patience * 1_000, fail);
  let stopped = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      stopped = true;
      all.stop();
    });
  }
  const ticker = setInterval(() => process.stdout.write(line(all.done, performance.now() - start)), process.stdout.isTTY ? 250 : 10_000);
  const { heap, disagreements } = await all.ended;
  clearInterval(ticker);
  process.stdout.write(clear);
  for (const each of disagreements) print(`on the list: ${each}`);
  for (const each of heap) print(each);
  const seconds = (performance.now() - start) / 1_000;
  const what = failures.length === 0 ? "nothing is wrong" : `${failures.length} failure${failures.length === 1 ? "" : "s"}`;
  print(`${stopped ? "stopped: " : ""}${counts(all.done)}  seed ${seed}  ${seconds.toFixed(1)} s: ${what}`);
  return stopped ? 130 : failures.length === 0 ? 0 : 1;
}

/** One case, here. */
async function alone(options: Options, fail: (failure: Failure) => void, failures: readonly Failure[], print: (line: string) => void): Promise<number> {
  const { seed, run, replay } = options;
  const targets = replay === undefined ? chosen(options.only) : TARGETS;
  const session = new Session({ seed, targets, subject: await loadSubject(options.subject), runs: 1, job: run ?? 0 });
  if (replay === undefined) session.advance(1);
  else {
    const one = toCase(existsSync(replay) ? readFileSync(replay, "utf8") : replay);
    if (!targets.some(({ name }) => name === one.target)) throw new Error(`Cannot replay "${one.target}": it is none of ${targets.map(({ name }) => name).join(", ")}`);
    session.replay(one);
  }
  session.failures.forEach(fail);
  if (failures.length === 0) print("nothing is wrong");
  return failures.length === 0 ? 0 : 1;
}

/** What is wrong, and the commands that show it again. */
export function describe({ target, problem, run, text, length, shrunkLength }: Failure, { seed, subject, only }: Pick<Options, "seed" | "subject" | "only">): string {
  const more = subject === undefined ? "" : ` --subject ${subject}`;
  const where = run >= 0 ? `run ${run} of seed ${seed}` : text === "" ? `seed ${seed}` : "a case that was kept";
  const lines = [`FAILED ${target === "" ? "" : `${target}, `}${where}: ${problem}`];
  const size = run < 0 ? `${length} bytes` : `shrunk from ${length} to ${shrunkLength} bytes`;
  if (text !== "") lines.push(`  ${size}: npm run fuzz -- --replay ${text.length > MOST_PRINTED ? toFile(text) : text}${more}`);
  const name = target === "" ? only.join() : target;
  if (run >= 0 && name !== "") lines.push(`  as it came: npm run fuzz -- --seed ${seed} --run ${run} --only ${name}${more}`);
  return lines.join("\n");
}

/** Too long for a terminal. */
const MOST_PRINTED = 4_000;

/** Puts a long case into a file of its own. */
function toFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "isosocket-fuzz-case-")), "case.txt");
  writeFileSync(file, `${text}\n`);
  return file;
}

function counts({ frames, heads, runs }: Done): string {
  return `frames ${frames.toLocaleString("en-US")}  heads ${heads.toLocaleString("en-US")}  runs ${runs.toLocaleString("en-US")}`;
}

function line(done: Done, elapsed: number): string {
  const seconds = elapsed / 1_000;
  const left = done.share > 0 ? (seconds / done.share) * (1 - done.share) : 0;
  const speed = `${Math.round(done.runs / seconds).toLocaleString("en-US")} runs/s`;
  const text = `${counts(done)}  ${speed}  ${Math.floor(left / 60)} min ${Math.floor(left % 60)} s left`;
  return process.stdout.isTTY ? `\r${text}\x1b[K` : `${text}\n`;
}

const clear = process.stdout.isTTY ? "\r\x1b[K" : "";

/** The same on another runtime. */
async function elsewhere(runtime: string, args: readonly string[]): Promise<number> {
  const rest = args.filter((arg, at) => !/^--on(?:=|$)/.test(arg) && args[at - 1] !== "--on");
  const [program, ...flags] = runtime === "node" ? [process.execPath]
    : runtime === "deno" ? [installed("deno", "deno/deno", ".bin/deno"), "run", "--no-prompt", "--no-remote", "--no-check", "--allow-all"]
    : [installed("bun", `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64"}/bin/bun`, ".bin/bun")];
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {}); // it ends itself, and then this does
  return ended(startProcess(program, [...flags, join(import.meta.dirname, "main.ts"), ...rest]));
}
