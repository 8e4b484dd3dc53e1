/**
 * Servers that send more than a client should keep, and servers that do not read what it sends (RFC 6455, section 10.4).
 * @module
 */
import { binary, close, encodeFrame, type Frame, FrameReader, more, ping, pong, text } from "../frames.ts";
import { type Attack, expect, type Finding, soft, worst } from "./attack.ts";
import type { Job, Manner } from "./client-job.ts";
import { ACCEPT, type ClientGround, decent, type End, lead, pause, refused } from "./client-ground.ts";

const MIB = 1024 * 1024;
/** What one connection may cost with messages of 1 MiB at most; what a garbage collector puts off is in it. */
const MEMORY = 32 * MIB;
/** Where much is allocated honestly, in messages that are given away or in packets: hosts let this much pile up before they collect it (measured). */
const GARBAGE = 192 * MIB;
/** How long is written to a client that takes no more, in milliseconds. */
const DEAF = 2_000;

/** A flood of frames on one connection. */
interface Flood {
  readonly rule: string;
  readonly source: string;
  readonly manners: readonly Manner[];
  readonly first?: Frame;
  readonly frame: Frame;
  readonly times: number;
  /** Sent last, before a close frame. */
  readonly last?: Frame;
  /** How much more memory it may take; 32 MiB when it is not said. */
  readonly memory?: number;
  /** The server reads nothing until all of it is sent or nothing more is taken. */
  readonly deaf?: true;
  /** Close codes that refuse it. */
  readonly codes?: readonly number[];
  /** How many frames must come back, given how many were sent, where all were taken: a range. */
  readonly back: (times: number) => readonly [least: number, most: number];
}

const nothing = (): readonly [number, number] => [0, 0];
const all = (times: number): readonly [number, number] => [times, times];
const some = (times: number): readonly [number, number] => [1, times];

const FLOODS: readonly Flood[] = [
  { rule: "a million fragments of one byte are joined or refused", source: "CVE-2026-48779", manners: ["listener", "bare"], first: binary("", { fin: false }), frame: more("x", { fin: false }), times: 1_000_000, last: more(""), codes: [1008, 1009], back: nothing },
  { rule: "a million empty fragments are joined or refused", source: "CVE-2026-62389; CVE-2026-12151", manners: ["listener", "bare"], first: text("", { fin: false }), frame: more("", { fin: false }), times: 1_000_000, last: more(""), codes: [1008], back: nothing },
  { rule: "fragments of 256 KiB without an end are refused at the limit", source: "CVE-2026-9675", manners: ["listener", "bare"], first: binary("", { fin: false }), frame: more(new Uint8Array(262_144), { fin: false }), times: 256, codes: [1009], back: nothing },
  { rule: "64 MiB of pings from a server that reads nothing take no memory", source: "GHSA-9fm3-97px-rjf6; CVE-2026-11586", manners: ["listener", "bare"], frame: ping("p".repeat(125)), times: 528_000, deaf: true, codes: [1008], back: some },
  { rule: "64 MiB of pings from a server that reads are answered, each or the latest", source: "RFC 6455, 5.5.3", manners: ["listener"], frame: ping("p".repeat(125)), times: 528_000, back: some },
  { rule: "a million pongs that nobody asked for are taken", source: "RFC 6455, 5.5.3", manners: ["listener", "bare"], frame: pong("p"), times: 1_000_000, back: nothing },
  { rule: "a million empty messages are delivered", source: "CVE-2026-123817", manners: ["listener", "loop"], frame: text(""), times: 1_000_000, back: nothing },
  { rule: "a million empty messages to an echo are answered", source: "CVE-2026-123817", manners: ["echo"], frame: text(""), times: 1_000_000, back: all },
  { rule: "empty messages to an echo whose server does not read wait, and none is lost", source: "CVE-2026-123817", manners: ["echo"], frame: binary(""), times: 1_000_000, deaf: true, back: all },
  { rule: "messages of 64 KiB to an echo whose server does not read wait, and none is lost", source: "G10", manners: ["echo"], frame: binary(new Uint8Array(65_536)), times: 4_096, deaf: true, back: all },
  { rule: "messages of 1 MiB to an echo whose server does not read wait, and none is lost", source: "G10", manners: ["echo"], frame: binary(new Uint8Array(MIB)), times: 256, deaf: true, back: all },
  { rule: "messages of 1 MiB leave nothing behind", source: "G10", manners: ["listener", "loop"], frame: binary(new Uint8Array(MIB)), times: 256, memory: GARBAGE, back: nothing },
];

