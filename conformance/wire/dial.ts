/**
 * Connects the tester to a server.
 * @module
 */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type { Dialling } from "./case.ts";
import { SocketLink } from "./socket-link.ts";
import { Wire } from "./wire.ts";

/** What a tester trusts. */
export interface Trust {
  /** Authorities in PEM, beside those of the system. */
  readonly ca?: string;
  /** Any certificate will do. */
  readonly insecure?: boolean;
}

/** The server does not listen, or not as its URL says. */
export class Unreachable extends Error {}

/** Opens a connection; `wss:` through TLS. Throws `Unreachable`. */
export async function dial(target: URL, timeout: number, trust: Trust = {}, { plain, servername, version, alpn = ["http/1.1"], resumed }: Dialling = {}): Promise<Wire> {
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const isSecure = target.protocol === "wss:" && plain !== true;
  const port = Number(target.port === "" ? target.protocol === "wss:" ? 443 : 80 : target.port);
  const usual = tlsOptions(host, port, trust);
  const session = resumed ? await takeSession(usual, timeout) : undefined;
  const halfOpen = { allowHalfOpen: true }; // not every description of tls.connect knows it
  const socket = isSecure
    ? tls.connect({
      ...usual, ...halfOpen,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      ...(servername === undefined ? {} : { servername, checkServerIdentity: () => undefined }), // the certificate is for the name in the URL
      ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
      ...(version === "TLSv1" || version === "TLSv1.1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {}), // OpenSSL would not offer them
      ...(session === undefined ? {} : { session }),
    })
    : net.connect({ host, port, ...halfOpen });
  try {
    await once(socket, isSecure ? "secureConnect" : "connect", { signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    socket.on("error", () => {}).destroy();
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Unreachable(`Cannot reach ${target.href}: ${code === "ABORT_ERR" ? `no connection within ${timeout} ms` : HINTS[code ?? ""] ?? message}`);
  }
  return new Wire(new SocketLink(socket));
}

/** What every connection through TLS has. */
function tlsOptions(host: string, port: number, { ca, insecure }: Trust): tls.ConnectionOptions {
  return {
    host, port, rejectUnauthorized: insecure !== true,
    ...(net.isIP(host) === 0 ? { servername: host } : {}), ...(ca === undefined ? {} : { ca }),
  };
}

/** A session that the server gave, to go on with; it keeps what was found of the certificate. Undefined when it gives none. */
async function takeSession(options: tls.ConnectionOptions, timeout: number): Promise<Buffer | undefined> {
  const socket = tls.connect(options).on("error", () => {});
  const given = await once(socket, "session", { signal: AbortSignal.timeout(timeout) }).catch(() => [undefined]);
  socket.destroy();
  return given[0] as Buffer | undefined;
}

/** What the frequent errors mean. */
const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (ECONNREFUSED)",
  ENOTFOUND: "there is no such host (ENOTFOUND)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself; trust it with --ca FILE or --insecure",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an unknown authority; trust it with --ca FILE or --insecure",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an unknown authority; trust it with --ca FILE or --insecure",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of an unknown authority; trust it with --ca FILE or --insecure",
};
