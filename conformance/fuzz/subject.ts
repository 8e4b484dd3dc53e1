/**
 * What is tried: the core, or a module that stands in for it, such as one with a bug put in.
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { isFieldValue, isToken, parseExtensions, parseTokens, trimBlanks } from "../../core/http/field.ts";
import { Tunnel, type TunnelHandler } from "../../core/http/tunnel.ts";
import type { Protocol } from "../../core/protocol.ts";
import { ClientUpgrade, type ClientUpgradeOptions } from "../../core/websocket/client-upgrade.ts";
import { WebSocketConnection } from "../../core/websocket/connection.ts";
import { deflate } from "../../core/websocket/deflate.ts";
import type { WebSocketOptions } from "../../core/websocket/handler.ts";
import { acceptUpgrade } from "../../core/websocket/handshake.ts";
import { inflate } from "../../core/websocket/inflate.ts";
import type { DeflateCodec } from "../../core/websocket/permessage-deflate.ts";
import { ServerUpgrade, type ServerUpgradeOptions } from "../../core/websocket/server-upgrade.ts";

type Bytes = Protocol<Uint8Array, Uint8Array>;
/** What is used of a connection. */
export type Connection = Bytes & Pick<
  WebSocketConnection, "state" | "bufferedAmount" | "bytesHeld" | "sendText" | "sendBinary" | "sendFragment" | "ping" | "close" | "pause" | "resume"
>;

/** The makers and functions that are tried. */
export interface Subject {
  connection(options: WebSocketOptions): Connection;
  server(options: ServerUpgradeOptions): Bytes & Pick<ServerUpgrade, "accept" | "refuse">;
  client(options: ClientUpgradeOptions): Bytes;
  tunnel(authority: string, handler: TunnelHandler): Pick<Tunnel, "receive" | "receiveEnd" | "paused" | "outputEnded" | "takeOutput">;
  readonly fields: {
    readonly isToken: typeof isToken;
    readonly isFieldValue: typeof isFieldValue;
    readonly trimBlanks: typeof trimBlanks;
    readonly parseTokens: typeof parseTokens;
    readonly parseExtensions: typeof parseExtensions;
  };
  readonly acceptUpgrade: typeof acceptUpgrade;
  readonly codec: DeflateCodec;
}

/** The core as it is. */
export const CORE: Subject = {
  connection: (options) => new WebSocketConnection(options),
  server: (options) => new ServerUpgrade(options),
  client: (options) => new ClientUpgrade(options),
  tunnel: (authority, handler) => new Tunnel(authority, [], handler),
  fields: { isToken, isFieldValue, trimBlanks, parseTokens, parseExtensions },
  acceptUpgrade,
  codec: { deflate, inflate: (data, history, room) => inflate(data, history.bytes, room) },
};

/** The core, or the export behind "#" of a module: "subject" unless named. */
export async function loadSubject(where: string | undefined): Promise<Subject> {
  if (where === undefined) return CORE;
  const [file, name = "subject"] = where.split("#");
  const module = await import(pathToFileURL(isAbsolute(file) ? file : resolve(process.cwd(), file)).href) as Record<string, Subject | undefined>;
  const subject = module[name];
  if (subject === undefined) throw new Error(`Cannot try ${where}: ${file} exports no "${name}"`);
  return subject;
}
