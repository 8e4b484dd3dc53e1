/**
 * `isosocket connect`: a client to try servers with, at the prompt or in a pipe.
 * @module
 */
import { permessageDeflate } from "../index.deflate.ts";
import { connect, type ConnectOptions, type TlsClientOptions } from "../index.node.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT, Failure, UsageError } from "./exit.ts";
import { limitsFor } from "./limits.ts";
import { Session, type SessionOptions } from "./session.ts";
import { toTarget } from "./target.ts";
import { toTrouble } from "./trouble.ts";
import { toFile, toHeader, toInteger, toLength, toSize } from "./value.ts";

/** Connects, and ends when the connection has ended. */
export const connectCommand: Command = {
  name: "connect",
  usage: "URL [options]",
  maxPositionals: 1,
  about: "Connects to a WebSocket. At a terminal, type messages and read answers; /help lists what else can be typed. "
    + "In a pipe, each line of stdin is a message, and stdout has what is received and nothing else. "
    + "A URL without a scheme is ws:// for this machine and wss:// for others.",
  groups: [
    ["Request", [
      { name: "header", short: "H", value: "'NAME: VALUE'", repeated: true, text: "send a header, such as Authorization" },
      { name: "protocol", value: "NAME", repeated: true, text: "offer a subprotocol, the most wanted first" },
      { name: "origin", value: "URL", text: "send this Origin, as a page from there would" },
    ]],
    ["Way", [
      { name: "ca", value: "FILE", text: "trust these authorities (PEM) instead of the system's" },
      { name: "insecure", text: "take any certificate; for tests only" },
      { name: "proxy", value: "URL", text: "tunnel through an HTTP proxy" },
      { name: "redirects", value: "N", text: "follow up to N redirects (default 0)" },
      { name: "unix", value: "PATH", text: "connect to a unix socket; the URL then only makes the request" },
      { name: "timeout", value: "MS", text: "give up connecting after MS milliseconds (default 10000), or forever" },
    ]],
    ["Messages", [
      { name: "compress", text: "offer permessage-deflate" },
      { name: "binary", text: "send lines as binary messages, and print received bytes as they are, not in hex" },
      { name: "max-message", value: "BYTES", text: "largest message, either way (default 64MiB), or unlimited" },
      { name: "ping", value: "SECONDS", text: "ping so often, and show the round trip" },
      { name: "wait", value: "MS", text: "in a pipe, after the end of stdin: close when nothing has come for MS milliseconds (default 200), or forever" },
      { name: "close", value: "CODE", text: "close with this code (default 1000)" },
    ]],
    ["Output", [
      { name: "quiet", short: "q", text: "print messages and errors only" },
      { name: "verbose", short: "v", text: "print heads and frames too" },
      { name: "json", text: "print one JSON object a line for every event; bytes are in hex" },
    ]],
  ],
  notes: [
    ["Examples", [
      "isosocket connect localhost:8080",
      "isosocket connect wss://example.com/feed -H 'Authorization: Bearer TOKEN'",
      "echo hi | isosocket connect ws://127.0.0.1:8080/",
      "isosocket connect wss://example.com/feed --json --wait forever </dev/null",
    ]],
  ],
  run,
};

async function run(given: Arguments): Promise<number> {
  const [typed] = given.positionals;
  const unix = given.value("unix");
  if (typed === undefined && unix === undefined) {
    throw new UsageError('There is no URL to connect to: write one, such as "isosocket connect ws://127.0.0.1:8080/"');
  }
  const target = toTarget(typed ?? "ws://localhost/");
  const options = toConnectOptions(given, unix);
  const session = new Session(toSessionOptions(given));
  const stopNotes = session.connecting(target);
  try {
    await connect(target.url, { ...options, ...session.handler, signal: session.signal });
  } catch (error) {
    stopNotes();
    if (session.interrupted !== undefined) return session.interrupted;
    const trouble = toTrouble(error);
    if (trouble instanceof UsageError) throw trouble;
    session.report.error(trouble.message, trouble instanceof Failure ? trouble.facts : {});
    return EXIT.failed;
  }
  stopNotes();
  return session.run();
}

function toSessionOptions(given: Arguments): SessionOptions {
  const ping = given.value("ping");
  const wait = given.value("wait");
  const code = given.value("close");
  return {
    json: given.flag("json"),
    quiet: given.flag("quiet"),
    verbose: given.flag("verbose"),
    binary: given.flag("binary"),
    ping: ping === undefined ? undefined : toSeconds(ping),
    wait: wait === undefined ? 200 : toLength("--wait", wait, "milliseconds"),
    closeCode: code === undefined ? 1000 : toCode(code),
    maxMessage: toMaxMessage(given),
  };
}

function toConnectOptions(given: Arguments, unix: string | undefined): ConnectOptions {
  const headers = given.values("header").map(toHeader);
  const origin = given.value("origin");
  if (origin !== undefined) headers.push(toHeader(`Origin: ${origin}`));
  const timeout = given.value("timeout");
  const redirects = given.value("redirects");
  const proxy = given.value("proxy");
  return {
    headers,
    protocols: given.values("protocol"),
    ...(given.flag("compress") ? { extensions: [permessageDeflate()] } : {}),
    limits: {
      ...limitsFor(toMaxMessage(given)),
      ...(timeout === undefined ? {} : { handshakeTimeout: toLength("--timeout", timeout, "milliseconds") }),
    },
    tls: toTls(given),
    ...(redirects === undefined ? {} : { redirects: toInteger("--redirects", redirects, 0, 100) }),
    ...(proxy === undefined ? {} : { proxy: toProxy(proxy) }),
    ...(unix === undefined ? {} : { unix }),
  };
}

function toMaxMessage(given: Arguments): number {
  return toSize("--max-message", given.value("max-message") ?? "64MiB");
}

function toTls(given: Arguments): TlsClientOptions {
  const ca = given.value("ca");
  return {
    ...(ca === undefined ? {} : { ca: toFile("--ca", ca) }),
    ...(given.flag("insecure") ? { rejectUnauthorized: false } : {}),
  };
}

function toProxy(text: string): URL {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new UsageError(`Cannot use --proxy "${text}": write it as http://host:port`);
  return url;
}

function toSeconds(text: string): number {
  const seconds = toLength("--ping", text, "seconds");
  if (seconds > 0) return seconds;
  throw new UsageError(`Cannot read --ping "${text}": it must be more than 0 seconds`);
}

function toCode(text: string): number {
  const code = Number(text);
  const sendable = /^\d{4}$/.test(text) && ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999));
  if (sendable) return code;
  throw new UsageError(`Cannot close with --close "${text}": it must be 1000 to 1014 but 1004, 1005 and 1006, or 3000 to 4999`);
}
