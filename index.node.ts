/**
 * isosocket on Node.
 * @module
 */
import { connect } from "./adapters/node.ts";
import { type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor } from "./adapters/websocket.ts";

/** The WebSocket class of the web, on Node. */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketClass(connect);
/** The WebSocket of the web. */
export type WebSocket = WebSocketInterface;
export { connect };
export { serve } from "./adapters/node.ts";
export { attach, type Attachment, type AttachOptions } from "./adapters/node-http.ts";
export * from "./index.shared.ts";
