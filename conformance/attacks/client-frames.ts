/**
 * Frames that no server may send (RFC 6455, sections 5, 7 and 8): the client tells why in a close frame, ends, delivers nothing
 * of it, and lives, whether its application listens or not.
 * @module
 */
import { binary, close, concat, encodeFrame, type Frame, frame, hex, more, ping, text } from "../frames.ts";
import { type Attack, fail, type Finding, pass, soft, worst } from "./attack.ts";
import type { Job, Manner } from "./client-job.ts";
import { type ClientGround, decent, type End, lead, MANNERS } from "./client-ground.ts";

/** What is sent, the code that the client should answer with, and which messages come through before. */
type Row = readonly [what: string, sent: Uint8Array | readonly Frame[], code: number, heard?: number, source?: string];

const PART = (opcode: number, payload: string): Frame => frame(opcode, payload, { fin: false });
const LEAST = new Uint8Array(0);
const declared = (opcode: number, length: bigint, payload: Uint8Array | string = ""): Frame => frame(opcode, payload, { length, lengthBits: 64 });

const FRAMES: readonly Row[] = [
  ["a masked text", [text("x", { masked: true })], 1002],
  ["a masked ping", [ping("x", { masked: true })], 1002],
  ["a masked close", [close(1000, "", { masked: true })], 1002],
  ["RSV1 without an extension", [text("x", { rsv: 4 })], 1002, 0, "GHSA-mq44-7p77-q5h7"],
  ["RSV2", [text("x", { rsv: 2 })], 1002],
  ["RSV3", [text("x", { rsv: 1 })], 1002],
  ["all reserved bits", [binary("x", { rsv: 7 })], 1002],
  ["RSV1 on a ping", [ping("x", { rsv: 4 })], 1002],
  ["RSV1 on a continuation", [PART(1, "a"), more("b", { rsv: 4 })], 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): Row => [`opcode ${opcode}`, [frame(opcode, "x")], 1002]),
  ["opcode 3 and a length of 2^62", [declared(3, 2n ** 62n)], 1002, 0, "CVE-2026-19204"],
  ["a length of 2^32 + 5, and 5 bytes", [declared(2, 2n ** 32n + 5n, "hello")], 1009, 0, "CVE-2026-1528"],
  ["a length of 2^31", [declared(2, 2n ** 31n, "hello")], 1009],
  ["a length of 2^32", [declared(1, 2n ** 32n)], 1009],
  ["a length of 2^53 + 1", [declared(2, 2n ** 53n + 1n)], 1009],
  ["a length of 2^63 - 1", [declared(2, 2n ** 63n - 1n)], 1009],
  ["a length of 2^63", [declared(2, 2n ** 63n)], 1002, 0, "CVE-2020-13935"],
  ["a length of 2^64 - 1", [declared(2, 2n ** 64n - 1n)], 1002, 0, "CVE-2020-13935"],
  ["one byte more than a message may have", [declared(2, 1_048_577n)], 1009, 0, "CVE-2016-10542"],
  ["a first fragment within the limit and a second past it", [frame(2, new Uint8Array(600_000), { fin: false }), declared(0, 600_000n)], 1009],
  ["a 16-bit length for 5 bytes", [text("hello", { lengthBits: 16 })], 1002],
  ["a 64-bit length for 5 bytes", [text("hello", { lengthBits: 64 })], 1002],
  ["a 64-bit length for 65,535 bytes", [binary(new Uint8Array(65_535), { lengthBits: 64 })], 1002],
  ["a 16-bit length of 0", [text("", { lengthBits: 16 })], 1002],
  ["a ping of 126 bytes", [ping("x".repeat(126))], 1002, 0, "CVE-2026-15711"],
  ["a ping of 65,536 bytes", [ping("x".repeat(65_536))], 1002],
  ["a ping with a 64-bit length", [ping("x", { lengthBits: 64 })], 1002],
  ["a pong of 126 bytes", [frame(10, "x".repeat(126))], 1002],
  ["a close of 126 bytes", [close(1000, "x".repeat(124))], 1002],
  ["a fragmented ping", [ping("x", { fin: false })], 1002],
  ["a fragmented close", [close(1000, "", { fin: false })], 1002],
  ["a continuation of nothing", [more("x")], 1002],
  ["an empty continuation of nothing", [more("", { fin: false })], 1002],
  ["a continuation behind a whole message", [text("a"), more("b")], 1002, 1],
  ["a message inside a message", [PART(1, "a"), text("b")], 1002],
  ["a first fragment inside a message", [PART(2, "a"), PART(2, "b")], 1002],
  ["a message inside a message, a ping between", [PART(1, "a"), ping(), binary("b")], 1002],
  ...([
    ["a lone continuation byte", "80"], ["a byte that never occurs", "ff"], ["an overlong slash", "c0 af"], ["an overlong NUL", "e0 80 80"], ["a surrogate", "ed a0 80"],
    ["a pair of surrogates", "ed a0 80 ed b0 80"], ["past U+10FFFF", "f4 90 80 80"], ["five bytes", "f8 88 80 80 80"], ["a character cut short", "e2 82"],
  ] as const).map(([what, digits]): Row => [`text with ${what}`, [text(hex(digits))], 1007]),
  ["text that goes wrong in its last fragment", [PART(1, "ok"), frame(0, hex("e2"), { fin: false }), more(hex("82 28"))], 1007],
  ["text that goes wrong in a frame that does not end", concat([Uint8Array.of(0x81, 0x7e, 0x40, 0x00), hex("66 6f ff")]), 1007],
  ["a close of one byte", [frame(8, Uint8Array.of(3))], 1002],
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code): Row => [`a close with code ${code}`, [close(code)], 1002]),
  ["a close whose reason is no UTF-8", [close(1000, hex("ff fe"))], 1007],
  ["a close whose reason ends inside a character", [close(1000, hex("e2 82"))], 1007],
  ["two good messages and then garbage", concat([...[text("a"), text("b")].map((each) => encodeFrame(each, undefined)), hex("ff ff ff ff")]), 1002, 2],
  ["HTTP behind the answer", new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), 1002],
];

