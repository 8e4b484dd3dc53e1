/**
 * Servers of WebSockets in HTTP/2, right or with one rule broken (RFC 8441). They cannot run in process: HTTP/2 is Node's.
 * @module
 */
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { parseExtensions } from "../wire/extension.ts";
import { Connection } from "./peer/connection.ts";
import { answerOffers, makeCodec } from "./peer/deflate-rules.ts";
import { RIGHT, type Rules } from "./peer/rules.ts";

type Headers = http2.IncomingHttpHeaders;

/** What a server of streams does. */
interface StreamRules {
  /** 3: its settings allow extended CONNECT. */
  readonly allows: boolean;
  /** 4, 5: the status for a request. */
  judge(headers: Headers): number;
  /** 5: the last touch to the fields of an answer that opens a stream. */
  answer(fields: Readonly<Record<string, string>>, headers: Headers): Readonly<Record<string, string>>;
  /** The end of a stream is answered with its end. */
  readonly ends: boolean;
  /** A frame may come in several of DATA. */
  readonly takesPieces: boolean;
  /** How many streams a connection may have, one after the other. */
  readonly mostStreams: number;
  /** What is behind the opening. */
  readonly connection: Rules;
}

const RIGHT_STREAMS: StreamRules = {
  allows: true,
  judge: (headers) => headers[":method"] !== "CONNECT" || headers[":protocol"] === undefined ? 405 : headers[":protocol"] !== "websocket" ? 501 : headers["sec-websocket-version"] !== "13" ? 400 : 200,
  answer: (fields) => fields,
  ends: true,
  takesPieces: true,
  mostStreams: Number.POSITIVE_INFINITY,
  connection: RIGHT,
};

/** One broken rule, and the titles of the cases that must catch it. */
export interface StreamMutant {
  readonly name: string;
  readonly change: Partial<StreamRules>;
  readonly caughtBy: readonly RegExp[];
}

/** All of them. */
export const STREAM_MUTANTS: readonly StreamMutant[] = [
  { name: "opens-nothing", change: { judge: () => 404 }, caughtBy: [/^(?!.*(?:refused|opens no|opens none))/] },
  { name: "takes-any-protocol", change: { judge: (headers) => headers[":method"] === "CONNECT" && headers[":protocol"] !== undefined && headers["sec-websocket-version"] === "13" ? 200 : 400 }, caughtBy: [/protocol that nobody knows/] },
  { name: "takes-plain-connect", change: { judge: (headers) => headers[":protocol"] === undefined && headers[":method"] === "CONNECT" ? 200 : RIGHT_STREAMS.judge(headers) }, caughtBy: [/without :protocol/] },
  { name: "takes-get", change: { judge: (headers) => headers[":method"] === "GET" ? 200 : RIGHT_STREAMS.judge(headers) }, caughtBy: [/^A GET/] },
  { name: "needs-no-version", change: { judge: (headers) => RIGHT_STREAMS.judge({ ...headers, "sec-websocket-version": headers["sec-websocket-version"] ?? "13" }) }, caughtBy: [/without version/] },
  { name: "takes-old-versions", change: { judge: (headers) => headers["sec-websocket-version"] === "8" ? 200 : RIGHT_STREAMS.judge(headers) }, caughtBy: [/version 8/] },
  { name: "accepts-as-in-http-1", change: { answer: (fields) => ({ ...fields, "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }) }, caughtBy: [/no Sec-WebSocket-Accept/] },
  { name: "names-a-subprotocol", change: { answer: (fields) => ({ ...fields, "sec-websocket-protocol": "graphql" }) }, caughtBy: [/no subprotocol/, /one of those asked for/] },
  {
    name: "echoes-extensions",
    change: { answer: (fields, headers) => headers["sec-websocket-extensions"] === "no-such-extension" ? { ...fields, "sec-websocket-extensions": "no-such-extension" } : fields },
    caughtBy: [/no extension that was not offered/],
  },
  { name: "breaks-compressed", change: { connection: { ...RIGHT, decompress: () => "data" } }, caughtBy: [/^Compressed/] },
  { name: "stops-at-the-window", change: { connection: { ...RIGHT, maxMessage: 65_535 } }, caughtBy: [/1 MiB/] },
  { name: "needs-whole-frames", change: { takesPieces: false }, caughtBy: [/a byte in each/] },
  { name: "ignores-pings", change: { connection: { ...RIGHT, answerPing: () => [] } }, caughtBy: [/ping between/] },
  { name: "takes-unmasked", change: { connection: { ...RIGHT, isMaskingRight: () => true } }, caughtBy: [/not masked/] },
  { name: "takes-any-text", change: { connection: { ...RIGHT, nextUtf8: () => 0, mayTextEnd: () => true } }, caughtBy: [/not UTF-8/] },
  { name: "closes-with-1000", change: { connection: { ...RIGHT, answerClose: () => RIGHT.answerClose(1000, new Uint8Array(0)) } }, caughtBy: [/close frame is answered/] },
  { name: "stays", change: { ends: false }, caughtBy: [/ends without a close frame/] },
  { name: "one-stream", change: { mostStreams: 1 }, caughtBy: [/^Ten streams/, /^Behind a stream/] },
];

/** Listens at a free port, without TLS. */
export async function serveStreams(change: Partial<StreamRules> = {}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const rules = { ...RIGHT_STREAMS, ...change };
  const sessions = new Set<http2.ServerHttp2Session>();
  const counts = new WeakMap<object, number>();
  const server = http2.createServer({ settings: { enableConnectProtocol: rules.allows } });
  server.on("session", (session) => void sessions.add(session.on("close", () => sessions.delete(session)).on("error", () => {})));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const count = (counts.get(stream.session ?? stream) ?? 0) + 1;
    counts.set(stream.session ?? stream, count);
    const status = count > rules.mostStreams ? 503 : rules.judge(headers);
    if (status === 200) open(stream, headers, rules);
    else stream.respond({ ":status": status }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => {
      for (const session of sessions) session.destroy();
      server.close(() => resolve());
    }),
  };
}

function open(stream: http2.ServerHttp2Stream, headers: Headers, rules: StreamRules): void {
  const offered = headers["sec-websocket-extensions"];
  const agreed = answerOffers(parseExtensions(typeof offered === "string" ? offered : "") ?? [], rules.connection);
  stream.respond({ ":status": 200, ...rules.answer(agreed === undefined ? {} : { "sec-websocket-extensions": agreed.answer }, headers) });
  const connection = new Connection("server", rules.connection, agreed && makeCodec(agreed.agreed, "server", rules.connection));
  const flush = (): void => {
    for (const bytes of connection.takeOutput()) stream.write(bytes);
    if (connection.ended && !stream.writableEnded) stream.end();
  };
  stream.on("data", (bytes: Uint8Array) => {
    if (!rules.takesPieces && bytes.length === 1) return stream.close();
    connection.receive(bytes, 0);
    flush();
  });
  stream.on("end", () => {
    if (rules.ends) stream.end();
  });
}
