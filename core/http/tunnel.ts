/**
 * A tunnel through an HTTP proxy (RFC 9110, section 9.3.6): CONNECT, and an answer of 2xx. What then runs through it speaks first.
 * @module
 */
import type { Protocol } from "../protocol.ts";
import { Fields } from "./field.ts";
import { DEFAULT_HEAD_LIMITS, HeadParser, parseResponse, type ResponseHead, writeRequest } from "./head.ts";

/** Hears how it went, once. */
export interface TunnelHandler {
  /** The tunnel is open: another protocol may take the transport over. */
  onOpen(): void;
  /** The proxy said no, or what it said is no answer. */
  onFailure(message: string, response: ResponseHead | undefined): void;
}

/** The client's side of opening a tunnel. It has no deadline of its own: whoever waits for it has one. */
export class Tunnel implements Protocol<Uint8Array, Uint8Array> {
  /** True once the tunnel is open: what comes next is for the protocol that takes the transport over. */
  paused = false;
  /** Never. */
  readonly deadline: number = Number.POSITIVE_INFINITY;
  readonly #handler: TunnelHandler;
  #parser = new HeadParser(DEFAULT_HEAD_LIMITS);
  #output: readonly Uint8Array[];
  #settled = false;
  #failed = false;

  /**
   * Queues the request at once.
   * @param authority host and port to reach, such as "example.com:443"
   * @param headers further fields, such as Proxy-Authorization
   */
  constructor(authority: string, headers: Iterable<readonly [name: string, value: string]>, handler: TunnelHandler) {
    this.#handler = handler;
    this.#output = [writeRequest({ method: "CONNECT", target: authority, fields: new Fields([["Host", authority], ...headers]) })];
  }

  /** True once the tunnel failed. */
  get outputEnded(): boolean {
    return this.#failed;
  }

  /** Reads the proxy's answer; bytes behind it are a failure, as what runs in the tunnel speaks first. */
  receive(input: Uint8Array): void {
    let rest = input;
    while (!this.#settled) {
      rest = rest.subarray(this.#parser.push(rest));
      const { fault, text } = this.#parser;
      if (fault !== undefined) return this.#fail(fault.message, undefined);
      if (text === undefined) return;
      const response = parseResponse(text);
      if ("message" in response) return this.#fail(response.message, undefined);
      if (response.status === 101 || response.status >= 200) return this.#judge(response, rest);
      this.#parser = new HeadParser(DEFAULT_HEAD_LIMITS); // an interim answer; the final one follows (RFC 9110, section 15.2)
    }
  }

  /** Fails, unless the answer has come. */
  receiveEnd(): void {
    if (!this.#settled) this.#fail("it closed the connection", undefined);
  }

  /** Hands over the request, once. */
  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** Does nothing. */
  handleTimeout(): void {}

  #judge(response: ResponseHead, rest: Uint8Array): void {
    if (response.status < 200 || response.status > 299) return this.#fail(`it answered ${response.status} ${response.reason}`.trimEnd(), response);
    if (rest.length > 0) return this.#fail("it sent more than its answer", response);
    this.#settled = this.paused = true;
    this.#handler.onOpen();
  }

  #fail(message: string, response: ResponseHead | undefined): void {
    this.#settled = this.#failed = true;
    this.#handler.onFailure(message, response);
  }
}
