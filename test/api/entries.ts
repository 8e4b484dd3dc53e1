/**
 * The public API, entry by entry, under any JavaScript value: each call gives a typed error whose message is a sentence, or exactly the
 * bytes that its value stands for; and behind each the connection still carries a message (X-API).
 * @module
 */
import { types } from "node:util";
import fc from "fast-check";
import { HandshakeError } from "../../adapters/error.ts";
import type { Socket } from "../../adapters/socket.ts";
import { webSocketClass } from "../../adapters/websocket.ts";
import { connectWith, type ConnectOptions } from "../../adapters/connect.ts";
import { memoryPair } from "../../adapters/memory-pair.ts";
import { VirtualClock } from "../../adapters/virtual-clock.ts";
import { serve } from "../../adapters/node.ts";
import { wellFormed } from "../../core/testing/frames.ts";
import { permessageDeflate } from "../../index.deflate.ts";
import { acceptance, Peer, request, trap, victim } from "../advisories/peer.ts";
import { anyOptions, anyOrNothing, anyValue, bytesOf, list, type Made, oneOf, plain, Trick } from "./values.ts";

/** How often a call was refused with a typed error, and how often it did what its value stands for. */
export interface Counts {
  refused: number;
  done: number;
}

/** A part of the API and what is tried on it. */
export interface Entry {
  readonly name: string;
  /** How much slower one run is than the usual: so many fewer are made. */
  readonly cost: number;
  /** Throws what fast-check found, with seed and path. */
  run(runs: number, seed: number, path?: string): Promise<Counts>;
}

/** Fails for an error that is not typed, or tells of our insides. */
function checkError(error: unknown): void {
  if (error instanceof Trick || (error instanceof TypeError && /on a (?:proxy that has been revoked|detached ArrayBuffer)$|^this is not a typed array\.$/.test(error.message))) return; // the program's own
  const typed = error instanceof TypeError || error instanceof RangeError || error instanceof DOMException || error instanceof HandshakeError;
  const { message } = error as Error;
  if (!typed) throw new Error(`Not a typed error: ${String(error)}`, { cause: error });
  if (!/^[A-Z]\S* \S+ \S+/.test(message) || /is not a function|is not iterable|Cannot (?:read|set|mix|convert|perform|destructure)|reduce of|undefined or null|invalid_|Invalid array|Class constructor|is not a constructor|must be callable/.test(message)) {
    throw new Error(`Not a sentence for people: "${message}"`, { cause: error });
  }
}

/** Everything that the last call set off has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Wire {
  readonly socket: Socket<unknown>;
  readonly peer: Peer;
}

/** A client or a server of ours, and what stands at the other end. */
async function openWire(role: "client" | "server"): Promise<Wire> {
  if (role === "server") {
    const { open } = victim({ limits: { pingInterval: Infinity } });
    return open();
  }
  const { attempt, peer } = trap((text) => acceptance(text), { limits: { pingInterval: Infinity } });
  return { socket: await attempt as Socket<unknown>, peer };
}

/** A frame; the payload has one character for each byte. */
type Sent = readonly [opcode: number, fin: boolean, payload: string];

/** The frames that came since the last look. */
function taken(peer: Peer): Sent[] {
  const bytes = Buffer.concat(peer.pieces);
  peer.pieces.length = 0;
  const head = bytes.toString("latin1").startsWith("HTTP/1.1") || bytes.toString("latin1").startsWith("GET") ? bytes.indexOf("\r\n\r\n") + 4 : 0;
  return framesOf(bytes.subarray(head));
}

/** Reads frames, all of which must be whole. */
function framesOf(bytes: Buffer): Sent[] {
  const frames: Sent[] = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = [bytes[at], bytes[at + 1]];
    const short = second & 0x7f;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    const key = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    const start = second < 128 ? key : key + 4;
    if (start + length > bytes.length) throw new Error("The last frame is cut");
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (second >= 128) for (let i = 0; i < length; i++) payload[i] ^= bytes[key + (i & 3)];
    frames.push([first & 0x7f, first >= 128, payload.toString("latin1")]);
    at = start + length;
  }
  return frames;
}

