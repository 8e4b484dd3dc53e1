/**
 * Measures parsing, writing, masking, text and compression in this process, on any runtime. The argument is how many milliseconds a row takes;
 * prints one line of JSON.
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { Bench } from "tinybench";
import { hostText } from "../../adapters/text.ts";
import { RandomPool } from "../../core/bytes/random-pool.ts";
import { standardText, Utf8Validator } from "../../core/bytes/utf8.ts";
import { masked } from "../../core/testing/frames.ts";
import { WebSocketConnection } from "../../core/websocket/connection.ts";
import { deflate } from "../../core/websocket/deflate.ts";
import { History } from "../../core/websocket/history.ts";
import { inflate } from "../../core/websocket/inflate.ts";
import { copyMasked } from "../../core/websocket/mask.ts";

/** What does the same work, per row of a table: the first is ours. */
export interface CodecRow {
  readonly group: string;
  readonly name: string;
  /** Nanoseconds per message, medians, by who did it; null where it does not run here. */
  readonly ns: Readonly<Record<string, number | null>>;
}

/** Handles `count` messages. */
interface Task {
  readonly count: number;
  readonly run: () => void;
}

// by path: Bun has a "ws" of its own
const modules = join(import.meta.dirname, "../../node_modules");
const require = createRequire(import.meta.url);
const milliseconds = Number(process.argv[2] ?? 200);
const random = new RandomPool((bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
/** Text stays text whether it is masked with this once or twice: ws unmasks in place. */
const KEY = 0x01020304;
let sink = 0;

const rows: CodecRow[] = [];
for (const size of [16, 128, 1024, 65_536, 1_048_576]) {
  for (const type of ["text", "binary"] as const) {
    const data = type === "text" ? "a".repeat(size) : new Uint8Array(size).fill(0x61);
    const count = size <= 1024 ? 64 : 1;
    const frame = masked(type === "text" ? 1 : 2, data, { key: KEY });
    const chunk = Buffer.concat(Array.from({ length: count }, () => frame));
    await measure("parse, as a server", `${type} ${size} B`, {
      ours: () => parseOurs(chunk, count), ws: () => parseWs(chunk, count), "websocket-driver": () => parseDriver(chunk, count),
    });
    await measure("write, as a server", `${type} ${size} B`, { ours: () => writeOurs(data), ws: () => writeWs(data) });
  }
}
for (const size of [32, 128, 1024, 65_536, 1_048_576]) {
  const [source, target] = [new Uint8Array(size).fill(0x61), new Uint8Array(size)];
  await measure("mask", `${size} B`, {
    ours: () => many(() => copyMasked(source, 0, size, target, 0, KEY, 0)),
    bufferutil: () => {
      if (process.versions.bun !== undefined || process.versions.deno !== undefined) throw new Error("an addon for Node");
      const native = require(join(modules, "bufferutil")) as { mask(source: Uint8Array, key: Uint8Array, target: Uint8Array, at: number, length: number): void };
      const key = Buffer.from([1, 2, 3, 4]);
      return many(() => native.mask(source, key, target, 0, size));
    },
  });
}
for (const [kind, unit] of [["ASCII", "abcdefgh"], ["mixed", "abc d\u00e9 \u6f22 \u{1f600} more "]]) {
  for (const size of [32, 1024, 65_536]) {
    const bytes = new TextEncoder().encode(unit.repeat(Math.ceil(size / unit.length)).slice(0, size));
    const text = new TextDecoder().decode(bytes); // no half of a character
    const target = new Uint8Array(size * 3);
    const name = `${kind} ${bytes.length} B`;
    const isAscii = kind === "ASCII";
    await measure("decode text", name, {
      ours: () => many(() => { sink += (isAscii ? hostText.decodeAscii(bytes, 0, bytes.length) : hostText.decode(bytes, 0, bytes.length) as string).length; }),
      TextDecoder: () => many(() => { sink += (standardText.decode(bytes, 0, bytes.length) as string).length; }),
    });
    await measure("encode text", name, {
      ours: () => many(() => { sink += hostText.encodeInto(text, target, 0); }),
      encodeInto: () => many(() => { sink += standardText.encodeInto(text, target, 0); }),
    });
    await measure("validate a piece of text", name, { ours: () => many(() => { new Utf8Validator().push(bytes, 0, bytes.length, isAscii); }) });
  }
}
for (const size of [200, 1024, 16_384]) {
  const data = new TextEncoder().encode(JSON.stringify(Array.from({ length: size / 25 }, (_, i) => ({ id: i * 7919, name: `n${i}` }))).slice(0, size));
  const settings = { windowBits: 12, level: 5, memLevel: 5 };
  const options = { ...settings, finishFlush: constants.Z_SYNC_FLUSH };
  const none = new History(0);
  const small = deflate(data, none, settings);
  await measure("compress, no takeover", `JSON ${data.length} B`, {
    ours: () => many(() => deflate(data, none, settings)), "node:zlib": () => many(() => deflateRawSync(data, options)),
  });
  await measure("restore, no takeover", `JSON ${data.length} B`, {
    ours: () => many(() => inflate(small.subarray(0, -4), none.bytes, 1e6)), "node:zlib": () => many(() => inflateRawSync(small, options)),
  });
}
console.log(JSON.stringify({ rows, sink: sink > 0 }));
process.exit(0); // streams of the peers may wait for more

async function measure(group: string, name: string, contenders: Readonly<Record<string, () => Task>>): Promise<void> {
  const bench = new Bench({ time: milliseconds, iterations: 3, warmupTime: milliseconds / 4, warmupIterations: 2, throws: true });
  const counts: Record<string, number> = {};
  const ns: Record<string, number | null> = {};
  for (const [who, make] of Object.entries(contenders)) {
    ns[who] = null;
    try {
      const { count, run } = make();
      run();
      counts[who] = count;
      bench.add(who, run);
    } catch {
      // it does not run here
    }
  }
  await bench.run();
  for (const { name: who, result } of bench.tasks) {
    if ("latency" in result) ns[who] = result.latency.p50 * 1e6 / counts[who];
  }
  rows.push({ group, name, ns });
}

function many(once: () => void): Task {
  return { count: 20, run: () => { for (let i = 0; i < 20; i++) once(); } };
}

function connection(): WebSocketConnection {
  const handler = { onText: (text: string) => void (sink += text.length), onBinary: (data: Uint8Array) => void (sink += data.length), onClose() {} };
  return new WebSocketConnection({ role: "server", random, handler, codec: hostText, limits: { maxMessage: 2 ** 24, maxFrame: 2 ** 24, maxQueued: 2 ** 25 } });
}

function parseOurs(chunk: Uint8Array, count: number): Task {
  const peer = connection();
  return { count, run: () => peer.receive(chunk, 0) };
}

function parseWs(chunk: Uint8Array, count: number): Task {
  const Receiver = require(join(modules, "ws/lib/receiver.js")) as new (options: object) => NodeJS.WritableStream;
  const receiver = new Receiver({ isServer: true });
  receiver.on("message", (data: Uint8Array, isBinary: boolean) => void (sink += isBinary ? data.length : data.toString().length));
  return { count, run: () => void receiver.write(chunk) };
}

function parseDriver(chunk: Uint8Array, count: number): Task {
  const Hybi = require(join(modules, "websocket-driver/lib/websocket/driver/hybi.js")) as new (request: object, url: string, options: object) => {
    readyState: number; _extensions: { generateResponse(offer: string): void }; on(event: string, listener: (event: { data: { length: number } }) => void): void; parse(chunk: Uint8Array): void;
  };
  const driver = new Hybi({ headers: {} }, "ws://localhost/", { requireMasking: true });
  driver.readyState = 1; // as after a handshake
  driver._extensions.generateResponse("");
  driver.on("message", ({ data }) => void (sink += data.length));
  return { count, run: () => driver.parse(chunk) };
}

function writeOurs(data: string | Uint8Array): Task {
  const peer = connection();
  const texts = typeof data === "string" ? [data, `b${data.slice(1)}`] : []; // in turn: the same again is not encoded again
  return { count: 20, run: () => {
    for (let i = 0; i < 20; i++) {
      if (typeof data === "string") peer.sendText(texts[i & 1]);
      else peer.sendBinary(data);
    }
    for (const bytes of peer.takeOutput(0)) sink += bytes.length;
  } };
}

function writeWs(data: string | Uint8Array): Task {
  const Sender = require(join(modules, "ws/lib/sender.js")) as new (socket: object) => { send(data: unknown, options: object, done: undefined): void };
  const sender = new Sender({ cork() {}, uncork() {}, write: (bytes: string | Uint8Array) => void (sink += typeof bytes === "string" ? Buffer.from(bytes).length : bytes.length) });
  const options = { fin: true, binary: typeof data !== "string", mask: false, compress: false };
  return { count: 20, run: () => { for (let i = 0; i < 20; i++) sender.send(data, options, undefined); } };
}
