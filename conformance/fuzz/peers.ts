/**
 * Other implementations' parsers, in this process and without sockets.
 * @module
 */
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Role } from "../../core/websocket/frame-parser.ts";
import type { StreamLimits } from "./frames-model.ts";

/** What an implementation made of a stream. */
export interface Verdict {
  /** Messages and control frames, as kind and content in hexadecimal. */
  readonly events: readonly string[];
  /** "open", "closed 1000", "failed 1002". */
  readonly end: string;
}

/** An implementation. */
export interface Peer {
  readonly name: "ws" | "undici";
  readonly roles: readonly Role[];
  read(role: Role, bytes: Uint8Array): Verdict;
}

const require = createRequire(import.meta.url);

/** Those that are installed and work here; the others with the reason. */
export function loadPeers(): { readonly peers: readonly Peer[]; readonly missing: readonly string[] } {
  const peers: Peer[] = [];
  const missing: string[] = [];
  for (const [name, load] of [["ws", loadWs], ["undici", loadUndici]] as const) {
    try {
      const peer = load();
      peer.read("client", Uint8Array.of(0x81, 0));
      peers.push(peer);
    } catch (error) {
      missing.push(`no comparison with ${name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
  return { peers, missing };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

interface WsReceiver {
  on(name: string, listener: (...args: never[]) => void): void;
  _write(chunk: Uint8Array, encoding: string, done: (error?: Error) => void): void;
}

function loadWs(): Peer {
  const { Receiver } = require(named("ws")) as { Receiver: new (options: object) => WsReceiver };
  return {
    name: "ws",
    roles: ["client", "server"],
    read(role, bytes) {
      const events: string[] = [];
      let end = "open";
      const receiver = new Receiver({ isServer: role === "server", allowSynchronousEvents: true, maxPayload: PEER_LIMITS.maxMessage, maxFragments: PEER_LIMITS.maxFragments });
      receiver.on("message", (data: Uint8Array, binary: boolean) => void events.push(`${binary ? "binary" : "text"} ${hex(data)}`));
      receiver.on("ping", (data: Uint8Array) => void events.push(`ping ${hex(data)}`));
      receiver.on("pong", (data: Uint8Array) => void events.push(`pong ${hex(data)}`));
      receiver.on("conclude", (code: number) => void (end = `closed ${code}`));
      receiver._write(Buffer.from(bytes), "", (error) => { // a copy: it unmasks in place
        if (error !== undefined && error !== null) end = `failed ${statusOf(error)}`;
      });
      return { events, end };
    },
  };
}

/** Its status stands under a symbol of its own. */
function statusOf(error: Error): unknown {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
  return symbol === undefined ? error.message : (error as never)[symbol];
}

function loadUndici(): Peer {
  const folder = join(require.resolve(named("undici")), "..", "lib/web/websocket");
  const { ByteParser } = require(join(folder, "receiver.js")) as { ByteParser: new (handler: object, extensions: Map<string, string>, options: object) => WsReceiver };
  return {
    name: "undici",
    roles: ["client"],
    read(_, bytes) {
      const events: string[] = [];
      let end = "open";
      const note = (kind: string, data: Uint8Array): void => {
        if (end === "open") events.push(`${kind} ${hex(data)}`);
      };
      const closeState = new Set<number>();
      const handler = {
        readyState: 1,
        closeState,
        controller: { abort: () => {} },
        socket: {
          destroyed: false,
          writableNeedDrain: false,
          destroy: () => void (end = end.replace(/^closed/, "failed")),
          // a masked frame; of a close frame its code is what counts
          write: (frame: Uint8Array) => {
            if (end !== "open" || (frame[0] & 15) !== 8) return;
            end = frame.length < 8 ? "closed 1005" : `closed ${((frame[6] ^ frame[2]) << 8) | (frame[7] ^ frame[3])}`;
          },
        },
        onMessage(opcode: number, data: Uint8Array) {
          if (end !== "open") return;
          if (opcode === 1 && !isText(data)) end = "failed 1007"; // where its caller looks
          else note(opcode === 1 ? "text" : "binary", data);
        },
        onPing: (data: Uint8Array) => note("ping", data),
        onPong: (data: Uint8Array) => note("pong", data),
      };
      const parser = new ByteParser(handler, new Map(), { maxPayloadSize: PEER_LIMITS.maxMessage, maxFragments: PEER_LIMITS.maxFragments });
      parser._write(Buffer.from(bytes), "", () => {});
      return { events, end };
    },
  };
}

function isText(data: Uint8Array): boolean {
  try {
    strict.decode(data);
    return true;
  } catch {
    return false;
  }
}

/** Named at run time: what the tests compare with is no part of the suite. */
function named(name: string): string {
  return name;
}

/** The limits that all are given. */
export const PEER_LIMITS: StreamLimits = { maxMessage: 1_048_576, maxFragments: 16_384, maxFrame: Number.POSITIVE_INFINITY };
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
