/**
 * isosocket in browsers: the same socket over the page's own WebSocket.
 * @module
 */
export { connect, serve } from "./adapters/browser.ts";
export { HandshakeError, type HandshakeFailure, type HandshakeStage } from "./adapters/error.ts";
export type { NativeConnectOptions as ConnectOptions } from "./adapters/native.ts";
export {
  type NativeHandler as Handler, type NativeLimits as Limits, NativeSocket as Socket, type NativeWebSocket,
} from "./adapters/native-socket.ts";
export type { SocketLike } from "./adapters/socket.ts";
export type { Message } from "./core/protocol.ts";
export { type Close, closeMeaning, type CloseStatus } from "./core/websocket/close.ts";
export type { State } from "./core/websocket/connection.ts";

/** The page's own WebSocket class, which is the one of the web. */
export const WebSocket: typeof globalThis.WebSocket = globalThis.WebSocket;
/** The WebSocket of the web. */
export type WebSocket = globalThis.WebSocket;
/** The page's own CloseEvent class. */
export const CloseEvent: typeof globalThis.CloseEvent = globalThis.CloseEvent;
/** The event that ends a WebSocket. */
export type CloseEvent = globalThis.CloseEvent;
