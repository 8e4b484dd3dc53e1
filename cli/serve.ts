/**
 * `isosocket serve`: a server to try clients against.
 * @module
 */
import { permessageDeflate } from "../index.deflate.ts";
import { type Server, serve, type TlsServerOptions, type UpgradeRequest } from "../index.node.ts";
import { isOriginAllowed, type OriginPolicy } from "../core/http/origin.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT, Failure, onInterrupt, UsageError } from "./exit.ts";
import { limitsFor } from "./limits.ts";
import { type Mode, page } from "./page.ts";
import { broadcast, echo } from "./replies.ts";
import { type Peer, ServeLog } from "./serve-log.ts";
import { suggest } from "./suggest.ts";
import { toFile, toInteger, toSize } from "./value.ts";

/** Runs a server until it is told to end. */
export const serveCommand: Command = {
  name: "serve",
  usage: "[options]",
  maxPositionals: 0,
  about: "Runs a WebSocket server that sends every message back (echo), or to all others (broadcast). "
    + "A browser that opens its http:// URL gets a page to try it.",
  groups: [
    ["Where", [
      { name: "port", short: "p", value: "PORT", text: "TCP port (default 8080); 0 for a free one" },
      { name: "host", value: "HOST", text: "address to listen on (default 127.0.0.1, this machine only); 0.0.0.0 for all" },
      { name: "tls-cert", value: "FILE", text: "serve wss:// with this certificate (PEM)" },
      { name: "tls-key", value: "FILE", text: "and its key (PEM)" },
    ]],
    ["What", [
      { name: "mode", value: "MODE", text: "echo (default) or broadcast" },
      { name: "max-message", value: "BYTES", text: "largest message taken, such as 65536, 64MiB or unlimited (default 1MiB)" },
      { name: "protocol", value: "NAME", repeated: true, text: "subprotocol to serve" },
      { name: "compress", text: "agree to permessage-deflate" },
      { name: "drain-window", value: "SECONDS", text: "at SIGTERM, close the connections spread over this time (default 1)" },
      { name: "origin", value: "ORIGIN", repeated: true, text: "web pages that may connect: same (default), any, or such as https://example.com" },
    ]],
    ["Output", [
      { name: "quiet", short: "q", text: "print the URL and nothing else" },
      { name: "verbose", short: "v", text: "print each frame" },
      { name: "json", text: "print one JSON object a line for every event" },
    ]],
  ],
  notes: [
    ["Examples", [
      "isosocket serve",
      "isosocket serve --mode broadcast --host 0.0.0.0 --origin any",
      "isosocket serve --port 9001 --max-message 64MiB --quiet",
      "isosocket serve --tls-cert cert.pem --tls-key key.pem",
    ]],
    ["Ending it", [
      "Ctrl-C closes every connection with 1001. SIGTERM drains: what was read is",
      "answered before a connection closes. A second signal ends it at once.",
    ]],
  ],
  run,
};

async function run(given: Arguments): Promise<number> {
  const mode = toMode(given.value("mode") ?? "echo");
  const port = toInteger("--port", given.value("port") ?? "8080", 0, 65_535);
  const hostname = given.value("host") ?? "127.0.0.1";
  const tls = toTls(given);
  const protocols = given.values("protocol");
  const origins = toOrigins(given.values("origin"));
  const drainWindow = toInteger("--drain-window", given.value("drain-window") ?? "1", 0, 86_400) * 1_000;
  const limits = limitsFor(toSize("--max-message", given.value("max-message") ?? "1MiB"));
  const log = new ServeLog({ quiet: given.flag("quiet"), verbose: given.flag("verbose"), json: given.flag("json") });
  let server!: Server<Peer>;
  let connections = 0;
  const reply = mode === "echo" ? echo : broadcast(() => server.sockets);
  try {
    server = await serve<Peer>({
      port,
      hostname,
      ...(tls === undefined ? {} : { tls }),
      protocols,
      ...(given.flag("compress") ? { extensions: [permessageDeflate()] } : {}),
      limits,
      origins,
      refused: (refusal) => log.refused(refusal),
      upgrade: () => ({ data: { id: ++connections, openedAt: performance.now(), received: 0 } }),
      request: (request: UpgradeRequest) => page(request, mode, protocols),
      open: (socket) => log.opened(socket),
      message(socket, message) {
        socket.data.received++;
        return reply(socket, message);
      },
      close: (socket, close) => log.closed(socket, close),
      error: (error, socket) => log.failed(error, socket),
      ...(given.flag("verbose") ? { frame: (socket, frame) => log.frame(socket, frame) } : {}),
    });
  } catch (error) {
    throw toFailure(error, hostname, port);
  }
  log.listening(server, mode);
  const signal = await new Promise<number>((resolve) => onInterrupt(resolve));
  return signal === EXIT.terminated ? drain(server, log, drainWindow) : close(server, log, signal);
}

