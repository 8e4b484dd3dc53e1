/**
 * An echo server on a raw socket that is right but for one flaw: it shows that the tester can fail a peer.
 * @module
 */
import net from "node:net";
import { close, concat, decode, encodeFrame, frame as makeFrame, type Frame, FrameReader, pong, type ReadFrame } from "../frames.ts";
import { answerFlawed, type DeflateFlaw, FlawedDeflate } from "./flawed-deflate.ts";
import { field, readHead } from "../attacks/raw-head.ts";
import { acceptKey } from "./head.ts";

/**
 * What is wrong with it.
 * - `none`: nothing.
 * - `utf8`: it echoes text that is not UTF-8.
 * - `reservedBits`: it takes no notice of reserved bits.
 * - `opcodes`: it ignores frames with reserved opcodes.
 * - `closeCodes`: it answers any close code with the same.
 * - `pings`: it never answers a ping.
 * - `stays`: it does not end TCP.
 * - `strays`: it takes a continuation of nothing for a message.
 * - `chatty`: it echoes what comes behind a close frame.
 * - `masks`: it masks what it sends.
 * - `swallows`: it fails the connection before it echoes what came in the same read.
 * - Or one flaw in compression.
 */
export type Flaw =
  | "none" | "utf8" | "reservedBits" | "opcodes" | "closeCodes" | "pings" | "stays" | "strays" | "chatty" | "masks" | "swallows" | DeflateFlaw;

/** Listens on a free port. */
export async function serveFlawed(flaw: Flaw): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    readHead(socket, 5_000).then(({ lines, rest }) => {
      const key = lines.find((line) => line.startsWith("Sec-WebSocket-Key: "))?.slice(19) ?? "";
      const deflate = answerFlawed(field(lines, "Sec-WebSocket-Extensions") ?? "", flaw);
      const extension = deflate === undefined ? "" : `Sec-WebSocket-Extensions: ${deflate.answer}\r\n`;
      socket.write(`HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n${extension}\r\n`);
      new FlawedEcho(socket, flaw, deflate && new FlawedDeflate(deflate.agreed, flaw)).run(rest);
    }, () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  };
}

/** One end of a connection that echoes; a client's frames are masked. */
export class FlawedEcho {
  readonly #socket: net.Socket;
  readonly #flaw: Flaw;
  readonly #deflate: FlawedDeflate | undefined;
  readonly #key: number | undefined;
  #fragments: Frame[] = [];
  #output: Frame[] = [];
  #over = false;
  #failed = false;

  constructor(socket: net.Socket, flaw: Flaw, deflate?: FlawedDeflate, role: "server" | "client" = "server") {
    this.#socket = socket;
    this.#flaw = flaw;
    this.#deflate = deflate;
    this.#key = role === "client" || flaw === "masks" ? 0x1234_5678 : undefined;
  }

  run(rest: Uint8Array): void {
    const reader = new FrameReader((frame) => this.#onFrame(frame));
    const receive = (bytes: Uint8Array): void => {
      reader.push(bytes);
      for (const frame of this.#output.splice(0)) this.#socket.write(encodeFrame(frame, this.#key));
      if (this.#over && this.#flaw !== "stays") this.#socket.end();
    };
    this.#socket.on("data", receive);
    this.#socket.on("end", () => this.#socket.end());
    if (rest.length > 0) receive(rest);
  }

  #onFrame(frame: ReadFrame): void {
    const flaw = this.#flaw;
    if (this.#failed || this.#over && flaw !== "chatty") return;
    const known = [0, 1, 2, 8, 9, 10].includes(frame.opcode);
    const mayBeCompressed = this.#deflate !== undefined && frame.rsv === 4 && ([1, 2].includes(frame.opcode) || flaw === "rsvTaken");
    if (!known && flaw === "opcodes") return;
    if (!known || frame.rsv !== 0 && !mayBeCompressed && flaw !== "reservedBits") this.#fail(1002);
    else if (frame.opcode < 8) this.#onData(frame);
    else if (!frame.fin || frame.payload.length > 125) this.#fail(1002);
    else if (frame.opcode === 8) this.#onClose(frame.payload);
    else if (frame.opcode === 9 && flaw !== "pings") this.#output.push(pong(frame.payload, { rsv: flaw === "rsvOnPongs" ? 4 : 0 }));
  }

  #onData(frame: Frame): void {
    if ((frame.opcode === 0) !== (this.#fragments.length > 0) && this.#flaw !== "strays") return this.#fail(1002);
    this.#fragments.push(frame);
    if (!frame.fin) return;
    const [{ opcode, rsv }] = this.#fragments;
    const received = concat(this.#fragments.map(({ payload }) => payload));
    this.#fragments = [];
    const message = rsv === 0 ? received : this.#deflate?.decode(received) ?? received;
    if (typeof message === "number") this.#fail(message);
    else if (opcode === 1 && decode(message) === undefined && this.#flaw !== "utf8") this.#fail(1007);
    else this.#output.push(...this.#deflate?.encode(opcode, message) ?? [makeFrame(opcode || 1, message)]);
  }

  #onClose(payload: Uint8Array): void {
    if (this.#over) return;
    const code = payload.length === 0 ? 1000 : payload[0] * 256 + payload[1];
    const valid = code >= 1000 && code <= 1011 && ![1004, 1005, 1006].includes(code) || code >= 3000 && code <= 4999;
    if (payload.length === 1 || !valid && this.#flaw !== "closeCodes") this.#fail(1002);
    else if (decode(payload.subarray(2)) === undefined && this.#flaw !== "utf8") this.#fail(1007);
    else this.#output.push(close(code));
    this.#over = true;
  }

  #fail(code: number): void {
    if (this.#over) return;
    if (this.#flaw === "swallows") this.#output = [];
    this.#output.push(close(code));
    this.#over = this.#failed = true;
  }
}
