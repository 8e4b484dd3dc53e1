/**
 * The tester's opening handshake, both ways, as plainly as can be.
 * @module
 */
import { createHash } from "node:crypto";
import net from "node:net";
import type { Deflate } from "./case.ts";
import { Codec } from "./codec.ts";
import { type Agreement, agreedBy, parseExtensions, readParameters, whyUnfit } from "./extension.ts";
import { Peer } from "./peer.ts";

/** A server's answer that is no WebSocket. */
export class Refusal extends Error {}

/** Connects to a server. */
export async function connect(url: URL, timeout: number, deflate?: Deflate): Promise<Peer> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = net.connect({ host, port: Number(url.port === "" ? 80 : url.port), allowHalfOpen: true });
  const key = "dGhlIHNhbXBsZSBub25jZQ=="; // the RFC's own example
  socket.write([
    `GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, "Upgrade: websocket", "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13",
    ...(deflate === undefined ? [] : [`Sec-WebSocket-Extensions: ${deflate.offer}`]), "", "",
  ].join("\r\n"));
  const { lines, rest } = await readHead(socket, timeout);
  const accept = field(lines, "Sec-WebSocket-Accept");
  if (!lines[0].startsWith("HTTP/1.1 101") || accept !== acceptKey(key)) {
    socket.destroy();
    throw new Refusal(`it did not accept the connection: ${lines[0]}`);
  }
  const answer = field(lines, "Sec-WebSocket-Extensions");
  try {
    const agreed = answer === undefined ? undefined : readAnswer(answer, deflate?.offer ?? "");
    return new Peer(socket, "server", rest, agreed && new Codec(agreed.client, agreed.server));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Accepts a client; its target is told. Which case it is about is found by the target. */
export async function accept(
  socket: net.Socket, timeout: number, find: (target: string) => Deflate | undefined,
): Promise<{ target: string; peer: Peer }> {
  const { lines, rest } = await readHead(socket, timeout);
  const [method, target] = lines[0].split(" ");
  const key = field(lines, "Sec-WebSocket-Key");
  if (method !== "GET" || key === undefined) {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    throw new Error("it asked for no WebSocket");
  }
  const offered = field(lines, "Sec-WebSocket-Extensions") ?? "";
  const answer = find(target)?.answer(parseExtensions(offered) ?? []);
  socket.write([
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    ...(answer === undefined ? [] : [`Sec-WebSocket-Extensions: ${answer}`]), "", "",
  ].join("\r\n"));
  const [answered] = parseExtensions(answer ?? "") ?? [];
  const parameters = answered && readParameters(answered, "server");
  const agreed = typeof parameters === "object" ? agreedBy(parameters) : undefined;
  const peer = new Peer(socket, "client", rest, agreed && new Codec(agreed.server, agreed.client));
  const wrong = whyWrong(offered);
  if (wrong !== undefined) peer.broken.push(`it offered "${offered}": ${wrong}`);
  return { target, peer };
}

/** What a server agreed to. Throws a sentence about an answer that fits no offer. */
function readAnswer(answer: string, offered: string): Agreement {
  const about = (why: string): Error => new Error(`it answered "${answer}": ${why}`);
  const extensions = parseExtensions(answer);
  if (extensions?.length !== 1) throw about("that is not one extension");
  const parameters = readParameters(extensions[0], "server");
  if (typeof parameters === "string") throw about(parameters);
  const list = offered.replace(/\r\n[^:]*:/g, ","); // a field over several lines is one list
  const offers = (parseExtensions(list) ?? []).map((offer) => readParameters(offer, "client")).filter((offer) => typeof offer === "object");
  const reasons = offers.map((offer) => whyUnfit(offer, parameters));
  if (!reasons.includes(undefined)) throw about(reasons[0] ?? "nothing was offered that can be accepted");
  return agreedBy(parameters);
}

/** Why what a client offers is not right; undefined where it is. */
function whyWrong(offered: string): string | undefined {
  if (offered === "") return undefined;
  const offers = parseExtensions(offered);
  if (offers === undefined) return "that is no list of extensions";
  return offers.map((offer) => readParameters(offer, "client")).find((parameters) => typeof parameters === "string");
}

/** The accept value for a key (section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Reads up to the empty line. */
export function readHead(socket: net.Socket, timeout: number): Promise<{ lines: string[]; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(why));
    };
    const timer = setTimeout(() => fail("it did not finish the opening handshake"), timeout);
    const onEnd = (): void => fail("it ended TCP in the opening handshake");
    const onData = (bytes: Uint8Array): void => {
      read = Buffer.concat([read, bytes]);
      const end = read.indexOf("\r\n\r\n");
      if (end < 0) return;
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      resolve({ lines: read.toString("latin1", 0, end).split("\r\n"), rest: read.subarray(end + 4) });
    };
    socket.on("error", () => {}); // "close" follows
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}

/** The values of a header, as one list; undefined where it is missing. */
export function field(lines: readonly string[], name: string): string | undefined {
  const start = `${name.toLowerCase()}:`;
  const values = lines.filter((line) => line.toLowerCase().startsWith(start)).map((line) => line.slice(start.length).trim());
  return values.length === 0 ? undefined : values.join(", ");
}
