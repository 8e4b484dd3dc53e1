/**
 * Which web pages may connect (RFC 6455, section 10.2; RFC 6454). A browser sends cookies with a WebSocket to any site, so a
 * server that does not look at Origin lets every page act for its users.
 * @module
 */
import type { RequestHead } from "./head.ts";

/**
 * Who may connect from a browser: pages of the same host, any page, those whose origin is listed (such as
 * "https://example.com"), or those a function accepts. A client that sends no Origin is no browser and may always connect,
 * except that a function is asked about it too, with `undefined`.
 */
export type OriginPolicy = "same" | "any" | readonly string[] | ((origin: string | undefined, request: RequestHead) => boolean);

/** True when the request's Origin is allowed. */
export function isOriginAllowed(request: RequestHead, policy: OriginPolicy): boolean {
  const { fields } = request;
  const origin = fields.get("Origin");
  if (origin !== undefined && !fields.is("Origin", origin)) return false; // there are several
  // not merely truthy: the promise of an async function would let every page in
  if (typeof policy === "function") return policy(origin, request) === true;
  if (policy === "any" || origin === undefined) return true;
  return policy === "same" ? isSameHost(origin, fields.get("Host")) : isListed(origin.toLowerCase(), policy);
}

function isListed(origin: string, list: readonly string[]): boolean {
  return list.some((allowed) => allowed.toLowerCase() === origin);
}

/** The scheme is left out of it: behind a TLS proxy the server does not know its own. The port counts. */
function isSameHost(origin: string, host: string | undefined): boolean {
  const match = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase());
  if (match === null || host === undefined) return false;
  const port = match[1] === "https" ? ":443" : ":80";
  return withoutPort(match[2], port) === withoutPort(host.toLowerCase(), port);
}

function withoutPort(host: string, port: string): string {
  return host.endsWith(port) ? host.slice(0, -port.length) : host;
}
