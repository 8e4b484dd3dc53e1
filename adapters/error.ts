/**
 * The errors a caller may meet.
 * @module
 */
import type { Fields } from "../core/http/field.ts";
import type { Hearer } from "./hearer.ts";

/**
 * How far a handshake came.
 * - `connect`: the TCP connection, or the unix socket.
 * - `proxy`: the proxy, and the tunnel through it.
 * - `tls`: the TLS handshake.
 * - `response`: the server's answer to the request.
 * - `redirect`: an answer that points elsewhere.
 */
export type HandshakeStage = "connect" | "proxy" | "tls" | "response" | "redirect";

/** What is known of a failed handshake. */
export interface HandshakeFailure {
  /** How far it came. */
  readonly stage: HandshakeStage;
  /** Where it went, without credentials. */
  readonly url: string;
  /** The system's or TLS library's code, such as "ECONNREFUSED"; "ETIMEDOUT" when the time was up. */
  readonly code?: string | undefined;
  /** The status of the answer, when one came. */
  readonly status?: number | undefined;
  /** The fields of the answer, when one came. */
  readonly headers?: Fields | undefined;
  /** The body of the answer, as text, cut off at `maxBody`. */
  readonly body?: string | undefined;
  /** What was thrown underneath. */
  readonly cause?: unknown;
}

/** A connection that did not open. One error says everything that is known of it. */
export class HandshakeError extends Error implements HandshakeFailure {
  /** Tells it from other errors, across copies of this package too. */
  override readonly name = "HandshakeError";
  /** How far it came. */
  readonly stage: HandshakeStage;
  /** Where it went, without credentials. */
  readonly url: string;
  /** The system's or TLS library's code, such as "ECONNREFUSED"; "ETIMEDOUT" when the time was up. */
  readonly code: string | undefined;
  /** The status of the answer, when one came. */
  readonly status: number | undefined;
  /** The fields of the answer, when one came. */
  readonly headers: Fields | undefined;
  /** The body of the answer, as text, cut off at `maxBody` bytes; '' when there is none. */
  readonly body: string;

  /** Copies what is known into the error; `cause` becomes the error's own. */
  constructor(message: string, failure: HandshakeFailure) {
    super(message, { cause: failure.cause });
    this.stage = failure.stage;
    this.url = failure.url;
    this.code = failure.code;
    this.status = failure.status;
    this.headers = failure.headers;
    this.body = failure.body ?? "";
  }
}

/** Words for what a system or TLS library reports: never empty, and with the fix where there is one. */
export function explain(error: unknown): { message: string; code: string | undefined } {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const own = first instanceof Error && first.message !== "" ? first.message : String(first);
  const code = WORDINGS.find(([wording]) => wording.test(own))?.[1] ?? (typeof first?.code === "string" ? first.code : undefined);
  const hint = code === undefined ? undefined : HINTS[code];
  return { message: hint === undefined ? own : `${hint} (${code})`, code };
}

/** Tells the handler of an error of its own; prints it when the handler does not want to know, or fails at that too. */
export function report<Self>(handler: Pick<Hearer<Self>, "error">, error: unknown, socket?: Self): void {
  try {
    if (handler.error === undefined) console.error(error);
    else handler.error(error, socket);
  } catch (second) {
    console.error(second);
  }
}

/**
 * Refuses options that a runtime cannot honour: left out in silence, they would be missed later.
 * @param reasons option to sentence; "limits.maxFrame" stands for a limit
 * @throws {TypeError} with the sentence of the first that is set
 */
export function refuseOptions(options: object, reasons: Readonly<Record<string, string>>): void {
  for (const [name, reason] of Object.entries(reasons)) {
    const value = name.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], options);
    if (value !== undefined) throw new TypeError(`Cannot use option "${name}": ${reason}`);
  }
}

/** What Deno (rustls) and Bun (BoringSSL) say without a code, or with a vague one, and the code Node has for it. */
const WORDINGS: readonly (readonly [wording: RegExp, code: string])[] = [
  [/^failed to lookup address information: Temporary/, "EAI_AGAIN"],
  [/^failed to lookup address information/, "ENOTFOUND"],
  [/^invalid peer certificate: UnknownIssuer/, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [/^invalid peer certificate: (?:certificate not valid for name|NotValidForName)/, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [/^invalid peer certificate: (?:certificate expired|Expired)/, "CERT_HAS_EXPIRED"],
  [/^received corrupt message of type|:WRONG_VERSION_NUMBER$/, "ERR_SSL_WRONG_VERSION_NUMBER"],
  [/^(?:unexpected end of file|tls handshake eof)$/, "ECONNRESET"],
];

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the other side reset the connection",
  ENOTFOUND: "no such host name",
  EAI_AGAIN: "the host name cannot be looked up now",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  EADDRINUSE: "the port is taken",
  EADDRNOTAVAIL: "the address is not one of this machine's",
  EACCES: "not allowed",
  ENOENT: "no such socket file",
  EPROTO: "the other side does not speak TLS there",
  ERR_SSL_WRONG_VERSION_NUMBER: "the other side does not speak TLS there",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the other side does not speak TLS there",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed; pass it as tls.ca to trust it",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate's authority is not trusted; pass it as tls.ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate's authority is not trusted; pass it as tls.ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate's authority is not trusted; pass it as tls.ca",
  CERT_HAS_EXPIRED: "the certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host",
};
