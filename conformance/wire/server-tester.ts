/**
 * Tests an echo server: connects to it once a case.
 * @module
 */
import { type Case, DEFAULT_PATIENCE, type Patience } from "./case.ts";
import { CASES } from "./cases/all.ts";
import { dial, type Trust, Unreachable } from "./dial.ts";
import { hasStreams, judgeStream } from "./http2.ts";
import { judge } from "./judge.ts";
import { openToServer } from "./opening.ts";
import type { CaseResult } from "./result.ts";

/** How to test. */
export interface TestOptions {
  /** Which cases; all when it is not said. Those that are not for this role are left out. */
  readonly cases?: readonly Case[];
  /** How long the peer may take; 5 seconds, or 1 where it should be at once, when it is not said. */
  readonly patience?: Partial<Patience>;
  /** How many connections at once; 16 when it is not said. Heavy cases run one by one, behind the others. */
  readonly concurrency?: number;
  /** Decides on masking keys. */
  readonly seed?: number;
  /** Whom to trust where the URL is a `wss:` one. */
  readonly trust?: Trust;
  /** No case is begun any more once it aborts; those under way are seen to their end. */
  readonly signal?: AbortSignal;
  /** Hears of the cases that will be run, once the server was looked at. */
  readonly onCases?: (cases: readonly Case[]) => void;
  /** Hears of each case that begins. */
  readonly onStart?: (item: Case) => void;
  /** Hears of each case that is over. */
  readonly onResult?: (result: CaseResult) => void;
}

/** The cases that a server at this URL can be asked, in the order of the report; those in HTTP/2 are asked of servers that have it. */
export function casesForServer(url: string | URL, cases: readonly Case[] = CASES): Case[] {
  const isSecure = new URL(url).protocol === "wss:";
  return cases.filter(({ only, over }) => only !== "client" && (over !== "tls" || isSecure));
}

/**
 * Runs the cases against the echo server at a `ws:` or `wss:` URL. Results are in the order of the cases. Throws `Unreachable` when nobody
 * listens there, or when nobody does any more; `onResult` has told what was found until then.
 */
export async function testServer(url: string | URL, options: TestOptions = {}): Promise<CaseResult[]> {
  const { concurrency = 16, seed = 1, trust, signal, onStart, onResult } = options;
  const target = new URL(url);
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const connect = (item?: Case): ReturnType<typeof dial> => dial(target, patience.answer, trust, item?.dial);
  (await connect()).destroy();
  const possible = casesForServer(target, options.cases);
  const inStreams = possible.some(({ over }) => over === "http2") && await hasStreams(target, Math.min(patience.answer, LOOK), trust);
  const cases = possible.filter(({ over }) => over !== "http2" || inStreams);
  options.onCases?.(cases);
  const results = new Map<Case, CaseResult>();
  let gone: Unreachable | undefined;
  const run = async (queue: Case[]): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && signal?.aborted !== true && gone === undefined; item = queue.shift()) {
      const asked = item;
      onStart?.(asked);
      const number = seed + cases.indexOf(asked);
      const result = asked.over === "http2"
        ? await judgeStream(asked, target, patience, number, trust)
        : await judge(asked, () => connect(asked), (wire) => openToServer(wire, asked, target, patience.answer, number), patience);
      results.set(asked, result);
      onResult?.(result);
      if (result.log.length === 0 && asked.dial === undefined) gone = await seeIfGone(connect);
    }
  };
  const light = cases.filter(({ heavy }) => heavy !== true);
  await Promise.all(Array.from({ length: concurrency }, () => run(light)));
  await run(cases.filter(({ heavy }) => heavy === true));
  if (gone !== undefined) throw gone;
  return cases.flatMap((item) => results.get(item) ?? []);
}

/** A server may be started anew by somebody; it gets a moment for that. */
async function seeIfGone(connect: () => ReturnType<typeof dial>): Promise<Unreachable | undefined> {
  for (let tries = 0; ; tries++) {
    try {
      (await connect()).destroy();
      return undefined;
    } catch (error) {
      if (!(error instanceof Unreachable) || tries === 10) return error instanceof Unreachable ? error : new Unreachable(String(error));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

/** How long a server is asked whether it speaks HTTP/2, in milliseconds. */
const LOOK = 1_000;
