/**
 * Runs one case with one peer, and judges.
 * @module
 */
import { close, describeFrame, type Frame } from "../frames.ts";
import type { Case, Draft, Finding, Patience, Send } from "./case.ts";
import { describeCase } from "./describe.ts";
import { Unreachable } from "./dial.ts";
import type { Opened } from "./opening.ts";
import type { Peer } from "./peer.ts";
import type { CaseResult, Verdict } from "./result.ts";
import type { Wire } from "./wire.ts";

/** Runs a case on a wire that `connect` gives and `open` opens; it is over afterwards. */
export async function judge(item: Case, connect: () => Promise<Wire>, open: (wire: Wire) => Promise<Opened>, patience: Patience): Promise<CaseResult> {
  const start = performance.now();
  const findings: Finding[] = [];
  let wire: Wire | undefined;
  let peer: Peer | undefined;
  let settled: Verdict | undefined;
  const reasons: string[] = [];
  try {
    wire = await connect();
    const opened = await open(wire);
    ({ peer } = opened);
    if (opened.peer === undefined) {
      settled = opened.verdict;
      if (settled !== "pass") reasons.push(opened.says);
    } else {
      findings.push(...opened.findings);
      const run = new Run(item, opened.peer, patience, findings);
      const lacking = whatIsLacking(item, opened.peer) ?? await run.run();
      if (lacking !== undefined) {
        settled = "unimplemented";
        reasons.push(lacking);
        await run.leave();
      }
      for (const says of opened.peer.broken) findings.push({ verdict: "fail", says });
    }
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const { refuses = "fail" } = item.ask ?? {};
    if (error instanceof Unreachable && item.dial !== undefined && refuses !== "fail") settled = refuses;
    else findings.push({ verdict: "fail", says });
    if (settled !== undefined && settled !== "pass") reasons.push(says);
  }
  wire?.destroy();
  const failed = findings.some(({ verdict }) => verdict === "fail");
  const verdict = failed ? "fail" : settled ?? (findings.length > 0 ? "non-strict" : "pass");
  const said = [...new Set(findings.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]).map(({ says }) => says))];
  const compressed = peer?.compressed;
  return {
    ...describeCase(item),
    verdict,
    reasons: failed ? [...said, ...reasons] : [...reasons, ...said],
    duration: Math.round((performance.now() - start) * 10) / 10,
    log: wire?.log.entries() ?? [],
    ...(compressed === undefined || compressed.messages === 0 ? {} : { compressed }),
  };
}

const RANK = { fail: 0, "non-strict": 1 } as const;

/** Why a peer cannot be asked; undefined where it can. */
function whatIsLacking({ deflate }: Case, { codec }: Peer): string | undefined {
  if (deflate === undefined || deflate.optional) return undefined;
  if (codec === undefined) return "it did not agree to permessage-deflate";
  const { takeover, bits } = codec.ours;
  return deflate.takeover && !(takeover && bits === 15) ? "it wants no context takeover, or a smaller window" : undefined;
}

class Run {
  readonly #case: Omit<Draft, "rule" | "title">;
  readonly #peer: Peer;
  readonly #patience: Patience;
  readonly #findings: Finding[];
  #expect: readonly Frame[];
  #large: boolean;

  constructor(item: Omit<Draft, "rule" | "title">, peer: Peer, patience: Patience, findings: Finding[]) {
    this.#case = item;
    this.#peer = peer;
    this.#patience = patience;
    this.#findings = findings;
    this.#expect = item.expect ?? []; // once: it may be made when it is asked for
    if (item.pongs !== undefined) peer.pongs = item.pongs;
    this.#large = this.#expect.some(({ payload }) => payload.length > 65_536);
  }

