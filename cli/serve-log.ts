/**
 * What `isosocket serve` prints.
 * @module
 */
import type { Close, DrainSummary, FrameRecord, Refusal, Server, Socket } from "../index.node.ts";
import { count, duration, excerpt, type Paint, painter } from "./terminal.ts";
import { closeFacts, closeLine, frameFacts, frameLine } from "./words.ts";

/** What the server keeps of a connection. */
export interface Peer {
  /** Counts from 1. */
  readonly id: number;
  /** On the clock of `performance.now`. */
  readonly openedAt: number;
  /** Messages that came. */
  received: number;
}

/** Lines for people, or one JSON object a line for programs. */
export class ServeLog {
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #json: boolean;
  readonly #paint: Paint = painter(process.stdout);

  constructor({ quiet, verbose, json }: { quiet: boolean; verbose: boolean; json: boolean }) {
    this.#quiet = quiet;
    this.#verbose = verbose;
    this.#json = json;
  }

  listening({ url, port }: Server<Peer>, mode: string): void {
    const web = url.replace(/^ws/, "http");
    if (this.#json) return this.#object("listening", { url, web, port, mode });
    if (this.#quiet) return this.#write(url);
    const paint = this.#paint;
    this.#write(`${mode === "echo" ? "An echo server" : "A broadcast server"} is listening. Ctrl-C ends it.\n`);
    this.#write(`  WebSocket  ${paint("bold", url)}`);
    this.#write(`  browser    ${paint("bold", web)}`);
    this.#write(`  terminal   npx isosocket connect ${url}\n`);
    if (url.startsWith("wss:")) this.#write("A certificate of your own must be trusted by clients: --ca FILE, or --insecure\n");
  }

  opened(socket: Socket<Peer>): void {
    const { remoteAddress, remotePort, protocol, request, data } = socket;
    const origin = request.fields.get("Origin");
    if (this.#json) return this.#object("open", { id: data.id, remoteAddress, remotePort, target: request.target, protocol, origin });
    const facts = [`${remoteAddress ?? "?"}:${remotePort ?? "?"}`];
    if (request.target !== "/") facts.push(excerpt(request.target, 60));
    if (protocol !== "") facts.push(`subprotocol ${protocol}`);
    if (origin !== undefined) facts.push(`from ${excerpt(origin, 60)}`);
    this.#line(data.id, "green", "open ", facts.join(", "));
    if (!this.#verbose) return;
    this.#line(data.id, "dim", "head ", `GET ${excerpt(request.target, 70)}`);
    for (const [name, value] of request.fields) this.#line(data.id, "dim", "head ", `${excerpt(name, 40)}: ${excerpt(value, 100)}`);
  }

  frame(socket: Socket<Peer>, frame: FrameRecord): void {
    if (this.#json) return this.#object("frame", { id: socket.data.id, ...frameFacts(frame) });
    this.#line(socket.data.id, "dim", "frame", frameLine(frame, FRAME_WIDTH));
  }

  closed(socket: Socket<Peer>, close: Close): void {
    const { id, received, openedAt } = socket.data;
    const time = performance.now() - openedAt;
    if (this.#json) return this.#object("close", { id, ...closeFacts(close), messages: received, duration: Math.round(time) });
    const ours = close.clean || close.sent === undefined || close.fault !== undefined ? "" : ` (we sent ${close.sent.code})`;
    this.#line(id, close.clean && close.fault === undefined ? "blue" : "yellow", "close", `${closeLine(close)}${ours}, ${count(received, "message")} in ${duration(time)}`);
  }

  refused({ status, message, request, remoteAddress }: Refusal): void {
    const origin = request?.header("Origin");
    if (this.#json) return this.#object("refused", { status, message, remoteAddress, target: request?.target, origin });
    const isOrigin = status === 403 && origin !== undefined; // no hook of ours refuses
    const named = excerpt(origin ?? "", 100);
    const facts = isOrigin ? `a page of ${named}; to allow it: --origin ${named}` : `${remoteAddress ?? "?"} with ${status}: ${excerpt(message, 100)}`;
    this.#line(0, "yellow", "refused", facts);
  }

  failed(error: unknown, socket?: Socket<Peer>): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#json) return this.#object("error", { id: socket?.data.id, message });
    this.#line(socket?.data.id ?? 0, "red", "error", excerpt(message, 200));
  }

  ending(open: number): void {
    if (this.#json) return this.#object("ending", { open });
    if (!this.#quiet) this.#write(`\nEnding: closing ${count(open, "connection")} with 1001`);
  }

  draining(open: number, window: number): void {
    if (this.#json) return this.#object("draining", { open, window });
    const time = window === 0 ? "" : ` over ${duration(window)}`;
    if (!this.#quiet) this.#write(`\nDraining: closing ${count(open, "connection")} with 1001${time}, once what was read is answered`);
  }

  drained({ closed, clean, forced }: DrainSummary): void {
    if (this.#json) return this.#object("drained", { closed, clean, forced });
    if (this.#quiet) return;
    this.#write(forced === 0 ? "Drained: nothing was lost" : `Drained: ${forced} of ${count(closed, "connection")} cut short`);
  }

  #line(id: number, colour: Parameters<Paint>[0], what: string, text: string): void {
    if (this.#quiet) return;
    const time = new Date().toTimeString().slice(0, 8);
    const who = id === 0 ? "" : `#${id} `;
    this.#write(`${this.#paint("dim", time)} ${who}${this.#paint(colour, what)} ${text}`);
  }

  #object(event: string, facts: Readonly<Record<string, unknown>>): void {
    this.#write(JSON.stringify({ event, ...facts }));
  }

  #write(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

/** What a line of 80 columns leaves for a frame. */
const FRAME_WIDTH = 62;
