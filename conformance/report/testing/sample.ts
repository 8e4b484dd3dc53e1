/**
 * Made-up reports that look like real ones, to see and to test how they are shown.
 * @module
 */
import { close, encodeFrame, type Frame, frame, fragments, more, ping, pong, text } from "../../frames.ts";
import { type CaseInfo, type CaseResult, countVerdicts, type FrameEntry, type LogEntry, type Report, type Side, type Verdict } from "../../wire/result.ts";

/** What a sample is like. */
export interface SampleOptions {
  readonly agent?: string;
  readonly role?: "server" | "client";
  readonly seed?: number;
  /** About how many cases. */
  readonly cases?: number;
  /** The share of cases that end in each verdict; the rest passes. */
  readonly fail?: number;
  readonly nonStrict?: number;
  readonly unimplemented?: number;
}

/** One rule, and how many cases of each hundred check it. */
interface SampleRule {
  readonly rfc: number;
  readonly section: string;
  readonly rule: string;
  readonly weight: number;
  readonly titles: readonly string[];
  readonly sent: (at: number) => readonly Frame[];
  readonly answered: (at: number) => readonly Frame[];
  readonly wrong: string;
  readonly autobahn?: string;
}

const RULES: readonly SampleRule[] = [
  {
    rfc: 6455, section: "4.1", weight: 6, rule: "A client fails the connection unless Sec-WebSocket-Accept is the hash of the key that it sent",
    titles: ["The accept value is of another key", "The accept value is in lower case", "There is no accept value", "The answer is 200", "The status line says HTTP/1.0"],
    sent: () => [], answered: () => [], wrong: "The connection was opened though Sec-WebSocket-Accept was wrong",
  },
  {
    rfc: 6455, section: "4.2.1", weight: 8, rule: "A server refuses a request that is no valid opening handshake",
    titles: ["The request is a POST", "Host is missing", "Upgrade is missing", "Connection says keep-alive alone", "The key has 15 bytes", "The key is no base64", "The version is 12", "The version is 0013"],
    sent: () => [], answered: () => [], wrong: "The answer was 101, where a refusal had to come",
  },
  { rfc: 6455, section: "4.2.2", weight: 6, rule: "A server answers 101 with the fields that complete the handshake", titles: ["Field names are in capitals", "Connection lists three tokens", "A subprotocol is asked for that is unknown", "An extension is offered that is unknown"], sent: () => [text("a")], answered: () => [text("a")], wrong: "The answer names a subprotocol that was not asked for" },
  {
    rfc: 6455, section: "5.2", weight: 18, rule: "A frame with a reserved bit that nothing gives a meaning fails the connection",
    titles: ["RSV1 is set on a text frame", "RSV2 is set on a ping", "RSV3 is set on a close frame", "Opcode 3", "Opcode 11", "A length of 125 in 16 bits", "A length of 65,535 in 64 bits", "The highest bit of the length is set"],
    sent: (at) => [text("small"), frame(1 + (at % 3 === 2 ? 10 : 0), "Hello, world!", { rsv: 1 + (at % 7) }), ping("after")], answered: () => [text("small"), close(1002, "reserved bits")], wrong: "The connection went on behind a frame whose reserved bits were set", autobahn: "3",
  },
  { rfc: 6455, section: "5.3", weight: 4, rule: "A server fails the connection at a frame that is not masked", titles: ["A text frame is not masked", "A ping is not masked", "The masking key is 0"], sent: () => [text("not masked", { masked: false })], answered: () => [close(1002)], wrong: "A frame that was not masked was echoed" },
  { rfc: 6455, section: "5.4", weight: 9, rule: "Fragments of a message come in order, with none of another message between them", titles: ["Two fragments", "A ping between two fragments", "A continuation without a beginning", "A second beginning within a message", "Fragments of one byte"], sent: (at) => at % 2 ? [...fragments(1, "fragment after fragment", 9), ping("between")] : [more("alone")], answered: (at) => at % 2 ? [text("fragment after fragment"), pong("between")] : [close(1002, "nothing to continue")], wrong: "The message came back in another order", autobahn: "5" },
  { rfc: 6455, section: "5.5", weight: 4, rule: "A control frame has 125 bytes at most and is no fragment", titles: ["A ping of 126 bytes", "A ping that is a fragment", "A close frame of 126 bytes"], sent: () => [ping("p".repeat(126))], answered: () => [close(1002)], wrong: "A ping of 126 bytes was answered" },
  { rfc: 6455, section: "5.5.1", weight: 7, rule: "A close frame is answered with a close frame, unless one was sent", titles: ["Code 1000 without a reason", "Code 3000 with a reason", "A reason of 123 bytes", "No payload", "A payload of one byte"], sent: () => [text("last words"), close(1000, "bye")], answered: () => [text("last words"), close(1000, "bye")], wrong: "The close frame was answered with code 1005, which must not be on the wire", autobahn: "7" },
  { rfc: 6455, section: "5.5.2", weight: 6, rule: "A ping is answered with a pong of the same payload", titles: ["A ping without payload", "A ping with 125 bytes", "Ten pings in one write", "A ping with bytes that are no text", "A ping a byte at a time"], sent: (at) => at % 2 ? Array.from({ length: 10 }, (_, n) => ping(`payload ${n}`)) : [ping(new Uint8Array(125).map((_, n) => n * 7))], answered: (at) => at % 2 ? Array.from({ length: 10 }, (_, n) => pong(`payload ${n}`)) : [pong(new Uint8Array(125).map((_, n) => n * 7))], wrong: "The pong had another payload than the ping", autobahn: "2" },
  { rfc: 6455, section: "5.6", weight: 8, rule: "A message is delivered whole, with the type that it was sent with", titles: ["Text of 65,536 bytes", "Binary of 127 bytes", "An empty message", "Binary in writes of 997 bytes"], sent: (at) => [text("*".repeat(at % 2 ? 65_536 : 127))], answered: (at) => [text("*".repeat(at % 2 ? 65_536 : 127))], wrong: "The message came back as binary", autobahn: "1" },
  { rfc: 6455, section: "7.4.1", weight: 7, rule: "Codes 1005, 1006 and 1015 are never on the wire", titles: ["Code 1005", "Code 1006", "Code 1015", "Code 1004", "Code 999"], sent: (at) => [close([1005, 1006, 1015, 1004, 999][at % 5])], answered: () => [close(1002, "invalid close code")], wrong: "The close frame with an invalid code was answered with the same code", autobahn: "7.9" },
  { rfc: 6455, section: "8.1", weight: 16, rule: "Text that is not UTF-8 fails the connection with code 1007", titles: ["A surrogate", "An overlong slash", "Five bytes", "A character is cut by the end of the message", "A lone continuation byte", "Beyond U+10FFFF", "“κόσμε” is echoed — 水, здравствуй"], sent: (at) => at % 7 === 6 ? [text("κόσμε — 水, здравствуй 👋")] : [frame(1, Uint8Array.of(0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xed, 0xa0, 0x80, 0x65))], answered: (at) => at % 7 === 6 ? [text("κόσμε — 水, здравствуй 👋")] : [close(1007, "invalid UTF-8")], wrong: "Text with a surrogate in it was echoed", autobahn: "6" },
  { rfc: 7692, section: "7.1.1.1", weight: 12, rule: "A server that agreed to server_no_context_takeover begins each message anew", titles: ["Two equal messages", "A hundred messages of 40 bytes", "A message of 128 KiB between small ones"], sent: () => [frame(1, Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00), { rsv: 4 })], answered: () => [frame(1, Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00), { rsv: 4 })], wrong: "The second message refers to the first, though no takeover was agreed", autobahn: "12" },
  { rfc: 7692, section: "7.1.2.1", weight: 14, rule: "A server that agreed to a window refers to nothing further back than that", titles: ["8 bits", "9 bits", "15 bits", "16 bits are refused", "Bits with a leading zero are refused"], sent: () => [frame(1, Uint8Array.of(0x4a, 0xcc, 0x4f, 0x06, 0x00), { rsv: 4 })], answered: () => [frame(1, Uint8Array.of(0x4a, 0xcc, 0x4f, 0x06, 0x00), { rsv: 4 })], wrong: "A block refers 4,096 bytes back, where 512 were agreed", autobahn: "13" },
  { rfc: 7692, section: "7.2.3.4", weight: 5, rule: "A block that is marked as the last does not end the stream of the connection", titles: ["One block, marked as the last", "Data behind such a block", "A message behind such a message"], sent: () => [frame(1, Uint8Array.of(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00), { rsv: 4 })], answered: () => [close(1007)], wrong: "The message behind one with a last block came back empty" },
  { rfc: 8441, section: "4", weight: 3, rule: "A server that sends the setting takes an extended CONNECT", titles: [":protocol is websocket", ":protocol is unknown", "There is a Sec-WebSocket-Key"], sent: () => [text("over HTTP/2")], answered: () => [text("over HTTP/2")], wrong: "The stream was reset with PROTOCOL_ERROR" },
];

