/**
 * isosocket on Cloudflare Workers and workerd.
 * @module
 */
import { connect, type WorkersConnectOptions } from "./adapters/workers.ts";
import { type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor } from "./adapters/websocket.ts";
import type { SessionOptions } from "./adapters/web-session.ts";

/** The WebSocket class of the web, over raw sockets; the platform has one of its own. */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketClass(
  (url: string | URL, options?: SessionOptions) => connect(url, options as WorkersConnectOptions),
);
/** The WebSocket of the web. */
export type WebSocket = WebSocketInterface;
export { connect };
export { accept, serve, type WorkersConnectOptions, type WorkersSocket } from "./adapters/workers.ts";
export { connectFetch, type FetchConnectOptions, upgradeRequest, type UpgradeHandler } from "./adapters/workers-native.ts";
export type { NativeConnectOptions } from "./adapters/native.ts";
export { type NativeHandler, type NativeLimits, NativeSocket, type NativeWebSocket } from "./adapters/native-socket.ts";
export type { ByteStreams } from "./adapters/pipe.ts";
export * from "./index.shared.ts";