export const FRAME_ATTACKS: readonly Attack<ClientGround>[] = FRAMES.map(([what, sent, code, heard = 0, source = "RFC 6455, 5 to 8"], at) => ({
  id: `F-${String(at + 1).padStart(2, "0")}`,
  rule: `${what} fails the connection with ${code}`,
  source,
  async run(ground) {
    const bytes = sent instanceof Uint8Array ? sent : concat(sent.map((each) => encodeFrame(each, undefined)));
    const findings: Finding[] = [];
    for (const manner of MANNERS) findings.push(await failing(ground, bytes, code, heard, { manner }));
    findings.push(await failing(ground, bytes, code, heard, { manner: "listener" }, true));
    return worst(findings);
  },
}));

/** Sends the bytes in one write, or byte by byte as far as they are few; the client must fail the connection with the code. */
async function failing(ground: ClientGround, sent: Uint8Array, code: number, heard: number, job: Partial<Job>, slowly = false): Promise<Finding> {
  let seen: number | undefined;
  let broken: readonly string[] = [];
  const course = await lead(ground, { ...job, limits: { maxMessage: 1_048_576 } }, async (end) => { // the class takes more by default
    const peer = await end.open("", slowly ? LEAST : sent);
    if (slowly) await drip(end, sent);
    await peer.until(() => peer.ended, ground.limits.closeTimeout * 2);
    seen = peer.closed === undefined ? undefined : peer.closed.code ?? 1005;
    broken = peer.broken;
    end.socket.end();
  });
  const { report, duration } = course;
  const manner = job.manner as Manner;
  const findings = [decent(course)];
  if (!report.opened) findings.push(fail(`it did not open: ${report.error?.message}`));
  if (seen === undefined) findings.push(soft("it ended without a close frame"));
  else if (seen !== code) findings.push(soft(`it said ${seen}`));
  if (broken.length > 0) findings.push(fail(broken.join("; ")));
  if (report.close?.clean === true || report.close?.code !== 1006) findings.push(fail(`it thinks that the connection ended with ${report.close?.code}`));
  if (manner !== "bare" && report.messages !== heard) findings.push(fail(`it delivered ${report.messages} messages of ${heard}`));
  if (duration > ground.limits.closeTimeout) findings.push(soft(`it took ${Math.round(duration)} ms`));
  const { verdict, note } = worst(findings);
  return verdict === "PASS" ? pass() : { verdict, note: `${manner}${slowly ? ", byte by byte" : ""}: ${note}` };
}

/** Byte by byte for a while, then the rest. */
async function drip(end: End, sent: Uint8Array): Promise<void> {
  const few = Math.min(sent.length, 200);
  for (let at = 0; at < few; at++) {
    if (!(await end.write(sent.subarray(at, at + 1)))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (few < sent.length) await end.write(sent.subarray(few));
}
