/**
 * What an adapter for another runtime is written with: `docs/adapter.md` shows one whole.
 * @module
 */
export { Acceptor } from "./adapters/acceptor.ts";
export type { Overflow, ServerLimits } from "./adapters/budget.ts";
export { type ConnectOptions, connectWith } from "./adapters/connect.ts";
export { type Clock, hostClock, type Sleeper } from "./adapters/clock.ts";
export type { DrainOptions, DrainSummary } from "./adapters/drain.ts";
export { Driver, type DriverObserver, type Transport } from "./adapters/driver.ts";
export { HandshakeError, type HandshakeFailure, type HandshakeStage } from "./adapters/error.ts";
export type { Hearer, Keeper } from "./adapters/hearer.ts";
export { Outbox } from "./adapters/outbox.ts";
export type {
  Address, Dial, Listen, Listener, ListenOptions, Pem, Pipe, TlsClientOptions, TlsServerOptions,
} from "./adapters/pipe.ts";
export type {
  Grant, HeaderInit, HttpAnswer, Refusal, ServeHandler, UpgradeRequest, UpgradeVerdict,
} from "./adapters/handler.ts";
export { type ServeOptions, type Server, serveWith } from "./adapters/serve.ts";
export { type Handler, type Peer, Socket, type SocketLike, type SocketOrigin } from "./adapters/socket.ts";
export type { Connect, SessionOptions } from "./adapters/web-session.ts";
export {
  type WebSocket as WebSocketInterface, webSocketClass, type WebSocketConstructor, type WebSocketErrorEvent, type WebSocketInit,
} from "./adapters/websocket.ts";
export type { Message, Protocol } from "./core/protocol.ts";
