/**
 * Our core as an echo server and an echo client without any socket: what `check` asks in process.
 * @module
 */
import { RandomPool } from "../core/bytes/random-pool.ts";
import type { Protocol } from "../core/protocol.ts";
import { ClientUpgrade } from "../core/websocket/client-upgrade.ts";
import { WebSocketConnection } from "../core/websocket/connection.ts";
import type { Agreement } from "../core/websocket/extension.ts";
import { acceptUpgrade, offerUpgrade } from "../core/websocket/handshake.ts";
import { PermessageDeflate } from "../core/websocket/permessage-deflate.ts";
import { ServerUpgrade } from "../core/websocket/server-upgrade.ts";
import { toBytes } from "./frames.ts";
import { type Means, respond } from "./ledger/peers/commands.ts";

const LIMITS = { maxMessage: 64 * 1024 * 1024, maxFragments: Number.POSITIVE_INFINITY, maxQueued: Number.POSITIVE_INFINITY };
const random = new RandomPool((target) => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>));

/** From the first byte of the request on. */
export function echoServer(): Protocol<Uint8Array, Uint8Array> {
  let now = 0;
  const upgrade: ServerUpgrade = new ServerUpgrade({
    limits: LIMITS,
    onRequest(request) {
      const verdict = acceptUpgrade(request, { origins: "any", extensions: [new PermessageDeflate()] });
      if (verdict.accepted) upgrade.accept(verdict, echo("server", verdict.extension), now);
      else upgrade.refuse(verdict);
    },
  });
  const receive = upgrade.receive.bind(upgrade);
  upgrade.receive = (input, at) => receive(input, now = at);
  return upgrade;
}

/** Its request is its first output. */
export function echoClient(): Protocol<Uint8Array, Uint8Array> {
  const extensions = [new PermessageDeflate()];
  const offer = offerUpgrade({ host: "localhost", target: "/", extensions }, random);
  return new ClientUpgrade({ offer, limits: LIMITS, onAccepted: ({ extension }) => echo("client", extension), onFailure: () => {} });
}

function echo(role: "server" | "client", agreement: Agreement | undefined): WebSocketConnection {
  const means: Means = {
    send: (message) => typeof message === "string" ? connection.sendText(message) : connection.sendBinary(message),
    close: (code, reason) => void connection.close(code, reason),
    ping: (payload) => void connection.ping(toBytes(payload)),
    drop: () => connection.receiveEnd(0), // as if TCP were lost
  };
  const connection: WebSocketConnection = new WebSocketConnection({
    role, random, limits: LIMITS, extension: agreement?.start(),
    handler: {
      onText: (text) => respond(text, means),
      onBinary: (data) => void connection.sendBinary(data.slice()),
      onClose: () => {},
    },
  });
  return connection;
}
