/**
 * What is seen of a run while it goes on: on a terminal one line that is written anew, elsewhere a line now and then.
 * @module
 */
import type { Case, CaseResult } from "../conformance/mod.ts";
import { duration, excerpt, painter, visible } from "./terminal.ts";

/** How far one agent is. */
interface Tally {
  readonly began: number;
  /** When each case that runs began. */
  readonly running: Map<string, number>;
  done: number;
  doneWeight: number;
  failed: number;
}

/** How far a run is, on stderr. */
export class Progress {
  #quiet: boolean;
  readonly #isTerminal: boolean = process.stderr.isTTY === true;
  readonly #paint = painter(process.stderr);
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #tallies = new Map<string, Tally>();
  /** Who did something last. */
  #agent = "";
  #total = 0;
  #weight = 0;
  #weights: ReadonlyMap<string, number> = new Map();
  /** What is awaited, where it is not a case. */
  #waiting = "";
  #isDrawn = false;

  /** @param cases those that will run */
  constructor(cases: readonly Case[], quiet: boolean) {
    this.expect(cases);
    this.#quiet = quiet;
    this.#timer = this.#isTerminal && !quiet ? setInterval(() => this.#draw(), 100).unref() : undefined;
  }

  /** These will run after all. */
  expect(cases: readonly Case[]): void {
    this.#total = cases.length;
    this.#weights = new Map(cases.map(({ id, heavy }) => [id, heavy ? HEAVY : 1]));
    this.#weight = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  /** A case begins; `agent` is whose, where there may be several. */
  start({ id }: Case, agent = ""): void {
    this.#waiting = "";
    this.#tally(agent).running.set(id, performance.now());
  }

  /** A case is over. */
  finish({ id, title, verdict, reasons }: CaseResult, agent = ""): void {
    const tally = this.#tally(agent);
    tally.running.delete(id);
    tally.done++;
    tally.doneWeight += this.#weights.get(id) ?? 1;
    if (verdict === "fail") tally.failed++;
    if (this.#quiet || this.#isTerminal) return;
    const { done, failed } = tally;
    if (verdict === "fail" && failed <= MOST_FAILED) this.print(`${this.#name(agent)}failed ${id} ${title}: ${excerpt(reasons[0] ?? "", 120)}`);
    if (done % EVERY === 0 && done < this.#total) this.print(`${this.#name(agent)}${done} of ${this.#total} cases, ${failed} failed${this.#timeLeft(tally)}`);
  }

  /** An agent is through: if it comes again, it is counted anew. */
  through(agent: string): void {
    this.#tallies.delete(agent);
  }

  /** Says what is awaited. */
  wait(what: string): void {
    this.#waiting = what;
  }

  /** Prints a line above the progress. */
  print(text: string): void {
    this.#clear();
    process.stderr.write(`${visible(text)}\n`);
  }

  /** Takes the line away, and tells of nothing more. */
  end(): void {
    clearInterval(this.#timer);
    this.#quiet = true;
    this.#clear();
  }

  #draw(): void {
    const tally = this.#tallies.get(this.#agent) ?? newTally();
    const full = Math.round(Math.min(1, tally.doneWeight / this.#weight) * BAR);
    const parts: string[] = [];
    let room = process.stderr.columns - 1;
    const add = (text: string, painted: string = text): void => {
      if (text.length > room) return;
      room -= text.length;
      parts.push(painted);
    };
    if (room >= WIDE) add("x".repeat(BAR + 1), `${this.#paint("green", "█".repeat(full))}${this.#paint("dim", "░".repeat(BAR - full))} `);
    add(`${this.#name(this.#agent)}${tally.done} of ${this.#total} cases`);
    if (tally.failed > 0) add(`, ${tally.failed} failed`, `, ${this.#paint("red", `${tally.failed} failed`)}`);
    add(this.#timeLeft(tally));
    const now = `  ${excerpt(this.#waiting === "" ? longest(tally) : this.#waiting, Math.max(8, room - 2))}`;
    add(now, this.#paint("dim", now));
    process.stderr.write(`\r${parts.join("")}\x1b[K`);
    this.#isDrawn = true;
  }

  #tally(agent: string): Tally {
    this.#agent = agent;
    const tally = this.#tallies.get(agent) ?? newTally();
    this.#tallies.set(agent, tally);
    return tally;
  }

  /** Where there is more than one. */
  #name(agent: string): string {
    return this.#tallies.size > 1 ? `${excerpt(agent, 30)}: ` : "";
  }

  #timeLeft({ began, done, doneWeight }: Tally): string {
    const took = performance.now() - began;
    if (took < 1_500 || done < 10 || done >= this.#total) return "";
    return `, about ${duration(Math.max(1_000, Math.round(took / doneWeight * (this.#weight - doneWeight) / 1_000) * 1_000)).replace(".0 s", " s")} left`;
  }

  #clear(): void {
    if (this.#isDrawn) process.stderr.write("\r\x1b[K");
    this.#isDrawn = false;
  }
}

function newTally(): Tally {
  return { began: performance.now(), running: new Map(), done: 0, doneWeight: 0, failed: 0 };
}

/** The case that has run longest: it is what others wait for. */
function longest({ running }: Tally): string {
  const [first] = running;
  if (first === undefined) return "";
  const [id, began] = first;
  const took = performance.now() - began;
  return took > 1_000 ? `${id}, for ${Math.floor(took / 1_000)} s` : id;
}

/** How long a heavy case takes, when another takes 1: the others run side by side. */
const HEAVY = 20;
/** Failed cases that are told as they happen; all are told at the end. */
const MOST_FAILED = 40;
/** Cases between two lines where there is no terminal. */
const EVERY = 100;
/** Characters. */
const BAR = 20;
/** Columns from which on there is a bar. */
const WIDE = 60;