/** Answers to the handshake that do not end: what is sent again and again behind a beginning. */
const ANSWERS: readonly (readonly [rule: string, source: string, begin: string, again: string, status?: number])[] = [
  ["a first line of 32 MiB is cut", "CVE-2026-54465", "HTTP/1.1 101 ", "x".repeat(65_536)],
  ["a header line of 32 MiB is cut", "CVE-2026-54465", `${ACCEPT}X: `, "x".repeat(65_536)],
  ["32 MiB of header lines are cut", "CVE-2026-54465", ACCEPT, `X: ${"x".repeat(100)}\r\n`.repeat(600)],
  ["32 MiB of empty header values are cut", "CVE-2024-37890", ACCEPT, "X:\r\n".repeat(16_384)],
  ["32 MiB of one name's header lines are cut", "CVE-2024-37890", ACCEPT, "Sec-WebSocket-Extensions: a\r\n".repeat(2_000)],
  ["32 MiB of blanks are cut", "CVE-2026-54465", `${ACCEPT}Connection: `, " ".repeat(65_536)],
  ["32 MiB of 100 Continue are cut", "RFC 9110, 15.2", "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(2_500)],
  ["32 MiB of bytes that are no HTTP are cut", "RFC 9112", "", "\u0000\u00ff".repeat(32_768)],
  ["a refusal's body of 64 MiB is cut", "CVE-2020-36048", "HTTP/1.1 403 No\r\nContent-Length: 67108864\r\n\r\n", "x".repeat(65_536), 403],
  ["a refusal's chunked body of 64 MiB is cut", "CVE-2020-36048", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", `10000\r\n${"x".repeat(65_536)}\r\n`, 403],
  ["a refusal's chunks of one byte are cut", "CVE-2020-36048", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n".repeat(10_000), 403],
  ["a refusal's chunk with an extension of 64 MiB is cut", "CVE-2025-5399", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x".repeat(65_536), 403],
  ["a refusal's body that ends with the connection is cut", "CVE-2020-36048", "HTTP/1.1 403 No\r\n\r\n", "x".repeat(65_536), 403],
];

export const FLOOD_ATTACKS: readonly Attack<ClientGround>[] = [
  ...FLOODS.map((each, at): Attack<ClientGround> => ({
    id: `R-${String(at + 1).padStart(2, "0")}`, rule: each.rule, source: each.source, memory: each.memory ?? MEMORY,
    async run(ground) {
      const findings: Finding[] = [];
      for (const manner of each.manners) findings.push(await flood(ground, each, manner));
      return worst(findings);
    },
  })),
  ...ANSWERS.map(([rule, source, begin, again, status], at): Attack<ClientGround> => ({
    id: `R-H${at + 1}`, rule, source, memory: MEMORY,
    async run(ground) {
      const course = await lead(ground, {}, async (end) => {
        await end.request();
        await end.answer(begin);
        await end.flood(Buffer.from(again, "latin1"), (status === undefined ? 32 : 64) * MIB);
      });
      // the system buffers some MiB on its own
      return worst([refused(course, ground, status === undefined ? {} : { status }), expect(course.ends[0].written < 16 * MIB, `${course.ends[0].written} bytes were taken`)]);
    },
  })),
  {
    id: "R-20", rule: "a client that sends faster than its server reads is told, and what was taken arrives", source: "G10", memory: 64 * MIB, // 16 MiB of maxQueued, once more while they are written
    run: (ground) => sends(ground, false),
  },
  {
    id: "R-21", rule: "a client that heeds what send says queues next to nothing, and all of it arrives", source: "G10", memory: GARBAGE,
    run: (ground) => sends(ground, true),
  },
  {
    id: "R-22", rule: "200 connections that announce 1 MiB and send ten bytes hold no megabytes", source: "CVE-2026-19204", memory: 2 * MEMORY, // a worker's each have an event of their own
    async run(ground) {
      const header = encodeFrame(binary(new Uint8Array(10), { length: BigInt(MIB), lengthBits: 64 }), undefined);
      let count = 0;
      let told = (): void => {};
      const everybody = new Promise<void>((resolve) => told = resolve);
      const findings = await Promise.all(Array.from({ length: 200 }, () => lead(ground, {}, async (end) => {
        await end.open("", header);
        if (++count === 200) setTimeout(told, 200);
        await everybody;
        end.socket.end();
      }).then(decent)));
      return worst(findings);
    },
  },
  {
    id: "R-23", rule: "a message of 256 KiB in packets of one byte arrives", source: "CVE-2026-48779", memory: GARBAGE,
    async run(ground) {
      const course = await lead(ground, {}, async (end) => {
        await end.open();
        const bytes = encodeFrame(binary(new Uint8Array(262_144)), undefined);
        for (let at = 0; at < bytes.length; at++) {
          if (!(await end.write(bytes.subarray(at, at + 1)))) return;
          if (at % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await end.write(encodeFrame(close(1000), undefined));
        end.socket.end();
      });
      return worst([decent(course), expect(course.report.size === 262_144, `${course.report.size} bytes arrived`)]);
    },
  },
  {
    id: "R-24", rule: "an application that never reads its messages slows its server, and holds next to nothing", source: "G11", memory: MEMORY,
    run: (ground) => unread(ground, encodeFrame(text("x".repeat(100)), undefined)),
  },
  {
    id: "R-25", rule: "an application that never reads its empty messages holds next to nothing", source: "G11", memory: MEMORY,
    run: (ground) => unread(ground, encodeFrame(text(""), undefined)),
  },
];

/** Both ends are right: all of it is taken and answered, or the connection fails with a code that says why. */
async function flood(ground: ClientGround, each: Flood, manner: Manner): Promise<Finding> {
  const { first, frame, times, last, deaf, codes = [], back } = each;
  const count = { data: 0, close: undefined as number | undefined };
  let sent = 0;
  const job: Partial<Job> = { manner, limits: { pingInterval: 600_000, closeTimeout: 30_000 } }; // a server may be slow to read
  const course = await lead(ground, job, async (end) => {
    await end.open("", first === undefined ? new Uint8Array(0) : encodeFrame(first, undefined));
    countFrames(end, count);
    if (deaf) end.socket.pause();
    const piece = encodeFrame(frame, undefined);
    const chunk = repeat(piece, Math.max(1, Math.floor(65_536 / piece.length)));
    do sent += chunk.length / piece.length; while (await room(end, chunk, deaf) && sent < times);
    end.socket.resume();
    if (last !== undefined) await end.write(encodeFrame(last, undefined));
    await end.write(encodeFrame(close(1000), undefined));
    await until(() => count.close !== undefined || end.gone, 50_000);
    end.socket.end();
  }, { patience: 90_000 });
  const findings = [decent(course)];
  const [least, most] = back(sent);
  if (count.close === undefined) findings.push(soft(`${manner}: it ended without a close frame`));
  else if (count.close !== 1000) findings.push(expect(codes.includes(count.close), `${manner}: it closed with ${count.close}`));
  else findings.push(expect(count.data >= least && count.data <= most, `${manner}: ${count.data} frames came back for ${sent}`));
  return worst(findings);
}

/** Writes one more chunk; false when the client has gone, or does not take it for a while although nobody reads what it says. */
async function room(end: End, chunk: Uint8Array, deaf: boolean | undefined): Promise<boolean> {
  if (!deaf) {
    await new Promise((resolve) => setImmediate(resolve)); // what the client says is heard
    return end.write(chunk);
  }
  return Promise.race([end.write(chunk), pause(DEAF).then(() => false)]);
}

/** The server reads nothing for a while, then all of it: messages of 64 KiB, each with its number. */
async function sends(ground: ClientGround, heed: boolean): Promise<Finding> {
  const numbers: number[] = [];
  const job: Partial<Job> = { acts: [{ do: "send", size: 65_536, count: 1_024, heed }, { do: "close" }], limits: { closeTimeout: 30_000, pingInterval: 600_000 } };
  const course = await lead(ground, job, async (end) => {
    await end.open();
    end.socket.removeAllListeners("data");
    end.socket.pause();
    let closed = false;
    const reader = new FrameReader(({ opcode, payload }) => {
      if (opcode === 8) closed = true;
      else numbers.push(new DataView(payload.buffer, payload.byteOffset).getUint32(0));
    });
    end.socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
    await pause(1_000);
    end.socket.resume();
    await until(() => closed || end.gone, 50_000);
    await end.write(encodeFrame(close(1000), undefined));
    end.socket.end();
  }, { patience: 90_000 });
  const [told = ""] = course.report.acts;
  const taken = Number(told.split(" ")[0]);
  return worst([
    decent(course),
    expect(numbers.length === taken && numbers.every((number, at) => number === at), `${taken} messages were taken, ${numbers.length} arrived`),
    expect(heed ? taken === 1_024 && told.includes("waited") : taken < 1_024 && told.includes("RangeError"), `it was told: ${told}`),
    expect(course.report.close?.clean === true, `it ended with ${course.report.close?.code}`),
  ]);
}

/** Messages for an application that never looks: its server is not read from any more. */
async function unread(ground: ClientGround, frame: Uint8Array): Promise<Finding> {
  const acts = [{ do: "wait", milliseconds: DEAF * 2 }, { do: "terminate" }] as const;
  const course = await lead(ground, { manner: "bare", acts }, async (end) => {
    await end.open();
    const chunk = repeat(frame, Math.floor(65_536 / frame.length));
    while (end.written < 64 * MIB && await room(end, chunk, true)) { /* more */ }
  });
  return worst([decent(course), expect(course.ends[0].written < 32 * MIB, `${course.ends[0].written} bytes were taken`)]); // most of it by the system
}

function countFrames(end: End, count: { data: number; close: number | undefined }): void {
  end.socket.removeAllListeners("data");
  const reader = new FrameReader(({ opcode, payload }) => {
    if (opcode === 8) count.close = payload.length < 2 ? 1005 : payload[0] * 256 + payload[1];
    else count.data++;
  });
  end.socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
}

function repeat(piece: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(piece.length * times);
  for (let at = 0; at < times; at++) whole.set(piece, at * piece.length);
  return whole;
}

async function until(condition: () => boolean, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!condition() && performance.now() < end) await pause(10);
}
