/**
 * A run of `isosocket conformance`: what it found so far, and how it ends: files, summary, exit code.
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type CaseResult, compare, type Comparison, createReport, type Expectations, expectationsOf, renderJUnit, type Report, VERDICTS, writeReport,
} from "../conformance/mod.ts";
import type { ConformanceOptions } from "./conformance-options.ts";
import { Progress } from "./conformance-progress.ts";
import { summaryLines, totalsLine } from "./conformance-summary.ts";
import { EXIT, Failure } from "./exit.ts";
import { version } from "./help.ts";
import { count, excerpt, type Paint, painter, visible } from "./terminal.ts";

/** What was found of one agent. */
export interface Found {
  readonly agent: string;
  readonly results: readonly CaseResult[];
  /** How many cases it had to go through. */
  readonly of: number;
  readonly started: Date;
  /** In milliseconds. */
  readonly took: number;
}

/** One run. */
export class Run {
  readonly progress: Progress;
  readonly #options: ConformanceOptions;
  /** Settles when what is saved in between is written: the files are the same. */
  #saved: Promise<unknown> = Promise.resolve();
  readonly #place: ReadonlyMap<string, number>;

  constructor(options: ConformanceOptions) {
    this.#options = options;
    this.progress = new Progress(options.cases, options.quiet);
    this.#place = new Map(options.cases.map(({ id }, at) => [id, at]));
  }

