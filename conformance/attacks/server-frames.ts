/**
 * Frames no client may send, at a server (RFC 6455, sections 5 to 8). A story is bytes behind a good handshake, and how it
 * must end; so that the same bytes can also be sent to a server that listens to nothing.
 * @module
 */
import { binary, close, concat, describeBytes, type Frame, frame, hex, more, ping, pong, text } from "../frames.ts";
import { type Attack, fail, type Finding, pass, soft, worst } from "./attack.ts";
import { Peer, PATIENCE, type ServerGround } from "./server-peer.ts";

/** What is sent behind the handshake, and what must come of it. */
export interface Story {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** In one write each. */
  readonly send: readonly (readonly Frame[] | Uint8Array)[];
  /** The messages that must come back before the end, as Latin-1. */
  readonly echoed?: readonly string[];
  /** The payloads of pongs that must come back. */
  readonly pongs?: readonly string[];
  /** The close codes one of which must come, with the end of TCP; 1005 for a close frame without one. */
  readonly codes: readonly number[];
}

/** A story as an attack. */
export function toAttack(story: Story): Attack<ServerGround> {
  const { id, rule, source } = story;
  return { id, rule, source, run: (ground) => tell(ground, story) };
}

async function tell(ground: ServerGround, { send, echoed = [], pongs = [], codes }: Story): Promise<Finding> {
  const peer = await Peer.open(ground);
  try {
    for (const step of send) {
      peer.write(step instanceof Uint8Array ? step : peer.encode(...step));
      if (send.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return await judgeEnd(peer, { echoed, pongs, codes });
  } finally {
    peer.destroy();
  }
}

/** How a connection ended that the victim must have failed or closed. */
export async function judgeEnd(
  peer: Peer,
  { echoed = [], pongs, codes }: { readonly echoed?: readonly string[]; readonly pongs?: readonly string[]; readonly codes: readonly number[] },
  patience: number = PATIENCE,
): Promise<Finding> {
  const ended = await peer.until(() => peer.ended, patience);
  const wrong: Finding[] = [];
  if (!ended) wrong.push(fail(`it did not end TCP; it sent ${peer.count} frames`));
  if (peer.broken !== undefined) wrong.push(fail(peer.broken));
  if (peer.heard.join("\0") !== echoed.join("\0")) wrong.push(fail(`it sent back ${shorten(peer.heard)}, not ${shorten(echoed)}`));
  const answered = peer.frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => Buffer.from(payload).toString("latin1"));
  if (pongs !== undefined && answered.join("\0") !== pongs.join("\0")) wrong.push(fail(`it answered ${answered.length} pings, not ${pongs.length}`));
  const { closeCode } = peer;
  if (closeCode === undefined) wrong.push(soft("it ended without a close frame"));
  else if (!codes.includes(closeCode)) wrong.push(fail(`it closed with ${closeCode}, not ${codes.join(" or ")}`));
  const last = peer.frames.at(-1);
  if (closeCode !== undefined && last?.opcode !== 8) wrong.push(fail("it sent a frame behind its close frame"));
  return wrong.length === 0 ? pass() : worst(wrong);
}

function shorten(messages: readonly string[]): string {
  return messages.length === 0 ? "nothing" : messages.slice(0, 3).map((message) => describeBytes(Buffer.from(message, "latin1"))).join(" and ");
}

const GOOD = text("good");
const P = 1002;

function breaks(id: string, rule: string, source: string, frames: readonly Frame[] | Uint8Array, codes: readonly number[] = [P]): Story {
  return { id, rule, source, send: [frames], codes };
}

/** Codes that may stand in a close frame. */
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
/** Codes that may not (RFC 6455, section 7.4). */
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
/** Bytes that are no UTF-8 (RFC 3629, sections 3 and 10). */
const INVALID_TEXT: readonly (readonly [what: string, digits: string])[] = [
  ["a lone continuation byte", "61 80"],
  ["an overlong form of /", "c0 af"],
  ["an overlong form of NUL", "e0 80 80"],
  ["a surrogate", "ed a0 80"],
  ["a code point past U+10FFFF", "f4 90 80 80"],
  ["a byte that never stands in UTF-8", "fe"],
  ["a character cut off by the message's end", "ce ba e2 82"],
];

const PINGS = Array.from({ length: 100 }, (_, at) => ping(`${at}`));

/** Every story. */
export const STORIES: readonly Story[] = [
  breaks("F-01", "RSV1 without an extension fails the connection", "RFC 6455, 5.2; GHSA-mq44-7p77-q5h7", [text("x", { rsv: 4 })]),
  breaks("F-02", "RSV2 fails the connection", "RFC 6455, 5.2", [text("x", { rsv: 2 })]),
  breaks("F-03", "RSV3 fails the connection", "RFC 6455, 5.2", [binary("x", { rsv: 1 })]),
  breaks("F-04", "RSV1 on a ping fails the connection", "RFC 6455, 5.2", [ping("x", { rsv: 4 })]),
  breaks("F-05", "RSV1 on a close frame fails the connection", "RFC 6455, 5.2", [close(1000, "", { rsv: 4 })]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode, at) => breaks(`F-${String(6 + at).padStart(2, "0")}`, `Reserved opcode ${opcode} fails the connection`, "RFC 6455, 5.2", [frame(opcode, "x")])),
  breaks("F-16", "A fragmented ping fails the connection", "RFC 6455, 5.5", [ping("x", { fin: false })]),
  breaks("F-17", "A fragmented close frame fails the connection", "RFC 6455, 5.5", [close(1000, "", { fin: false })]),
  breaks("F-18", "A ping of 126 bytes fails the connection", "RFC 6455, 5.5", [ping("x".repeat(126))]),
  breaks("F-19", "A pong of 64 KiB fails the connection", "RFC 6455, 5.5; CVE-2026-15711", [pong("x".repeat(65_536))]),
  breaks("F-20", "A close frame of 126 bytes fails the connection", "RFC 6455, 5.5", [close(1000, "x".repeat(124))]),
  breaks("F-21", "A ping whose header declares 2^62 bytes fails the connection", "RFC 6455, 5.5", [ping("x", { lengthBits: 64, length: 2n ** 62n })]),
  breaks("F-22", "An unmasked text frame fails the connection", "RFC 6455, 5.1", [text("x", { masked: false })]),
  breaks("F-23", "An unmasked ping fails the connection", "RFC 6455, 5.1", [ping("x", { masked: false })]),
  breaks("F-24", "An unmasked close frame fails the connection", "RFC 6455, 5.1", [close(1000, "", { masked: false })]),
  breaks("F-25", "A length of 5 in 16 bits fails the connection", "RFC 6455, 5.2", [text("hello", { lengthBits: 16 })]),
  breaks("F-26", "A length of 5 in 64 bits fails the connection", "RFC 6455, 5.2", [text("hello", { lengthBits: 64 })]),
  breaks("F-27", "A length of 65,535 in 64 bits fails the connection", "RFC 6455, 5.2", [binary(new Uint8Array(65_535), { lengthBits: 64 })]),
  breaks("F-28", "A length of 2^63 fails the connection", "RFC 6455, 5.2; CVE-2020-13935", [text("hello", { lengthBits: 64, length: 2n ** 63n })]),
  breaks("F-29", "A length of 2^64 - 1 fails the connection", "RFC 6455, 5.2; CVE-2020-13935", [text("hello", { lengthBits: 64, length: 2n ** 64n - 1n })]),
  breaks("F-30", "A length of 2^32 + 5 is not read as 5", "CVE-2026-1528", [text("hello", { lengthBits: 64, length: 2n ** 32n + 5n })], [1009]),
  breaks("F-31", "A length of 2^31 is not read as negative", "CVE-2020-27813", [binary("hello", { lengthBits: 64, length: 2n ** 31n })], [1009]),
  breaks("F-32", "A length of 2^53 + 1 is refused", "CVE-2020-27813", [binary("hello", { lengthBits: 64, length: 2n ** 53n + 1n })], [1009]),
  breaks("F-33", "A length of 2^63 - 1 is refused", "CVE-2026-50161", [binary("hello", { lengthBits: 64, length: 2n ** 63n - 1n })], [1009]),
  breaks("F-34", "A reserved opcode with a huge length fails at its first byte", "CVE-2026-19204", [frame(3, "x", { lengthBits: 64, length: 2n ** 40n })]),
  breaks("F-35", "A continuation with nothing to continue fails the connection", "RFC 6455, 5.4", [more("x")]),
  breaks("F-36", "An unfinished continuation with nothing to continue fails the connection", "RFC 6455, 5.4", [more("x", { fin: false })]),
  breaks("F-37", "A text frame inside a fragmented text fails the connection", "RFC 6455, 5.4", [text("x", { fin: false }), text("y")]),
  breaks("F-38", "A binary frame inside a fragmented text fails the connection", "RFC 6455, 5.4", [text("x", { fin: false }), binary("y", { fin: false })]),
  { ...breaks("F-39", "A continuation behind the last fragment fails the connection", "RFC 6455, 5.4", [text("a", { fin: false }), more("b"), more("c")]), echoed: ["ab"] },
  ...INVALID_TEXT.map(([what, digits], at) => breaks(`F-${40 + at}`, `Text with ${what} fails the connection`, "RFC 6455, 8.1", [text(hex(digits))], [1007])),
  breaks("F-47", "Invalid text in a second fragment fails before the message ends", "RFC 6455, 8.1", [text(hex("ce"), { fin: false }), more(hex("ce"), { fin: false })], [1007]),
  breaks("F-48", "Invalid text fails before its frame has ended", "RFC 6455, 8.1", [text(hex("61 ff"), { length: 100n })], [1007]),
  breaks("F-49", "A close frame of one byte fails the connection", "RFC 6455, 5.5.1", [frame(8, "x")]),
  ...INVALID_CODES.map((code) => breaks(`F-50-${code}`, `Close code ${code} fails the connection`, "RFC 6455, 7.4", [close(code)])),
  ...VALID_CODES.map((code) => breaks(`F-51-${code}`, `Close code ${code} is answered with the same`, "RFC 6455, 5.5.1", [close(code, "bye")], [code])),
  breaks("F-52", "A close frame without a code is answered without one", "RFC 6455, 5.5.1", [close()], [1005]),
  breaks("F-53", "A close reason that is no UTF-8 fails the connection", "RFC 6455, 8.1", [close(1000, hex("ff"))], [1007]),
  breaks("F-54", "A close reason of 123 bytes is taken", "RFC 6455, 5.5", [close(1000, "r".repeat(123))], [1000]),
  { ...breaks("F-55", "What stands behind a close frame is not processed", "RFC 6455, 5.5.1", [GOOD, close(1000), text("late"), ping("late")], [1000]), echoed: ["good"], pongs: [] },
  breaks("F-56", "A second close frame is not answered", "RFC 6455, 5.5.1", [close(1000), close(1001), close(1002)], [1000]),
  { ...breaks("F-57", "What came before a bad frame is answered", "RFC 6455, 7.1.7", [GOOD, ping("p"), text("x", { rsv: 4 }), text("late")]), echoed: ["good"], pongs: ["p"] },
  { ...breaks("F-58", "A ping between fragments is answered", "RFC 6455, 5.4", [text("a", { fin: false }), ping("p"), more("b"), close(1000)], [1000]), echoed: ["ab"], pongs: ["p"] },
  { ...breaks("F-59", "A masking key of zero is as good as any", "RFC 6455, 5.3", concat([hex("81 84 00 00 00 00"), Buffer.from("zero"), hex("88 80 00 00 00 00")]), [1005]), echoed: ["zero"] },
  { ...breaks("F-60", "Empty messages are messages", "RFC 6455, 5.6", [text(""), binary(""), close(1000)], [1000]), echoed: ["", ""] },
  { ...breaks("F-61", "A hundred pings within one message are all answered", "RFC 6455, 5.5.2", [text("a", { fin: false }), ...PINGS, more("b"), close(1000)], [1000]), echoed: ["ab"], pongs: PINGS.map((_, at) => `${at}`) },
  breaks("F-62", "An HTTP request where frames belong fails the connection", "RFC 6455, 5.2", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
  breaks("F-63", "The start of TLS where frames belong fails the connection", "RFC 6455, 5.2", hex("16 03 01 02 00 01 00 01 fc 03 03")),
  breaks("F-64", "Bytes of 0xff fail the connection", "RFC 6455, 5.2", new Uint8Array(65_536).fill(0xff)),
  breaks("F-65", "Bytes of 0x00 fail the connection", "RFC 6455, 5.1", new Uint8Array(65_536)),
];
