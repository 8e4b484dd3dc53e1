/**
 * What isosocket exports on every runtime that has raw sockets, besides what that runtime's adapter makes.
 * @module
 */
export { DEFAULT_SERVER_LIMITS, type Overflow, type ServerLimits } from "./adapters/budget.ts";
export type { Clock } from "./adapters/clock.ts";
export type { ConnectOptions } from "./adapters/connect.ts";
export type { DrainOptions, DrainSummary } from "./adapters/drain.ts";
export type { Driver, Transport } from "./adapters/driver.ts";
export { CloseEvent, type CloseEventConstructor, type CloseEventInit } from "./adapters/events.ts";
export { HandshakeError, type HandshakeFailure, type HandshakeStage } from "./adapters/error.ts";
export type { ListenOptions, Pem, TlsClientOptions, TlsServerOptions } from "./adapters/pipe.ts";
export type {
  Grant, HeaderInit, HttpAnswer, Refusal, ServeHandler, UpgradeRequest, UpgradeVerdict,
} from "./adapters/handler.ts";
export type { Hearer } from "./adapters/hearer.ts";
export type { ServeOptions, Server } from "./adapters/serve.ts";
export { type Handler, type SendOptions, Socket, type SocketLike, type SocketOrigin } from "./adapters/socket.ts";
export type { SessionOptions } from "./adapters/web-session.ts";
export {
  type Listener, type ListenerOptions, WEB_SOCKET_LIMITS, type WebSocket as WebSocketInterface, type WebSocketConstructor,
  type WebSocketErrorEvent, type WebSocketEvents, type WebSocketInit,
} from "./adapters/websocket.ts";
export { Fields } from "./core/http/field.ts";
export type { RequestHead, ResponseHead } from "./core/http/head.ts";
export type { OriginPolicy } from "./core/http/origin.ts";
export type { Message } from "./core/protocol.ts";
export { type Close, closeMeaning, type CloseStatus } from "./core/websocket/close.ts";
export type { State } from "./core/websocket/connection.ts";
export type { Agreement, Extension, ExtensionSession } from "./core/websocket/extension.ts";
export { type Fault, type FaultName, FAULTS } from "./core/websocket/fault.ts";
export type { FrameRecord } from "./core/websocket/frame-tap.ts";
export { DEFAULT_LIMITS, type Limits } from "./core/websocket/limits.ts";
export { opcodeName } from "./core/websocket/opcode.ts";
