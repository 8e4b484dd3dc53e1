/**
 * A client's side of a connection on a raw socket: the request, the answer, the connection (RFC 6455, section 4.1).
 * @module
 */
import { BodyReader } from "../http/body.ts";
import { HeadParser, parseResponse, type ResponseHead, writeRequest } from "../http/head.ts";
import type { Protocol } from "../protocol.ts";
import { type Accepted, checkUpgrade, type Offer } from "./handshake.ts";
import { type Limits, withDefaults } from "./limits.ts";
import { Upgrade } from "./upgrade.ts";

/**
 * Why a handshake failed.
 * - `refused`: the server answered with another status than 101.
 * - `invalid`: it answered 101, but broke a rule of the handshake.
 * - `malformed`: what it sent is no HTTP answer.
 * - `ended`: it closed the connection before it answered.
 * - `timeout`: it did not answer in time.
 */
export type UpgradeFailureReason = "refused" | "invalid" | "malformed" | "ended" | "timeout";

/** A handshake that failed. */
export interface UpgradeFailure {
  /** How far it came, in one word. */
  readonly reason: UpgradeFailureReason;
  /** One sentence for people. */
  readonly message: string;
  /** The head of the answer, when one came. */
  readonly response: ResponseHead | undefined;
  /** The body of the answer, cut off at a limit. */
  readonly body: Uint8Array;
}

/** What a client's upgrade is made from. */
export interface ClientUpgradeOptions {
  /** The request, from `offerUpgrade`. */
  readonly offer: Offer;
  /** Makes the connection once the server accepted; bytes behind its answer go there. */
  onAccepted(accepted: Accepted): Protocol<Uint8Array, Uint8Array>;
  /** Hears of a failure, once, instead of `onAccepted`. */
  onFailure(failure: UpgradeFailure): void;
  /** Those that are not named keep their defaults. */
  readonly limits?: Partial<Limits>;
}

/** One socket connected to a server, from its first byte. */
export class ClientUpgrade extends Upgrade {
  readonly #options: ClientUpgradeOptions;
  readonly #limits: Limits;
  #parser: HeadParser;
  /** Bytes of heads: of interim answers, and of the one that is being read. */
  #headBytes = 0;
  /** Set while the body of a refusal is read. */
  #body: BodyReader | undefined = undefined;
  #response: ResponseHead | undefined = undefined;
  #message = "";

  /** Queues the request at once. */
  constructor(options: ClientUpgradeOptions) {
    const limits = withDefaults(options.limits);
    super(limits.handshakeTimeout);
    this.#options = options;
    this.#limits = limits;
    this.#parser = new HeadParser(limits);
    this.queue(writeRequest(options.offer.request));
  }

  /** Never: a client decides as it reads. */
  protected override get waiting(): boolean {
    return false;
  }

  /** Reads interim answers, the final one, and the body of a refusal. */
  protected override receiveBefore(input: Uint8Array, now: number): void {
    let rest = input;
    while (this.#body === undefined) {
      const used = this.#parser.push(rest);
      rest = rest.subarray(used);
      this.#headBytes += used;
      const { fault, text } = this.#parser;
      if (fault !== undefined) return this.#fail("malformed", `The server's answer is malformed: ${fault.message}`);
      if (text === undefined) return;
      const response = parseResponse(text);
      if ("message" in response) return this.#fail("malformed", response.message);
      if (response.status === 101 || response.status >= 200) return this.#judge(response, rest, now);
      if (this.#headBytes > this.#limits.maxHead * MAX_INTERIM) return this.#fail("malformed", "The server sends interim answers without end");
      this.#parser = new HeadParser(this.#limits); // an interim answer; the final one follows (RFC 9110, section 15.2)
    }
    this.#readBody(this.#body, rest);
  }

  /** Fails as `ended`, or as `refused` when only the body was still to come. */
  protected override endBefore(): void {
    if (this.#body !== undefined) this.#fail("refused", this.#message);
    else this.#fail("ended", "The server closed the connection before it answered the handshake");
  }

  /** Fails as `timeout`, or as `refused` when only the body was still to come. */
  protected override expire(): void {
    if (this.#body !== undefined) this.#fail("refused", this.#message);
    else this.#fail("timeout", `The server did not answer the handshake within ${this.#limits.handshakeTimeout} ms`);
  }

  #judge(response: ResponseHead, rest: Uint8Array, now: number): void {
    this.#response = response;
    const verdict = checkUpgrade(response, this.#options.offer);
    if (verdict.accepted) {
      this.end(0); // should onAccepted throw, it is over
      const connection = this.#options.onAccepted(verdict);
      this.become(connection);
      if (rest.length > 0) connection.receive(rest, now);
    } else if (response.status === 101) {
      this.#fail("invalid", verdict.message);
    } else {
      this.#message = verdict.message;
      this.#body = new BodyReader(response, this.#limits.maxBody);
      this.#readBody(this.#body, rest);
    }
  }

  #readBody(body: BodyReader, input: Uint8Array): void {
    body.push(input);
    if (body.done) this.#fail("refused", this.#message);
  }

  #fail(reason: UpgradeFailureReason, message: string): void {
    this.end(0);
    this.#options.onFailure({ reason, message, response: this.#response, body: this.#body?.take() ?? EMPTY });
  }
}

/** Interim answers together may be as large as this many heads. */
const MAX_INTERIM = 4;
const EMPTY = new Uint8Array(0);
