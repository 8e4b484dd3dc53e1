import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closing, concat, cut, everySplit, frame, masked, pattern } from "../testing/frames.ts";
import { End, type Heard, Pipe } from "../testing/pair.ts";
import { FAULTS } from "./fault.ts";
import type { Role } from "./frame-parser.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";

const MAKE = { client: frame, server: masked };
const anyRole = fc.constantFrom<Role>("client", "server");
const anyCuts = fc.array(fc.nat(), { maxLength: 6 });
const anyPayload = fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.constantFrom(pattern(125), pattern(126), pattern(300)), fc.string({ unit: "binary", maxLength: 4 }).map((text) => Buffer.from(text)));
/** A frame that may be good or break a rule. */
const anyParts = fc.record({
  opcode: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) }, { weight: 1, arbitrary: fc.nat({ max: 15 }) }),
  payload: fc.oneof(anyPayload, fc.constantFrom(closing(1000), closing(4000, "x"), closing(1005))),
  fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  rsv: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(0x10, 0x40) }),
});

function stream(role: Role, frames: readonly { opcode: number; payload: Uint8Array; fin: boolean; rsv: number }[]): Uint8Array {
  return concat(frames.map(({ opcode, payload, fin, rsv }) => MAKE[role](opcode, payload, { fin, rsv })));
}

/** Frames, garbage, or frames with some bytes changed, as the end of that role receives them. */
const anyInput = fc.tuple(anyRole, fc.array(anyParts, { maxLength: 6 }), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), fc.uint8Array({ maxLength: 20 }), fc.nat({ max: 3 }))
  .map(([role, frames, changes, garbage, kind]) => {
    const bytes = kind === 3 ? garbage.slice() : stream(role, frames);
    if (kind === 2) for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return { role, bytes };
  });

interface Told {
  readonly heard: readonly Heard[];
  readonly output: number[];
  readonly state: string;
}

/** What an end hears and sends when it receives the pieces and then the end of them. */
function tell(role: Role, pieces: readonly Uint8Array[], options: { limits?: Partial<Limits>; takes?: boolean; during?: (heard: Heard, end: End) => void } = {}): Told {
  const end = new End(role, options.limits, options.during);
  const output: number[] = [];
  for (const piece of pieces) {
    end.connection.receive(piece, 0);
    if (options.takes) output.push(...end.take());
  }
  while (end.connection.paused) end.connection.resume(0);
  const { state } = end.connection;
  output.push(...end.take());
  end.connection.receiveEnd(0);
  expect(end.take().length).toBe(0);
  return { heard: end.heard, output, state };
}

describe("any input", () => {
  it("does not make receive throw, and any split of it tells the same story and gives the same output", () => {
    fc.assert(fc.property(anyInput, anyCuts, fc.boolean(), ({ role, bytes }, offsets, takes) => {
      const whole = tell(role, [bytes]);
      expect(tell(role, cut(bytes, offsets), { takes })).toEqual(whole);
      expect(tell(role, Array.from(bytes, (byte) => Uint8Array.of(byte)), { takes })).toEqual(whole);
      expect(whole.heard[whole.heard.length - 1][0]).toBe("close");
    }), { numRuns: 600 });
  });

  it("tells the same story at every split in two, also when the handler answers or pauses", () => {
    const answers = (heard: Heard, { connection }: End): void => void connection.sendText(heard[0]);
    const pauses = (_: Heard, { connection }: End): void => connection.pause();
    fc.assert(fc.property(anyInput, ({ role, bytes }) => {
      fc.pre(bytes.length <= 60);
      const answered = tell(role, [bytes], { during: answers });
      const { heard } = tell(role, [bytes]);
      for (const pieces of everySplit(bytes)) {
        expect(tell(role, pieces, { during: answers })).toEqual(answered);
        expect(tell(role, pieces, { during: pauses }).heard).toEqual(heard);
      }
    }), { numRuns: 100 });
  });

  it("is never written to", () => {
    fc.assert(fc.property(anyInput, anyCuts, ({ role, bytes }, offsets) => {
      const pieces = cut(bytes, offsets);
      tell(role, pieces);
      expect(concat(pieces)).toEqual(bytes);
    }));
  });

  it("leaves output under its limits, though nothing is ever taken", () => {
    fc.assert(fc.property(anyInput, anyCuts, fc.nat({ max: 3 }), ({ role, bytes }, offsets, maxPendingPongs) => {
      const { connection } = new End(role, { maxPendingPongs });
      for (let i = 0; i < 5; i++) for (const piece of cut(bytes, offsets)) connection.receive(piece, 0);
      const one = role === "client" ? 131 : 127;
      expect(connection.bufferedAmount).toBeLessThanOrEqual((maxPendingPongs + 1) * one); // and a close frame
    }));
  });

  it("leaves what is held under its limit, though it is never resumed", () => {
    fc.assert(fc.property(anyRole, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (role, pieces) => {
      const end = new End(role, { maxHeld: 100 });
      end.connection.pause();
      let length = 0;
      for (const piece of pieces) {
        length += piece.length;
        end.connection.receive(piece, 0);
        expect(end.connection.state).toBe(length > 100 ? "closing" : "open");
        if (length > 100) break;
      }
      end.connection.handleTimeout(0);
      end.connection.handleTimeout(1e9);
      expect(end.close?.fault).toBe(length > 100 ? FAULTS.heldInput : undefined);
    }));
  });
});

