/**
 * Compressed messages that mean harm, at a server that agreed to permessage-deflate (RFC 7692). They are made by the
 * tester's own zlib, or by hand.
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { binary, close, concat, type Frame, hex, more, ping, text } from "../frames.ts";
import { type Attack, expect, fail, type Finding, pass, soft, worst } from "./attack.ts";
import { judgeOpen, judgeRefusal } from "./server-handshake.ts";
import { ask, LONG_PATIENCE, many, Peer, repeat, type ServerGround, sleep, upgradeRequest } from "./server-peer.ts";

const MIB = 1024 * 1024;
const OFFER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
/** What both sides leave out at a message's end (RFC 7692, section 7.2.1). */
const TAIL = hex("00 00 ff ff");

/** A message's payload, compressed. */
function deflate(payload: Uint8Array): Uint8Array {
  const bytes = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - TAIL.length);
}

function inflate(frame: Frame, windowBits = 15): Uint8Array {
  if (frame.rsv !== 4) return frame.payload;
  return inflateRawSync(concat([frame.payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH, windowBits });
}

async function open(ground: ServerGround, offer = OFFER): Promise<Peer> {
  const { peer, answer } = await ask(ground, upgradeRequest(ground, { fields: { "Sec-WebSocket-Extensions": offer } }));
  if (answer?.status === 101 && answer.fields.get("sec-websocket-extensions")?.startsWith("permessage-deflate")) return peer;
  peer.destroy();
  throw new Error(`it did not agree to permessage-deflate: ${answer?.status}`);
}

/** Frames on one connection, and how it must end; `echoed` are the messages that must come back before. */
function story(id: string, rule: string, source: string, frames: () => readonly Frame[], codes: readonly number[], echoed: readonly Uint8Array[] = []): Attack<ServerGround> {
  return {
    id,
    rule,
    source,
    memory: 32 * MIB,
    async run(ground) {
      const peer = await open(ground);
      try {
        for (const frame of frames()) peer.send(frame);
        if (!await peer.until(() => peer.ended, LONG_PATIENCE)) return fail("it did not end TCP");
        return worst([judge(peer, codes), judgeEchoes(peer, echoed)]);
      } finally {
        peer.destroy();
      }
    },
  };
}

function judge({ closeCode }: Peer, codes: readonly number[]): Finding {
  if (closeCode === undefined) return soft("it ended without a close frame");
  return expect(codes.includes(closeCode), `it closed with ${closeCode}, not ${codes.join(" or ")}`);
}

function judgeEchoes(peer: Peer, echoed: readonly Uint8Array[]): Finding {
  const messages = peer.frames.filter(({ opcode }) => opcode < 8).map((frame) => inflate(frame));
  const same = messages.length === echoed.length && messages.every((message, at) => Buffer.compare(message, echoed[at]) === 0);
  return expect(same, `${messages.length} messages came back, not the ${echoed.length} that were good`);
}

const GOOD = Buffer.from("good ".repeat(100));
const zip = (payload: Uint8Array): Frame => binary(deflate(payload), { rsv: 4 });
const raw = (payload: Uint8Array): Frame => binary(payload, { rsv: 4 });
const INVALID = [1002, 1007];

/** Offers that name no valid parameters (RFC 7692, section 7.1): none may be agreed to. */
const BAD_OFFERS = [
  "server_max_window_bits=1000", "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=08", "server_max_window_bits=8.0",
  "server_max_window_bits=-8", "server_max_window_bits", "client_max_window_bits=0", "client_max_window_bits=16", "client_max_window_bits=x",
  "server_no_context_takeover=1", "client_no_context_takeover=true", "unknown", "__proto__=8", "constructor",
  "server_no_context_takeover; server_no_context_takeover", "client_max_window_bits; client_max_window_bits=9",
];

export const DEFLATE_ATTACKS: readonly Attack<ServerGround>[] = [
  story("D-01", "A compressed message is echoed", "RFC 7692, 7.2", () => [zip(GOOD), close(1000)], [1000], [GOOD]),
  story("D-02", "256 MiB of zeros in 256 KiB are refused at the limit", "CVE-2026-1526; CVE-2016-10544; CVE-2018-1000518", () => [zip(new Uint8Array(256 * MIB))], [1009]),
  story("D-03", "A bomb in fragments is refused at the limit", "CVE-2026-54464; CVE-2026-77528", () => {
    const bomb = deflate(new Uint8Array(64 * MIB));
    return [binary(bomb.subarray(0, 1_000), { rsv: 4, fin: false }), more(bomb.subarray(1_000, 20_000), { fin: false }), more(bomb.subarray(20_000))];
  }, [1009]),
  story("D-04", "What inflates to one byte more than the limit is refused", "CVE-2026-54464", () => [zip(new Uint8Array(MIB + 1))], [1009]),
  story("D-05", "What inflates to exactly the limit is taken", "RFC 6455, 10.4", () => [zip(new Uint8Array(MIB)), close(1000)], [1000], [new Uint8Array(MIB)]),
  story("D-06", "Garbage fails the connection, and what came before it is answered", "RFC 7692, 7.2.2", () => [zip(GOOD), raw(new Uint8Array(1_000).fill(0xff))], INVALID, [GOOD]),
  story("D-07", "A block of the reserved type fails the connection", "RFC 1951, 3.2.3", () => [raw(hex("07 00"))], INVALID),
  story("D-08", "A message that ends inside a block fails the connection", "RFC 7692, 7.2.2", () => [raw(deflate(GOOD).subarray(0, 10))], INVALID),
  story("D-09", "A stored block whose lengths differ fails the connection", "RFC 1951, 3.2.4", () => [raw(hex("00 05 00 00 00 68 65 6c 6c 6f"))], INVALID),
  story("D-10", "A distance past the window's start fails the connection", "RFC 1951, 3.2.5", () => [raw(hex("02 41 00"))], INVALID),
  story("D-11", "A million empty stored blocks are refused by their size", "RFC 6455, 10.4", () => [raw(repeat(hex("00 00 00 ff ff"), 1_000_000))], [1009]),
  story("D-12", "Two hundred thousand empty stored blocks take no time, and are an empty message", "RFC 7692, 7.2.3", () => [raw(concat([repeat(hex("00 00 00 ff ff"), 200_000), hex("00")])), close(1000)], [1000], [new Uint8Array(0)]),
  story("D-13", "A block with BFINAL ends no connection: the messages behind it arrive whole", "RFC 7692, 7.2.3.4", () => [raw(concat([deflateRawSync(GOOD), hex("00")])), zip(GOOD), zip(GOOD), close(1000)], [1000], [GOOD, GOOD, GOOD]),
  story("D-14", "RSV1 on a continuation fails the connection", "RFC 7692, 6.1", () => [binary(deflate(GOOD).subarray(0, 5), { rsv: 4, fin: false }), more(deflate(GOOD).subarray(5), { rsv: 4 })], [1002]),
  story("D-15", "RSV1 on a ping fails the connection", "RFC 7692, 6", () => [ping("x", { rsv: 4 })], [1002]),
  story("D-16", "RSV2 fails the connection all the same", "RFC 6455, 5.2", () => [text("x", { rsv: 2 })], [1002]),
  story("D-17", "Text that inflates to no UTF-8 fails the connection", "RFC 6455, 8.1", () => [text(deflate(hex("61 ff")), { rsv: 4 })], [1007]),
  story("D-18", "A message without RSV1 is one that is not compressed", "RFC 7692, 6", () => [binary(GOOD), close(1000)], [1000], [GOOD]),
  story("D-19", "A bomb with a malformed block behind it fails the connection once", "CVE-2026-85024", () => [raw(concat([deflate(new Uint8Array(4 * MIB)), hex("ff ff ff")])), zip(GOOD)], [1009]),
  {
    id: "D-20",
    rule: "Small messages that each inflate to 1 MiB leave others their turn",
    source: "RFC 7692, 8",
    memory: 128 * MIB, // 1 MiB for each message and its echo, until a collector runs
    async run(ground) {
      const peer = await open(ground);
      peer.keep = false;
      const bytes = peer.encode(zip(new Uint8Array(MIB)));
      const times = ground.long ? 1_000 : 100;
      await peer.flood(repeat(bytes, 10), times / 10);
      peer.send(close(1000));
      await peer.until(() => peer.ended, LONG_PATIENCE);
      peer.destroy();
      return expect(peer.closeCode === 1000 && peer.count === times + 1, `it sent ${peer.count} frames, and closed with ${peer.closeCode}`);
    },
  },
  {
    id: "D-21",
    rule: "A context for each of hundreds of connections takes tens of kilobytes, not hundreds",
    source: "RFC 7692, 8",
    async run(ground) {
      const count = ground.long ? 2_000 : 300;
      const before = ground.process.rss;
      const peers: Peer[] = [];
      await many(count, 50, async (at) => {
        const peer = await open(ground, "permessage-deflate");
        peers.push(peer);
        peer.keep = false;
        peer.send(zip(Buffer.from(`${at} `.repeat(500))));
        await peer.until(() => peer.count === 1);
      });
      await sleep(500);
      const held = before === undefined ? 0 : ((ground.process.rss ?? 0) - before) / count / 1024;
      for (const peer of peers) peer.reset();
      return held <= 200 ? pass(`${held.toFixed(0)} KiB each`) : fail(`${held.toFixed(0)} KiB each`);
    },
  },
  {
    id: "X-NEG",
    rule: "Offers with bad parameters are not agreed to, and kill nothing",
    source: "RFC 7692, 7.1; CVE-2026-2229",
    async run(ground) {
      const findings: Finding[] = [];
      for (const bad of BAD_OFFERS) {
        const { peer, answer } = await ask(ground, upgradeRequest(ground, { fields: { "Sec-WebSocket-Extensions": `permessage-deflate; ${bad}` } }));
        const finding = answer === undefined ? fail("it did not answer") : answer.status === 101 ? await judgeOpen(peer, answer) : await judgeRefusal(peer, answer);
        peer.destroy();
        findings.push(finding.verdict === "PASS" ? finding : { ...finding, note: `${finding.note}, to ${bad}` });
      }
      return worst(findings);
    },
  },
  {
    id: "X-WIN8",
    rule: "A window that is agreed on is kept to: no reference goes further back",
    source: "RFC 7692, 7.1.2.1",
    async run(ground) {
      const findings: Finding[] = [];
      for (const bits of [8, 9, 10, 15]) {
        const offer = `permessage-deflate; server_no_context_takeover; server_max_window_bits=${bits}`;
        const { peer, answer } = await ask(ground, upgradeRequest(ground, { fields: { "Sec-WebSocket-Extensions": offer } }));
        const agreed = /server_max_window_bits=([0-9]+)/.exec(answer?.fields.get("sec-websocket-extensions") ?? "")?.[1];
        if (agreed !== undefined) {
          const chunk = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 7919) % 251));
          const message = Buffer.concat([chunk, chunk, chunk]); // what is alike stands 300 bytes apart
          peer.send(zip(message), close(1000));
          await peer.until(() => peer.ended);
          findings.push(judgeWindow(peer, message, Number(agreed)), expect(Number(agreed) <= bits, `it agreed to ${agreed} bits, and ${bits} were asked for`));
        } else if (answer?.status !== 101) {
          findings.push(fail(`it answered ${answer?.status}`));
        }
        peer.destroy();
      }
      return worst(findings);
    },
  },
];

function judgeWindow(peer: Peer, message: Uint8Array, bits: number): Finding {
  const echo = peer.frames.find(({ opcode }) => opcode === 2);
  if (echo === undefined) return fail("nothing came back");
  try {
    return expect(Buffer.compare(inflate(echo, bits), message) === 0, `with ${bits} bits it sent something else back`);
  } catch (error) {
    return fail(`with ${bits} bits: ${error instanceof Error ? error.message : String(error)}`);
  }
}
