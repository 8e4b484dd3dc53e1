/**
 * isosocket in browsers: `connect` on the page's own WebSocket.
 * @module
 */
import { connectNative, type NativeConnectOptions } from "./native.ts";
import type { NativeSocket, NativeWebSocket } from "./native-socket.ts";
import { parseUrl } from "./url.ts";

/**
 * Opens a WebSocket; see `NativeConnectOptions`. Rejects with a `HandshakeError` when it does not open.
 * @param url absolute, or relative to the page
 */
export async function connect(url: string | URL, options: NativeConnectOptions = {}): Promise<NativeSocket<undefined>> {
  const { location } = globalThis as { location?: { readonly href: string } };
  const { href } = parseUrl(url, location?.href);
  return connectNative((target, protocols) => new WebSocket(target, protocols) as NativeWebSocket, href, options);
}

/** Always rejects: a page has nothing to listen on. */
export function serve(_options?: unknown): Promise<never> {
  return Promise.reject(new Error("A page cannot listen: serve on Node, Deno, Bun or Workers, and connect to that from here"));
}
