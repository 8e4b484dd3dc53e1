/**
 * Tests an echo server: connects to it once a case.
 * @module
 */
import { type Case, DEFAULT_PATIENCE, type Patience, type Result } from "./case.ts";
import { CASES } from "./cases.ts";
import { judge } from "./judge.ts";
import { connect } from "./opening.ts";

/** How to test. */
export interface TestOptions {
  /** Which cases; all when it is not said. */
  readonly cases?: readonly Case[];
  readonly patience?: Partial<Patience>;
  /** How many connections at once; 16 when it is not said. Large cases run one by one. */
  readonly concurrency?: number;
  /** Hears of each case that is over. */
  readonly onResult?: (result: Result) => void;
}

/** Runs the cases against the echo server at a `ws:` URL. Results are in the order of the cases. */
export async function testServer(url: string | URL, options: TestOptions = {}): Promise<Result[]> {
  const { concurrency = 16 } = options;
  const cases = (options.cases ?? CASES).filter(({ only }) => only !== "client");
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const target = new URL(url);
  const results = new Map<Case, Result>();
  const run = async (queue: Case[]): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const result = await judge(item, () => connect(target, patience.answer, item.deflate), patience);
      results.set(item, result);
      options.onResult?.(result);
    }
  };
  const light = cases.filter((item) => !isHeavy(item));
  await Promise.all(Array.from({ length: concurrency }, () => run(light)));
  await run(cases.filter(isHeavy));
  return cases.map((item) => results.get(item) as Result);
}

function isHeavy({ id }: Case): boolean {
  return id.startsWith("9.");
}