/** Makes a report; the same options make the same report. */
export function sampleReport(options: SampleOptions = {}): Report {
  const { agent = "ws 8.23.0", role = "server", seed = 1, cases = 300, fail = 0.03, nonStrict = 0.02, unimplemented = 0.05 } = options;
  const random = randomOf(seed);
  const weights = RULES.reduce((sum, { weight }) => sum + weight, 0);
  const results = RULES.filter(({ section }) => section !== (role === "server" ? "4.1" : "4.2.1")).flatMap((rule) => (
    Array.from({ length: Math.max(1, Math.round(rule.weight * cases / weights)) }, (_, at) => {
      const draw = random();
      const off = rule.rfc === 6455 ? 0 : unimplemented * 3;
      const verdict = draw < fail ? "fail" : draw < fail + nonStrict ? "non-strict" : draw < fail + nonStrict + off ? "unimplemented" : "pass";
      return sampleResult(rule, at, verdict, random, role);
    })
  ));
  const duration = results.reduce((sum, result) => sum + result.duration, 0);
  return {
    schema: 1, suite: "0.2.0", agent, role, url: "ws://127.0.0.1:9001", started: "2026-11-21T05:00:17.120Z", duration, seed, complete: true,
    command: `npx isosocket conformance ${role} ${role === "server" ? "ws://127.0.0.1:9001" : "--port 9002"} --seed ${seed}`,
    totals: countVerdicts(results), results,
  };
}