  /** Writes what was asked for, tells what was found, and gives the exit code; `interrupted` is that of a signal. */
  async end(url: string, found: readonly Found[], interrupted: number | undefined): Promise<number> {
    this.progress.end();
    await this.#saved;
    const { json, junit, verbose, report: folder, expect, strict } = this.#options;
    const reports = found.map((one) => this.#toReport(one, url));
    const stream = json === "" || junit === "" ? process.stderr : process.stdout;
    const paint = painter(stream);
    const width = Math.min(120, stream.isTTY ? stream.columns : 100);
    const lines: string[] = [];
    let code: number = EXIT.ok;
    for (const [at, { agent, results, totals, complete, duration: took }] of reports.entries()) {
      const { of } = found[at];
      lines.push(...summaryLines(results, { width, paint, verbose }));
      lines.push("", paint("bold", excerpt(agent, 60)), totalsLine(results, took, paint));
      if (!complete) {
        lines.push(paint("yellow", `The run ended early: ${count(of - results.length, "case")} of ${of} did not run`));
        code = EXIT.failed;
      }
      const comparison = expect?.expected === undefined || expect.update ? undefined : compare(this.#expected(expect.expected), results);
      if (comparison !== undefined) lines.push(...toldOf(comparison, expect?.file ?? "", paint));
      const isBad = comparison !== undefined ? comparison.worse.length > 0
        : expect?.update !== true && (totals.fail > 0 || strict && totals["non-strict"] > 0);
      if (isBad) code = EXIT.failed;
      if (comparison === undefined && strict && totals.fail === 0 && totals["non-strict"] > 0) lines.push("With --strict, non-strict cases fail the run");
      const again = this.#again(results);
      if (again !== "") lines.push("", paint("dim", `${totals.fail > 0 ? "Those that failed" : "Those that were not strict"} again, with the wire log:`), `  ${this.command(["--cases", again, "--verbose", "--no-report"], ["cases", "exclude"])}`);
    }
    if (expect?.update) lines.push(...this.#update(expect, reports));
    if (folder !== undefined && reports.length > 0) lines.push(...await this.#write(folder, reports));
    if (json !== undefined) output("--json", json, `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, json === "" ? undefined : 1)}\n`);
    if (junit !== undefined) output("--junit", junit, renderJUnit(reports));
    stream.write(`${lines.join("\n").replace(/^\n/, "")}\n`);
    return reports.some(({ complete }) => !complete) || reports.length === 0 ? interrupted ?? code : code;
  }

  /** Writes the report in between, if it can be. */
  save(url: string, found: readonly Found[]): void {
    const { report } = this.#options;
    if (report === undefined) return;
    this.#saved = this.#saved.then(() => this.#write(report, found.map((one) => this.#toReport(one, url)))).catch(() => {});
  }

  /** The command that does this run again, with other options in place of some. */
  command(more: readonly string[] = [], without: readonly string[] = []): string {
    const { role, url, again, command, agent } = this.#options;
    const kept = again.filter((word, at) => !without.some((name) => word === `--${name}` || again[at - 1] === `--${name}`));
    const words = [
      "npx", "isosocket", "conformance", role, ...(role === "server" ? [url.href] : url.port === "9002" || url.port === "0" ? [] : ["--port", url.port]), ...kept,
      ...(agent === undefined ? [] : ["--agent", agent]), ...more, ...(command === undefined ? [] : ["--", ...command]),
    ];
    return words.map(quoted).join(" ");
  }

  /** A pattern of the cases that failed, or were not strict where none did; of their rules when they are many. */
  #again(results: readonly CaseResult[]): string {
    const verdict = results.some((result) => result.verdict === "fail") ? "fail" : "non-strict";
    const ids = new Set(results.filter((result) => result.verdict === verdict).map(({ id }) => id));
    const cases = this.#options.cases.filter(({ id }) => ids.has(id));
    return [...new Set(cases.map(({ id, rule }) => cases.length > MOST_AGAIN ? rule.name : id))].join(",");
  }

  #toReport({ agent, results, of, started, took }: Found, url: string): Report {
    const sorted = results.toSorted((a, b) => (this.#place.get(a.id) ?? 0) - (this.#place.get(b.id) ?? 0));
    return createReport(sorted, {
      suite: version(), agent, role: this.#options.role, url, started, duration: Math.round(took), seed: this.#options.seed, complete: results.length >= of, command: this.command(),
    });
  }

  /** Of cases that were left out nothing is expected. */
  #expected(expected: Expectations | Report): Expectations | Pick<Report, "results"> {
    if (this.#options.all) return expected;
    if (Array.isArray(expected["results"])) return { results: (expected as Report).results.filter(({ id }) => this.#place.has(id)) };
    return Object.fromEntries(Object.entries(expected as Expectations).filter(([id]) => this.#place.has(id)));
  }

  #update({ file, expected }: NonNullable<ConformanceOptions["expect"]>, reports: readonly Report[]): string[] {
    const [report] = reports;
    if (report === undefined || reports.length > 1) throw new Failure(`Cannot write --expect "${file}": it holds what is expected of one agent, and ${count(reports.length, "agent")} came`);
    const now = expectationsOf(report);
    const before = expected === undefined || this.#options.all && report.complete ? {} : Array.isArray(expected["results"]) ? expectationsOf(expected as Report) : expected as Expectations;
    const merged = expectationsOf({ results: Object.entries({ ...before, ...now }).map(([id, verdict]) => ({ id, verdict }) as CaseResult) });
    output("--expect", file, `${JSON.stringify(merged, null, 1)}\n`);
    return [`Wrote what to expect into ${file}`];
  }

  /** Reports of other agents that are in the folder already stay in its index. */
  async #write(folder: string, reports: readonly Report[]): Promise<string[]> {
    try {
      const others = readReports(folder).filter((other) => !reports.some(({ agent, role }) => agent === other.agent && role === other.role));
      const files = await writeReport(folder, [...reports, ...others]);
      const page = files.filter((file) => file.endsWith(".html"))[others.length === 0 && reports.length === 1 ? 1 : 0];
      return ["", `Report: ${pathToFileURL(path.resolve(page)).href}`];
    } catch (error) {
      throw new Failure(`Cannot write --report "${folder}": ${(error as Error).message}; choose another folder, or --no-report`);
    }
  }
}

function toldOf({ worse, better, sentences }: Comparison, file: string, paint: Paint): string[] {
  const sum = worse.length === 0 ? paint("green", "Nothing got worse") : paint("red", `${count(worse.length, "case")} got worse`);
  return ["", `${sum} than ${file} says${better.length === 0 ? "" : `, ${count(better.length, "case")} got better: --update writes that down`}`,
    ...sentences.map((sentence) => `  ${visible(sentence)}`)];
}

/** The reports that a folder holds: what is no report is left alone. */
function readReports(folder: string): Report[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const value = JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Partial<Report> | null;
      return value?.schema === 1 && Array.isArray(value.results) && value.results.every(({ verdict }) => VERDICTS.includes(verdict)) ? [value as Report] : [];
    } catch {
      return [];
    }
  });
}

function output(option: string, file: string, text: string): void {
  if (file === "") {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(`Cannot write ${option} "${file}": ${(error as Error).message}`);
  }
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Cases in a command. */
const MOST_AGAIN = 12;
