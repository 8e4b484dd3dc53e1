/**
 * What went over the wire, and how a case ended, in lines for a terminal.
 * @module
 */
import type { CaseResult, FrameEntry, LogEntry } from "../conformance/mod.ts";
import { count, excerpt, type Paint, size, visible } from "./terminal.ts";

/** A log as lines, without an end of line; heads in whole when `heads` is set, or when there is nothing but heads. */
export function wireLines(log: readonly LogEntry[], width: number, paint: Paint, heads: boolean): string[] {
  const isOpening = !log.some(({ kind }) => kind === "frame" || kind === "bytes");
  return log.flatMap((entry) => {
    const time = paint("dim", `${entry.at.toFixed(1)} ms`.padStart(TIME));
    const mark = entry.kind === "note" || entry.kind === "skipped" ? " *" : entry.by === "tester" ? "->" : "<-";
    const lines = entryLines(entry, width - TIME - 4, paint, heads || isOpening);
    return lines.map((line, at) => at === 0 ? `${time} ${paint(entry.by === "tester" ? "cyan" : "yellow", mark)} ${line}` : `${" ".repeat(TIME + 4)}${line}`);
  });
}

/** The end of a log, where what decided is: entries of both sides, without what the tester did once it knew. */
export function decisive(log: readonly LogEntry[]): readonly LogEntry[] {
  const lastOfPeer = log.findLastIndex(({ by, kind }) => by === "peer" && kind !== "skipped");
  const lastSent = log.findLastIndex(({ by, kind }) => by === "tester" && (kind === "frame" || kind === "bytes" || kind === "head"));
  const end = Math.max(lastOfPeer, lastSent) + 1;
  const start = end > MOST_DECISIVE ? end - MOST_DECISIVE + 1 : 0;
  const shown = log.slice(start, end);
  return start === 0 ? shown : [{ at: log[start - 1].at, by: "tester", kind: "skipped", count: start }, ...shown];
}

function entryLines(entry: LogEntry, width: number, paint: Paint, heads: boolean): string[] {
  switch (entry.kind) {
    case "head": {
      const lines = entry.text.split("\r\n").map((line) => excerpt(line, Math.max(width, 40)));
      return heads ? lines : [`${lines[0]}${lines.length > 1 ? paint("dim", ` and ${count(lines.length - 1, "field")}`) : ""}`];
    }
    case "frame": return frameLines(entry, width, paint);
    case "bytes": return besides(`${size(entry.length)} that are no frame`, entry.hex, entry.length, width, paint);
    case "end": return [entry.by === "peer" ? "ended TCP" : "ends TCP"];
    case "drop": return [entry.by === "peer" ? "dropped TCP" : "drops TCP"];
    case "note": return [visible(entry.text)];
    case "skipped": return [paint("dim", `${entry.count} more`)];
  }
}

function frameLines({ fin, rsv, opcode, length, header, payload, says }: FrameEntry, width: number, paint: Paint): string[] {
  const facts = [OPCODES[opcode] ?? `opcode ${opcode}`];
  if (!fin) facts.push("unfinished");
  if (rsv !== 0) facts.push(`rsv ${rsv}`);
  if (opcode !== 8 || says === undefined) facts.push(size(length));
  if (says !== undefined) facts.push(excerpt(says, 44));
  return besides(facts.join(" "), payload === "" ? header : `${header} | ${payload}`, length, width, paint);
}

/** Words, and the bytes beside them; below where there is no room. */
function besides(words: string, hex: string, length: number, width: number, paint: Paint): string[] {
  const shown = hex.split(" | ").at(-1) ?? "";
  const isWhole = length <= Math.ceil(shown.length / 3);
  const room = width - WORDS - 1;
  const fits = words.length <= WORDS && (hex.length <= room || room >= LEAST_HEX);
  const space = fits ? room : width;
  const cut = hex.length <= space ? `${hex}${isWhole || hex.length + 2 > space ? "" : " …"}` : `${hex.slice(0, space - 2).replace(/[ |]*(?: [0-9a-f]?)$/, "")} …`;
  return fits ? [`${words.padEnd(WORDS)} ${paint("dim", cut)}`] : [words, paint("dim", cut)];
}

/** Sentences of a result, in one. */
export function reasonsOf({ reasons, accepts, verdict }: CaseResult): string {
  return visible(reasons.length > 0 ? reasons.join("; ") : verdict === "pass" ? accepts.pass : accepts.fail);
}

/** Cases with one rule together, in the order in which the rules come. */
export function byRule<T>(cases: readonly T[], ruleOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of cases) groups.set(ruleOf(one), [...groups.get(ruleOf(one)) ?? [], one]);
  return [...groups.values()];
}

/** Numbers of cases, neighbours together: "5.2-1 to 7, 5.2-9". */
export function ranges(ids: readonly string[]): string {
  const spans: { readonly first: string; last: number; readonly section: string }[] = [];
  for (const id of ids) {
    const [, section, digits] = /^(.*-)(\d+)$/.exec(id) ?? ["", id, "0"];
    const before = spans.at(-1);
    if (before?.section === section && before.last === Number(digits) - 1) before.last++;
    else spans.push({ first: id, last: Number(digits), section });
  }
  return spans.map(({ first, last, section }) => first === `${section}${last}` ? first : `${first} to ${last}`).join(", ");
}

/** Text in lines of at most a width, all but the first indented; the first has that room already. */
export function wrapped(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

const OPCODES: Readonly<Record<number, string>> = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
/** Characters of a time. */
const TIME = 10;
/** Characters that words may take before bytes go below them. */
const WORDS = 34;
/** Characters of hexadecimal that are worth standing beside words. */
const LEAST_HEX = 23;
/** Entries. */
const MOST_DECISIVE = 9;
