/**
 * What is seen of a run while it goes on: on a terminal one line that is written anew, elsewhere a line now and then.
 * @module
 */
import type { Case, CaseResult } from "../conformance/mod.ts";
import { duration, excerpt, painter, visible } from "./terminal.ts";

/** How far a run is, on stderr. */
export class Progress {
  #total = 0;
  /** Of all cases, and of those that are done. */
  #weight = 0;
  #doneWeight = 0;
  #weights: ReadonlyMap<string, number> = new Map();
  readonly #quiet: boolean;
  readonly #isTerminal: boolean = process.stderr.isTTY === true;
  readonly #paint = painter(process.stderr);
  /** When each case that runs began. */
  readonly #running = new Map<string, number>();
  readonly #timer: NodeJS.Timeout | undefined;
  #began = performance.now();
  #done = 0;
  #failed = 0;
  /** A word on what is awaited, where it is not a case. */
  #waiting = "";
  #isDrawn = false;

  /** @param cases those that will run */
  constructor(cases: readonly Case[], quiet: boolean) {
    this.expect(cases);
    this.#quiet = quiet;
    this.#timer = this.#isTerminal && !quiet ? setInterval(() => this.#draw(), 100).unref() : undefined;
  }

  /** A case begins. */
  start({ id }: Case): void {
    if (this.#done === 0 && this.#running.size === 0) this.#began = performance.now();
    this.#waiting = "";
    this.#running.set(id, performance.now());
  }

  /** A case is over; `agent` where there may be several. */
  finish({ id, title, verdict, reasons }: CaseResult, agent?: string): void {
    this.#running.delete(id);
    this.#done++;
    this.#doneWeight += this.#weights.get(id) ?? 1;
    if (verdict === "fail") this.#failed++;
    if (this.#quiet || this.#isTerminal) return;
    if (verdict === "fail" && this.#failed <= MOST_FAILED) this.print(`failed ${id} ${title}: ${excerpt(reasons[0] ?? "", 120)}${agent === undefined ? "" : ` (${excerpt(agent, 60)})`}`);
    if (this.#done % EVERY === 0 && this.#done < this.#total) this.print(`${this.#done} of ${this.#total} cases, ${this.#failed} failed${this.#timeLeft()}`);
  }

  /** These will run after all. */
  expect(cases: readonly Case[]): void {
    this.#total = cases.length;
    this.#weights = new Map(cases.map(({ id, heavy }) => [id, heavy ? HEAVY : 1]));
    this.#weight = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  /** Begins to count anew, as another client comes. */
  restart(): void {
    this.#done = this.#failed = this.#doneWeight = 0;
    this.#running.clear();
  }

  /** Says what is awaited. */
  wait(what: string): void {
    this.#waiting = what;
    this.#running.clear();
  }

  /** Prints a line above the progress. */
  print(text: string): void {
    this.#clear();
    process.stderr.write(`${visible(text)}\n`);
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    const full = Math.round(this.#doneWeight / this.#weight * BAR);
    const parts: (readonly [text: string, painted: string])[] = [];
    let room = process.stderr.columns - 1;
    const add = (text: string, painted: string = text): void => {
      if (text.length > room) return;
      room -= text.length;
      parts.push([text, painted]);
    };
    if (room >= WIDE) add("x".repeat(BAR + 1), `${this.#paint("green", "█".repeat(full))}${this.#paint("dim", "░".repeat(BAR - full))} `);
    add(`${this.#done} of ${this.#total} cases`);
    if (this.#failed > 0) add(`, ${this.#failed} failed`, `, ${this.#paint("red", `${this.#failed} failed`)}`);
    add(this.#timeLeft());
    const now = `  ${excerpt(this.#current(), Math.max(8, room - 2))}`;
    add(now, this.#paint("dim", now));
    process.stderr.write(`\r${parts.map(([, painted]) => painted).join("")}\x1b[K`);
    this.#isDrawn = true;
  }

  /** The case that has run longest: it is what others wait for. */
  #current(): string {
    if (this.#waiting !== "") return this.#waiting;
    const [longest] = this.#running;
    if (longest === undefined) return "";
    const [id, began] = longest;
    const took = performance.now() - began;
    return took > 1_000 ? `${id}, for ${Math.floor(took / 1_000)} s` : id;
  }

  #timeLeft(): string {
    const took = performance.now() - this.#began;
    if (took < 1_500 || this.#done < 10 || this.#done >= this.#total) return "";
    return `, about ${duration(Math.max(1_000, Math.round(took / this.#doneWeight * (this.#weight - this.#doneWeight) / 1_000) * 1_000)).replace(".0 s", " s")} left`;
  }

  #clear(): void {
    if (this.#isDrawn) process.stderr.write("\r\x1b[K");
    this.#isDrawn = false;
  }
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