function latin1(text: string): string {
  return Buffer.from(wellFormed(text)).toString("latin1");
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one.slice(0, 300)} in place of ${other.slice(0, 300)}`);
}

const MARKER: Sent = [1, true, "marker"];

function entry<Value>(name: string, values: fc.Arbitrary<Made<Value>>, cost: number, prepare: () => Promise<(value: Value) => Promise<boolean>>): Entry {
  return {
    name, cost,
    async run(runs, seed, path) {
      const counts: Counts = { refused: 0, done: 0 };
      const attempt = await prepare();
      const property = fc.asyncProperty(values, async (value) => {
        if (await attempt(value.make())) counts.done++;
        else counts.refused++;
      });
      await fc.assert(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) });
      return counts;
    },
  };
}

/** The frame that a message is: undefined for what is none. */
function messageOf(value: unknown, opcode?: number, fin = true): Sent | undefined {
  if (typeof value === "string") return [opcode ?? 1, fin, latin1(value)];
  const bytes = bytesOf(value);
  return bytes && [opcode ?? 2, fin, Buffer.from(bytes).toString("latin1")];
}

/** One call, and what came of it: the error, if it threw. */
function attempt(call: () => unknown): { error: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    checkError(error);
    return { error };
  }
}

function sends(role: "client" | "server"): Entry {
  return entry(`send, ${role}`, list(anyValue, anyOrNothing), 1, async () => {
    const { socket, peer } = await openWire(role);
    return async ([value, options]) => {
      const expected = messageOf(value);
      const failed = attempt(() => socket.send(value as string, options as object));
      socket.send("marker");
      await settled();
      const frames = taken(peer);
      equal(frames, failed === undefined ? [expected, MARKER] : [MARKER], "on the wire");
      return failed === undefined;
    };
  });
}

function fragments(role: "client" | "server"): Entry {
  return entry(`sendFragment, ${role}`, list(anyValue, anyValue, anyValue, anyValue), 2, async () => {
    const { socket, peer } = await openWire(role);
    return async ([first, isFinal, second, isFinalToo]) => {
      const pieces = [[first, isFinal], [second, isFinalToo]] as const;
      let kind: "text" | "bytes" | undefined;
      let done = false;
      let said = "";
      for (const [piece, final] of pieces) {
        const expected = messageOf(piece);
        const failed = attempt(() => socket.sendFragment(piece as string, final as boolean));
        if (failed !== undefined) continue;
        done = true;
        kind = final ? undefined : typeof piece === "string" ? "text" : "bytes";
        said += (expected as Sent)[2];
      }
      if (kind !== undefined) socket.sendFragment(kind === "text" ? "" : new Uint8Array(0), true);
      socket.send("marker");
      await settled();
      const frames = taken(peer);
      equal(frames.at(-1), MARKER, "behind it");
      // a character that is cut between two fragments is whole only where it is joined
      const joined = frames.slice(0, -1).map(([, , payload]) => payload).join("");
      if (pieces.some(([piece]) => typeof piece === "string" && /[\ud800-\udfff]/.test(piece))) return done;
      equal(joined, said, "joined");
      equal(frames.slice(0, -1).filter(([, fin], at, all) => fin !== (all[at + 1] === undefined || all[at + 1][0] !== 0)), [], "first and last");
      return done;
    };
  });
}

const pings: Entry = entry("ping", anyValue, 1, async () => {
  const { socket, peer } = await openWire("client");
  return async (value) => {
    void (socket.ping as (value: unknown) => Promise<unknown>)(value); // it takes nothing
    socket.send("marker");
    await settled();
    const [ping, ...rest] = taken(peer);
    equal([ping[0], ping[2].replace(/\d+$/, "")], [9, "ping "], "ping");
    equal(rest, [MARKER], "behind it");
    return true;
  };
});

/** A close code: anything, or one that may be sent. */
const anyCode = fc.oneof(anyValue, oneOf(null, undefined, 1000, 3000, 4999), plain(fc.nat({ max: 5_100 })));

const closes: Entry = entry("close", list(anyCode, fc.oneof(anyOrNothing, plain(fc.string({ unit: "binary", maxLength: 60 })))), 3, async () => {
  let wire: Wire | undefined;
  return async ([code, reason]) => {
    wire ??= await openWire("client");
    const { socket, peer } = wire;
    const failed = attempt(() => void (reason === undefined ? socket.close(code as number) : socket.close(code as number, reason as string)));
    if (failed !== undefined) {
      socket.send("marker");
      await settled();
      equal(taken(peer), [MARKER], "on the wire");
      return false;
    }
    await settled();
    const status = code as number ?? 1000;
    const payload = code === null ? "" : String.fromCharCode(status >> 8, status & 0xff) + latin1(reason as string ?? "");
    equal(taken(peer), [[8, true, payload]], "on the wire");
    peer.reset();
    wire = undefined;
    return true;
  };
});

const compressed: Entry = entry("send, compressed", anyValue, 2, async () => {
  const messages: unknown[] = [];
  const server = victim({ extensions: [permessageDeflate()], message: (_, message) => void messages.push(message), limits: { maxMessage: 4e6 } });
  const clock = new VirtualClock();
  const [one, other] = memoryPair(clock);
  server.acceptor.accept(other);
  const socket = await connectWith(() => Promise.resolve(one), "ws://localhost/", { extensions: [permessageDeflate()] }, clock);
  return async (value) => {
    const expected = messageOf(value);
    const failed = attempt(() => socket.send(value as string));
    socket.send("marker");
    for (let turns = 0; turns < 20 && messages.at(-1) !== "marker"; turns++) await settled();
    const heard = messages.splice(0).map((message) => messageOf(message));
    equal(heard, failed === undefined ? [expected, MARKER] : [MARKER], "delivered");
    return failed === undefined;
  };
});

/** What `connect` sent is one request that can be read in one way only. */
function checkRequest(text: string): void {
  const end = text.indexOf("\r\n\r\n");
  const [start, ...lines] = text.slice(0, end).split("\r\n");
  if (!/^GET [\x21\x22\x24-\x7e]+ HTTP\/1\.1$/.test(start)) throw new Error(`A malformed request line: ${start}`);
  for (const line of lines) if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: (?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/.test(line)) throw new Error(`A malformed line: ${line}`);
  for (const name of ["Host", "Sec-WebSocket-Key", "Upgrade", "Content-Length", "Transfer-Encoding"]) {
    const count = lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)).length;
    if (count !== (name.includes("-Length") || name.includes("Transfer") ? 0 : 1)) throw new Error(`${count} times ${name}`);
  }
}

const goodHeaders = oneOf({ "X-A": "b" }, [["X-A", "b"]], new Headers({ a: "b" }), {}, new Map([["Cookie", "a=b"]]));
const goodLimits = anyOptions({
  maxMessage: oneOf(1e6, Infinity), maxQueued: oneOf(1e6, Infinity), handshakeTimeout: oneOf(5_000, Infinity), pingInterval: oneOf(30_000, Infinity),
  maxHead: oneOf(16_384, Infinity), maxFragments: oneOf(1_000, Infinity), maxHeld: oneOf(1e6, Infinity), closeTimeout: oneOf(5_000),
});
const connectOptions = anyOptions({
  protocols: oneOf("chat", ["chat", "b"], []), headers: goodHeaders, redirects: oneOf(0, 3), limits: goodLimits, signal: oneOf(undefined),
  extensions: oneOf([], [permessageDeflate()]), tls: oneOf({}, { servername: "localhost" }), open: oneOf(undefined), message: oneOf(undefined), error: oneOf(() => {}),
});

const connects: Entry = entry("connect", list(fc.oneof({ weight: 1, arbitrary: anyValue }, { weight: 4, arbitrary: oneOf("ws://localhost/") }), fc.oneof({ weight: 5, arbitrary: connectOptions }, { weight: 1, arbitrary: anyValue })), 4, async () => async ([url, options]) => {
  const clock = new VirtualClock();
  const [client, server] = memoryPair(clock);
  let said = "";
  const peer = new Peer(server, ({ text }) => {
    if (said !== "" || !text.includes("\r\n\r\n")) return;
    said = text;
    peer.write(acceptance(text));
  });
  const connecting = connectWith(() => Promise.resolve(client), url as string, (options ?? {}) as ConnectOptions, clock)
    .then((socket) => ({ socket }), (error: unknown) => ({ error }));
  const outcome = await Promise.race([connecting, settled().then(settled).then(settled).then(async () => {
    await clock.advance(3e9);
    return connecting;
  })]);
  if (said !== "") checkRequest(said);
  if ("error" in outcome) {
    checkError(outcome.error);
    client.destroy();
    return false;
  }
  const failed = attempt(() => outcome.socket.send("marker")); // a limit may be small
  await settled();
  if (outcome.socket.state === "open") equal(taken(peer), failed === undefined ? [MARKER] : [], "on the wire");
  client.destroy();
  return true;
});

const verdicts: fc.Arbitrary<Made> = fc.oneof({ weight: 3, arbitrary: anyValue }, { weight: 4, arbitrary: anyOptions({ status: oneOf(200, 302, 403, 500), headers: goodHeaders, body: oneOf("", "text", new Uint8Array(3)), protocol: oneOf("", "chat"), data: oneOf(1) }) });

const answers: Entry = entry("what the hooks of serve give", list(oneOf("upgrade", "request", "origins", "protocols"), verdicts), 3, async () => async ([hook, value]) => {
  const errors: unknown[] = [];
  const handler = { error: (error: unknown) => void errors.push(error), [hook as string]: hook === "protocols" ? value : () => value };
  let server: ReturnType<typeof victim>;
  try {
    server = victim(handler as object);
  } catch (error) {
    checkError(error);
    return false;
  }
  const { clock, dial } = server;
  const peer = dial();
  const text = request({ lines: ["Sec-WebSocket-Protocol: chat", "Origin: http://localhost"] });
  peer.write(hook === "request" ? text.replace("Upgrade: websocket\r\n", "") : text);
  await settled();
  for (const error of errors) checkError(error);
  if (peer.status === undefined) {
    await clock.advance(10_000); // a promise that never settles is answered when the time is up
    equal(peer.status, 503, "status");
    return false;
  }
  const [head] = peer.text.split("\r\n\r\n");
  for (const line of head.split("\r\n").slice(1)) if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[\t\x20-\x7e\x80-\xff]*$/.test(line)) throw new Error(`A malformed line: ${line}`);
  equal(peer.status === 500 && errors.length === 0 && (value as { status?: unknown } | undefined)?.status !== 500, false, "a 500 that nobody heard of");
  peer.reset();
  return peer.status === 101;
});

const listens: Entry = entry("serve", fc.oneof({ weight: 4, arbitrary: anyOptions({
  port: oneOf(0), hostname: oneOf("127.0.0.1"), tls: oneOf(undefined), unix: oneOf(undefined), limits: goodLimits, protocols: oneOf([], ["chat"]), origins: oneOf("same", "any", []),
  error: oneOf(() => {}), overflow: oneOf(undefined),
}) }, { weight: 1, arbitrary: anyValue }), 5, async () => async (options) => {
  try {
    const { port, unix, hostname = "127.0.0.1" } = { ...options as { port?: unknown; unix?: unknown; hostname?: unknown } };
    if (typeof unix === "string" || (typeof port === "number" && port > 0) || (typeof hostname === "string" && hostname !== "127.0.0.1")) {
      return false; // not on ports and files of the machine's, and no name is looked up
    }
    const server = await serve(options as object);
    await server.close();
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("Cannot listen on ")) return false;
    checkError(error);
    return false;
  }
});

/** The class of the web converts as Web IDL says, and what it converts to is on the wire. */
async function openObject(): Promise<{ object: WebSocket; peer: Peer }> {
  const clock = new VirtualClock();
  const [client, server] = memoryPair(clock);
  const peer = new Peer(server, (each) => {
    if (each.text.endsWith("\r\n\r\n") && each.text.startsWith("GET") && !replied) {
      replied = true;
      peer.write(acceptance(each.text));
    }
  });
  let replied = false;
  const Class = webSocketClass((url, options) => connectWith(() => Promise.resolve(client), url, options, clock));
  const object = new Class("ws://localhost/") as unknown as WebSocket;
  await new Promise((resolve) => object.addEventListener("open", resolve));
  return { object, peer };
}

const webSends: Entry = entry("WebSocket.send", anyValue, 2, async () => {
  const { object, peer } = await openObject();
  return async (value) => {
    let expected: Sent | undefined;
    let thrown = false;
    const isBlob = types.isProxy(value) ? false : value instanceof Blob;
    if (!isBlob) {
      try {
        const isBytes = ArrayBuffer.isView(value) || types.isArrayBuffer(value);
        expected = isBytes ? messageOf(value) ?? [2, true, ""] : messageOf(`${value as string}`); // what was transferred is empty, as the standard says
      } catch {
        thrown = true; // as the conversion does
      }
    }
    let failed: { error: unknown } | undefined;
    try {
      object.send(value as string);
    } catch (error) {
      failed = { error };
      if (!thrown) checkError(error);
    }
    object.send("marker");
    for (let turns = 0; turns < 6; turns++) await settled();
    const frames = taken(peer);
    equal(frames.at(-1), MARKER, "behind it");
    if (isBlob) equal(frames.length, 2, "a blob and the marker");
    else equal(frames.slice(0, -1), failed === undefined ? [expected] : [], "on the wire");
    return failed === undefined;
  };
});

const webCloses: Entry = entry("WebSocket.close", list(anyCode, fc.oneof(anyOrNothing, plain(fc.string({ unit: "binary", maxLength: 60 })))), 4, async () => {
  let wire: Awaited<ReturnType<typeof openObject>> | undefined;
  return async ([code, reason]) => {
    const { object, peer } = wire ??= await openObject();
    try {
      object.close(code as number, reason as string);
    } catch (error) {
      // what the conversion of the program's value throws is the language's own
      if (!(error instanceof TypeError)) checkError(error);
      object.send("marker");
      for (let turns = 0; turns < 3; turns++) await settled();
      equal(taken(peer), [MARKER], "on the wire");
      return false;
    }
    for (let turns = 0; turns < 3; turns++) await settled();
    const frames = taken(peer);
    equal([frames.length, frames[0]?.[0]], [1, 8], "one close frame");
    peer.reset();
    wire = undefined;
    return true;
  };
});

const webConstructs: Entry = entry("new WebSocket", list(fc.oneof(anyValue, oneOf("ws://localhost/")), fc.oneof(anyValue, connectOptions)), 2, async () => async ([url, init]) => {
  let dialled = 0;
  const Class = webSocketClass(() => {
    dialled++;
    return Promise.reject(new Error("Nobody is dialled here"));
  });
  try {
    const object = new Class(url as string, init as string);
    object.close();
    return true;
  } catch (error) {
    if (!(error instanceof TypeError)) checkError(error);
    await settled();
    equal(dialled, 0, "connections of a constructor that threw");
    return false;
  }
});

/** Every entry. */
export const ENTRIES: readonly Entry[] = [
  sends("client"), sends("server"), compressed, fragments("client"), fragments("server"), pings, closes, connects, answers, listens, webSends, webCloses, webConstructs,
];
