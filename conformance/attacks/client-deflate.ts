/**
 * permessage-deflate from a server that means harm (RFC 7692): answers that do not fit the offer, and payloads that do not end.
 * @module
 */
import zlib from "node:zlib";
import { binary, close, concat, encodeFrame, type Frame, frame, hex, more, ping, text } from "../frames.ts";
import { deflate } from "../wire/codec.ts";
import { type Attack, expect, fail, type Finding, soft, worst } from "./attack.ts";
import { ACCEPT, type ClientGround, decent, lead, MANNERS, refused } from "./client-ground.ts";

const MIB = 1024 * 1024;
const AGREED = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/** What no server may answer to what our client offers. */
const ANSWERS: readonly string[] = [
  "permessage-deflate; server_max_window_bits=1000", "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
  "permessage-deflate; server_max_window_bits=0", "permessage-deflate; server_max_window_bits=-1", "permessage-deflate; server_max_window_bits=015",
  "permessage-deflate; server_max_window_bits=+9", "permessage-deflate; server_max_window_bits=1e1", "permessage-deflate; server_max_window_bits=0x9",
  "permessage-deflate; server_max_window_bits=9.5", "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=\"\"",
  "permessage-deflate; server_max_window_bits=NaN", "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
  "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=16",
  "permessage-deflate; client_max_window_bits=99999999999999999999", "permessage-deflate; client_no_context_takeover=1",
  "permessage-deflate; server_no_context_takeover=true", "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
  "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "permessage-deflate; unknown", "permessage-deflate; __proto__=1",
  "permessage-deflate; constructor", "permessage-deflate, permessage-deflate", "permessage-deflate, x-webkit-deflate-frame", "x-webkit-deflate-frame",
  "PERMESSAGE-DEFLATE2", "permessage-deflate;", "permessage-deflate; =1", "permessage-deflate; a=\"b", "permessage-deflate; a b", ";", "permessage-deflate\u00ff",
];

const BOMB = 256 * MIB;
/** A stored block that is empty: five bytes that stand for nothing. */
const EMPTY_BLOCK = hex("00 00 00 ff ff");

/** Payloads: what is sent, which close codes refuse it, and what is heard where it is right. */
const PAYLOADS: readonly (readonly [what: string, source: string, frames: () => readonly Frame[], codes: readonly number[]])[] = [
  ["256 MiB of zeros in one message", "CVE-2026-1526; CVE-2016-10544; CVE-2026-54464", () => [binary(bomb(), { rsv: 4 })], [1009]],
  ["256 MiB of zeros as text", "CVE-2018-1000518", () => [text(bomb(), { rsv: 4 })], [1009]],
  ["256 MiB of zeros in fragments", "GHSA-x8v2-478q-2hvg", () => fragments(bomb(), 1_000), [1009]],
  ["a bomb within a bomb's size limit on the wire, twice", "CVE-2026-83599", () => [binary(bomb(), { rsv: 4 }), binary(bomb(), { rsv: 4 })], [1009]],
  ["one byte more than the limit once restored", "CVE-2026-54464", () => [binary(deflate(new Uint8Array(MIB + 1)), { rsv: 4 })], [1009]],
  ["a bomb, and garbage behind it in the same message", "CVE-2026-85024", () => [binary(concat([bomb(), hex("ff ff ff ff")]), { rsv: 4 })], [1009]],
  ["a bomb, and a malformed message behind it", "CVE-2026-85024", () => [binary(bomb(), { rsv: 4 }), binary(hex("ff ff ff"), { rsv: 4 })], [1009]],
  ["a block of the reserved type", "RFC 1951, 3.2.3", () => [binary(hex("07 00"), { rsv: 4 })], [1007, 1002]],
  ["a stored block whose lengths disagree", "RFC 1951, 3.2.4", () => [binary(hex("00 05 00 05 00 68 65 6c 6c 6f"), { rsv: 4 })], [1007, 1002]],
  ["a reference to before the first byte", "RFC 1951, 3.2.3", () => [binary(hex("4b 04 1a 00 1c"), { rsv: 4 })], [1007, 1002]],
  ["nothing but 0xff", "RFC 1951", () => [binary(new Uint8Array(1_000).fill(255), { rsv: 4 })], [1007, 1002]],
  ["a message that ends inside a block", "RFC 7692, 7.2.1", () => [binary(deflate(Buffer.from("hello hello hello")).subarray(0, 4), { rsv: 4 })], [1007, 1002]],
  ["a stored block that announces more than comes", "RFC 7692, 7.2.1", () => [binary(hex("00 ff ff 00 00 61 62"), { rsv: 4 })], [1007, 1002]],
  ["text that is no UTF-8 once restored", "RFC 6455, 8.1", () => [text(deflate(hex("66 ff fe")), { rsv: 4 })], [1007]],
  ["RSV1 on a continuation", "RFC 7692, 6.1", () => [binary(deflate(Buffer.from("a")), { rsv: 4, fin: false }), more("", { rsv: 4 })], [1002]],
  ["RSV1 on a ping", "RFC 7692, 6.1", () => [ping(deflate(Buffer.from("a")), { rsv: 4 })], [1002]],
  ["RSV1 on a close", "RFC 7692, 6.1", () => [close(1000, "", { rsv: 4 })], [1002]],
  ["RSV2 beside RSV1", "RFC 7692, 6", () => [binary(deflate(Buffer.from("a")), { rsv: 6 })], [1002]],
];

