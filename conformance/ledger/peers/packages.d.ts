/** The parts of packages without types that the peers use. */
declare module "faye-websocket" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  class FayeWebSocket {
    static isWebSocket(request: IncomingMessage): boolean;
    static readonly Client: new (url: string, protocols: readonly string[], options: { readonly maxLength: number }) => FayeWebSocket;
    binaryType: string;
    constructor(request: IncomingMessage, socket: Duplex, body: Buffer, protocols: readonly string[], options: { readonly maxLength: number });
    send(message: string | Uint8Array): boolean;
    ping(payload: string): boolean;
    close(code?: number, reason?: string): void;
    addEventListener(type: string, listener: (event: { readonly data: string | Uint8Array<ArrayBuffer> }) => void): void;
  }
  export default FayeWebSocket;
}

declare module "websocket-driver" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export interface Driver {
    readonly io: Duplex;
    start(): boolean;
    text(message: string): boolean;
    binary(message: Uint8Array): boolean;
    ping(payload: string): boolean;
    close(reason?: string, code?: number): boolean;
    on(event: "connect" | "open" | "close" | "error", listener: () => void): this;
    on(event: "message", listener: (event: { readonly data: string | Uint8Array }) => void): this;
  }

  const driver: {
    isWebSocket(request: IncomingMessage | Driver): boolean;
    http(request: IncomingMessage, options: { readonly maxLength: number }): Driver;
    server(options: { readonly maxLength: number }): Driver;
    client(url: string, options: { readonly maxLength: number }): Driver;
  };
  export default driver;
}
