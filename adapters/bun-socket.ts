/**
 * What is used of Bun's sockets.
 * @module
 */

/** What is used of a Bun socket. */
export interface BunSocket<Data> {
  /** Ours to set. */
  data: Data | undefined;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  write(bytes: Uint8Array): number;
  shutdown(): void;
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  timeout(seconds: number): void;
  upgradeTLS(options: object): readonly [raw: BunSocket<Data>, secured: BunSocket<Data>];
}

/** What is heard of a Bun socket. */
export interface BunSocketHandler<Data> {
  readonly binaryType: "uint8array";
  open?(socket: BunSocket<Data>): void;
  handshake?(socket: BunSocket<Data>, ok: boolean, error: Error | null): void;
  timeout?(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  drain(socket: BunSocket<Data>): void;
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>, error?: Error): void;
  error(socket: BunSocket<Data>, error: Error): void;
  connectError(socket: BunSocket<Data>, error: Error): void;
}

/** "http/1.1" as it stands on the wire (RFC 7301, section 3.1). */
export const ALPN: Uint8Array = new TextEncoder().encode("\x08http/1.1");
