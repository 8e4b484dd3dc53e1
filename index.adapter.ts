/**
 * What an adapter for another runtime is written with: `docs/adapter.md` shows one whole.
 * @module
 */
export { type ConnectOptions, connectWith } from "./adapters/connect.ts";
export { type Clock, Driver, hostClock, type Transport } from "./adapters/driver.ts";
export { HandshakeError, type HandshakeFailure, type HandshakeStage } from "./adapters/error.ts";
export { Outbox } from "./adapters/outbox.ts";
export type {
  Address, Dial, Listen, Listener, ListenOptions, Pem, Pipe, TlsClientOptions, TlsServerOptions,
} from "./adapters/pipe.ts";
export {
  Acceptor, type Grant, type HeaderInit, type HttpAnswer, type ServeHandler, type ServeOptions, type Server, serveWith, type UpgradeRequest,
  type UpgradeVerdict,
} from "./adapters/serve.ts";
export { type Handler, Socket, type SocketLike, type SocketOrigin } from "./adapters/socket.ts";
export type { Connect, SessionOptions } from "./adapters/web-session.ts";
export {
  type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor, type WebSocketErrorEvent, type WebSocketInit,
} from "./adapters/websocket.ts";
export type { Message, Protocol } from "./core/protocol.ts";
