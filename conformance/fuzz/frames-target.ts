/**
 * A connection against what its stream means: the same events, the same fault, and each at the same byte under every cut; what it
 * answers is what it must, in well-made frames.
 * @module
 */
import { RandomPool } from "../../core/bytes/random-pool.ts";
import type { Close } from "../../core/websocket/close.ts";
import type { ExtensionSession } from "../../core/websocket/extension.ts";
import type { Role } from "../../core/websocket/frame-parser.ts";
import type { WebSocketHandler } from "../../core/websocket/handler.ts";
import { History } from "../../core/websocket/history.ts";
import { type DeflateCodec, PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { FAULTS } from "../../core/websocket/fault.ts";
import { type Case, equalBytes, frameStarts, piecesOf, remembered, type Target } from "./case.ts";
import { makeStream } from "./frames-grammar.ts";
import { type Heard, type Meaning, readStream, type StreamLimits } from "./frames-model.ts";
import { FrameReader } from "./frames-reader.ts";
import { type Connection, CORE, type Subject } from "./subject.ts";

/** Bit 0 is the role, bits 1 and 2 choose the limits, bits 3 and 4 what the application does. */
const LIMITS: readonly StreamLimits[] = [
  { maxFrame: Number.POSITIVE_INFINITY, maxMessage: 1_048_576, maxFragments: 16_384 },
  { maxFrame: 200, maxMessage: 300, maxFragments: 1_000 },
  { maxFrame: Number.POSITIVE_INFINITY, maxMessage: 70_000, maxFragments: 4 },
  { maxFrame: Number.POSITIVE_INFINITY, maxMessage: Number.POSITIVE_INFINITY, maxFragments: Number.POSITIVE_INFINITY },
];
const PAUSES = 1;
const ECHOES = 2;

/** The role and limits that a case's flags choose. */
export function settings(flags: number): { readonly role: Role; readonly limits: StreamLimits } {
  return { role: (flags & 1) === 1 ? "server" : "client", limits: LIMITS[(flags >> 1) & 3] };
}

/** Streams of frames. */
export const FRAMES: Target = {
  name: "connection",
  group: "frames",
  weight: 24,
  cuttable: true,
  starts: frameStarts,
  make(random) {
    const flags = random.below(32);
    const bytes = makeStream(random, (flags & 1) === 1);
    return { target: "connection", flags, bytes, cuts: random.cuts(bytes.length) };
  },
  check(one, subject, tally) {
    const meaning = meaningOf(one);
    tally.frames += meaning.frames;
    return new Run(one, subject, meaning, one.flags >> 3).problem;
  },
};

/** Streams with compressed messages. Bit 3 of the flags: the application pauses; bit 4: no message refers to another. */
export const COMPRESSED: Target = {
  name: "compressed",
  group: "deflate",
  weight: 4,
  cuttable: true,
  starts: frameStarts,
  make(random) {
    const flags = random.below(32);
    const bytes = makeStream(random, (flags & 1) === 1, (flags & 16) === 0);
    return { target: "compressed", flags, bytes, cuts: random.cuts(bytes.length) };
  },
  check(one, subject, tally) {
    const meaning = compressedMeaningOf(one);
    tally.frames += meaning.frames;
    return new Run(one, subject, meaning, (one.flags >> 3) & PAUSES, startDeflate(one.flags, subject.codec)).problem;
  },
};

const compressedMeaningOf: (one: Case) => Meaning = remembered(({ bytes, flags }) => {
  const { role, limits } = settings(flags);
  const history = new History((flags & 16) === 0 ? 32_768 : 0);
  return readStream(role, bytes, limits, (payload, room) => {
    const message = CORE.codec.inflate(payload, history, room); // the target "inflate" judges it
    if (typeof message !== "string") history.push(message);
    return message;
  });
});

/** The extension as it is after the handshake. */
export function startDeflate(flags: number, codec: DeflateCodec): ExtensionSession {
  const noTakeover = (flags & 16) !== 0;
  const deflate = new PermessageDeflate({ serverNoContextTakeover: noTakeover, clientNoContextTakeover: noTakeover }, codec);
  const chosen = { name: deflate.name, parameters: noTakeover ? NO_TAKEOVER : [] };
  const agreed = (flags & 1) === 1 ? deflate.accept(chosen) : deflate.check(chosen);
  if (agreed === undefined || typeof agreed === "string") throw new Error(`Cannot start permessage-deflate: ${agreed}`);
  return agreed.start();
}

const NO_TAKEOVER = [["server_no_context_takeover", undefined], ["client_no_context_takeover", undefined]] as const;

/** What a case's stream means. */
export const meaningOf: (one: Case) => Meaning = remembered(({ bytes, flags }) => {
  const { role, limits } = settings(flags);
  return readStream(role, bytes, limits);
});

/** One connection and what it is given. */
class Run {
  /** The first thing that was wrong. */
  problem: string | undefined = undefined;
  readonly #meaning: Meaning;
  readonly #connection: Connection;
  readonly #behaviour: number;
  readonly #echoes: Heard[] = [];
  #heard = 0;
  #close: Close | undefined = undefined;

  constructor({ bytes, flags, cuts }: Case, subject: Subject, meaning: Meaning, behaviour: number, extension?: ExtensionSession) {
    const { role, limits } = settings(flags);
    this.#meaning = meaning;
    this.#behaviour = behaviour;
    this.#connection = subject.connection({
      role,
      random: POOL,
      extension,
      limits: { ...limits, maxPendingPongs: Number.POSITIVE_INFINITY, maxHeld: Number.POSITIVE_INFINITY, maxQueued: Number.POSITIVE_INFINITY, pingInterval: Number.POSITIVE_INFINITY },
      handler: this.#handler(),
    });
    const reader = new FrameReader(role === "client");
    const take = (): void => {
      for (const piece of this.#connection.takeOutput(0)) reader.push(piece);
    };
    let fed = 0;
    for (const piece of piecesOf(bytes, cuts)) {
      this.#connection.receive(piece, 0);
      while (this.#connection.paused) this.#connection.resume(0);
      take();
      fed += piece.length;
      this.#checkAt(fed);
      if (this.problem !== undefined) return;
    }
    this.#connection.receiveEnd(0);
    take();
    this.#checkEnd();
    this.#checkOutput(reader);
  }

  #handler(): WebSocketHandler {
    return {
      onText: (text) => this.#hear("text", text),
      onBinary: (data) => this.#hear("binary", data),
      onPing: (data) => this.#hear("ping", data),
      onPong: (data) => this.#hear("pong", data),
      onClose: (close) => {
        if (this.#close !== undefined) this.#wrong("close: onClose was called twice");
        this.#close = close;
      },
    };
  }

  #hear(kind: Heard["kind"], value: string | Uint8Array): void {
    const expected = this.#meaning.heard[this.#heard++] as Heard | undefined;
    if (this.#close !== undefined) this.#wrong(`events: ${kind} was heard behind the close`);
    if (expected === undefined) return this.#wrong(`events: ${kind} was heard, and nothing was said`);
    if (expected.kind !== kind) return this.#wrong(`events: ${kind} was heard where ${expected.kind} was said`);
    const same = typeof value === "string" ? value === decoder.decode(expected.bytes) : equalBytes(value, expected.bytes);
    if (!same) return this.#wrong(`events: a ${kind} of ${expected.bytes.length} bytes came with another content`);
    if (this.#behaviour === PAUSES) this.#connection.pause();
    if (this.#behaviour === ECHOES && (kind === "text" || kind === "binary")) {
      this.#echoes.push(expected);
      if (typeof value === "string") this.#connection.sendText(value);
      else this.#connection.sendBinary(value);
    }
  }

  /** What must be known after this many bytes, and what may not. */
  #checkAt(fed: number): void {
    const { heard, close, fault } = this.#meaning;
    const due = heard[this.#heard] as Heard | undefined;
    const last = heard[this.#heard - 1] as Heard | undefined;
    if (due !== undefined && due.at <= fed) this.#wrong(`position: ${due.kind} was whole at byte ${due.at} and not heard at ${fed}`);
    else if (last !== undefined && last.at > fed) this.#wrong(`position: ${last.kind} was heard at byte ${fed}, before it was whole`);
    const endsAt = (fault ?? close)?.at ?? Number.POSITIVE_INFINITY;
    if ((this.#connection.state === "open") !== fed < endsAt) {
      const what = fault?.name ?? (close === undefined ? "nothing" : "a close frame");
      this.#wrong(`position: after ${fed} bytes it is ${this.#connection.state}, and ${what} is known from ${endsAt} on`);
    }
  }

  #checkEnd(): void {
    const { heard, close, fault } = this.#meaning;
    if (this.#heard !== heard.length) this.#wrong(`events: ${this.#heard} were heard of ${heard.length}`);
    const ended = this.#close;
    if (ended === undefined) return this.#wrong("close: onClose was not called at the end");
    if (ended.fault?.name !== fault?.name) return this.#wrong(`fault: ${ended.fault?.name ?? "none"} in place of ${fault?.name ?? "none"}`);
    const code = close === undefined ? 1006 : codeOf(close.payload);
    const clean = close !== undefined;
    if (ended.code !== code || ended.clean !== clean) this.#wrong(`close: it ended with ${ended.code}, ${ended.clean ? "clean" : "not clean"}, in place of ${code}`);
    if (this.#connection.state !== "closed") this.#wrong(`close: at the end it is ${this.#connection.state}`);
    if (!this.#connection.outputEnded) this.#wrong("close: at the end it still has output");
  }

  /** The answers: a pong for each ping, what was echoed, the close frame; nothing else. */
  #checkOutput(reader: FrameReader): void {
    if (reader.problem !== undefined) return this.#wrong(`output: ${reader.problem}`);
    if (reader.pending > 0) return this.#wrong("output: the last frame is cut");
    let at = 0;
    const next = (opcode: number, payload: Uint8Array): void => {
      const frame = reader.frames[at++];
      if (frame?.opcode !== opcode || !equalBytes(frame.payload, payload)) this.#wrong(`output: frame ${at} is not opcode ${opcode} with what it answers`);
    };
    const { close, fault, heard } = this.#meaning;
    for (const event of heard) {
      if (event.kind === "ping") next(10, event.bytes);
      else if (this.#echoes.includes(event)) next(event.kind === "text" ? 1 : 2, event.bytes);
    }
    if (fault !== undefined) next(8, encoder.encode(`\0\0${FAULTS[fault.name].message}`).with(0, FAULTS[fault.name].code >> 8).with(1, FAULTS[fault.name].code & 255));
    else if (close !== undefined) next(8, close.payload);
    if (at !== reader.frames.length) this.#wrong(`output: ${reader.frames.length} frames, and ${at} are wanted`);
  }

  #wrong(problem: string): void {
    this.problem ??= problem;
  }
}

function codeOf(payload: Uint8Array): number {
  return payload.length === 0 ? 1005 : payload[0] * 256 + payload[1];
}

/** What masks are made from here: never the same twice in a row, and the same in every run. */
export const POOL: RandomPool = new RandomPool((() => {
  let state = 1;
  return (target: Uint8Array): void => {
    for (let at = 0; at < target.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      target[at] = state >>> 24;
    }
  };
})());
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
