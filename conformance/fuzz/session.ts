/**
 * Runs cases one after the other: the cheap checks on each, every way to cut it on some.
 * @module
 */
import { type Case, type Tally, type Target, toText } from "./case.ts";
import { Random } from "./random.ts";
import { shrink } from "./shrink.ts";
import type { Subject } from "./subject.ts";

/** How much is to be done. It ends once each budget that is given is used up. */
export interface Plan {
  readonly seed: number;
  readonly targets: readonly Target[];
  readonly subject: Subject;
  /** Inputs; undefined where frames or heads are counted. */
  readonly runs?: number | undefined;
  readonly frames?: number | undefined;
  readonly heads?: number | undefined;
  /** This one of `jobs` takes every run whose number leaves `job` as a remainder. */
  readonly job?: number;
  readonly jobs?: number;
}

/** Something that is wrong. */
export interface Failure {
  readonly target: string;
  /** "kind: sentence". */
  readonly problem: string;
  /** Which run of the seed found it; -1 for one of the corpus. */
  readonly run: number;
  /** The text of the case, shrunk unless it was kept from another time. */
  readonly text: string;
  /** Bytes before and after it was shrunk. */
  readonly length: number;
  readonly shrunkLength: number;
}

/** One job's work. */
export class Session {
  readonly tally: Tally = { frames: 0, heads: 0 };
  /** Inputs tried. */
  runs = 0;
  /** The number of the run that is going on. */
  run: number;
  readonly failures: Failure[] = [];
  readonly #plan: Plan;
  readonly #turns: readonly Target[];
  readonly #jobs: number;
  readonly #seen = new Set<string>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#jobs = plan.jobs ?? 1;
    this.run = plan.job ?? 0;
    this.#turns = turnsOf(plan.targets);
  }

  /** How much of the plan is done, 0 to 1. */
  get progress(): number {
    const { runs, frames, heads } = this.#plan;
    const parts = [[this.runs, runs], [this.tally.frames, frames], [this.tally.heads, heads]] as const;
    return Math.min(1, ...parts.map(([done, wanted]) => (wanted === undefined ? 1 : wanted === 0 ? 1 : done / wanted)));
  }

  /** Does up to `count` runs; false once all is done. `begin` is told the number of each. */
  advance(count: number, begin: (run: number) => void = () => {}): boolean {
    for (let i = 0; i < count; i++) {
      if (this.progress >= 1) return false;
      const target = this.#turns[Math.floor(this.run / this.#jobs) % this.#turns.length]; // each job takes all turns
      if (this.#wanted(target)) {
        begin(this.run);
        this.#one(target);
        this.runs++;
      }
      this.run += this.#jobs;
    }
    return this.progress < 1;
  }

  /** Tries a case as it is, and, where that makes no difference, under other cuts too. */
  replay(one: Case, run = -1): void {
    const target = this.#plan.targets.find(({ name }) => name === one.target);
    if (target === undefined) return;
    this.#try(target, one, run, this.tally);
    if (!target.cuttable) return;
    this.#try(target, { ...one, cuts: "each" }, run, UNCOUNTED);
    this.#everyCut(target, one, run);
  }

  #one(target: Target): void {
    const random = new Random(this.#plan.seed, this.run);
    const one = target.make(random);
    if (!this.#try(target, one, this.run, this.tally) || !target.cuttable) return;
    if (random.once(16)) this.#try(target, { ...one, cuts: "each" }, this.run, UNCOUNTED);
    if (random.once(64)) this.#everyCut(target, one, this.run);
  }

  /** In two at each place. */
  #everyCut(target: Target, one: Case, run: number): void {
    if (one.bytes.length > 256) return;
    for (let at = 1; at < one.bytes.length; at++) if (!this.#try(target, { ...one, cuts: [at] }, run, UNCOUNTED)) return;
  }

  /** True when nothing is wrong. */
  #try(target: Target, one: Case, run: number, tally: Tally): boolean {
    const problem = checkOne(target, one, this.#plan.subject, tally);
    if (problem === undefined) return true;
    const kind = `${target.name} ${kindOf(problem)}`;
    if (this.#seen.has(kind)) return false; // one of each kind is enough to begin with
    this.#seen.add(kind);
    const small = run < 0 ? one : shrink(one, (other) => {
      const again = checkOne(target, other, this.#plan.subject, UNCOUNTED);
      return again !== undefined && kindOf(again) === kindOf(problem);
    }, (bytes) => target.starts(bytes), target.tries);
    this.failures.push({
      target: target.name,
      problem: checkOne(target, small, this.#plan.subject, UNCOUNTED) as string,
      run,
      text: toText(small),
      length: one.bytes.length,
      shrunkLength: small.bytes.length,
    });
    return false;
  }

  /** A target whose budget is used up has no more turns. */
  #wanted({ group }: Target): boolean {
    const { runs, frames, heads } = this.#plan;
    if (runs !== undefined) return true;
    if (group === "frames") return this.tally.frames < (frames ?? 0);
    if (group === "heads") return this.tally.heads < (heads ?? 0);
    return true;
  }
}

/** What is wrong with a case; what it throws is. */
export function checkOne(target: Target, one: Case, subject: Subject, tally: Tally): string | undefined {
  try {
    return target.check(one, subject, tally);
  } catch (error) {
    const place = error instanceof Error ? /\n\s+at ([^\n]*)/.exec(error.stack ?? "")?.[1] ?? "" : "";
    return `throws: ${String(error)} ${place.replace(/file:\/\/\S*\/(?=(core|conformance)\/)/, "")}`;
  }
}

function kindOf(problem: string): string {
  return problem.slice(0, problem.indexOf(":"));
}

/** The targets in turn, each as often as its weight, spread over the round; those that want it many at a time, at the beginning. */
function turnsOf(targets: readonly Target[]): Target[] {
  const turns = targets.filter(({ apart }) => !apart).flatMap((target) => Array.from({ length: target.weight }, (_, at) => ({ target, place: (at + 0.5) / target.weight })));
  const round = turns.sort((a, b) => a.place - b.place).map(({ target }) => target);
  const blocks = targets.filter(({ apart }) => apart).flatMap((target) => Array<Target>(target.weight * ROUNDS).fill(target));
  return blocks.length === 0 ? round : [...blocks, ...Array.from({ length: ROUNDS }, () => round).flat()];
}

/** So many rounds pass between one block and the next. */
const ROUNDS = 100;
const UNCOUNTED: Tally = { frames: 0, heads: 0 };