describe("connections that are alike", () => {
  it("tell the same stories side by side, and inside each other's handlers, as each alone", () => {
    const answer = (heard: Heard, { connection }: End): void => void connection.sendText(heard[0]);
    const anyOne = fc.record({ input: anyInput, cuts: anyCuts }); // servers share what they read and write with
    const anyTurn = fc.record({ whose: fc.nat({ max: 3 }), act: fc.constantFrom("receive", "receive", "take") });
    fc.assert(fc.property(fc.array(anyOne, { minLength: 2, maxLength: 4 }), fc.array(anyTurn, { maxLength: 40 }), fc.array(fc.nat({ max: 3 }), { maxLength: 20 }), (ones, turns, nested) => {
      const inside = [...nested];
      const all = ones.map(({ input: { role, bytes }, cuts }) => {
        const one = {
          pieces: cut(bytes, cuts),
          output: [] as number[],
          isBusy: false,
          end: new End(role, DEFAULT_LIMITS, (heard, end) => {
            answer(heard, end);
            const other = inside.pop();
            if (other !== undefined) receive(other);
          }),
        };
        return one;
      });
      const receive = (whose: number): void => {
        const one = all[whose % all.length];
        const piece = one.isBusy ? undefined : one.pieces.shift();
        if (piece === undefined) return;
        one.isBusy = true;
        one.end.connection.receive(piece, 0);
        one.isBusy = false;
      };
      const take = (one: typeof all[number]): void => void one.output.push(...one.end.take());
      for (const { whose, act } of turns) {
        if (act === "take") take(all[whose % all.length]);
        else receive(whose);
      }
      for (const [whose, one] of all.entries()) {
        while (one.pieces.length > 0) receive(whose);
        take(one);
        const { state } = one.end.connection;
        one.end.connection.receiveEnd(0);
        const { input: { role, bytes }, cuts } = ones[whose];
        expect({ heard: one.end.heard, output: one.output, state }).toEqual(tell(role, cut(bytes, cuts), { takes: true, during: answer }));
      }
    }), { numRuns: 400 });
  });
});

type Step = readonly [side: number, act: string, count: number];

const anyStep = fc.tuple(
  fc.nat({ max: 1 }),
  fc.oneof(
    { weight: 6, arbitrary: fc.constant("move") },
    { weight: 6, arbitrary: fc.constantFrom("text", "binary", "fragment", "last", "ping") },
    { weight: 2, arbitrary: fc.constantFrom("pause", "resume") },
    { weight: 1, arbitrary: fc.constantFrom("close", "closeEmpty") },
  ),
  fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(125, 126, 1000)),
);

/** A client and a server back to back. */
class Pair {
  readonly ends: readonly [End, End] = [new End("client"), new End("server")];
  /** What each side was let send, as the other should hear it. */
  readonly accepted: [Heard[], Heard[]] = [[], []];
  /** Pipe 0 leads from the client to the server. */
  readonly #pipes: readonly [Pipe, Pipe] = [new Pipe(this.ends[0], this.ends[1]), new Pipe(this.ends[1], this.ends[0])];
  readonly #fragments: [string | undefined, string | undefined] = [undefined, undefined];

  run(steps: readonly Step[]): void {
    for (const [side, act, count] of steps) this.#step(side, act, count);
  }

