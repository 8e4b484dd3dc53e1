/**
 * Vectors for permessage-deflate (RFC 7692): the examples of section 7.2.3, what may be agreed on, and what a peer may not send.
 * @module
 */
import type { Agreement } from "../../core/websocket/extension.ts";
import { type DeflateOptions, PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { binary, close, concat, hex, more, ping, pong, text } from "../frames.ts";
import { ANSWER, fails, GONE, GOODBYE, type Vector } from "../vector.ts";

/** RSV1: the message is compressed. */
const RSV1 = { rsv: 4 } as const;
const FIRST = { fin: false } as const;
const RSV1_FIRST = { ...RSV1, ...FIRST } as const;

/** "Hello", alone and behind itself (7.2.3.1, 7.2.3.2). */
const HELLO = hex("f2 48 cd c9 c9 07 00");
const AGAIN = hex("f2 00 11 00 00");
/** The second as ours compresses it: a reference to all of the first. */
const AGAIN_BY_US = hex("02 13 00 00");

/** Twenty times "a", as it is and compressed. */
const A20 = "aaaaaaaaaaaaaaaaaaaa";
const TWENTY = hex("4a c4 02 00 00");

const NO_TAKEOVER = ["server_no_context_takeover", "client_no_context_takeover"];

/** The vectors for both roles, the extension in use with those parameters. */
function inUse(parameters: readonly string[], vectors: readonly Omit<Vector, "role">[]): Vector[] {
  const extension = new PermessageDeflate({ threshold: 0, maxMemory: Number.POSITIVE_INFINITY });
  const element = { name: "permessage-deflate", parameters: parameters.map((name): [string, undefined] => [name, undefined]) };
  const agreements = { server: extension.accept(element) as Agreement, client: extension.check(element) as Agreement };
  return (["server", "client"] as const).flatMap((role) => vectors.map((vector) => ({
    ...vector, role, name: `${vector.name} (${role})`, extension: agreements[role],
  })));
}

/** A message that comes as these bytes, compressed in one frame, and is "Hello". */
function hello(name: string, section: string, payload: Uint8Array): Omit<Vector, "role"> {
  return { name, section: `RFC 7692, ${section}`, steps: [{ receive: [text(payload, RSV1)] }, ...GOODBYE], events: [{ text: "Hello" }, GONE], output: [ANSWER] };
}

/** 1 KiB of zeros in a stored block. */
const STORED_KIB = concat([hex("00 00 04 ff fb"), new Uint8Array(1024)]);

const transfer: readonly Vector[] = [
  ...inUse([], [
    hello("A message of one block is restored", "7.2.3.1", HELLO),
    hello("A message of a block that is not compressed is restored", "7.2.3.3", hex("00 05 00 fa ff 48 65 6c 6c 6f 00")),
    hello("A message of a block marked as the last one is restored", "7.2.3.4", hex("f3 48 cd c9 c9 07 00 00")),
    hello("A message of two blocks is restored", "7.2.3.5", hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")),
    hello("A message of two blocks marked as the last one is restored", "7.2.3.4", hex("f3 48 05 00 cb c9 c9 07 00 00")),
    hello("A message whose empty last block is marked as the last one is restored", "7.2.1", hex("f2 48 cd c9 c9 07 00 00 00 ff ff 01")),
    {
      name: "A message in two fragments is restored, with a ping between them",
      section: "RFC 7692, 7.2.3.1",
      steps: [{ receive: [text(HELLO.subarray(0, 3), RSV1_FIRST), ping("p"), more(HELLO.subarray(3))] }, ...GOODBYE],
      events: [{ ping: "p" }, { text: "Hello" }, GONE],
      output: [pong("p"), ANSWER],
    },
    {
      name: "A message in fragments of a byte, and empty ones among them, is restored",
      section: "RFC 7692, 6.1",
      steps: [
        { receive: [binary("", RSV1_FIRST), ...[...HELLO].map((byte) => more(Uint8Array.of(byte), FIRST)), more("", FIRST), more("")] }, ...GOODBYE,
      ],
      events: [{ binary: "Hello" }, GONE],
      output: [ANSWER],
    },
    {
      name: "A message may refer to the one before it, over messages that are not compressed, and behind a block marked as the last one",
      section: "RFC 7692, 7.2.3.2",
      steps: [
        { receive: [text(HELLO, RSV1), text(AGAIN, RSV1), text("plain"), binary(AGAIN, RSV1), text(hex("f3 48 cd c9 c9 07 00 00"), RSV1), text(AGAIN, RSV1)] },
        ...GOODBYE,
      ],
      events: [{ text: "Hello" }, { text: "Hello" }, { text: "plain" }, { binary: "Hello" }, { text: "Hello" }, { text: "Hello" }, GONE],
      output: [ANSWER],
    },
    {
      name: "An empty message is restored, of one byte or of an empty block with fixed codes",
      section: "RFC 7692, 7.2.3.6",
      steps: [{ receive: [text(hex("00"), RSV1), text(hex("02 00"), RSV1), binary(hex("01"), RSV1)] }, ...GOODBYE],
      events: [{ text: "" }, { text: "" }, { binary: "" }, GONE],
      output: [ANSWER],
    },
    {
      name: "Messages are sent compressed, and refer to those before",
      section: "RFC 7692, 7.2.1",
      steps: [{ send: "Hello", returns: true }, { send: "Hello", returns: true }, { send: "", returns: true }, ...GOODBYE],
      events: [GONE],
      output: [text(HELLO, RSV1), text(AGAIN_BY_US, RSV1), text(hex("00"), RSV1), ANSWER],
    },
    {
      name: "Fragments are sent as blocks, and the bit stands on the first frame",
      section: "RFC 7692, 6.1",
      steps: [
        { fragment: "He", final: false, returns: true }, { ping: "p", returns: true }, { fragment: "llo", final: true, returns: true },
        { fragment: "", final: false, returns: true }, { fragment: "", final: true, returns: true }, ...GOODBYE,
      ],
      events: [GONE],
      output: [
        text(hex("f2 48 05 00 00 00 ff ff"), RSV1_FIRST), ping("p"), more(hex("ca c9 c9 07 00")),
        text(hex("00 00 00 ff ff"), RSV1_FIRST), more(hex("00")), ANSWER,
      ],
    },
    {
      name: "What the application wants sent as it is, is, and the next compressed message does not refer to it",
      section: "RFC 7692, 6.1",
      steps: [
        { send: "Hello", compress: false, returns: true }, { fragment: "a", final: false, compress: false, returns: true },
        { fragment: "b", final: true, returns: true }, { send: "Hello", returns: true }, ...GOODBYE,
      ],
      events: [GONE],
      output: [text("Hello"), text("a", FIRST), more("b"), text(HELLO, RSV1), ANSWER],
    },
    {
      name: "A message that restores to the limit is heard",
      section: "RFC 7692, 7.2.2",
      limits: { maxMessage: 5 },
      steps: [{ receive: [text(HELLO, RSV1), text(AGAIN, RSV1)] }, ...GOODBYE],
      events: [{ text: "Hello" }, { text: "Hello" }, GONE],
      output: [ANSWER],
    },
    fails("A message that restores to more than the limit fails the connection", "largeMessage", [text(HELLO, RSV1)], { limits: { maxMessage: 4 } }),
    fails("Blocks that restore to more than the limit fail the connection", "largeMessage",
      [binary(concat(Array.from({ length: 65 }, () => STORED_KIB)), RSV1)], { limits: { maxMessage: 65_536 } }),
    fails("A compressed message far larger than the limit fails the connection at its header", "largeMessage",
      [binary("", { ...RSV1, length: 2048n })], { limits: { maxMessage: 900 } }),
    ...([
      ["a block type that there is none of", "07"],
      ["a stored block whose lengths do not match", "00 05 00 fa fe 48 65 6c 6c 6f 00"],
      ["a reference to what was before the first message", "f2 00 11 00 00"],
      ["an end inside a stored block", "00 0a 00 f5 ff 48 65 6c 6c 6f"],
      ["an end inside a block with fixed codes", "f2 48 cd c9"],
      ["an end inside a block with codes of its own", "04 c0"],
      ["an end behind a whole block, inside the header of the next", "f2 48 cd c9 c9 07"],
      ["nothing at all", ""],
      ["a byte too many", "f2 48 cd c9 c9 07 00 00"],
    ] as const).map(([what, payload]) => fails(`A message with ${what} fails the connection`, "invalidDeflate", [text("a"), text(hex(payload), RSV1), text("z")], {
      events: [{ text: "a" }],
    })),
    fails("Fragments that are no compressed data fail the connection with the last of them", "invalidDeflate",
      [binary(hex("f2 48"), RSV1_FIRST), ping("p"), more(hex("07 07"))], { events: [{ ping: "p" }], output: [pong("p")] }),
    fails("Text that is no UTF-8 once it is restored fails the connection", "invalidUtf8", [text(hex("00 02 00 fd ff 61 ff 00"), RSV1)]),
    fails("Text whose last character is cut off once it is restored fails the connection", "invalidUtf8", [text(hex("00 02 00 fd ff e2 82 00"), RSV1)]),
    fails("The bit on a continuation fails the connection", "reservedBits", [text(HELLO.subarray(0, 3), RSV1_FIRST), more(HELLO.subarray(3), RSV1)]),
    fails("The bit on a continuation of a message without it fails the connection", "reservedBits", [text("a", FIRST), more(HELLO, RSV1)]),
    fails("The bit on a ping fails the connection", "reservedBits", [ping("p", RSV1)]),
    fails("The bit on a close frame fails the connection", "reservedBits", [close(1000, "", RSV1)]),
    fails("A bit that the extension does not claim fails the connection", "reservedBits", [text(HELLO, { rsv: 6 })]),
  ]),
  ...inUse(NO_TAKEOVER, [
    hello("Without takeover a message is restored by itself", "7.2.3.1", HELLO),
    {
      name: "Without takeover messages are sent compressed by themselves, and as they are when that is no longer",
      section: "RFC 7692, 7.2.1",
      steps: [
        { send: A20, returns: true }, { send: A20, returns: true }, { send: "Hello", returns: true }, { send: "", returns: true },
        ...GOODBYE,
      ],
      events: [GONE],
      output: [text(TWENTY, RSV1), text(TWENTY, RSV1), text("Hello"), text(""), ANSWER],
    },
    fails("Without takeover a reference to the message before fails the connection", "invalidDeflate", [text(HELLO, RSV1), text(AGAIN, RSV1)], {
      events: [{ text: "Hello" }],
    }),
  ]),
];

const HASH = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const FIELD = "Sec-WebSocket-Extensions";
const OFFER = { host: "server.example.com", target: "/chat" };
const UPGRADE = ["Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"];

function lines(...text: readonly string[]): string {
  return [...text, "", ""].join("\r\n");
}

/** A server's answer to an offer; null for none of its extensions. It then speaks as agreed. */
function answers(name: string, offer: string, answer: string | null, options: DeflateOptions = {}): Vector {
  const speaks = answer !== null;
  return {
    name,
    section: "RFC 7692, 7.1",
    role: "server",
    opening: {
      accept: { extensions: [new PermessageDeflate({ threshold: 0, ...options })] },
      answer: { status: 101, fields: { [FIELD]: answer } },
    },
    steps: [{ receive: [lines("GET /chat HTTP/1.1", ...UPGRADE, `${FIELD}: ${offer}`), speaks ? text(HELLO, RSV1) : text("Hello")] }, { send: A20, returns: true }, ...GOODBYE],
    events: [{ opened: "" }, { text: "Hello" }, GONE],
    output: [speaks ? text(TWENTY, RSV1) : text(A20), ANSWER],
  };
}

/** A client and what a server answered to its offer; null for an answer without extensions. `opens` says whether it is taken. */
function judges(name: string, answer: string | null, opens: boolean, options: DeflateOptions = {}): Vector {
  const speaks = answer !== null;
  const head = lines(
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${HASH}`, ...(speaks ? [`${FIELD}: ${answer}`] : []),
  );
  return {
    name,
    section: "RFC 7692, 7.1",
    role: "client",
    opening: { offer: { ...OFFER, extensions: [new PermessageDeflate({ threshold: 0, ...options })] } },
    steps: opens ? [{ receive: [head, speaks ? text(HELLO, RSV1) : text("Hello")] }, ...GOODBYE] : [{ receive: [head] }, { outputEnded: true }, { end: true }],
    events: opens ? [{ opened: "" }, { text: "Hello" }, GONE] : [{ failed: "invalid" }],
    output: opens ? [ANSWER] : [],
  };
}

const handshake: readonly Vector[] = [
  answers("A server agrees", "permessage-deflate", "permessage-deflate"),
  answers("A server tells its client which window to use, where it lets itself be told", "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_max_window_bits=12"),
  answers("A server takes the smaller of two windows", "permessage-deflate; client_max_window_bits=10; server_max_window_bits=15",
    "permessage-deflate; server_max_window_bits=11; client_max_window_bits=10", { serverMaxWindowBits: 11, clientMaxWindowBits: 15 }),
  answers("A server gives up takeover when it is asked to", "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
  answers("A server asks for no takeover when it wants none", "permessage-deflate",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover", { serverNoContextTakeover: true, clientNoContextTakeover: true }),
  answers("A server that has no memory left asks for no takeover", "permessage-deflate",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover", { maxMemory: 0 }),
  answers("A server takes the first offer that it can", `permessage-deflate; server_max_window_bits=8, x, permessage-deflate; server_max_window_bits="10", permessage-deflate`,
    "permessage-deflate; server_max_window_bits=10"),
  ...[
    "x", "permessage-deflate; x", "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=010",
    "permessage-deflate; client_max_window_bits=16", "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=10", "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; constructor", "PERMESSAGE-DEFLATE", "permessage-bzip2",
  ].map((offer) => answers(`A server declines "${offer}"`, offer, null)),
  {
    name: "A client offers what its options ask for",
    section: "RFC 7692, 7.1",
    role: "client",
    opening: {
      offer: { ...OFFER, extensions: [new PermessageDeflate({ serverNoContextTakeover: true, serverMaxWindowBits: 10 }), new PermessageDeflate()] },
      request: [
        "GET /chat HTTP/1.1", ...UPGRADE,
        `${FIELD}: permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits, permessage-deflate; client_max_window_bits`,
      ].join("\n"),
    },
    steps: [{ end: true }],
    events: [{ failed: "ended" }],
    output: [],
  },
  judges("A client takes a server that agrees", "permessage-deflate", true),
  judges("A client takes a server that does not", null, true),
  judges("A client takes an answer that asks for less", "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9", true),
  judges("A client takes a window of 8 bits in an answer", "permessage-deflate; client_max_window_bits=8; server_max_window_bits=8", true),
  ...[
    "x", "permessage-deflate; x", "permessage-deflate; server_max_window_bits=1000", "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_max_window_bits=7", "permessage-deflate; server_no_context_takeover=1", "permessage-deflate, permessage-deflate",
    "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "permessage-deflate;",
  ].map((answer) => judges(`A client refuses the answer "${answer}"`, answer, false)),
  judges("A client refuses a server that keeps takeover where it was asked not to", "permessage-deflate", false, { serverNoContextTakeover: true }),
  judges("A client refuses a server's window that is larger than what it asked for", "permessage-deflate; server_max_window_bits=11", false, { serverMaxWindowBits: 10 }),
  judges("A client refuses a server that does not keep to the window it asked for", "permessage-deflate", false, { serverMaxWindowBits: 10 }),
  judges("A client refuses a larger window than it offered", "permessage-deflate; client_max_window_bits=11", false, { clientMaxWindowBits: 10 }),
];

/** RFC 7692, sections 6, 7.1 and 7.2. */
export const deflate: readonly Vector[] = [...transfer, ...handshake];