function sampleResult(rule: SampleRule, at: number, verdict: Verdict, random: () => number, role: "server" | "client"): CaseResult {
  const info: CaseInfo = {
    id: `${rule.rfc === 6455 ? "" : `${rule.rfc}:`}${rule.section}-${at + 1}`,
    title: `${rule.titles[at % rule.titles.length]}${at < rule.titles.length ? "" : `, variant ${Math.floor(at / rule.titles.length) + 1}`}`,
    rule: rule.rule, rfc: rule.rfc, section: rule.section,
    ...(rule.autobahn === undefined || at > 9 ? {} : { autobahn: `${rule.autobahn}.${at + 1}` }),
    sends: rule.sent(at).map((sent) => `A frame with opcode ${sent.opcode} and ${sent.payload.length} bytes`),
    accepts: { pass: "What is right comes back, then the closing handshake", nonStrict: "Less comes back, or another code", fail: "Anything else" },
  };
  const reasons = verdict === "pass" ? [] : verdict === "fail" ? [rule.wrong]
    : [verdict === "non-strict" ? "The close frame had code 1011, where 1002 fits" : "The peer did not agree to permessage-deflate"];
  const steps = verdict === "unimplemented" ? [] : [...rule.sent(at).map((sent) => [sent, "tester"] as const), ...rule.answered(at).map((sent) => [sent, "peer"] as const)];
  const log = sampleLog(steps, role, random, reasons);
  return { ...info, verdict, reasons, duration: Math.round(log[log.length - 1].at * 10) / 10 + 0.4, log };
}

function sampleLog(steps: readonly (readonly [Frame, Side])[], role: "server" | "client", random: () => number, reasons: readonly string[]): LogEntry[] {
  let now = 0;
  const at = (): number => Math.round((now += random() * 1.5) * 100) / 100;
  const [client, server]: readonly [Side, Side] = role === "server" ? ["tester", "peer"] : ["peer", "tester"];
  return [
    { at: at(), by: client, kind: "head", text: "GET / HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" },
    { at: at(), by: server, kind: "head", text: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" },
    ...steps.flatMap(([sent, by], index): LogEntry[] => [
      ...(index === 6 && steps.length > 12 ? [{ at: at(), by, kind: "skipped", count: 120 } as const] : []),
      sampleFrame(sent, by, at(), by === client ? Math.floor(random() * 2 ** 32) : undefined),
    ]),
    ...(random() < 0.1 ? [{ at: at(), by: "peer", kind: "bytes", length: 3, hex: "8105" + "48" } as const] : []),
    ...reasons.map((reason): LogEntry => ({ at: at(), by: "tester", kind: "note", text: reason })),
    { at: at(), by: server, kind: "end" },
    { at: at(), by: client, kind: random() < 0.2 ? "drop" : "end" },
  ];
}

/** A frame as a log holds it. */
export function sampleFrame(sent: Frame, by: Side, at: number, key: number | undefined): FrameEntry {
  const bytes = encodeFrame(sent, key);
  const start = bytes.length - sent.payload.length;
  return {
    at, by, kind: "frame", fin: sent.fin, rsv: sent.rsv, opcode: sent.opcode, masked: sent.masked ?? key !== undefined, length: sent.payload.length,
    header: toHex(bytes.subarray(0, start)), payload: toHex(sent.payload.subarray(0, 64)), ...says(sent),
  };
}

function says({ opcode, payload, rsv }: Frame): { says?: string } {
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 64));
  if (opcode === 8 && payload.length > 1) return { says: `${payload[0] * 256 + payload[1]}${payload.length > 2 ? ` "${decode(payload.subarray(2))}"` : ""}` };
  return payload.length > 0 && rsv < 4 && opcode !== 2 && payload[0] < 0xf8 && payload[0] > 31 ? { says: `"${decode(payload)}"${payload.length > 64 ? "…" : ""}` } : {};
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
