/**
 * An echo client on a raw socket that is right but for one flaw, for the tester of clients.
 * @module
 */
import { once } from "node:events";
import net from "node:net";
import { agreedBy, parseExtensions, readParameters } from "./extension.ts";
import { FlawedDeflate } from "./flawed-deflate.ts";
import { type Flaw, FlawedEcho } from "./flawed-server.ts";
import { field, readHead } from "../attacks/raw-head.ts";

/** Goes through so many cases of a tester, one after the other, under the name of its flaw. */
export async function connectFlawed(url: string, flaw: Flaw | "offersNothing", cases: number): Promise<void> {
  for (let number = 1; number <= cases; number++) await runCase(new URL(`/runCase?case=${number}&agent=${flaw}`, url), flaw);
}

async function runCase(url: URL, flaw: Flaw | "offersNothing"): Promise<void> {
  const socket = net.connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
  const offer = flaw === "offersWrong" ? "client_max_window_bits=7" : "client_max_window_bits";
  socket.write([
    `GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ...(flaw === "offersNothing" ? [] : [`Sec-WebSocket-Extensions: permessage-deflate; ${offer}`]), "", "",
  ].join("\r\n"));
  const { lines, rest } = await readHead(socket, 10_000);
  const answer = field(lines, "Sec-WebSocket-Extensions");
  const closed = once(socket, "close");
  const agreed = answer === undefined ? undefined : agree(answer, flaw);
  if (agreed === "refused") socket.destroy();
  else new FlawedEcho(socket, flaw as Flaw, agreed && new FlawedDeflate(agreed, flaw, "client"), "client").run(rest);
  await closed;
}

function agree(answer: string, flaw: string): ReturnType<typeof agreedBy> | "refused" {
  const extensions = parseExtensions(answer) ?? [];
  if (extensions.length !== 1 && flaw !== "twice") return "refused";
  const parameters = extensions.length === 0 ? "" : readParameters(extensions[0], "server");
  if (typeof parameters !== "string") return agreedBy(parameters);
  return flaw === "overlooks" ? agreedBy({ serverTakeover: true, clientTakeover: true, serverBits: undefined, clientBits: undefined }) : "refused";
}
