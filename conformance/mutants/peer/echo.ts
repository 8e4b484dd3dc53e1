/**
 * A small echo peer, server or client, without any socket: bytes and the time go in, bytes and a deadline come out. It shares nothing with
 * core/, and does what its rules say: with those of `RIGHT` it passes every case there is, with one of them replaced it is a mutant.
 *
 * 1. The opening handshake: a head is read and judged, by `server-rules.ts` or `client-rules.ts`.
 * 2. The connection: `connection.ts`, by `connection-rules.ts` and `deflate-rules.ts`.
 * @module
 */
import type { Head, ReadHead } from "../../wire/case.ts";
import type { Agreement } from "../../wire/extension.ts";
import { latin1, plusField, readHead, writeHead } from "../../wire/head.ts";
import type { ByteProtocol } from "../../wire/protocol-link.ts";
import { encodeFrame } from "../../frames.ts";
import { Connection } from "./connection.ts";
import type { Role } from "./connection-rules.ts";
import { answerOffers, makeCodec } from "./deflate-rules.ts";
import { elements, readExtensions } from "./fields.ts";
import type { Rules } from "./rules.ts";
import { judgeRequest, type Why } from "./server-rules.ts";

/** One end of one connection. */
export class EchoPeer implements ByteProtocol {
  readonly #role: Role;
  readonly #rules: Rules;
  #output: Uint8Array[] = [];
  /** What came of the head so far, a character a byte; undefined behind it. */
  #head: string | undefined = "";
  #key = "";
  #connection: Connection | undefined = undefined;
  /** The handshake failed, and nothing is sent any more. */
  #failed = false;
  /** It failed, and TCP is not ended. */
  #lingers = false;
  /** How many bytes behind an answer are skipped. */
  #skip = 0;
  #deadline = Number.POSITIVE_INFINITY;

  /** A client's request asks for `target` on `host`. */
  constructor(role: Role, rules: Rules, { host, target }: { readonly host: string; readonly target: string } = { host: "localhost", target: "/" }) {
    this.#role = role;
    this.#rules = rules;
    this.#deadline = rules.patience;
    if (role === "client") this.#ask(host, target);
  }

