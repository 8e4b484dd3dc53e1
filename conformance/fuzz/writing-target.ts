/**
 * What one end sends, the other hears: messages, fragments, pings and a close, for both roles; on the wire every frame is in its shortest
 * form, masked by a client and by it alone, with no reserved bit.
 * @module
 */
import type { ExtensionSession } from "../../core/websocket/extension.ts";
import type { WebSocketHandler } from "../../core/websocket/handler.ts";
import { type Case, equalBytes, type Group, join, piecesOf, type Target } from "./case.ts";
import { POOL, startDeflate } from "./frames-target.ts";
import { FrameReader } from "./frames-reader.ts";
import type { Connection, Subject } from "./subject.ts";

/** Scripts of sends: each step is what to do, how much of it, and of what. Bit 0 of the flags is the sender's role. */
export const WRITING: Target = writing("writing", "frames", 4, false);
/** The same with permessage-deflate; bit 4 of the flags: no message refers to another. */
export const PACKING: Target = writing("packing", "deflate", 2, true);

function writing(name: string, group: Group, weight: number, deflates: boolean): Target {
  const extension = (flags: number, subject: Subject): ExtensionSession | undefined => (deflates ? startDeflate(flags, subject.codec) : undefined);
  return {
    name,
    group,
    weight,
    cuttable: true,
    starts: (bytes) => Array.from({ length: Math.ceil(bytes.length / 3) }, (_, step) => step * 3),
    make(random) {
      const steps = 1 + random.below(random.once(8) ? 200 : 40);
      const bytes = random.bytes(steps * 3);
      for (let at = 0; at < bytes.length; at += 3) {
        bytes[at] = random.below(CLOSES) + (random.once(60) ? 1 : 0);
        if (!random.once(50)) bytes[at + 1] = random.below(140);
        else if (!random.once(10)) bytes[at + 1] = random.below(SIZES_FROM + 5);
      }
      return { target: name, flags: random.below(2) + (deflates ? 16 * random.below(2) : 0), bytes, cuts: random.cuts(bytes.length * 8) };
    },
    check(one, subject, tally) {
      const role = (one.flags & 1) === 1 ? "server" : "client";
      const script = new Script(subject.connection({ role, random: POOL, handler: SILENT, limits: LIMITS, extension: extension(one.flags, subject) }));
      script.run(one.bytes);
      const reader = new FrameReader(role === "client", deflates ? 0x40 : 0);
      for (const piece of script.output) reader.push(piece);
      tally.frames += reader.frames.length;
      if (script.problem !== undefined) return script.problem;
      if (reader.problem !== undefined) return `wire: ${reader.problem}`;
      if (reader.pending > 0) return "wire: the last frame is cut";
      if (reader.frames.length !== script.frames) return `wire: ${reader.frames.length} frames for ${script.frames} sends`;
      return script.begun ? undefined : hear(one, subject, script, extension(one.flags ^ 1, subject));
    },
  };
}

/** The other end, given the output in pieces. */
function hear(one: Case, subject: Subject, script: Script, extension: ExtensionSession | undefined): string | undefined {
  let [at, problem] = [0, undefined as string | undefined];
  const next = (kind: string, value: string | Uint8Array): void => {
    const sent = script.sent[at++] as readonly [string, string | Uint8Array] | undefined;
    const same = sent?.[0] === kind && (typeof value === "string" ? sent[1] === value : equalBytes(sent[1] as Uint8Array, value));
    if (!same) problem ??= `trip: message ${at} came as another ${kind}`;
  };
  const other = subject.connection({
    role: (one.flags & 1) === 1 ? "client" : "server",
    random: POOL,
    limits: LIMITS,
    extension,
    handler: {
      onText: (text) => next("text", text),
      onBinary: (data) => next("binary", data),
      onPing: (data) => next("ping", data),
      onClose: ({ code, reason, clean, fault }) => {
        const [wanted, why] = script.close ?? [1006, ""];
        if (fault !== undefined) problem ??= `trip: what was sent is a fault: ${fault.name}`;
        if (code !== wanted || reason !== why || clean !== (script.close !== undefined)) problem ??= `trip: it ended with ${code} in place of ${wanted}`;
      },
    },
  });
  for (const piece of piecesOf(join(script.output), one.cuts)) other.receive(piece, 0);
  other.receiveEnd(0);
  return problem ?? (at === script.sent.length ? undefined : `trip: ${at} messages came of ${script.sent.length}`);
}

