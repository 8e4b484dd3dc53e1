/**
 * One connection of `isosocket connect`: what is typed or piped goes out, what comes in is reported.
 * @module
 */
import type { Close, Handler, Socket } from "../index.node.ts";
import { EXIT, onBrokenPipe, onInterrupt } from "./exit.ts";
import { lines } from "./lines.ts";
import { Prompt } from "./prompt.ts";
import { JsonReport, type Report, TextReport } from "./report.ts";
import type { Target } from "./target.ts";
import { act, COMMAND_WORDS } from "./typed.ts";

/** How a session goes. */
export interface SessionOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly binary: boolean;
  /** Seconds between pings; undefined for none. */
  readonly ping: number | undefined;
  /** Milliseconds of silence after the end of stdin. */
  readonly wait: number;
  readonly closeCode: number;
  /** Bytes of the longest message. */
  readonly maxMessage: number;
}

/** From before the connection opens until it has ended. */
export class Session {
  readonly report: Report;
  /** What `connect` takes to tell this session of everything. */
  readonly handler: Handler<undefined>;
  /** The exit code, once Ctrl-C or a signal asked to end. */
  interrupted: number | undefined = undefined;
  readonly #options: SessionOptions;
  readonly #controller = new AbortController();
  #socket: Socket<undefined> | undefined = undefined;
  #prompt: Prompt | undefined = undefined;
  /** True once we started to close. */
  #closing = false;
  /** When something last came or left. */
  #heardAt = performance.now();
  /** True while the pong being told of answers a ping of ours, which tells of it itself. */
  #answered = false;

