/**
 * The end of a connection that a vector tests, driven as a driver would: after any call its output is taken and its
 * deadline looked at.
 * @module
 */
import { RandomPool } from "../core/bytes/random-pool.ts";
import type { Protocol } from "../core/protocol.ts";
import { ClientUpgrade } from "../core/websocket/client-upgrade.ts";
import { WebSocketConnection } from "../core/websocket/connection.ts";
import type { Agreement } from "../core/websocket/extension.ts";
import type { WebSocketHandler } from "../core/websocket/handler.ts";
import { acceptUpgrade, offerUpgrade } from "../core/websocket/handshake.ts";
import type { RequestHead } from "../core/http/head.ts";
import { ServerUpgrade } from "../core/websocket/server-upgrade.ts";
import { concat, decode, describeBytes, toBytes } from "./frames.ts";
import type { Action, Event, Vector } from "./vector.ts";

/** One run of a vector. */
export class Subject {
  /** What was heard, in words. */
  readonly events: string[] = [];
  /** What is wrong whatever was expected. */
  readonly problems: string[] = [];
  readonly #vector: Vector;
  #connection: WebSocketConnection;
  readonly #protocol: Protocol<Uint8Array, Uint8Array>;
  readonly #output: Uint8Array[] = [];
  #now = 0;
  #blocked = false;
  #isClosed = false;
  readonly #makeConnection: (agreement: Agreement | undefined) => WebSocketConnection;
  #decide: () => void = () => this.problems.push("there was nothing to decide");

  constructor(vector: Vector) {
    const random = new RandomPool(fillWithExample);
    this.#vector = vector;
    const limits = { pingInterval: Number.POSITIVE_INFINITY, ...vector.limits };
    this.#makeConnection = (agreement) =>
      new WebSocketConnection({ role: vector.role, random, limits, handler: this.#makeHandler(), extension: agreement?.start() });
    const { opening } = vector;
    if (opening === undefined) {
      this.#protocol = this.#connection = this.#makeConnection(vector.extension);
    } else if ("offer" in opening) {
      const offer = offerUpgrade(opening.offer, random);
      this.#connection = this.#makeConnection(undefined);
      this.#protocol = new ClientUpgrade({
        offer,
        limits,
        onAccepted: ({ protocol, extension }) => {
          this.#hear({ opened: protocol });
          return this.#connectWith(extension);
        },
        onFailure: ({ reason }) => this.#hear({ failed: reason }),
      });
    } else {
      this.#connection = this.#makeConnection(undefined);
      const upgrade: ServerUpgrade = new ServerUpgrade({
        limits,
        onRequest: (request) => {
          this.#decide = () => this.#answer(upgrade, request);
          if (opening.later === undefined) this.#decide();
        },
      });
      this.#protocol = upgrade;
    }
    this.#settle();
  }

  /** Hands over bytes, and sees that they are only lent. */
  receive(piece: Uint8Array): void {
    const lent = piece.slice();
    try {
      this.#protocol.receive(lent, this.#now);
    } catch (error) {
      if (!this.#maythrow) this.problems.push(`receive threw ${String(error)}`);
    }
    if (lent.some((byte, at) => byte !== piece[at])) this.problems.push("receive changed its input");
    lent.fill(0xa5);
    this.#settle();
  }

  end(): void {
    this.#protocol.receiveEnd(this.#now);
    this.#settle();
  }

  /** Lets time pass; what falls due on the way happens when it is due. */
  wait(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let turns = 0; this.#protocol.deadline <= until && turns < MAX_TURNS; turns++) {
      this.#now = Math.max(this.#now, this.#protocol.deadline);
      this.#settle();
    }
    this.#now = until;
    this.#settle();
  }

  block(blocked: boolean): void {
    this.#blocked = blocked;
    this.#settle();
  }

  act(action: Action): void {
    this.#do(action);
    this.#settle();
  }

  expect(name: "deadline" | "outputEnded" | "paused" | "state", expected: unknown): void {
    const actual = name === "state" ? this.#connection.state : this.#protocol[name];
    if (actual !== expected) this.problems.push(`${name} is ${String(actual)} where ${String(expected)} was expected, at ${this.#now} ms`);
  }

