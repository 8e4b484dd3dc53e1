/**
 * Faults: one name for each way a peer can break a connection, with the close code it is told and the RFC section.
 *
 * To add a rule: add a row here, use it where the rule is checked, and add a vector under `conformance/websocket/`:
 * a fault no vector provokes fails the suite.
 * @module
 */

/** A rule a peer broke, or a limit or deadline of ours it went past. */
export interface Fault {
  /** Stable, for programs. */
  readonly name: FaultName;
  /** The close code the peer is told (RFC 6455, section 7.4.1); 1006 where the peer is gone and is told nothing. */
  readonly code: number;
  /** The section of RFC 6455 that has the rule; another RFC is named. */
  readonly section: string;
  /** One sentence for people; the close reason on the wire. */
  readonly message: string;
}

/** The names of all faults. */
export type FaultName =
  | "reservedBits"
  | "reservedOpcode"
  | "fragmentedControl"
  | "longControl"
  | "unmaskedFrame"
  | "maskedFrame"
  | "longLengthForm"
  | "lengthTopBit"
  | "strayContinuation"
  | "unfinishedMessage"
  | "invalidUtf8"
  | "invalidDeflate"
  | "shortClose"
  | "invalidCloseCode"
  | "largeFrame"
  | "largeMessage"
  | "manyFragments"
  | "heldInput"
  | "messageTimeout"
  | "pongTimeout"
  | "closeTimeout"
  | "handlerError";

/** Every fault by its name. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  reservedBits: fault("reservedBits", 1002, "5.2", "A reserved bit is set and no extension claims it"),
  reservedOpcode: fault("reservedOpcode", 1002, "5.2", "The opcode is reserved"),
  fragmentedControl: fault("fragmentedControl", 1002, "5.5", "A control frame is fragmented"),
  longControl: fault("longControl", 1002, "5.5", "A control frame carries more than 125 bytes"),
  unmaskedFrame: fault("unmaskedFrame", 1002, "5.1", "A client's frame is not masked"),
  maskedFrame: fault("maskedFrame", 1002, "5.1", "A server's frame is masked"),
  longLengthForm: fault("longLengthForm", 1002, "5.2", "The length is not in its shortest form"),
  lengthTopBit: fault("lengthTopBit", 1002, "5.2", "The top bit of a 64-bit length is set"),
  strayContinuation: fault("strayContinuation", 1002, "5.4", "A continuation frame has no message to continue"),
  unfinishedMessage: fault("unfinishedMessage", 1002, "5.4", "A new message starts before the last one ended"),
  invalidUtf8: fault("invalidUtf8", 1007, "8.1", "Text is not valid UTF-8"),
  invalidDeflate: fault("invalidDeflate", 1007, "RFC 7692, 7.2.2", "The message is not valid compressed data"),
  shortClose: fault("shortClose", 1002, "5.5.1", "A close frame has a one-byte payload"),
  invalidCloseCode: fault("invalidCloseCode", 1002, "7.4", "The close code may not be sent"),
  largeFrame: fault("largeFrame", 1009, "10.4", "The frame is larger than the limit"),
  largeMessage: fault("largeMessage", 1009, "10.4", "The message is larger than the limit"),
  manyFragments: fault("manyFragments", 1008, "10.4", "The message has more fragments than the limit"),
  heldInput: fault("heldInput", 1008, "10.4", "More arrived while reading was paused than the limit"),
  messageTimeout: fault("messageTimeout", 1008, "10.4", "A message was begun and did not go on in time"),
  pongTimeout: fault("pongTimeout", 1006, "5.5.2", "No answer to a ping in time"),
  closeTimeout: fault("closeTimeout", 1006, "7.1.1", "No answer to a close frame in time"),
  handlerError: fault("handlerError", 1011, "7.4.1", "The application failed"),
};

function fault(name: FaultName, code: number, section: string, message: string): Fault {
  return Object.freeze({ name, code, section, message });
}