  constructor(options: SessionOptions) {
    const { json, quiet, verbose, binary } = options;
    this.#options = options;
    const print = (stream: NodeJS.WriteStream, text: string | Uint8Array): boolean => this.#prompt?.print(stream, text) ?? stream.write(text);
    this.report = new (json ? JsonReport : TextReport)({ quiet, verbose, binary, print });
    this.handler = {
      open: (socket) => this.#opened(socket),
      message: (_, message) => {
        this.#heardAt = performance.now();
        return this.report.message(message);
      },
      ping: (_, data) => this.report.ping(data),
      pong: (_, data) => this.#pong(data),
      error: (error) => this.report.error(error instanceof Error ? error.message : String(error), {}),
      ...(verbose ? { frame: (_, frame) => this.report.frame(frame) } : {}),
    };
    onInterrupt((code) => this.#interrupt(code));
    onBrokenPipe(() => this.#interrupt(EXIT.ok));
  }

  /** Gives the attempt up when asked to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says where it goes, and that it takes long when it does. Returns what stops that. */
  connecting({ url, note }: Target): () => void {
    if (note !== undefined) this.report.note(note);
    const timer = setTimeout(() => this.report.note(`still connecting to ${url}`), SLOW);
    return () => clearTimeout(timer);
  }

  /** Settles with the exit code when the connection has ended. */
  async run(): Promise<number> {
    const socket = this.#socket as Socket<undefined>;
    const { ping } = this.#options;
    const timer = ping === undefined || ping === Number.POSITIVE_INFINITY ? undefined : setInterval(() => this.#ping(), ping * 1_000);
    if (this.#prompt === undefined) this.#pipe(socket).catch((error: unknown) => this.#stop((error as Error).message));
    else this.#type(this.#prompt, socket);
    const close = await socket.closed;
    clearInterval(timer);
    this.#prompt?.end();
    this.report.close(close, this.#closing || close.fault !== undefined);
    return this.interrupted ?? this.#verdict(close);
  }

  #opened(socket: Socket<undefined>): void {
    this.#socket = socket;
    this.report.open(socket);
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return;
    if (!this.#options.quiet) this.report.note("type a message and press Enter; /help for more, Ctrl-C to end");
    this.#prompt = new Prompt(COMMAND_WORDS);
  }

  /** Every line typed is a message or a command. */
  #type(prompt: Prompt, socket: Socket<undefined>): void {
    const typing = {
      socket,
      report: this.report,
      send: (line: string | Uint8Array) => this.#send(socket, line),
      ping: () => void this.#ping(),
      close: (code: number | undefined, reason: string) => this.#close(code, reason),
    };
    prompt.start((line) => act(line, typing), () => this.#close(), () => process.emit("SIGINT"));
  }

  /** Every line of stdin is a message. After the last, answers are awaited. */
  async #pipe(socket: Socket<undefined>): Promise<void> {
    const { binary, maxMessage } = this.#options;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let turnAt = performance.now();
    for await (const line of lines(process.stdin, maxMessage)) {
      if (socket.state !== "open") return;
      if (!socket.send(binary ? line : decoder.decode(line)) && !await socket.writable()) return;
      if (performance.now() - turnAt < TURN) continue;
      await new Promise((resolve) => setImmediate(resolve)); // a full pipe would be read on and on, and the socket not at all (measured)
      turnAt = performance.now();
    }
    await this.#settled(socket);
    this.#close();
  }

  /**
   * Waits until nothing is to be expected any more: a ping behind the last message was answered, so that the server has
   * read them all, and it has been silent since.
   */
  async #settled(socket: Socket<undefined>): Promise<void> {
    const { wait } = this.#options;
    this.#heardAt = performance.now();
    let answered = false;
    void socket.ping().then(() => {
      answered = this.#answered = true;
      this.#heardAt = performance.now();
    });
    while (socket.state === "open") {
      if (socket.bufferedAmount > 0) this.#heardAt = performance.now();
      const left = this.#heardAt + (answered ? wait : Math.max(wait, PATIENCE)) - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, answered ? left : STEP, MAX_STEP)));
    }
  }

  #send(socket: Socket<undefined>, message: string | Uint8Array): void {
    const bytes = typeof message === "string" && this.#options.binary ? new TextEncoder().encode(message) : message;
    try {
      socket.send(bytes);
    } catch (error) {
      this.report.error((error as Error).message, {});
    }
  }

  async #ping(): Promise<void> {
    const roundTrip = await this.#socket?.ping();
    if (roundTrip === undefined) return;
    this.#answered = true;
    this.report.pong(this.#lastPong, roundTrip);
  }

  #lastPong: Uint8Array = new Uint8Array(0);

  /** The socket settles `ping()` first; if nobody awaited that, the pong was not asked for. */
  #pong(data: Uint8Array): void {
    this.#lastPong = data;
    queueMicrotask(() => {
      if (!this.#answered) this.report.pong(data, undefined);
      this.#answered = false;
    });
  }

  /** @throws {RangeError} for a code or a reason that may not be sent */
  #close(code: number = this.#options.closeCode, reason = ""): void {
    const open = this.#socket?.state === "open"; // else the server began
    void this.#socket?.close(code, reason);
    this.#closing ||= open;
  }

  #stop(message: string): void {
    this.report.error(message, {});
    this.interrupted ??= EXIT.failed;
    this.#close();
  }

  /** Ends soon: an attempt is given up, a connection is closed, and a peer that does not answer is not waited for long. */
  #interrupt(code: number): void {
    this.interrupted = code;
    this.#controller.abort(new Error("Interrupted"));
    if (this.#socket === undefined) return;
    this.#prompt?.end();
    this.#close();
    setTimeout(() => this.#socket?.terminate(), LINGER);
  }

  #verdict({ clean, code, fault }: Close): number {
    if (!clean || fault !== undefined) return EXIT.failed;
    return this.#closing || code < 1002 || code === 1005 || code >= 3000 ? EXIT.ok : EXIT.failed;
  }
}

/** Milliseconds after which an attempt to connect is said to take long. */
const SLOW = 1_500;
/** Milliseconds that sending goes on before what arrived has its turn. */
const TURN = 10;
/** Milliseconds of silence after which a ping will not be answered. */
const PATIENCE = 3_000;
/** Milliseconds between looks at whether the ping was answered. */
const STEP = 25;
/** The longest delay a timer takes. */
const MAX_STEP = 2_147_483_647;
/** Milliseconds that the server has to answer our close frame when we were asked to end. */
const LINGER = 1_000;
