/**
 * Why a connection did not open, in one sentence that ends with what to try.
 * @module
 */
import { HandshakeError } from "../index.node.ts";
import { Failure, UsageError } from "./exit.ts";
import { excerpt } from "./terminal.ts";

/** Turns what `connect` throws into an error of the command line. */
export function toTrouble(error: unknown): Error {
  if (error instanceof HandshakeError) {
    const { stage, url, code, status } = error;
    return new Failure(sentence(error), { stage, url, code, status });
  }
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof TypeError ? new UsageError(message) : new Failure(message);
}

function sentence(error: HandshakeError): string {
  const { url, code, status, stage } = error;
  if (stage === "redirect") return `${error.message}${error.message.includes("more than") ? "; raise --redirects to follow more" : ""}`;
  if (stage === "proxy") return `${error.message}${proxyFix(error)}`;
  if (status !== undefined && status !== 101) return `Cannot connect to ${url}: ${answered(error, status)}`;
  if (status === 101) return `${error.message}; what answers there does not follow RFC 6455`;
  const known = code === undefined ? undefined : TROUBLES[code];
  if (known !== undefined) return `Cannot connect to ${url}: ${known} (${code})`;
  if (stage === "tls" && isOpenSsl(code)) return `Cannot connect to ${url}: the TLS handshake failed (${code}); if no TLS is spoken there, use ws:// instead of wss://`;
  if (code === "ETIMEDOUT" && error.cause === undefined) return `${error.message}; wait longer with --timeout MS`;
  if (error.message.includes("malformed") || error.message.includes("before it answered")) {
    return `${error.message}; ${url.startsWith("ws:") ? "perhaps TLS is spoken there: try wss://" : "perhaps it is no WebSocket server"}`;
  }
  return error.message;
}

/** What the server said instead of 101. */
function answered(error: HandshakeError, status: number): string {
  const named = /the server answered (\d+[^("]*)/i.exec(error.message)?.[1].trim().replace(/:.*/, "") ?? String(status);
  const line = error.body.split("\n").map((text) => text.trim()).find((text) => text !== "");
  const said = line === undefined ? "" : ` ("${excerpt(line, 120)}")`;
  const location = error.headers?.get("Location");
  if (status >= 300 && status < 400 && location !== undefined) {
    return `the server answered ${named} and points to ${excerpt(location, 200)}; follow it with --redirects 5, or connect there`;
  }
  const fix = FIXES[status] ?? (status >= 500 ? "the server, or a proxy before it, has a problem: try again later" : "is it the URL of a WebSocket?");
  return `the server answered ${named}${said}; ${fix}`;
}

const FIXES: Readonly<Record<number, string>> = {
  400: "the server did not like the request: --verbose shows it",
  401: 'give credentials, such as --header "Authorization: Bearer TOKEN", or ws://user:password@host/',
  403: "you may not connect: perhaps with other credentials (--header), or from another page (--origin URL)",
  404: "is the path of the URL right?",
  426: "the server wants another protocol than WebSocket version 13 there",
  429: "too many connections: try again later",
};

const CA = "trust it with --ca FILE, or take any certificate with --insecure";

const TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; is the server running, and are host and port right?",
  ECONNRESET: "the other side closed the connection before it answered; perhaps TLS is spoken there (wss://), or not (ws://)",
  ENOTFOUND: "there is no such host; is its name right?",
  EAI_AGAIN: "the host name cannot be looked up now; is the network up?",
  EHOSTUNREACH: "there is no route to the host; is the network up?",
  ENETUNREACH: "there is no route to the network; is it up?",
  ENOENT: "there is no such unix socket; is the server running, and is --unix right?",
  ENOTSOCK: "the --unix path is no socket",
  EACCES: "you may not connect there; with --unix, look at the permissions of the path",
  EPROTO: "no TLS is spoken there; use ws:// instead of wss://",
  ERR_SSL_WRONG_VERSION_NUMBER: "no TLS is spoken there; use ws:// instead of wss://",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "no TLS is spoken there; use ws:// instead of wss://",
  DEPTH_ZERO_SELF_SIGNED_CERT: `the certificate is self-signed; ${CA}`,
  SELF_SIGNED_CERT_IN_CHAIN: `the certificate's authority is not trusted; ${CA}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the certificate's authority is not trusted; ${CA}`,
  UNABLE_TO_GET_ISSUER_CERT: `the certificate's authority is not trusted; ${CA}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the certificate's authority is not trusted; ${CA}`,
  CERT_HAS_EXPIRED: "the certificate has expired; renew it, or take any certificate with --insecure",
  CERT_NOT_YET_VALID: "the certificate is not valid yet; is the clock right? --insecure takes any certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host; connect by its name, or take any certificate with --insecure",
};

function isOpenSsl(code: string | undefined): boolean {
  return code !== undefined && /^ERR_(?:SSL|OSSL)_/.test(code);
}

function proxyFix({ status, code }: HandshakeError): string {
  if (status === 407) return "; put user and password into it: --proxy http://user:password@host:port";
  return code === "ECONNREFUSED" || code === "ENOTFOUND" ? "; is --proxy right?" : "";
}
