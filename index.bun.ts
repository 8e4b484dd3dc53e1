/**
 * isosocket on Bun.
 * @module
 */
import { connect } from "./adapters/bun.ts";
import { type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor } from "./adapters/websocket.ts";

/** The WebSocket class of the web, on Bun. */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketClass(connect);
/** The WebSocket of the web. */
export type WebSocket = WebSocketInterface;
export { connect };
export { serve } from "./adapters/bun.ts";
export * from "./index.shared.ts";