  /** Moves everything until nothing moves. */
  settle(): void {
    for (const { connection } of this.ends) connection.resume(0);
    while (this.#pipes[0].move(7) || this.#pipes[1].move(5)) { /* one more */ }
  }

  /** Loses all that is on its way. */
  cut(): void {
    for (const pipe of this.#pipes) pipe.cut();
  }

  #step(side: number, act: string, count: number): void {
    const { connection } = this.ends[side];
    const accepted = this.accepted[side];
    const text = "é".repeat(count);
    const begun = this.#fragments[side];
    if (act === "move") this.#pipes[side].move(count + 1);
    else if (act === "pause") connection.pause();
    else if (act === "resume") connection.resume(0);
    else if (act === "close") connection.close(3000 + side, text.slice(0, 61));
    else if (act === "closeEmpty") connection.close();
    else if (act === "ping") {
      if (connection.ping(pattern(Math.min(count, 125)))) accepted.push(["ping", [...pattern(Math.min(count, 125))]]);
    } else if (act === "fragment" || act === "last") {
      if (!connection.sendFragment(text, act === "last")) return;
      this.#fragments[side] = act === "last" ? undefined : (begun ?? "") + text;
      if (act === "last") accepted.push(["text", (begun ?? "") + text]);
    } else if (begun === undefined) {
      if (act === "text" && connection.sendText(text)) accepted.push(["text", text]);
      if (act === "binary" && connection.sendBinary(pattern(count))) accepted.push(["binary", [...pattern(count)]]);
    }
  }
}

/** What an end heard but pongs and the close. */
function said(end: End): Heard[] {
  return end.heard.filter(([name]) => name !== "pong" && name !== "close");
}

function closes({ ends }: Pair): number[] {
  return ends.map(({ heard }) => heard.filter(([name]) => name === "close").length);
}

describe("a client and a server back to back", () => {
  it("hear all that the other was let send, in order, and agree on a clean end", () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 40 }), fc.nat({ max: 1 }), (steps, closer) => {
      const pair = new Pair();
      pair.run(steps);
      pair.ends[closer].connection.close(1000, "done");
      pair.settle();
      const [client, server] = pair.ends;
      expect(closes(pair)).toEqual([1, 1]);
      expect(said(server)).toEqual(pair.accepted[0]);
      expect(said(client)).toEqual(pair.accepted[1]);
      for (const [one, other] of [[client, server], [server, client]]) {
        expect(one.close).toMatchObject({ clean: true, fault: undefined });
        expect(one.close?.received).toEqual(other.close?.sent);
        expect(one.close?.code).toBe(other.close?.sent?.code);
        expect(one.connection.state).toBe("closed");
        expect(one.connection.outputEnded).toBe(true);
      }
    }), { numRuns: 500 });
  });

  it("agree on how it ended even when the transport is lost at any moment", () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const pair = new Pair();
      pair.run(steps);
      pair.cut();
      const [client, server] = pair.ends;
      expect(closes(pair)).toEqual([1, 1]);
      for (const [one, other, accepted] of [[client, server, pair.accepted[1]], [server, client, pair.accepted[0]]] as const) {
        expect(said(one)).toEqual(accepted.slice(0, said(one).length));
        expect(one.close?.fault).toBeUndefined();
        if (one.close?.received === undefined) expect(one.close).toMatchObject({ code: 1006, reason: "", clean: false });
        else expect(one.close.received).toEqual(other.close?.sent);
        expect(one.close?.clean).toBe(one.close?.sent !== undefined && one.close.received !== undefined);
      }
      const [a, b] = pair.ends.map(({ close }) => close);
      if (a?.received !== undefined && b?.received !== undefined) expect([a.clean, b.clean]).toEqual([true, true]);
    }), { numRuns: 500 });
  });

  it("end by their deadlines when the transport stalls at any moment, and onClose comes once", () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const pair = new Pair();
      pair.run(steps);
      for (const { connection } of pair.ends) {
        connection.close(1000);
        connection.handleTimeout(0);
        connection.takeOutput(0);
        connection.handleTimeout(connection.deadline);
        expect(connection.state).toBe("closed");
        expect(connection.deadline).toBe(Number.POSITIVE_INFINITY);
      }
      expect(closes(pair)).toEqual([1, 1]);
    }), { numRuns: 200 });
  });
});
