/**
 * WebSockets in streams of HTTP/2: the tester's way to them (RFC 8441).
 * @module
 */
import http2 from "node:http2";
import { text } from "../frames.ts";
import type { Case, Patience } from "./case.ts";
import { type Trust, Unreachable } from "./dial.ts";
import { judge } from "./judge.ts";
import { agreedWith, makeCodec, type Opened } from "./opening.ts";
import { Peer } from "./peer.ts";
import type { CaseResult } from "./result.ts";
import { SocketLink } from "./socket-link.ts";
import { Wire } from "./wire.ts";

/** Whether a server speaks HTTP/2, and its settings allow extended CONNECT (section 3). */
export async function hasStreams(target: URL, timeout: number, trust?: Trust): Promise<boolean> {
  const session = await connect(target, timeout, trust);
  session?.destroy();
  return session !== undefined;
}

/** Runs a case in a stream of a connection of its own. */
export async function judgeStream(item: Case, target: URL, patience: Patience, seed: number, trust?: Trust): Promise<CaseResult> {
  let session: http2.ClientHttp2Session | undefined;
  let answer: Promise<Headers | undefined>;
  const result = await judge(item, async () => {
    session = await connect(target, patience.answer, trust);
    if (session === undefined) throw new Unreachable("its settings do not allow extended CONNECT any more");
    const opening = await openStream(session, target, item, patience.answer, seed);
    ({ answer } = opening);
    return opening.wire;
  }, async (wire) => judgeAnswer(wire, await answer, item, seed), patience);
  session?.destroy();
  return result;
}

/** Undefined when the server has none of it. */
async function connect(target: URL, timeout: number, trust: Trust = {}): Promise<http2.ClientHttp2Session | undefined> {
  const isSecure = target.protocol === "wss:";
  const session = http2.connect(`${isSecure ? "https" : "http"}://${target.host}`, {
    rejectUnauthorized: trust.insecure !== true, ...(trust.ca === undefined ? {} : { ca: trust.ca }),
  });
  session.on("error", () => {}); // "close" follows
  const allows = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), timeout);
    const settle = (allowed: boolean): void => {
      clearTimeout(timer);
      resolve(allowed);
    };
    session.once("remoteSettings", ({ enableConnectProtocol }) => settle(enableConnectProtocol === true)).once("close", () => settle(false));
  });
  if (allows) return session;
  session.destroy();
  return undefined;
}

/** The fields of an answer. */
type Headers = http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;

/** A stream that is asked for, and what will be answered; undefined where it is reset. */
interface Request {
  readonly wire: Wire;
  readonly answer: Promise<Headers | undefined>;
}

async function openStream(session: http2.ClientHttp2Session, target: URL, item: Case, timeout: number, seed: number): Promise<Request> {
  const { stream: ask = {}, deflate } = item;
  for (let at = 0; at < (ask.before?.count ?? 0); at++) await leaveStream(session, target, timeout, seed + at, ask.before?.left ?? "open");
  const usual = { ...usualFields(target), ...(deflate === undefined ? {} : { "sec-websocket-extensions": deflate.offer }) };
  const fields = Object.fromEntries(Object.entries(ask.fields?.(usual) ?? usual).filter(([, value]) => value !== undefined));
  return request(session, fields, timeout);
}

/** What opens a stream (section 4). */
function usualFields(target: URL): Record<string, string> {
  return {
    ":method": "CONNECT", ":protocol": "websocket", ":scheme": target.protocol === "wss:" ? "https" : "http", ":path": `${target.pathname}${target.search}`, ":authority": target.host,
    "sec-websocket-version": "13",
  };
}

function request(session: http2.ClientHttp2Session, fields: http2.OutgoingHttpHeaders, timeout: number): Request {
  if (session.destroyed || session.closed) throw new Unreachable("it ended the HTTP/2 connection");
  const stream = session.request(fields, { endStream: false });
  const wire = new Wire(new SocketLink(stream));
  wire.log.head("tester", Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}`).join("\r\n"));
  const answer = new Promise<Headers | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), timeout);
    const settle = (headers?: Headers): void => {
      clearTimeout(timer);
      if (headers !== undefined) wire.log.head("peer", Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`).join("\r\n"));
      resolve(headers);
    };
    stream.once("response", settle).once("close", () => settle());
  });
  return { wire, answer };
}

function judgeAnswer(wire: Wire, headers: Headers | undefined, { stream: ask = {}, deflate }: Case, seed: number): Opened {
  const { opens = "pass", refuses = "fail" } = ask;
  const status = headers?.[":status"];
  if (headers === undefined) return { verdict: refuses, says: "it reset the stream, or did not answer" };
  if (status === undefined || status < 200 || status > 299) return { verdict: refuses, says: `it answered with status ${String(status)}` };
  if (opens !== "pass") return { verdict: opens, says: `it opened the stream with status ${status}` };
  const finding = ask.check?.(headers);
  if (finding?.verdict === "fail") return finding as Opened;
  const said = headers["sec-websocket-extensions"];
  const agreed = agreedWith(typeof said === "string" ? said : undefined, deflate?.offer);
  return { peer: new Peer(wire, "server", seed, makeCodec(agreed, "server")), findings: finding === undefined ? [] : [finding] };
}

/** Opens a stream, has a message echoed, and leaves the stream in some way. */
async function leaveStream(session: http2.ClientHttp2Session, target: URL, timeout: number, seed: number, left: "open" | "ended" | "reset"): Promise<void> {
  const { wire, answer } = request(session, usualFields(target), timeout);
  if ((await answer)?.[":status"] !== 200) throw new Error("it did not open a stream before this one");
  const peer = new Peer(wire, "server", seed);
  await peer.send([text("before")]);
  if (!await peer.until(() => peer.heard.length === 1, timeout)) throw new Error("it did not echo in a stream before this one");
  if (left === "ended") wire.end();
  if (left === "reset") wire.destroy();
}