  receive(input: Uint8Array, now: number): void {
    if (this.#connection !== undefined) this.#receiveFrames(input, now);
    else if (this.#head !== undefined && !this.#failed && !this.#lingers) this.#readHead(input, now);
  }

  receiveEnd(): void {
    if (this.#connection !== undefined) this.#connection.receiveEnd();
    else if (this.#role === "server") this.#failed = true;
    else if (!this.#lingers) this.#fail(true);
  }

  takeOutput(): readonly Uint8Array[] {
    return [...this.#output.splice(0), ...this.#connection?.takeOutput() ?? []];
  }

  get outputEnded(): boolean {
    return this.#connection?.ended ?? this.#failed;
  }

  get deadline(): number {
    return this.#connection?.deadline ?? (this.#failed ? Number.POSITIVE_INFINITY : this.#deadline);
  }

  handleTimeout(now: number): void {
    if (now < this.deadline) return;
    if (this.#connection !== undefined) this.#connection.expire();
    else if (this.#role === "server" && this.#head !== "") this.#refuse("late");
    else this.#fail(false);
  }

  /** A client's handshake fails, or a server's whose request never began. */
  #fail(isCut: boolean): void {
    this.#lingers = this.#role === "client" && !this.#rules.endsTcpFor(this.#head ?? "", isCut);
    this.#failed = !this.#lingers;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  #ask(host: string, target: string): void {
    this.#key = this.#rules.makeKey();
    const usual: Head = {
      line: `GET ${target} HTTP/1.1`,
      fields: [["Host", host], ["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Key", this.#key], ["Sec-WebSocket-Version", "13"]],
    };
    const { offer } = this.#rules;
    this.#say(this.#rules.shapeRequest(offer === undefined ? usual : plusField(usual, "Sec-WebSocket-Extensions", offer)));
    this.#output.push(...this.#rules.sendsEarly.map((frame) => encodeFrame(frame, 1)));
  }

  #readHead(input: Uint8Array, now: number): void {
    const rules = this.#rules;
    const whole = `${this.#head}${Buffer.from(input).toString("latin1")}`;
    const text = this.#head = this.#role === "server" ? whole.slice(rules.skipBefore(whole)) : whole;
    const end = rules.findEnd(text);
    const head = end === undefined ? text : text.slice(0, end.at + end.length);
    if (head.split("\r", 1)[0].length > rules.maxLine) return this.#refuse("line");
    if (head.length > rules.maxHead) return this.#refuse("size");
    if (!rules.areCharactersRight(head)) return this.#refuse("head");
    if (end === undefined) return;
    const rest = input.subarray(input.length - (text.length - head.length));
    const read = this.#parse(text.slice(0, end.at));
    if (read === undefined) this.#refuse("head");
    else if (this.#role === "server") this.#answer(read, rest, now);
    else this.#judgeAnswer(read, rest, now);
  }

  #parse(text: string): ReadHead | undefined {
    const [line, ...others] = this.#rules.splitLines(text);
    if (!others.every((other) => this.#rules.isFieldLine(other))) return undefined;
    const fields = others.map((other) => /^[ \t]*([^:]+?)[ \t]*:(.*)$/.exec(other)).filter((match) => match !== null); // others are there for mutants alone
    return readHead([line, ...fields.map(([, name, value]) => `${name.replace(/[ \t]/g, "-")}:${value}`)].join("\r\n"));
  }

  #answer(request: ReadHead, rest: Uint8Array, now: number): void {
    const rules = this.#rules;
    const why = judgeRequest(request, rules);
    if (why !== undefined) this.#refuse(why);
    if (why !== undefined && rules.opensAnyway) this.#open(undefined, rest, now);
    if (why !== undefined) return;
    const agreed = answerOffers(readExtensions(request.all("Sec-WebSocket-Extensions")) ?? [], rules);
    const protocol = rules.chooseProtocol(elements(request.all("Sec-WebSocket-Protocol")));
    const answer: Head = {
      line: "HTTP/1.1 101 Switching Protocols",
      fields: [
        ["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", rules.accept(request.get("Sec-WebSocket-Key") ?? "")],
        ...protocol === undefined ? [] : [["Sec-WebSocket-Protocol", protocol] as const],
        ...agreed === undefined ? [] : [["Sec-WebSocket-Extensions", agreed.answer] as const],
      ],
    };
    this.#say(rules.shapeAnswer(answer, request));
    this.#open(agreed?.agreed, rules.readEarly(rest, (head) => this.#say(head)), now);
  }

  #refuse(why: Why): void {
    if (this.#role === "client") this.#fail(false);
    else this.#failed = true;
    if (this.#role === "client") this.#output.push(...this.#rules.saysOnFailure.map((frame) => encodeFrame(frame, 1)));
    if (this.#role === "client") return;
    const { status, fields = [] } = this.#rules.refuse(why);
    this.#say(this.#rules.shapeRefusal({ line: `HTTP/1.1 ${status} No`, fields: [...fields, ["Content-Length", "0"], ["Connection", "close"]] }));
  }

  #judgeAnswer(answer: ReadHead, rest: Uint8Array, now: number): void {
    const rules = this.#rules;
    if (rules.isInterim(answer.line)) {
      this.#head = "";
      if (rest.length > 0) this.#readHead(rest, now);
      return;
    }
    const said = rules.valuesOf(answer, "Sec-WebSocket-Extensions");
    const told = readExtensions(said) ?? [];
    const agreed = told.length === 0 ? undefined : rules.takeAnswer(told, rules.offer ?? "");
    const isRight = rules.isStatusLine(answer.line) && rules.isUpgraded(rules.valuesOf(answer, "Upgrade")) && rules.isConnected(rules.valuesOf(answer, "Connection"))
      && rules.isAccept(rules.valuesOf(answer, "Sec-WebSocket-Accept"), this.#key) && rules.isProtocol(rules.valuesOf(answer, "Sec-WebSocket-Protocol"))
      && rules.mayExtend(said, agreed !== undefined);
    this.#skip = rules.bytesBehind(answer, rest);
    if (isRight) this.#open(agreed, rules.readsBehindAnswer ? rest : EMPTY, now);
    else this.#refuse("head");
  }

  #open(agreed: Agreement | undefined, rest: Uint8Array, now: number): void {
    this.#head = undefined;
    this.#connection = new Connection(this.#role, this.#rules, agreed && makeCodec(agreed, this.#role, this.#rules));
    this.#receiveFrames(rest, now);
  }

  #receiveFrames(bytes: Uint8Array, now: number): void {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    if (bytes.length > skipped) this.#connection?.receive(bytes.subarray(skipped), now);
  }

  #say(head: Head): void {
    this.#output.push(latin1(writeHead(head)));
  }
}

const EMPTY = new Uint8Array(0);
