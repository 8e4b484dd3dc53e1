/**
 * What the sections are about that cases check, in our own words.
 * @module
 */

const NAMES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  6455: {
    "1.3": "The opening handshake, in short",
    "1.4": "The closing handshake, in short",
    "3": "URIs",
    "4": "Opening handshake",
    "4.1": "Opening handshake: what clients do",
    "4.2": "Opening handshake: what servers do",
    "4.2.1": "Opening handshake: what servers read",
    "4.2.2": "Opening handshake: what servers answer",
    "4.3": "The grammar of the handshake's fields",
    "4.4": "Versions",
    "5.1": "Frames and who masks them",
    "5.2": "The frame: bits, opcodes, lengths",
    "5.3": "Masking",
    "5.4": "Fragments",
    "5.5": "Control frames",
    "5.5.1": "Close frames",
    "5.5.2": "Pings",
    "5.5.3": "Pongs",
    "5.6": "Text and binary messages",
    "5.7": "Examples of frames",
    "5.8": "What extensions may change",
    "6.1": "Sending messages",
    "6.2": "Receiving messages",
    "7.1": "How a connection is closed",
    "7.1.1": "Who ends TCP",
    "7.1.2": "Beginning to close",
    "7.1.3": "Close frames that cross",
    "7.1.4": "When a connection is closed",
    "7.1.5": "The code of a close",
    "7.1.6": "The reason of a close",
    "7.1.7": "Failing a connection",
    "7.2": "Closes that go wrong",
    "7.2.1": "Closes that a client begins",
    "7.2.2": "Closes that a server begins",
    "7.3": "Orderly closes",
    "7.4": "Close codes",
    "7.4.1": "Close codes with a meaning",
    "7.4.2": "Ranges of close codes",
    "8.1": "Text that is not UTF-8",
    "9": "Extensions",
    "9.1": "Agreeing on extensions",
    "9.2": "Known extensions",
    "10.2": "Origins",
    "10.4": "Limits",
    "10.7": "Invalid data",
    "11.3": "The handshake's fields",
  },
  7692: {
    "5": "Agreeing on compression",
    "5.1": "Offers and answers",
    "6": "Compressed messages",
    "6.1": "Sending compressed messages",
    "6.2": "Receiving compressed messages",
    "7": "permessage-deflate",
    "7.1": "Parameters",
    "7.1.1": "Context takeover",
    "7.1.1.1": "server_no_context_takeover",
    "7.1.1.2": "client_no_context_takeover",
    "7.1.2": "Window sizes",
    "7.1.2.1": "server_max_window_bits",
    "7.1.2.2": "client_max_window_bits",
    "7.1.3": "Examples of offers",
    "7.2": "Messages under permessage-deflate",
    "7.2.1": "Compressing",
    "7.2.2": "Decompressing",
    "7.2.3": "Examples",
    "7.2.3.1": "One message",
    "7.2.3.2": "A window that is shared",
    "7.2.3.3": "Blocks without compression",
    "7.2.3.4": "Blocks marked as the last",
    "7.2.3.5": "Two blocks in a message",
    "7.2.3.6": "Empty messages",
  },
  8441: {
    "3": "The setting that allows extended CONNECT",
    "4": "Extended CONNECT",
    "5": "WebSocket in a stream of HTTP/2",
    "5.1": "An example",
  },
  9110: { "7.6.1": "Connection", "7.8": "Upgrade" },
  9112: { "2.2": "Reading a message", "3": "Request lines", "3.2": "Request targets and Host", "5": "Fields", "5.1": "Whitespace in fields", "5.2": "Folded fields" },
};

/** A name for a section; undefined where there is none. */
export function sectionName(rfc: number, section: string): string | undefined {
  return NAMES[rfc]?.[section];
}

/** What an RFC is about. */
export function rfcName(rfc: number): string | undefined {
  return { 6455: "The WebSocket protocol", 7692: "Compression", 8441: "WebSocket over HTTP/2", 9110: "HTTP", 9112: "HTTP/1.1" }[rfc];
}
