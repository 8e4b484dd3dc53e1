/**
 * The format of an attack: what a peer that means harm does to a victim of ours, which rule stands against it, and how well
 * the victim came through. Server and client half share this file; `server-*.ts` attack servers, `client-*.ts` clients.
 * @module
 */

/** How well the victim did: as it should; with no harm done, but laxer or slower than it should; harmed. */
export type Verdict = "PASS" | "SOFT" | "FAIL";

/** What one attack found. */
export interface Finding {
  readonly verdict: Verdict;
  /** What the victim did; a sentence where that is not as it should. */
  readonly note: string;
}

/** One attack. `Ground` is what it is led against: a server's address, or a listener that clients are sent to. */
export interface Attack<Ground> {
  /** Class and number, such as "F-07": F frames, D deflate, R resources, K handshake and HTTP, C closing, X by name. */
  readonly id: string;
  /** What must hold, in a sentence. */
  readonly rule: string;
  /** Where that stands: a section of an RFC, or an advisory's id. */
  readonly source: string;
  /** Runs only when asked for: it takes long, or waits for a deadline that cannot be shortened. */
  readonly long?: true;
  /** How much more memory than at rest the victim may hold at its peak, in bytes. Past it: FAIL. */
  readonly memory?: number;
  /** Why it is not run on this ground; undefined when it is. */
  readonly skip?: (ground: Ground) => string | undefined;
  /** Leads it. What it throws is a FAIL. */
  readonly run: (ground: Ground) => Promise<Finding>;
}

/** How one attack went. */
export interface Outcome extends Finding, Observation {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** Why it was not run. */
  readonly skipped?: string;
}

/** What was seen of the victim's process while an attack ran. */
export interface Observation {
  /** Peak of resident memory over what it was at rest, in bytes; undefined where the system does not tell. */
  readonly growth?: number | undefined;
  /** The longest time in which another connection got no answer, in milliseconds. */
  readonly neighbour?: number | undefined;
  /** What is wrong with the victim or its neighbours, whatever the attack itself found. */
  readonly harm?: string | undefined;
}

/** Looks at the victim while it is attacked. */
export interface Watch {
  /** An attack begins. */
  start(): Promise<void>;
  /** It is over. */
  stop(): Promise<Observation>;
}

/** As it should be. */
export function pass(note = ""): Finding {
  return { verdict: "PASS", note };
}

/** No harm, but not as it should be. */
export function soft(note: string): Finding {
  return { verdict: "SOFT", note };
}

/** Harm. */
export function fail(note: string): Finding {
  return { verdict: "FAIL", note };
}

/** A PASS when the condition holds, else a FAIL that says why. */
export function expect(holds: boolean, note: string): Finding {
  return holds ? pass() : fail(note);
}

/** The worst of several; the notes of those that are as bad. */
export function worst(findings: readonly Finding[]): Finding {
  const verdict = (["FAIL", "SOFT", "PASS"] as const).find((each) => findings.some((finding) => finding.verdict === each)) ?? "PASS";
  const notes = findings.filter((finding) => finding.verdict === verdict).map(({ note }) => note);
  return { verdict, note: [...new Set(notes)].filter((note) => note !== "").join("; ") };
}

/** Leads one attack after the other. */
export async function runAttacks<Ground>(
  attacks: readonly Attack<Ground>[],
  ground: Ground,
  options: { readonly watch?: Watch; readonly long?: boolean; readonly onOutcome?: (outcome: Outcome) => void } = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const attack of attacks) {
    const outcome = await runAttack(attack, ground, options);
    outcomes.push(outcome);
    options.onOutcome?.(outcome);
  }
  return outcomes;
}

async function runAttack<Ground>(
  { id, rule, source, long, memory = Number.POSITIVE_INFINITY, skip, run }: Attack<Ground>,
  ground: Ground,
  { watch, long: longToo = false }: { readonly watch?: Watch; readonly long?: boolean },
): Promise<Outcome> {
  const skipped = long && !longToo ? "only with --long" : skip?.(ground);
  if (skipped !== undefined) return { id, rule, source, ...pass(), duration: 0, skipped };
  await watch?.start();
  const start = performance.now();
  const finding = await Promise.race([
    run(ground).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error))),
    new Promise<Finding>((resolve) => setTimeout(resolve, AGES, fail("it did not come to an end")).unref()),
  ]);
  const duration = performance.now() - start;
  const seen = await watch?.stop() ?? {};
  const findings = [finding];
  if (seen.harm !== undefined) findings.push(fail(seen.harm));
  if (seen.growth !== undefined && seen.growth > memory) findings.push(fail(`it holds ${(seen.growth / MEBIBYTE).toFixed(1)} MiB more than at rest; ${memory / MEBIBYTE} are allowed`));
  const { verdict, note } = worst(findings);
  return { id, rule, source, verdict, note, duration, ...seen };
}

/** Those whose id or rule contains one of the words; all without words. */
export function select<Ground>(attacks: readonly Attack<Ground>[], words: readonly string[]): Attack<Ground>[] {
  return attacks.filter(({ id, rule, source }) => {
    const text = `${id} ${rule} ${source}`.toLowerCase();
    return words.length === 0 || words.some((word) => text.includes(word.toLowerCase()));
  });
}

/** One line an attack, and a last one with the counts. */
export function tabulate(title: string, outcomes: readonly Outcome[]): string {
  const count = (verdict: Verdict): number => outcomes.filter((outcome) => outcome.skipped === undefined && outcome.verdict === verdict).length;
  const skipped = outcomes.filter((outcome) => outcome.skipped !== undefined);
  const sum = `${title}: ${count("PASS")} PASS, ${count("SOFT")} SOFT, ${count("FAIL")} FAIL, ${skipped.length} not run`;
  return [...outcomes.map(describe), sum].join("\n");
}

/** One outcome as a line. */
export function describe({ id, rule, verdict, note, duration, growth, neighbour, skipped }: Outcome): string {
  if (skipped !== undefined) return `${id.padEnd(10)} -     ${rule} (not run: ${skipped})`;
  const memory = growth === undefined ? "" : `${growth < 0 ? "" : "+"}${(growth / MEBIBYTE).toFixed(1)} MiB`;
  const wait = neighbour === undefined ? "" : `${Math.round(neighbour)} ms`;
  return `${id.padEnd(10)} ${verdict}  ${(duration / 1000).toFixed(1).padStart(5)} s ${memory.padStart(11)} ${wait.padStart(8)}  ${rule}${note === "" ? "" : ` [${note}]`}`;
}

/** True when nothing is to be complained of. */
export function isGood(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ verdict }) => verdict === "PASS");
}

/** No attack takes longer, in milliseconds. */
const AGES = 200_000;
const MEBIBYTE = 1024 * 1024;
