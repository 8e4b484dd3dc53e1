/**
 * What `isosocket connect` prints: messages on stdout, everything else on stderr; or JSON on stdout.
 * @module
 */
import { once } from "node:events";
import type { Close, FrameRecord, Message, Socket } from "../index.node.ts";
import { duration, excerpt, type Colour, painter, visible } from "./terminal.ts";
import { bothSides, closeFacts, closeLine, frameFacts, frameLine, hex } from "./words.ts";

/** Hears everything of one connection. */
export interface Report {
  open(socket: Socket<undefined>): void;
  /** Settles when there is room for the next. */
  message(message: Message): Promise<unknown> | undefined;
  /** A ping came, and is answered. */
  ping(data: Uint8Array): void;
  /** A pong came; `roundTrip` in milliseconds when it answers a ping of ours. */
  pong(data: Uint8Array, roundTrip: number | undefined): void;
  frame(frame: FrameRecord): void;
  /** The connection ended; `byUs` when we began to close it. */
  close(close: Close, byUs: boolean): void;
  /** The connection did not open, or something that was asked for cannot be done. */
  error(message: string, facts: Readonly<Record<string, unknown>>): void;
  /** A remark for people. */
  note(text: string): void;
}

/** How things are printed. */
export interface ReportOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Bytes are written as they are. */
  readonly binary: boolean;
  /** Writes a line of ours; messages are told apart from the rest. Where a line is being typed, it stays whole. */
  readonly print: (stream: NodeJS.WriteStream, text: string | Uint8Array) => boolean;
}

/** For people. On a terminal messages are marked; in a pipe they are bare. */
export class TextReport implements Report {
  readonly #options: ReportOptions;
  readonly #terminal: boolean = process.stdout.isTTY === true;
  readonly #paintOut = painter(process.stdout);
  readonly #paint = painter(process.stderr);

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  open({ url, protocol, request, response }: Socket<undefined>): void {
    const { verbose } = this.#options;
    if (verbose) {
      this.#status("dim", "->", `GET ${excerpt(request.target, 70)}`);
      for (const [name, value] of request.fields) this.#status("dim", "->", `${name}: ${excerpt(value, 200)}`);
      this.#status("dim", "<-", `${response.status} ${excerpt(response.reason, 70)}`);
      for (const [name, value] of response.fields) this.#status("dim", "<-", `${excerpt(name, 70)}: ${excerpt(value, 200)}`);
    }
    this.#status("green", "*", `connected to ${excerpt(url, 200)}${protocol === "" ? "" : `, subprotocol ${protocol}`}`);
  }

  message(message: Message): Promise<unknown> | undefined {
    const { stdout } = process;
    const { print, binary } = this.#options;
    if (typeof message !== "string" && binary && !this.#terminal) return room(print(stdout, Buffer.concat([message, LINE_END])));
    const text = typeof message !== "string" ? this.#bytes(message) : this.#terminal ? visible(message) : message;
    return room(print(stdout, `${this.#terminal ? this.#paintOut("cyan", `< ${text}`) : text}\n`));
  }

  ping(data: Uint8Array): void {
    this.#status("dim", "*", `ping${quoted(data)} from the server, answered`);
  }

  pong(data: Uint8Array, roundTrip: number | undefined): void {
    if (roundTrip !== undefined) this.#status("magenta", "*", `pong after ${duration(roundTrip)}`);
    else if (data.length > 0) this.#status("dim", "*", `pong${quoted(data)} from the server, not asked for`);
  }

  frame(frame: FrameRecord): void {
    if (this.#options.verbose) this.#options.print(process.stderr, `${this.#paint("dim", frameLine(frame, 78))}\n`);
  }

  close(close: Close, byUs: boolean): void {
    const line = `closed: ${closeLine(close)}`;
    const sides = `(${bothSides(close, byUs)})`;
    const gap = line.length + sides.length < 77 ? " " : "\n  ";
    this.#status(close.clean && close.fault === undefined ? "green" : "yellow", "*", `${line}${gap}${sides}`);
  }

  error(message: string): void {
    this.#options.print(process.stderr, `${this.#paint("red", "error:")} ${visible(message).replaceAll("\n", " ")}\n`);
  }

  note(text: string): void {
    this.#status("dim", "*", visible(text));
  }

  #status(colour: Colour, mark: string, text: string): void {
    if (!this.#options.quiet) this.#options.print(process.stderr, `${this.#paint(colour, `${mark} ${text}`)}\n`);
  }

  #bytes(data: Uint8Array): string {
    return this.#terminal ? `(${data.length} bytes) ${excerpt(hex(data.subarray(0, 2_048)), 2_048)}` : hex(data);
  }
}

/** For programs: one object a line. */
export class JsonReport implements Report {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  open({ url, protocol, response }: Socket<undefined>): void {
    const headers: Record<string, string> = Object.create(null);
    for (const [name] of response.fields) headers[name.toLowerCase()] = response.fields.get(name) as string;
    this.#object("open", { url, protocol, headers });
  }

  message(message: Message): Promise<unknown> | undefined {
    return typeof message === "string" ? this.#object("message", { type: "text", data: message })
      : this.#object("message", { type: "binary", data: hex(message) });
  }

  ping(data: Uint8Array): void {
    this.#object("ping", { data: hex(data) });
  }

  pong(data: Uint8Array, roundTrip: number | undefined): void {
    this.#object("pong", { data: hex(data), roundTrip: roundTrip === undefined ? null : Number(roundTrip.toFixed(3)) });
  }

  frame(frame: FrameRecord): void {
    if (this.#options.verbose) this.#object("frame", frameFacts(frame));
  }

  close(close: Close): void {
    this.#object("close", closeFacts(close));
  }

  error(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#object("error", { message, ...facts });
  }

  note(text: string): void {
    if (!this.#options.quiet) this.#options.print(process.stderr, `* ${visible(text)}\n`);
  }

  #object(event: string, facts: Readonly<Record<string, unknown>>): Promise<unknown> | undefined {
    return room(this.#options.print(process.stdout, `${JSON.stringify({ event, ...facts })}\n`));
  }
}

/** A reader that is slow to take what we print slows the server down. */
function room(more: boolean): Promise<unknown> | undefined {
  return more ? undefined : once(process.stdout, "drain").catch(() => undefined);
}

function quoted(data: Uint8Array): string {
  return data.length === 0 ? "" : ` "${excerpt(Buffer.from(data).toString(), 60)}"`;
}

const LINE_END = new Uint8Array([10]);
