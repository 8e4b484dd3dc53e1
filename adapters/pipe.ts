/**
 * What a runtime's adapter gives to the code that all runtimes share: connected sockets, and a way to get them.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import type { Clock } from "./clock.ts";
import type { Driver } from "./driver.ts";

/** A connected socket that carries bytes. */
export interface Pipe {
  /** Runs a protocol over it from here on. A second call takes it over from the first. */
  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array>;
  /** Starts TLS as a client. Rejects with what the TLS library says. */
  startTls(options: TlsClientOptions, hostname: string): Promise<Pipe>;
  /** Releases it at once. */
  destroy(): void;
  /** The other end's address, when the runtime tells. */
  readonly remoteAddress: string | undefined;
  /** The other end's port, when the runtime tells. */
  readonly remotePort: number | undefined;
  /** True when it carries TLS. */
  readonly secure: boolean;
  /** When it was connected, on the host's clock, where that was before it became a pipe, such as before a TLS handshake. */
  readonly connectedAt?: number | undefined;
}

/** Two streams that make one connection. Both get locked. */
export interface ByteStreams {
  /** What the other side sends. Its end is the other side's end of stream. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What we send. Closing it ends our side only. */
  readonly writable: WritableStream<Uint8Array>;
}

/** What is known of a pair of streams. */
export interface StreamInfo {
  /** The other end's address. */
  readonly remoteAddress?: string | undefined;
  /** The other end's port. */
  readonly remotePort?: number | undefined;
  /** True when it carries TLS. */
  readonly secure?: boolean;
  /** Releases what the streams belong to, when both are over or given up. May be called twice. */
  readonly release?: () => void;
  /** Where time comes from; the host when it is not said. */
  readonly clock?: Clock;
}

/** Certificates and keys in PEM. */
export type Pem = string | Uint8Array;

/** TLS as a client. */
export interface TlsClientOptions {
  /** Authorities trusted instead of the system's. */
  readonly ca?: Pem | readonly Pem[];
  /** Our own certificate, where the server asks for one. */
  readonly cert?: Pem;
  /** Its key. */
  readonly key?: Pem;
  /** Its key's passphrase. */
  readonly passphrase?: string;
  /** The name to ask for and to check, when it is not the URL's. */
  readonly servername?: string;
  /** False takes any certificate: for tests only, as it protects from nobody who sits in between. */
  readonly rejectUnauthorized?: boolean;
}

/** TLS as a server. */
export interface TlsServerOptions {
  /** The certificate, with its chain. */
  readonly cert: Pem;
  /** Its key. */
  readonly key: Pem;
  /** Its key's passphrase. */
  readonly passphrase?: string;
  /** Authorities of clients' certificates. */
  readonly ca?: Pem | readonly Pem[];
  /** Asks clients for a certificate; with `ca` it must be valid. */
  readonly requestCert?: boolean;
}

/** Where to connect. */
export interface Address {
  /** Host name or address, no brackets. */
  readonly hostname: string;
  /** TCP port. */
  readonly port: number;
  /** A unix socket's path, instead of host and port. */
  readonly unix: string | undefined;
}

/** Opens a TCP connection. Rejects with what the system says, and with the signal's reason when that aborts. */
export type Dial = (address: Address, signal: AbortSignal) => Promise<Pipe>;

/** Where to listen. */
export interface ListenOptions {
  /** TCP port; 0 for a free one. */
  readonly port?: number;
  /** Host name or address; all of the machine's when it is not said. */
  readonly hostname?: string;
  /** A unix socket's path, instead of host and port. */
  readonly unix?: string;
  /** Serves TLS. */
  readonly tls?: TlsServerOptions;
}

/** A socket that listens. */
export interface Listener {
  /** The port it got; 0 for a unix socket. */
  readonly port: number;
  /** The address it got, or the unix socket's path. */
  readonly hostname: string;
  /** Accepts no more. Connections that are open stay open. */
  close(): Promise<void>;
}

/**
 * Listens, and hands each accepted socket over. Rejects with what the system says.
 * @param isCrowded for who keeps sockets before they are pipes, as during a TLS handshake: asked with how many those are, true when
 * one more is to be dropped
 */
export type Listen = (
  options: ListenOptions,
  onPipe: (pipe: Pipe) => void,
  isCrowded: (before: number) => boolean,
) => Promise<Listener>;
