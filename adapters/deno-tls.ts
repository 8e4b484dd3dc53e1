/**
 * TLS on Deno, and what it cannot do there (measured on 2.9.5):
 *
 * 1. Every certificate is checked; `tls.ca` is trusted besides the system's authorities, not instead of them.
 * 2. A server asks clients for no certificate; keys are not encrypted; there is no TLS over unix sockets.
 * 3. Closed during its handshake, a connection is gone for us, but its TCP connection stays until the other side sends or leaves.
 * @module
 */
import type { DenoStream } from "./deno-ops.ts";
import type { Pem, TlsClientOptions } from "./pipe.ts";

/** What is used of a `Deno.Conn`. */
export interface DenoConnection extends DenoStream {
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(on: boolean): void;
  handshake?(): Promise<unknown>;
}

declare const Deno: {
  startTls(connection: DenoConnection, options: object): Promise<DenoConnection>;
  connectTls(options: object): Promise<DenoConnection>;
};

/**
 * Starts TLS as a client; `handshake` is still to be awaited. The connection given is used up.
 * @param fresh nothing was sent or read yet, so that another connection may take its place
 * @throws {TypeError} for what Deno cannot do
 */
export async function secure(connection: DenoConnection, tls: TlsClientOptions, host: string, fresh: boolean): Promise<DenoConnection> {
  const { servername = host, ca = [], cert, key = cert } = tls;
  if (tls.rejectUnauthorized === false) throw unable("tls.rejectUnauthorized", "Deno checks every certificate; pass the server's authority as tls.ca");
  if (tls.passphrase !== undefined) throw unable("tls.passphrase", "Deno takes no encrypted key");
  const { port } = connection.remoteAddr;
  if (port === undefined) throw unable("unix", "Deno speaks TLS over TCP only");
  const options = { hostname: servername, caCerts: [ca].flat().map(toText), alpnProtocols: ["http/1.1"] };
  if (cert === undefined || key === undefined) return Deno.startTls(connection, options);
  // Only `connectTls` presents a certificate, and it connects to the very name that it asks for and checks.
  if (!fresh) throw unable("tls.cert", "Deno presents no certificate through a proxy");
  if (servername !== host) throw unable("tls.servername", "Deno presents a certificate under the URL's own host name only");
  closeConnection(connection);
  return Deno.connectTls({ ...options, port, cert: toText(cert), key: toText(key) });
}

/** Closes a connection that may be closed already. */
export function closeConnection(connection: DenoConnection): void {
  try {
    connection.close();
  } catch {
    // it was
  }
}

/** PEM as Deno takes it. */
export function toText(pem: Pem): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}

/** What Deno cannot do, as an error. */
export function unable(option: string, reason: string): TypeError {
  return new TypeError(`Cannot use option "${option}": ${reason}`);
}
