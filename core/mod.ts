/**
 * The protocol core of isosocket: RFC 6455 for both roles with no I/O, clock or randomness of its own.
 * @module
 */
export * from "./bytes/base64.ts";
export * from "./bytes/lender.ts";
export * from "./bytes/random-pool.ts";
export { standardText, type TextCodec } from "./bytes/utf8.ts";
export * from "./http/field.ts";
export * from "./http/head.ts";
export * from "./http/origin.ts";
export * from "./protocol.ts";
export * from "./websocket/client-upgrade.ts";
export * from "./websocket/close.ts";
export * from "./websocket/connection.ts";
export * from "./websocket/extension.ts";
export * from "./websocket/fault.ts";
export * from "./websocket/frame-parser.ts";
export * from "./websocket/frame-tap.ts";
export {
  type Accepted, type AcceptOptions, type Offer, type OfferOptions, type Refused, type Unacceptable,
  acceptKey, acceptUpgrade, checkProtocols, checkUpgrade, offerUpgrade, refuse, writeAnswer,
} from "./websocket/handshake.ts";
export * from "./websocket/handler.ts";
export * from "./websocket/history.ts";
export * from "./websocket/limits.ts";
export { BINARY, CLOSE, CONTINUATION, isControl, isKnown, opcodeName, PING, PONG, TEXT } from "./websocket/opcode.ts";
export * from "./websocket/permessage-deflate.ts";
export * from "./websocket/server-upgrade.ts";
export * from "./websocket/upgrade.ts";