  /** A sentence when the peer cannot be asked. */
  async run(): Promise<string | undefined> {
    const { send = [], end = "clean" } = this.#case;
    for (const step of send) {
      if (this.#peer.ended || this.#failed || this.#declined) break;
      await this.#send(step);
    }
    if (this.#declined) return this.#judgeDecline();
    if (end === "clean") await this.#endClean();
    else if (end === "begun") await this.#endBegun();
    else if (end === "either") await this.#endEither();
    else await this.#endFailed(end);
    if (this.#declined) return this.#judgeDecline();
    this.#compare();
    return undefined;
  }

  /** Closes, whatever the peer says to that. */
  async leave(): Promise<void> {
    const peer = this.#peer;
    if (!peer.over && !peer.closeSent) await peer.send([close(1000)]);
    await peer.until(() => peer.over, this.#patience.answer);
  }

  get #hasCommand(): boolean {
    return this.#case.send?.some((step) => "command" in step) ?? false;
  }

  /** It does not do what a command asked for. */
  get #declined(): boolean {
    return this.#peer.unsupported || this.#peer.refused && this.#case.refusal !== undefined;
  }

  /** A sentence when the peer cannot be asked. */
  async #judgeDecline(): Promise<string | undefined> {
    const { refusal } = this.#case;
    if (this.#peer.unsupported) return "it does not know the command";
    const says = "its interface refuses the command";
    if (refusal === "unimplemented") return says;
    if (refusal === "fail") this.#fail(says);
    if (refusal === "non-strict") this.#lax(says);
    await this.#endClean();
    return undefined;
  }

  get #failed(): boolean {
    return this.#findings.some(({ verdict }) => verdict === "fail");
  }

  #fail(says: string): void {
    this.#findings.push({ verdict: "fail", says });
  }