  /** What was sent behind the heads; the heads are checked here. */
  readOutput(): Uint8Array {
    const output = concat(this.#output);
    const { opening } = this.#vector;
    if (opening === undefined) return output;
    const head = takeHead(output);
    if ("offer" in opening) {
      if (head === undefined) this.problems.push("no request was sent");
      else if (opening.request !== undefined && opening.request !== head.lines.join("\n")) this.problems.push(`the request was ${JSON.stringify(head.lines)}`);
      return head?.rest ?? output;
    }
    const { answer } = opening;
    if (answer === undefined || head === undefined) {
      if (answer !== undefined) this.problems.push("no answer was sent");
      return output;
    }
    const status = Number(head.lines[0].split(" ")[1]);
    if (status !== answer.status) this.problems.push(`the answer was ${head.lines[0]}`);
    for (const [name, expected] of Object.entries(answer.fields ?? {})) {
      const actual = head.field(name);
      if (actual !== expected) this.problems.push(`the answer's ${name} is ${String(actual)} where ${String(expected)} was expected`);
    }
    if (status === 101) return head.rest;
    if (head.rest.length !== Number(head.field("Content-Length"))) this.problems.push("the answer's body is not as long as Content-Length says");
    return new Uint8Array(0);
  }

  #answer(upgrade: ServerUpgrade, request: RequestHead): void {
    const { opening } = this.#vector;
    const verdict = acceptUpgrade(request, opening !== undefined && "answer" in opening ? opening.accept : undefined);
    if (!verdict.accepted) upgrade.refuse(verdict);
    else {
      this.#hear({ opened: verdict.protocol });
      upgrade.accept(verdict, this.#connectWith(verdict.extension), this.#now);
    }
  }

  /** The connection behind the handshake: it is another one when an extension was agreed on. */
  #connectWith(extension: Agreement | undefined): WebSocketConnection {
    if (extension !== undefined) this.#connection = this.#makeConnection(extension);
    return this.#connection;
  }

  #makeHandler(): WebSocketHandler {
    return {
      onText: (text) => this.#hear({ text }, "text"),
      onBinary: (binary) => this.#hear({ binary }, "binary"),
      onPing: (ping) => this.#hear({ ping }, "ping"),
      onPong: (pong) => this.#hear({ pong }, "pong"),
      onClose: ({ code, reason, clean, fault }) => {
        this.#hear({ closed: { code, reason, clean, fault: fault?.name } });
        this.#isClosed = true;
      },
    };
  }

  #hear(event: Event, kind?: string): void {
    if (this.#isClosed) this.problems.push("something was heard after close");
    this.events.push(describeEvent(event));
    const { inside } = this.#vector;
    if (inside !== undefined && inside.on === kind) this.#do(inside.do);
  }

  #do(action: Action): void {
    const connection = this.#connection;
    let returned: boolean | undefined;
    if ("send" in action) returned = typeof action.send === "string" ? connection.sendText(action.send, action.compress) : connection.sendBinary(action.send, action.compress);
    else if ("fragment" in action) returned = connection.sendFragment(action.fragment, action.final, action.compress);
    else if ("ping" in action) returned = connection.ping(toBytes(action.ping));
    else if ("close" in action) returned = connection.close(...action.close);
    else if ("pause" in action) connection.pause();
    else if ("resume" in action) connection.resume(this.#now);
    else if ("decide" in action) this.#decide();
    else throw new Error(action.throw);
    if (returned !== undefined && "returns" in action && action.returns !== returned) {
      this.problems.push(`${Object.keys(action)[0]} returned ${returned}`);
    }
  }

  get #maythrow(): boolean {
    const { inside } = this.#vector;
    return inside !== undefined && "throw" in inside.do;
  }

  /** The one rule: after any call, take the output and look at the deadline. */
  #settle(): void {
    const protocol = this.#protocol;
    this.#take();
    for (let turns = 0; protocol.deadline <= this.#now; turns++) {
      if (turns === MAX_TURNS) {
        this.problems.push("handleTimeout does not move the deadline");
        return;
      }
      protocol.handleTimeout(this.#now);
      this.#take();
    }
  }

  #take(): void {
    if (this.#blocked) return;
    const ended = this.#protocol.outputEnded;
    const pieces = this.#protocol.takeOutput(this.#now);
    if (ended && pieces.length > 0) this.problems.push("output followed its end");
    this.#output.push(...pieces);
  }
}

/** An event in words. */
export function describeEvent(event: Event): string {
  if ("closed" in event) {
    const { code, reason, clean, fault } = event.closed;
    return `closed ${code} ${describeBytes(toBytes(reason))} ${clean ? "clean" : "not clean"}${fault === undefined ? "" : `, fault ${fault}`}`;
  }
  const [[kind, value]] = Object.entries(event) as [string, string | Uint8Array][];
  return `${kind} ${describeBytes(toBytes(value))}`;
}

interface Head {
  readonly lines: readonly string[];
  readonly rest: Uint8Array;
  /** A field's value; null when it is absent, or there twice. */
  field(name: string): string | null;
}

function takeHead(bytes: Uint8Array): Head | undefined {
  const latin1 = String.fromCharCode(...bytes);
  const end = latin1.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const lines = (decode(bytes.subarray(0, end)) ?? "").split("\r\n");
  return {
    lines,
    rest: bytes.subarray(end + 4),
    field(name) {
      const found = lines.slice(1).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `));
      return found.length === 1 ? found[0].slice(name.length + 2) : null;
    },
  };
}

/** The nonce of the RFC's example (section 1.3) over and over, so that a client's first key is the example's. */
function fillWithExample(target: Uint8Array): void {
  const example = toBytes("the sample nonce");
  for (let i = 0; i < target.length; i++) target[i] = example[i % 16] ^ Math.floor(i / 16);
}

/** More turns than any deadline may need. */
const MAX_TURNS = 1000;
