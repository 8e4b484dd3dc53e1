/**
 * isosocket on Deno.
 * @module
 */
import { connect } from "./adapters/deno.ts";
import { type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor } from "./adapters/websocket.ts";

/** The WebSocket class of the web, on Deno. */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketClass(connect);
/** The WebSocket of the web. */
export type WebSocket = WebSocketInterface;
export { connect };
export { serve } from "./adapters/deno.ts";
export * from "./index.shared.ts";