/** Everybody is told 1001. Who does not answer is not waited for long. */
function close(server: Server<Peer>, log: ServeLog, code: number): Promise<number> {
  log.ending(server.sockets.size);
  return new Promise((resolve) => {
    setTimeout(() => resolve(code), PATIENCE);
    void server.close(1001, GOODBYE).then(() => resolve(code));
  });
}

/** What was read is answered first. It ended well when nobody was cut short. */
async function drain(server: Server<Peer>, log: ServeLog, window: number): Promise<number> {
  log.draining(server.sockets.size, window);
  const summary = await server.drain({ window, reason: GOODBYE });
  log.drained(summary);
  return summary.forced === 0 ? EXIT.ok : EXIT.failed;
}

const GOODBYE = "The server is shutting down";

/** Milliseconds that a peer has to answer the close frame when the server ends. */
const PATIENCE = 1_500;

function toMode(text: string): Mode {
  if (text === "echo" || text === "broadcast") return text;
  throw new UsageError(`Cannot serve in mode "${text}": it must be echo or broadcast.${suggest(text, ["echo", "broadcast"])}`);
}

function toTls(given: Arguments): TlsServerOptions | undefined {
  const cert = given.value("tls-cert");
  const key = given.value("tls-key");
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new UsageError("TLS needs a certificate beside the key: add --tls-cert FILE");
  if (key === undefined) throw new UsageError("TLS needs a key beside the certificate: add --tls-key FILE");
  return { cert: toFile("--tls-cert", cert), key: toFile("--tls-key", key) };
}

function toOrigins(texts: readonly string[]): OriginPolicy {
  if (texts.includes("any")) return "any";
  const listed = texts.filter((text) => text !== "same").map(toOrigin);
  if (listed.length === 0) return "same";
  if (!texts.includes("same")) return listed;
  return (_, request) => isOriginAllowed(request, listed) || isOriginAllowed(request, "same");
}

function toOrigin(text: string): string {
  if (text === "null") return text; // what a page from a file says
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.origin === "null") {
    throw new UsageError(`Cannot read --origin "${text}": write same, any, or scheme and host such as https://example.com`);
  }
  return url.origin;
}

function toFailure(error: unknown, hostname: string, port: number): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const why = code === "EADDRINUSE" ? `the port is taken; stop what listens there, or choose another with --port ${port < 65_535 ? port + 1 : 8080}, or --port 0 for a free one`
    : code === "EACCES" ? "ports below 1024 are for privileged users; choose another, such as --port 8080"
    : code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" ? "--host names no address of this machine; 127.0.0.1 is always there, and 0.0.0.0 stands for all"
    : code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH" ? "--tls-key is not the key of --tls-cert"
    : code?.startsWith("ERR_OSSL_") ? "--tls-cert and --tls-key must be a certificate and its key in PEM, the key without a passphrase"
    : undefined;
  return new Failure(why === undefined ? message : `Cannot listen on ${where}: ${why}`, { code });
}

