/**
 * An upgrade of either role that is listened to, for tests.
 * @module
 */
import { expect } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import type { RequestHead } from "../http/head.ts";
import { ClientUpgrade, type UpgradeFailure } from "../websocket/client-upgrade.ts";
import { type Accepted, acceptUpgrade, type Offer, offerUpgrade } from "../websocket/handshake.ts";
import type { Limits } from "../websocket/limits.ts";
import { ServerUpgrade } from "../websocket/server-upgrade.ts";
import { concat, utf8 } from "./frames.ts";
import { End } from "./pair.ts";

/** The answer of RFC 6455, section 1.3, as it stands on the wire. */
export const ANSWER: string = [
  "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "Sec-WebSocket-Protocol: chat", "", "",
].join("\r\n");

/** The offer of RFC 6455, section 1.2. */
export function sampleOffer(): Offer {
  return offerUpgrade({
    host: "server.example.com",
    target: "/chat",
    protocols: ["chat", "superchat"],
    headers: [["Origin", "http://server.example.com"]],
  }, new RandomPool((target) => target.set(utf8("the sample nonce"))));
}

/** A client's upgrade, how it went, and the connection it becomes. */
export class Client {
  readonly accepted: Accepted[] = [];
  readonly failures: UpgradeFailure[] = [];
  readonly end: End = new End("client");
  readonly upgrade: ClientUpgrade;

  constructor(limits: Partial<Limits> = {}, onAccepted: () => void = () => {}) {
    this.upgrade = new ClientUpgrade({
      offer: sampleOffer(),
      limits,
      onAccepted: (accepted) => {
        this.accepted.push(accepted);
        onAccepted();
        return this.end.connection;
      },
      onFailure: (failure) => void this.failures.push(failure),
    });
  }
  receive(text: string, now = 0): void {
    this.upgrade.receive(utf8(text), now);
  }
  take(now = 0): string {
    return String.fromCharCode(...concat(this.upgrade.takeOutput(now)));
  }
  /** The one failure: its reason, message, status and body. */
  get failure(): unknown[] | undefined {
    expect(this.failures.length + this.accepted.length).toBeLessThan(2);
    if (this.failures.length === 0) return undefined;
    const { reason, message, response, body } = this.failures[0];
    return [reason, message, response?.status, new TextDecoder().decode(body)];
  }
  /** True once it is over and nothing is awaited. */
  get over(): boolean {
    return this.upgrade.outputEnded && this.upgrade.deadline === Infinity;
  }
}

/** A client that sent its request and got this. */
export function answered(text: string, limits: Partial<Limits> = {}): Client {
  const client = new Client(limits);
  client.take();
  client.receive(text);
  return client;
}

/** The request of RFC 6455, section 1.2, as it stands on the wire. */
export const REQUEST: string = [
  "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Origin: http://server.example.com", "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Version: 13", "", "",
].join("\r\n");

/** A refusal as it stands on the wire. */
export function refusal(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** A server's upgrade, what it heard, and the connection it becomes once `accept` is called. */
export class Server {
  readonly requests: RequestHead[] = [];
  readonly end: End = new End("server");
  readonly upgrade: ServerUpgrade;

  constructor(limits: Partial<Limits> = {}, onRequest: (server: Server) => void = () => {}) {
    this.upgrade = new ServerUpgrade({
      limits,
      onRequest: (request) => {
        this.requests.push(request);
        onRequest(this);
      },
    });
  }
  receive(text: string, now = 0): void {
    this.upgrade.receive(utf8(text), now);
  }
  accept(now = 0): boolean {
    return this.upgrade.accept(acceptUpgrade(this.requests[0], { protocols: ["chat"] }) as Accepted, this.end.connection, now);
  }
  take(now = 0): string {
    return String.fromCharCode(...concat(this.upgrade.takeOutput(now)));
  }
}
