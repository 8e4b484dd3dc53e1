/**
 * Runs one case with one peer, and judges.
 * @module
 */
import { close, describeFrame, type Frame } from "../frames.ts";
import type { Case, Patience, Result, Send } from "./case.ts";
import { Refusal } from "./opening.ts";
import type { Peer } from "./peer.ts";

/** Runs a case; its connection is over afterwards. */
export async function judge(item: Case, connect: () => Promise<Peer>, patience: Patience): Promise<Result> {
  const start = performance.now();
  const failures: string[] = [];
  const lax: string[] = [];
  let peer: Peer | undefined;
  let lacking: string | undefined;
  try {
    peer = await connect();
    lacking = whatIsLacking(item, peer);
    if (lacking === undefined) await new Run(item, peer, patience, failures, lax).run();
    else await new Run({ ...item, send: [], expect: [], end: "clean" }, peer, patience, failures, lax).run();
    failures.push(...peer.broken);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // what is offered wrongly is to be declined, not to be punished
    (item.deflate?.optional && error instanceof Refusal ? lax : failures).push(message);
  }
  peer?.destroy();
  const verdict = failures.length > 0 ? "failed" : lacking !== undefined ? "unimplemented" : lax.length > 0 ? "non-strict" : "ok";
  const reasons = [...failures, ...lacking === undefined ? [] : [lacking], ...lax];
  const { compressed = { messages: 0, payload: 0, restored: 0 } } = peer ?? {};
  return { id: item.id, about: item.about, verdict, reasons, duration: performance.now() - start, compressed };
}

/** Why a peer cannot be asked; undefined where it can. */
function whatIsLacking({ deflate }: Case, { codec }: Peer): string | undefined {
  if (deflate === undefined || deflate.optional) return undefined;
  if (codec === undefined) return "it did not agree to permessage-deflate";
  const { takeover, bits } = codec.ours;
  return deflate.takeover && !(takeover && bits === 15) ? "it wants no context takeover, or a smaller window" : undefined;
}

class Run {
  readonly #case: Case;
  readonly #peer: Peer;
  readonly #patience: Patience;
  readonly #failures: string[];
  readonly #lax: string[];
  readonly #expect: readonly Frame[];
  #large: boolean;

  constructor(item: Case, peer: Peer, patience: Patience, failures: string[], lax: string[]) {
    this.#case = item;
    this.#peer = peer;
    this.#patience = patience;
    this.#failures = failures;
    this.#lax = lax;
    this.#expect = item.expect; // once: it may be made when it is asked for
    this.#large = this.#expect.some(({ payload }) => payload.length > 65_536);
  }

  async run(): Promise<void> {
    const { send, end } = this.#case;
    for (const step of send) {
      if (this.#peer.ended || this.#failures.length > 0) break;
      await this.#send(step);
    }
    if (end === "clean") await this.#endClean();
    else await this.#endFailed(end);
    this.#compare();
  }

  async #send(step: Send): Promise<void> {
    const peer = this.#peer;
    if ("frames" in step) await peer.send(step.frames, step.chop);
    else if ("bytes" in step) peer.write(step.bytes);
    else if ("piecemeal" in step) await this.#sendPiecemeal(step);
    else if ("message" in step) await peer.sendMessage(step.message, step.size);
    else if ("series" in step) await this.#sendSeries(step);
    else if ("heard" in step) await this.#hear(step.heard);
    else if ("alive" in step) {
      if (await peer.until(() => peer.over, ALIVE)) this.#failures.push("it failed the connection too early");
    } else if (!await peer.until(() => peer.over, this.#patience.failFast)) {
      this.#lax.push("it did not fail the connection at the first byte that cannot be right");
    }
  }

  async #sendPiecemeal({ piecemeal, cuts, between }: Extract<Send, { piecemeal: unknown }>): Promise<void> {
    const bytes = this.#peer.encode(piecemeal);
    const header = bytes.length - piecemeal.payload.length;
    let start = 0;
    for (const [at, cut] of [...cuts, piecemeal.payload.length].entries()) {
      this.#peer.write(bytes.subarray(start, header + cut));
      start = header + cut;
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
      if (peer.broken.length === 0) this.#failures.push(`for message ${at} it sent ${echo === undefined ? "nothing" : describeFrame(echo)} where ${describeFrame(message)} was expected`);
      return;
    }
  }

