/**
 * WebSockets in HTTP/2 (RFC 8441): only asked of servers whose settings allow extended CONNECT.
 * @module
 */
import { binary, close, more, ping, pong, text } from "../../frames.ts";
import { type Deflate, type Draft, lax, type Rule, type StreamAsk, wrong } from "../case.ts";
import { cut, PAYLOADS } from "../payloads.ts";
import { FIRST, HELLO } from "./ways.ts";

const OPENED: Rule = { name: "http2-opened", rfc: 8441, section: "4", says: "CONNECT with :protocol websocket opens a stream that carries a WebSocket, answered with a status from 200 to 299" };
const HANDSHAKE: Rule = { name: "http2-handshake", rfc: 8441, section: "5", says: "Version, subprotocols and extensions are agreed on as in HTTP/1.1; the fields that HTTP/2 stands in for are not used" };
const FRAMES: Rule = { name: "http2-frames", rfc: 8441, section: "5", says: "The rules of frames and of closing hold in a stream as they do in TCP" };
const STREAM_END: Rule = { name: "http2-stream-end", rfc: 8441, section: "5", says: "The end of a stream stands for the end of TCP, and concerns no other stream" };

const HELLO_ECHOED = { send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] } as const;
const DEFLATE: Deflate = { offer: "permessage-deflate; client_max_window_bits", answer: () => undefined };
const LARGE = new Uint8Array(1024 * 1024).map((_, at) => at % 251);

/** RFC 8441. */
export const http2: readonly Draft[] = [...opened(), ...handshake(), ...frames(), ...ends()].map((draft) => ({ ...draft, only: "server", over: "http2" }));

function opened(): Draft[] {
  const refused = (title: string, fields: NonNullable<StreamAsk["fields"]>): Draft => ({
    rule: OPENED, title, stream: { fields, opens: "fail", refuses: "pass" },
    sends: ["A request in HTTP/2 with the fields that the log shows"], accepts: { pass: "It is answered with another status, or the stream is reset", fail: "It is answered with a status from 200 to 299" },
  });
  return [
    { rule: OPENED, title: "A stream is opened, and a message in it is echoed", ...HELLO_ECHOED },
    refused("A stream for a protocol that nobody knows is refused", (usual) => ({ ...usual, ":protocol": "no-such-protocol" })),
    refused("A CONNECT without :protocol opens no WebSocket", (usual) => ({ ":method": "CONNECT", ":authority": usual[":authority"] })),
    refused("A GET with the version of a WebSocket opens none", (usual) => ({ ...usual, ":method": "GET", ":protocol": undefined })),
  ];
}

function handshake(): Draft[] {
  const version = (title: string, value: string | undefined): Draft => ({
    rule: HANDSHAKE, title, stream: { fields: (usual) => ({ ...usual, "sec-websocket-version": value }), opens: "fail", refuses: "pass" },
    accepts: { pass: "It is answered with a status that opens nothing, or the stream is reset", fail: "It is answered with a status from 200 to 299" },
  });
  const absent = (name: string, title: string, finding: typeof wrong, fields?: StreamAsk["fields"]): Draft => ({
    rule: HANDSHAKE, title, ...HELLO_ECHOED,
    stream: { ...(fields === undefined ? {} : { fields }), check: (answer) => answer[name] === undefined ? undefined : finding(`it answered ${name}: ${String(answer[name])}`) },
  });
  return [
    version("A request without version is refused", undefined),
    version("A request of version 8 is refused", "8"),
    absent("sec-websocket-accept", "The answer has no Sec-WebSocket-Accept, as there was no key", lax),
    absent("sec-websocket-protocol", "The answer names no subprotocol where none was asked for", wrong),
    absent("sec-websocket-extensions", "The answer names no extension that was not offered", wrong, (usual) => ({ ...usual, "sec-websocket-extensions": "no-such-extension" })),
    {
      rule: HANDSHAKE, title: "A subprotocol in the answer is one of those asked for", ...HELLO_ECHOED,
      stream: {
        fields: (usual) => ({ ...usual, "sec-websocket-protocol": "chat, superchat" }),
        check: ({ "sec-websocket-protocol": chosen }) => chosen === undefined || chosen === "chat" || chosen === "superchat" ? undefined : wrong(`it answered sec-websocket-protocol: ${String(chosen)}`),
      },
    },
    { rule: HANDSHAKE, title: "Compressed messages in a stream are echoed", deflate: DEFLATE, send: [{ series: cut(PAYLOADS[0], 4_000, 4), size: 1_000 }] },
  ];
}

function frames(): Draft[] {
  return [
    { rule: FRAMES, title: "A message of 1 MiB, past every window of flow control, is echoed", send: [{ frames: [binary(LARGE)] }], expect: [binary(LARGE)] },
    { rule: FRAMES, title: "A message a byte in each DATA frame is echoed", send: [{ frames: [text(HELLO)], chop: 1 }], expect: [text(HELLO)] },
    { rule: FRAMES, title: "A ping between two fragments is answered", send: [{ frames: [text("be", FIRST), ping("?"), more("tween")] }], expect: [pong("?"), text("between")] },
    { rule: FRAMES, title: "A frame that is not masked fails the connection", send: [{ frames: [text(HELLO, { masked: false })] }], end: [1002] },
    { rule: FRAMES, title: "Text that is not UTF-8 fails the connection", send: [{ frames: [text(Uint8Array.of(0xff))] }], end: [1007] },
    { rule: FRAMES, title: "A close frame is answered with the same code", send: [{ frames: [close(3000, "bye")] }], answers: [3000] },
  ];
}

function ends(): Draft[] {
  const before = (title: string, count: number, left: "open" | "ended" | "reset"): Draft => ({ rule: STREAM_END, title, stream: { before: { count, left } }, ...HELLO_ECHOED });
  return [
    { rule: STREAM_END, title: "A stream that the client ends without a close frame is ended", send: [{ frames: [text(HELLO)] }, { heard: 1 }, { tcp: "end" }], expect: [text(HELLO)], end: "either" },
    before("Ten streams of one connection are served at once", 9, "open"),
    before("Behind a stream that was ended, another is served", 1, "ended"),
    before("Behind a stream that was reset, another is served", 1, "reset"),
  ];
}
