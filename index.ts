/**
 * isosocket on whatever runtime this is: the adapter is found at the first call. Where a bundler or a runtime picks by export
 * condition, it gets the one entry of its runtime instead, and nothing of the others.
 * @module
 */
import type { ConnectOptions } from "./adapters/connect.ts";
import type { ServeOptions, Server } from "./adapters/serve.ts";
import type { Socket } from "./adapters/socket.ts";
import { type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor } from "./adapters/websocket.ts";

/** What every runtime's adapter offers. */
interface Adapter {
  connect(url: string | URL, options?: ConnectOptions): Promise<Socket<undefined>>;
  serve<Data>(options: ServeOptions<Data>): Promise<Server<Data>>;
}

/** Opens a WebSocket; see `ConnectOptions`. Rejects with a `HandshakeError` when it does not open. */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> {
  return (await adapter()).connect(url, options);
}

/** Listens on a port or unix socket and serves WebSockets; see `ServeOptions`. Rejects where the runtime cannot listen. */
export async function serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>> {
  return (await adapter()).serve(options);
}

/** The WebSocket class of the web. */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketClass(connect);
/** The WebSocket of the web. */
export type WebSocket = WebSocketInterface;
export * from "./index.shared.ts";

let found: Promise<Adapter> | undefined;

function adapter(): Promise<Adapter> {
  return found ??= load() as Promise<Adapter>;
}

function load(): Promise<unknown> {
  const host = globalThis as { Deno?: unknown; Bun?: unknown; navigator?: { userAgent?: string }; process?: { versions?: { node?: string } } };
  if (host.Deno !== undefined) return import("./adapters/deno.ts");
  if (host.Bun !== undefined) return import("./adapters/bun.ts");
  if (host.navigator?.userAgent === "Cloudflare-Workers") return import("./adapters/workers.ts");
  if (host.process?.versions?.node !== undefined) return import("./adapters/node.ts");
  return import("./adapters/browser.ts");
}