  async #hear(count: number): Promise<void> {
    const peer = this.#peer;
    const patience = this.#patience.answer + (this.#large ? LARGE_TAKES : 0);
    await peer.until(() => peer.heard.length >= count || peer.over || peer.broken.length > 0, patience);
  }

  /** Closes, unless the case did; the peer must answer, and TCP must end at the right end. */
  async #endClean(): Promise<void> {
    const peer = this.#peer;
    if (!peer.closeSent) {
      await this.#hear(this.#expect.length);
      if (peer.over) this.#failures.push(`it ${this.#ending()} on its own`);
      else await peer.send([close(1000)]);
    }
    if (!await peer.until(() => peer.over, this.#patience.answer)) this.#failures.push("it did not answer the close frame");
    else if (peer.closed === undefined) this.#failures.push("it ended TCP without a close frame");
    else this.#judgeAnswer(peer.closed.code);
    await this.#endTcp();
  }

  #judgeAnswer(code: number | undefined): void {
    const { answers = [1000] } = this.#case;
    if (answers.includes(code)) return;
    const said = `it answered the close frame with ${code ?? "no code"}`;
    if (code === undefined || isSendable(code)) this.#lax.push(said);
    else this.#failures.push(said);
  }

  async #endFailed(codes: readonly number[]): Promise<void> {
    const peer = this.#peer;
    if (!await peer.until(() => peer.over, this.#patience.answer)) {
      this.#failures.push("it did not fail the connection");
      return;
    }
    if (peer.closed !== undefined) {
      const { code } = peer.closed;
      if (code === undefined || code === 1000 || !isSendable(code)) this.#failures.push(`it closed with ${code ?? "no code"} where it had to fail the connection`);
      else if (!codes.includes(code)) this.#lax.push(`it failed the connection with ${code}`);
      if (!peer.closeSent) await peer.send([close(code !== undefined && isSendable(code) ? code : 1002)]);
    }
    await this.#endTcp();
  }

  /** A server ends TCP first, a client once its server has (section 7.1.1). */
  async #endTcp(): Promise<void> {
    const peer = this.#peer;
    if (peer.role === "client" && this.#failures.length === 0) {
      if (this.#case.watchesEnd && await peer.until(() => peer.ended, CLIENT_WAITS)) this.#lax.push("it ended TCP before the server did");
      peer.end();
    }
    if (!await peer.until(() => peer.ended, this.#failures.length === 0 ? this.#patience.drop : 0) && this.#failures.length === 0) {
      this.#failures.push("it did not end TCP");
    }
    peer.end();
  }

  #ending(): string {
    const { closed } = this.#peer;
    return closed === undefined ? "ended TCP" : `closed with ${closed.code ?? "no code"}`;
  }

  #compare(): void {
    const expect = this.#expect;
    const { end, lenient } = this.#case;
    const { heard } = this.#peer;
    for (const [at, frame] of heard.entries()) {
      if (at < expect.length && isSame(frame, expect[at])) continue;
      const wanted = expect[at] as Frame | undefined;
      this.#failures.push(`it sent ${describeFrame(frame)} where ${wanted === undefined ? "nothing" : describeFrame(wanted)} was expected`);
      return;
    }
    if (heard.length === expect.length) return;
    const missing = `it sent ${heard.length} of ${expect.length} answers`;
    if (end !== "clean" || lenient) this.#lax.push(missing);
    else this.#failures.push(missing);
  }
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
