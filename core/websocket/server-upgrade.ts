/**
 * A server's side of a connection on a raw socket: the request, the decision, the connection (RFC 6455, section 4.2).
 *
 * The decision is the application's and may take its time; until then what the client sends too early is kept, up to a limit.
 * @module
 */
import { Gather } from "../bytes/gather.ts";
import { encodeUtf8, type TextCodec } from "../bytes/utf8.ts";
import { HeadParser, parseRequest, type RequestHead, writeResponse } from "../http/head.ts";
import type { Protocol } from "../protocol.ts";
import { type Accepted, refuse, type Refused, writeAnswer } from "./handshake.ts";
import { type Limits, withDefaults } from "./limits.ts";
import { Upgrade } from "./upgrade.ts";

/** What a server's upgrade is made from. */
export interface ServerUpgradeOptions {
  /** Hears the request, once. `accept` or `refuse` of the upgrade that read it answers it, now or later. */
  onRequest(request: RequestHead, upgrade: ServerUpgrade): void;
  /** Those that are not named keep their defaults. */
  readonly limits?: Partial<Limits>;
  /** The host's way from bytes to text; that of the language when it is not said. */
  readonly codec?: TextCodec;
}

/** One accepted socket, from its first byte. */
export class ServerUpgrade extends Upgrade {
  readonly #options: ServerUpgradeOptions;
  readonly #limits: Limits;
  readonly #parser: HeadParser;
  #early: Gather | undefined = undefined;
  #requested = false;
  #inputEnded = false;

  /** Waits for a request; the handshake's time runs from the first call that tells it. */
  constructor(options: ServerUpgradeOptions) {
    const limits = withDefaults(options.limits);
    super(limits.handshakeTimeout);
    this.#options = options;
    this.#limits = limits;
    this.#parser = new HeadParser(limits, options.codec);
  }

  /** Hands over a request that the host has parsed itself; `receive` then gets what came behind it. */
  request(request: RequestHead): void {
    this.#requested = true;
    try {
      this.#options.onRequest(request, this);
    } catch (error) {
      this.refuse(refuse(500, "The server failed"));
      throw error;
    }
  }

  /** Answers with the 101 and goes on as the connection. False when it is too late: the time was up, or the peer is gone. */
  accept(accepted: Accepted, connection: Protocol<Uint8Array, Uint8Array>, now: number): boolean {
    if (this.decided) return false;
    this.queue(writeAnswer(accepted.response));
    this.become(connection);
    if (this.#early !== undefined) connection.receive(this.#early.take(), now);
    if (this.#inputEnded) connection.receiveEnd(now);
    return true;
  }

  /** Answers with a status and ends. False when it is too late. */
  refuse(refused: Refused): boolean {
    if (this.decided) return false;
    this.queue(writeResponse(refused.response));
    this.queue(typeof refused.body === "string" ? encodeUtf8(refused.body) : refused.body);
    this.end(LINGER);
    return true;
  }

  /** True from the request to `accept` or `refuse`. */
  protected override get waiting(): boolean {
    return this.#requested && !this.decided;
  }

  /** Reads the request; what follows it is kept for the connection, up to `maxHeld` bytes. */
  protected override receiveBefore(input: Uint8Array, now: number): void {
    if (this.#requested) {
      this.#keepEarly(input);
      return;
    }
    const used = this.#parser.push(input);
    const { fault, text } = this.#parser;
    if (fault !== undefined) this.refuse(refuse(fault.status, fault.message));
    if (text === undefined) return;
    const request = parseRequest(text);
    if ("status" in request) {
      this.refuse(refuse(request.status, request.message));
      return;
    }
    this.request(request);
    if (used < input.length) this.receive(input.subarray(used), now); // as if it had come by itself: it may be decided by now
  }

  /** Gives up a client that sent no whole request; behind one, the end is kept for the connection. */
  protected override endBefore(): void {
    this.#inputEnded = true;
    if (!this.#requested) this.end(0);
  }

  /** Answers 503 when the application is late, 408 when the request is, and nothing to a silent client. */
  protected override expire(): void {
    if (this.#requested) this.refuse(refuse(503, "The server took too long to decide"));
    else if (this.#parser.started) this.refuse(refuse(408, "The request took too long"));
    else this.end(0);
  }

  #keepEarly(input: Uint8Array): void {
    if (input.length === 0) return;
    const early = this.#early ??= new Gather();
    if (early.length + input.length > this.#limits.maxHeld) {
      this.refuse(refuse(400, "Too much was sent before the answer"));
      return;
    }
    const at = early.extend(input.length, 0);
    early.bytes.set(input, at);
  }
}

/** How long a refused peer may take to read the answer before its socket goes; long enough for a slow link, no longer. */
const LINGER = 1_000;