/** Does the steps and notes what the other end is to hear. */
class Script {
  readonly output: Uint8Array[] = [];
  readonly sent: (readonly [kind: string, value: string | Uint8Array])[] = [];
  close: readonly [code: number, reason: string] | undefined = undefined;
  frames = 0;
  problem: string | undefined = undefined;
  readonly #end: Connection;
  #pieces: (string | Uint8Array)[] = [];

  constructor(end: Connection) {
    this.#end = end;
  }

  /** True while a message is not whole. */
  get begun(): boolean {
    return this.#pieces.length > 0;
  }

  run(steps: Uint8Array): void {
    for (let at = 0; at + 3 <= steps.length && this.problem === undefined; at += 3) this.#step(steps[at] % (CLOSES + 1), sizeOf(steps[at + 1]), steps[at + 2]);
    this.output.push(...this.#end.takeOutput(0));
  }

  #step(act: number, size: number, seed: number): void {
    if (act === TAKES) return void this.output.push(...this.#end.takeOutput(0));
    const open = this.close === undefined;
    const first = this.#pieces[0] as string | Uint8Array | undefined;
    if (act === PINGS) {
      const data = bytesOf(Math.min(size, 125), seed);
      return this.#expect(this.#end.ping(data), open, () => this.sent.push(["ping", data]));
    }
    if (act === CLOSES) {
      if (this.begun) return;
      const code = seed % 3 === 0 ? undefined : 3000 + seed;
      const reason = code === undefined ? "" : wellFormed(textOf(size, seed).slice(0, 30));
      return this.#expect(this.#end.close(code, reason), open, () => this.close = [code ?? 1005, reason]);
    }
    const binary = first === undefined ? act % 2 === 1 : typeof first !== "string";
    const value = binary ? bytesOf(size, seed) : textOf(size, seed);
    if (act < FRAGMENTS && first === undefined) {
      const taken = binary ? this.#end.sendBinary(value as Uint8Array) : this.#end.sendText(value as string);
      return this.#expect(taken, open, () => this.sent.push([binary ? "binary" : "text", typeof value === "string" ? wellFormed(value) : value]));
    }
    const final = act < FRAGMENTS;
    return this.#expect(this.#end.sendFragment(value, final), open, () => {
      this.#pieces.push(value);
      if (!final) return;
      const whole = binary ? join(this.#pieces as Uint8Array[]) : wellFormed(this.#pieces.join(""));
      this.sent.push([binary ? "binary" : "text", whole]);
      this.#pieces = [];
    });
  }

  #expect(taken: boolean, open: boolean, note: () => void): void {
    if (taken !== open) this.problem = `send: it returned ${taken} while ${open ? "open" : "closing"}`;
    if (taken) this.frames++;
    if (taken) note();
  }
}

/** What a step does: 0 to 3 send or end a message, 4 and 5 a fragment of one. */
const FRAGMENTS = 4;
const PINGS = 6;
const TAKES = 7;
const CLOSES = 8;
const SIZES_FROM = 200;
const SIZES = [125, 126, 127, 255, 256, 65_535, 65_536, 65_537, 16_384, 16_385, 70_000];

/** Sizes are written as one byte: small ones as they are, then those where the form or the way changes. */
function sizeOf(byte: number): number {
  return byte < SIZES_FROM ? byte : SIZES[(byte - SIZES_FROM) % SIZES.length];
}

function bytesOf(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => seed + at * 31);
}

/** Text with characters of each length, and halves of characters that a cut may have parted. */
function textOf(size: number, seed: number): string {
  let text = "";
  for (let at = 0; text.length < size; at++) text += LETTERS[(seed + at * 7) % LETTERS.length];
  return text.slice(0, size);
}

/** With U+FFFD for each lone surrogate. */
function wellFormed(text: string): string {
  return decoder.decode(encoder.encode(text));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const LETTERS = ["a", "é", "€", "😀", "\ud83d", "\ude00", "\0", "\ufeff", "b", "c", "\u{10ffff}"];
const LIMITS = { maxQueued: Number.POSITIVE_INFINITY, maxMessage: Number.MAX_SAFE_INTEGER, maxFragments: Number.POSITIVE_INFINITY, maxPendingPongs: Number.POSITIVE_INFINITY };
const SILENT: WebSocketHandler = { onText: () => {}, onBinary: () => {}, onClose: () => {} };