  #lax(says: string): void {
    this.#findings.push({ verdict: "non-strict", says });
  }

  async #send(step: Send): Promise<void> {
    const peer = this.#peer;
    if ("frames" in step) await peer.send(step.frames, step.chop);
    else if ("bytes" in step) peer.write(step.bytes);
    else if ("piecemeal" in step) await this.#sendPiecemeal(step);
    else if ("message" in step) await peer.sendMessage(step.message, step.size);
    else if ("series" in step) await this.#sendSeries(step);
    else if ("command" in step) await peer.command(step.command, step.before, step.behind);
    else if ("heard" in step) await this.#hear(step.heard);
    else if ("pinged" in step) await peer.until(() => peer.pings >= step.pinged || peer.over || this.#declined, this.#patience.answer);
    else if ("closed" in step) await peer.until(() => peer.over || this.#declined, this.#patience.answer);
    else if ("wait" in step) await peer.until(() => false, step.wait);
    else if ("reading" in step) peer.read(step.reading);
    else if ("tcp" in step) (step.tcp === "end" ? peer.end() : peer.destroy());
    else if ("alive" in step) {
      if (await peer.until(() => peer.over, ALIVE)) this.#fail("it failed the connection too early");
    } else if (!await peer.until(() => peer.over, this.#patience.failFast)) {
      this.#lax("it did not fail the connection at the first byte that cannot be right");
    }
  }

  async #sendPiecemeal({ piecemeal, whole, cuts, between }: Extract<Send, { piecemeal: unknown }>): Promise<void> {
    const bytes = this.#peer.encode(piecemeal);
    const from = whole ? 0 : bytes.length - piecemeal.payload.length;
    let start = 0;
    for (const [at, cut] of [...cuts, bytes.length - from].entries()) {
      this.#peer.write(bytes.subarray(start, from + cut), true);
      start = from + cut;
      if (at < between.length) await this.#send(between[at]);
    }
  }

  async #sendSeries({ series, size }: Extract<Send, { series: unknown }>): Promise<void> {
    const peer = this.#peer;
    let at = 0;
    for (const message of series) {
      at++;
      this.#large ||= message.payload.length > 65_536;
      await peer.sendMessage(message, size);
      await this.#hear(1);
      const echo = peer.heard.shift();
      if (echo !== undefined && isSame(echo, message)) continue;
      if (peer.broken.length === 0) this.#fail(`for message ${at} it sent ${echo === undefined ? "nothing" : describeFrame(echo)} where ${describeFrame(message)} was expected`);
      return;
    }
  }

  async #hear(count: number): Promise<void> {
    const peer = this.#peer;
    const patience = this.#patience.answer + (this.#large ? LARGE_TAKES : 0);
    const { latestPong } = this.#case;
    const enough = (): boolean => (latestPong ? withMissing(peer.heard, this.#expect) : peer.heard).length >= count;
    await peer.until(() => enough() || peer.over || peer.broken.length > 0 || this.#declined, patience);
  }

  /** Closes, unless the case did; the peer must answer, and TCP must end at the right end. */
  async #endClean(): Promise<void> {
    const peer = this.#peer;
    const isAsked = peer.closeSent;
    if (!isAsked) {
      await this.#hear(this.#expect.length);
      if (peer.over) this.#fail(`it ${this.#ending()} on its own`);
      else await peer.send([close(1000)]);
    }
    if (!await peer.until(() => peer.over, this.#patience.answer)) this.#fail("it did not answer the close frame");
    else if (peer.closed === undefined) this.#judgeDrop();
    else this.#judgeAnswer(peer.closed.code, isAsked);
    await this.#endTcp();
  }

  /** Where the case is about a close frame, who answers with 1002 or 1007 takes a good one for a bad one. */
  #judgeAnswer(code: number | undefined, isAsked: boolean): void {
    const { answers = [1000], drops = "fail" } = this.#case;
    if (answers.includes(code)) return;
    const said = `it answered the close frame with ${code ?? "no code"}`;
    const isRefused = isAsked && drops === "fail" && (code === 1002 || code === 1007);
    if (!isRefused && (code === undefined || isSendable(code))) this.#lax(said);
    else this.#fail(said);
  }

  /** The peer closes as it was asked to, and is answered. */
  async #endBegun(): Promise<void> {
    const peer = this.#peer;
    if (!await peer.until(() => peer.over || this.#declined, this.#patience.answer)) this.#fail("it did not close");
    if (this.#declined) return;
    const { answers = [1000], reason } = this.#case;
    const { closed } = peer;
    if (closed === undefined) {
      if (peer.over) this.#judgeDrop();
    } else {
      if (!answers.includes(closed.code)) this.#fail(`it closed with ${closed.code ?? "no code"}`);
      if (reason !== undefined && closed.reason !== reason) this.#fail(`it closed with the reason ${JSON.stringify(closed.reason)}`);
      if (this.#case.watchesEnd && !peer.closeSent && await peer.until(() => peer.ended, ALIVE)) this.#lax("it ended TCP before its close frame was answered");
      await this.#answer(closed.code);
    }
    await this.#endTcp();
  }

  /** Whatever ends it is fine, but for a close frame that nobody may send. */
  async #endEither(): Promise<void> {
    const peer = this.#peer;
    if (!peer.over && !peer.closeSent && !this.#hasCommand) {
      await this.#hear(this.#expect.length);
      if (!peer.over) await peer.send([close(1000)]);
    }
    if (!await peer.until(() => peer.over || this.#declined, this.#patience.answer)) this.#fail("it did not end the connection");
    if (this.#declined) return;
    const { closed } = peer;
    if (closed?.code !== undefined && !isSendable(closed.code)) this.#fail(`it closed with ${closed.code}`);
    if (closed !== undefined) await this.#answer(1000);
    await this.#endTcp();
  }

  async #endFailed(codes: readonly number[]): Promise<void> {
    const peer = this.#peer;
    if (await this.#isTolerated()) return this.#endClean();
    if (!await peer.until(() => peer.over, this.#patience.answer)) {
      this.#fail("it did not fail the connection");
      return;
    }
    if (peer.closed !== undefined) {
      const { code } = peer.closed;
      // a fitting code is a SHOULD (section 7.1.7); who says 1000 to a close frame takes it for a good one
      if (code !== undefined && !isSendable(code) || code === 1000 && peer.closeTried) this.#fail(`it closed with ${code ?? "no code"} where it had to fail the connection`);
      else if (code === undefined || !codes.includes(code)) this.#lax(`it failed the connection with ${code ?? "no code"}`);
      await this.#answer(code ?? 1002);
    }
    await this.#endTcp();
  }

  /** Answers the peer's close frame, unless that was done, or is not to be. */
  async #answer(code: number | undefined): Promise<void> {
    if (this.#peer.closeSent || this.#case.silent) return;
    await this.#peer.send([close(code !== undefined && !isSendable(code) ? 1002 : code)]);
  }

  #judgeDrop(): void {
    const { drops = "fail" } = this.#case;
    const says = "it ended TCP without a close frame";
    if (drops === "fail") this.#fail(says);
    else if (drops === "non-strict") this.#lax(says);
  }

  /** Whether the peer goes on with what it might have failed the connection for. */
  async #isTolerated(): Promise<boolean> {
    const peer = this.#peer;
    const { tolerated, answers = [1000] } = this.#case;
    if (tolerated === undefined) return false;
    const count = this.#expect.length + tolerated.length;
    await peer.until(() => peer.over || !peer.closeSent && peer.heard.length >= count, this.#patience.answer);
    const { closed } = peer;
    if (closed === undefined ? peer.over || peer.heard.length < count : !peer.closeSent || !answers.includes(closed.code)) return false;
    this.#expect = [...this.#expect, ...tolerated];
    this.#lax("it took what may not be sent");
    return true;
  }

  /** A server ends TCP first, a client once its server has (section 7.1.1). */
  async #endTcp(): Promise<void> {
    const peer = this.#peer;
    if (peer.role === "client" && !this.#failed) {
      if (this.#case.watchesEnd && await peer.until(() => peer.ended, CLIENT_WAITS)) this.#lax("it ended TCP before the server did");
      peer.end();
    }
    if (!await peer.until(() => peer.ended, !this.#failed ? this.#patience.drop : 0) && !this.#failed) {
      this.#fail("it did not end TCP");
    }
    peer.end();
  }

  #ending(): string {
    const { closed } = this.#peer;
    return closed === undefined ? "ended TCP" : `closed with ${closed.code ?? "no code"}`;
  }

  #compare(): void {
    const { end = "clean", lenient } = this.#case;
    const [expect, came] = this.#case.pongsAnywhere ? [pongsFirst(this.#expect), pongsFirst(this.#peer.heard)] : [this.#expect, this.#peer.heard];
    const all = this.#case.latestPong ? withMissing(came, expect) : came;
    const { unneeded } = this.#case;
    const heard = unneeded === undefined ? all : all.filter((frame) => !isSame(frame, unneeded));
    if (heard.length < all.length) this.#lax("it answered what came behind a close frame");
    const finding = this.#case.check?.(this.#peer.frames);
    if (finding !== undefined) this.#findings.push(finding);
    for (const [at, frame] of heard.entries()) {
      if (at < expect.length && isSame(frame, expect[at])) continue;
      const wanted = expect[at] as Frame | undefined;
      this.#fail(`it sent ${describeFrame(frame)} where ${wanted === undefined ? "nothing" : describeFrame(wanted)} was expected`);
      return;
    }
    if (heard.length === expect.length) return;
    const missing = `it sent ${heard.length} of ${expect.length} answers`;
    if (typeof end === "object" || end === "either" || lenient) this.#lax(missing);
    else this.#fail(missing);
  }
}

/** What was heard, with the pongs that a later one stands for, and each pong where it is expected: it need not wait for messages. */
function withMissing(heard: readonly Frame[], expect: readonly Frame[]): readonly Frame[] {
  const messages = heard.filter(({ opcode }) => opcode !== 10);
  const pongs = heard.filter(({ opcode }) => opcode === 10);
  const all: Frame[] = [];
  for (const wanted of expect) {
    if (wanted.opcode !== 10) all.push(...messages.splice(0, 1));
    else if (pongs.length > 0 && isSame(pongs[0], wanted)) all.push(...pongs.splice(0, 1));
    else if (pongs.length > 0) all.push(wanted);
  }
  return [...all, ...messages, ...pongs];
}

/** Where pongs stand among the messages says nothing; what is missing behind them is missing alone. */
function pongsFirst(frames: readonly Frame[]): readonly Frame[] {
  return [...frames.filter(({ opcode }) => opcode === 10), ...frames.filter(({ opcode }) => opcode !== 10)];
}

function isSame(a: Frame, b: Frame): boolean {
  return a.opcode === b.opcode && Buffer.compare(a.payload, b.payload) === 0;
}

function isSendable(code: number): boolean {
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code) || code >= 3000 && code <= 4999;
}

/** How much longer a large message may take, in milliseconds. */
const LARGE_TAKES = 30_000;
/** How long a peer is watched that must not fail the connection, in milliseconds. */
const ALIVE = 50;
/** How long a client is watched that should leave it to us to end TCP, in milliseconds. */
const CLIENT_WAITS = 50;