export const DEFLATE_ATTACKS: readonly Attack<ClientGround>[] = [
  {
    id: "D-N1", rule: `none of ${ANSWERS.length} answers that do not fit the offer opens a connection, or ends the process`, source: "CVE-2026-2229; RFC 7692, 7.1",
    async run(ground) {
      const findings: Finding[] = [];
      for (const answer of ANSWERS) {
        const course = await lead(ground, { deflate: true }, (end) => end.request().then(() => end.answer(`${ACCEPT}Sec-WebSocket-Extensions: ${answer}\r\n\r\n`)));
        const { verdict, note } = refused(course, ground);
        findings.push({ verdict, note: verdict === "PASS" ? "" : `${answer}: ${note}` });
      }
      return worst(findings);
    },
  },
  ...PAYLOADS.map(([what, source, frames, codes], at): Attack<ClientGround> => ({
    id: `D-${String(at + 1).padStart(2, "0")}`, rule: `${what} is refused`, source, memory: 32 * MIB,
    async run(ground) {
      const bytes = concat(frames().map((each) => encodeFrame(each, undefined)));
      const findings: Finding[] = [];
      for (const manner of MANNERS) {
        let code: number | undefined;
        let broken: readonly string[] = [];
        const course = await lead(ground, { deflate: true, manner, limits: { maxMessage: MIB } }, async (end) => {
          const peer = await end.open(AGREED, bytes);
          await peer.until(() => peer.ended, 20_000);
          code = peer.closed?.code;
          broken = peer.broken;
          end.socket.end();
        });
        const { report } = course;
        if (!report.opened) findings.push(fail(`it did not open: ${report.error?.message}`));
        if (code === undefined) findings.push(soft(`${manner}: it ended without a close frame`));
        findings.push(decent(course), expect(code === undefined || codes.includes(code), `${manner}: it said ${code}`), expect(broken.length === 0, broken.join("; ")));
        findings.push(expect(report.messages === 0, `${manner}: ${report.messages} messages were delivered`));
      }
      return worst(findings);
    },
  })),
  {
    id: "D-30", rule: "a final block is no end: the two messages behind it arrive whole", source: "RFC 7692, 7.2.3.4", memory: 32 * MIB,
    async run(ground) {
      const final = concat([zlib.deflateRawSync("one"), hex("00")]);
      const course = await lead(ground, { deflate: true }, async (end) => {
        const sent = [text(final, { rsv: 4 }), text(deflate(Buffer.from("two")), { rsv: 4 }), text("three"), close(1000)];
        const peer = await end.open(AGREED, concat(sent.map((each) => encodeFrame(each, undefined))));
        await peer.until(() => peer.over, 5_000);
        end.socket.end();
      });
      return worst([decent(course), expect(course.report.first.join() === '"one","two","three"', `it heard ${course.report.first.join()} and ended with ${course.report.close?.code}`)]);
    },
  },
  {
    id: "D-31", rule: "200,000 empty blocks in a message cost no memory", source: "1.5: empty stored blocks", memory: 32 * MIB,
    async run(ground) {
      const blocks = new Uint8Array(EMPTY_BLOCK.length * 200_000);
      for (let at = 0; at < blocks.length; at += EMPTY_BLOCK.length) blocks.set(EMPTY_BLOCK, at);
      const course = await lead(ground, { deflate: true }, async (end) => {
        const peer = await end.open(AGREED);
        await end.write(encodeFrame(frame(2, blocks, { rsv: 4, fin: false }), undefined));
        await end.write(encodeFrame(more(hex("00")), undefined));
        await end.write(encodeFrame(close(1000), undefined));
        await peer.until(() => peer.over, 20_000);
        end.socket.end();
      });
      const { close: told, messages } = course.report;
      return worst([decent(course), expect(told?.code === 1000 && messages === 1 || told?.code === 1006, `${messages} messages, ended with ${told?.code}`)]);
    },
  },
];

/** A payload that stands for 256 MiB. */
function bomb(): Uint8Array {
  made ??= deflate(new Uint8Array(BOMB));
  return made;
}

let made: Uint8Array | undefined;

function fragments(payload: Uint8Array, size: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < payload.length; at += size) frames.push(frame(at === 0 ? 2 : 0, payload.subarray(at, at + size), { fin: at + size >= payload.length, rsv: at === 0 ? 4 : 0 }));
  return frames;
}
