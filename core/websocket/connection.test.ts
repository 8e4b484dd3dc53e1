import { describe, expect, it } from "vitest";
import { closing, concat, everySplit, frame, masked, pattern, utf8 } from "../testing/frames.ts";
import { countingPool, End, type Heard } from "../testing/pair.ts";
import { type WebSocketHandler, WebSocketConnection } from "./connection.ts";
import { FAULTS, type FaultName } from "./fault.ts";
import type { Role } from "./frame-parser.ts";
import type { Limits } from "./limits.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** Each end, and how its peer makes frames. */
const ENDS = [["client", frame], ["server", masked]] as const;
const FIRST = { fin: false };

function thrown(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
}

/** The frames an end queued, as opcode and text; a close frame's code as a number before its reason. */
function sent(end: End, now = 0): string[] {
  return end.frames(now).map(({ opcode, payload }) => {
    const bytes = Uint8Array.from(payload);
    if (opcode !== 8 || bytes.length === 0) return `${opcode} ${Buffer.from(bytes).toString()}`.trim();
    return `8 ${bytes[0] * 256 + bytes[1]} ${Buffer.from(bytes.slice(2)).toString()}`.trim();
  });
}

function told(fault: FaultName): string {
  return `8 ${FAULTS[fault].code} ${FAULTS[fault].message}`;
}

function names(end: End): string[] {
  return end.heard.map(([name]) => name);
}

/** An end that has received the pieces. */
function received(role: Role, pieces: readonly Uint8Array[], limits?: Partial<Limits>, during?: (heard: Heard, end: End) => void): End {
  const end = new End(role, limits, during);
  for (const piece of pieces) end.connection.receive(piece, 0);
  return end;
}

describe.each(ENDS)("a %s", (role, make) => {
  it("is open at first, with nothing to send and nothing wrong", () => {
    const { connection } = new End(role);
    const { state, bufferedAmount, outputEnded, paused } = connection;
    expect({ state, bufferedAmount, outputEnded, paused }).toEqual({ state: "open", bufferedAmount: 0, outputEnded: false, paused: false });
    expect(connection.takeOutput(0)).toEqual([]);
    expect(connection.takeOutput(0)).toBe(connection.takeOutput(0));
  });

  describe("messages", () => {
    it("text, binary and fragments are sent as frames (5.6)", () => {
      const end = new End(role);
      const { connection } = end;
      expect(connection.sendText("a")).toBe(true);
      expect(connection.sendBinary(utf8("b"))).toBe(true);
      expect(connection.sendFragment("c", false)).toBe(true);
      expect(connection.ping(utf8("d"))).toBe(true);
      expect(connection.ping()).toBe(true);
      expect(connection.sendFragment("e", true)).toBe(true);
      expect(connection.bufferedAmount).toBe(role === "client" ? 41 : 17);
      const frames = end.frames();
      expect(frames.map(({ opcode, fin, payload }) => [opcode, fin, Buffer.from(payload).toString()]))
        .toEqual([[1, true, "a"], [2, true, "b"], [1, false, "c"], [9, true, "d"], [9, true, ""], [0, true, "e"]]);
      expect(frames.every((each) => each.masked === (role === "client"))).toBe(true);
      expect(connection.bufferedAmount).toBe(0);
    });

    it("are heard in order, however the bytes are cut", () => {
      const bytes = concat([
        make(1, "a"), make(9, "p"), make(2, utf8("b"), FIRST), make(10, "q"), make(9), make(0, "c"), make(1, "\ufeffé"), make(8, closing(1001, "bye")), make(1, "x"),
      ]);
      for (const pieces of everySplit(bytes)) {
        const end = received(role, pieces);
        expect(end.heard).toEqual([["text", "a"], ["ping", [112]], ["pong", [113]], ["ping", []], ["binary", [98, 99]], ["text", "\ufeffé"]]);
        expect(sent(end)).toEqual(["10 p", "10", "8 1001 bye"]);
        end.connection.receiveEnd(0);
        expect(end.close).toEqual({ code: 1001, reason: "bye", clean: true, sent: { code: 1001, reason: "bye" }, received: { code: 1001, reason: "bye" }, fault: undefined });
      }
    });

    it("binary ones are the handler's own: changing the input later changes nothing, and the input is never written to", () => {
      const kept: Uint8Array[] = [];
      const handler: WebSocketHandler = {
        onText: () => {},
        onBinary: (data) => void kept.push(data),
        onPing: (data) => void kept.push(data),
        onPong: (data) => void kept.push(data),
        onClose: () => {},
      };
      const connection = new WebSocketConnection({ role, handler, random: countingPool() });
      const bytes = concat([make(2, pattern(200)), make(2, pattern(3)), make(9, pattern(4)), make(10, pattern(5))]);
      const input = bytes.slice();
      connection.receive(input, 0);
      expect(input).toEqual(bytes);
      input.fill(0);
      expect(kept).toEqual([pattern(200), pattern(3), pattern(4), pattern(5)]);
    });

    it("past maxQueued are refused with a RangeError, and what was accepted stays", () => {
      const end = new End(role, { maxQueued: 20 });
      const { connection } = end;
      connection.sendText("0123456789");
      for (const send of [() => connection.sendText("0123456789a"), () => connection.sendBinary(pattern(11)), () => connection.sendFragment(pattern(11), true)]) {
        expect(thrown(send)).toBeInstanceOf(RangeError);
      }
      expect(sent(end)).toEqual(["1 0123456789"]);
      expect(connection.state).toBe("open");
    });

    it("only the limits that are named differ from the defaults", () => {
      expect(received(role, [make(1, "abcdef")], { maxMessage: 5 }).connection.state).toBe("closing");
      expect(received(role, [make(1, "abcde")], { maxMessage: 5 }).connection.state).toBe("open");
      expect(received(role, [make(2, "", { length: 1_048_577n })]).connection.state).toBe("closing");
      expect(received(role, [make(2, "", { length: 1_048_576n })], {}).connection.state).toBe("open");
    });

    it("a handler without onPing and onPong is served all the same", () => {
      const texts: string[] = [];
      const handler: WebSocketHandler = { onText: (text) => void texts.push(text), onBinary: () => {}, onClose: () => {} };
      const connection = new WebSocketConnection({ role, handler, random: countingPool() });
      connection.receive(concat([make(9, "p"), make(10, "q"), make(1, "a")]), 0);
      expect(texts).toEqual(["a"]);
      expect(connection.takeOutput(0).length).toBe(1);
      expect(connection.state).toBe("open");
    });

    it("a handler may be an object whose methods need it", () => {
      class Counter implements WebSocketHandler {
        count = 0;
        onText(): void {
          this.count++;
        }
        onBinary(): void {
          this.count++;
        }
        onPing(): void {
          this.count++;
        }
        onPong(): void {
          this.count++;
        }
        onClose(): void {
          this.count++;
        }
      }
      const handler = new Counter();
      const connection = new WebSocketConnection({ role, handler, random: countingPool() });
      connection.receive(concat([make(1), make(2), make(9), make(10)]), 0);
      connection.receiveEnd(0);
      expect(handler.count).toBe(5);
    });
  });

  describe("pings", () => {
    it("a ping is answered with a pong of the same payload (5.5.2)", () => {
      for (const payload of ["", "x", "y".repeat(125)]) expect(sent(received(role, [make(9, payload)]))).toEqual([`10 ${payload}`.trim()]);
    });

    it("ten pings in one chunk give ten pongs in order (5.5.2)", () => {
      const pings = Array.from({ length: 10 }, (_, i) => make(9, `p${i}`));
      expect(sent(received(role, [concat(pings)]))).toEqual(Array.from({ length: 10 }, (_, i) => `10 p${i}`));
    });

    it("a ping is answered before the handler hears of it, so its answers come behind", () => {
      const end = received(role, [make(9, "p")], {}, (_, { connection }) => connection.sendText("a"));
      expect(sent(end)).toEqual(["10 p", "1 a"]);
    });

    it("past maxPendingPongs only the latest is answered (5.5.3)", () => {
      const end = received(role, ["a", "b", "c", "d", "e"].map((text) => make(9, text)), { maxPendingPongs: 2 });
      expect(sent(end)).toEqual(["10 a", "10 b", "10 e"]);
      expect(sent(end)).toEqual([]);
      for (const text of ["f", "g", "h"]) end.connection.receive(make(9, text), 0);
      expect(sent(end)).toEqual(["10 f", "10 g", "10 h"]);
      expect(names(end)).toEqual(new Array(8).fill("ping"));
    });

    it("the latest ping is answered with what came, whatever the handler does to its payload", () => {
      const handler: WebSocketHandler = { onText: () => {}, onBinary: () => {}, onPing: (data) => void data.fill(0), onClose: () => {} };
      const connection = new WebSocketConnection({ role: "server", handler, random: countingPool(), limits: { maxPendingPongs: 0 } });
      connection.receive(masked(9, "abc"), 0);
      expect(concat(connection.takeOutput(0))).toEqual(frame(10, "abc"));
    });

    it("without maxPendingPongs each is answered", () => {
      const end = received(role, Array.from({ length: 1000 }, () => make(9, "p")), { maxPendingPongs: NEVER });
      expect(sent(end).length).toBe(1000);
    });

    it("the answer to the latest is not sent behind a close frame of ours (5.5.1)", () => {
      const end = received(role, [make(9, "a")], { maxPendingPongs: 0 });
      end.connection.close(1000);
      expect(sent(end)).toEqual(["8 1000"]);
    });

    it("the answer to the latest is not sent once the connection has ended", () => {
      const end = received(role, [make(9, "a")], { maxPendingPongs: 0 });
      end.connection.receiveEnd(0);
      expect(sent(end)).toEqual([]);
      expect(end.connection.outputEnded).toBe(true);
    });

    it("are not answered once we have sent a close frame, but still heard (5.5.1)", () => {
      const end = new End(role);
      end.connection.close(1000);
      end.connection.receive(make(9, "p"), 0);
      expect(sent(end)).toEqual(["8 1000"]);
      expect(end.heard).toEqual([["ping", [112]]]);
    });

    it("of ours carry 125 bytes at most (5.5)", () => {
      const end = new End(role);
      expect(end.connection.ping(pattern(125))).toBe(true);
      const error = thrown(() => end.connection.ping(pattern(126)));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toBe("Cannot ping with 126 bytes: a control frame carries at most 125");
      expect(end.frames().map(({ opcode, payload }) => [opcode, payload])).toEqual([[9, [...pattern(125)]]]);
    });

    it("an unasked pong is heard and not answered (5.5.3)", () => {
      const end = received(role, [make(10, "p")]);
      expect(end.heard).toEqual([["pong", [112]]]);
      expect(sent(end)).toEqual([]);
    });
  });

  describe("closing", () => {
    it.each([
      ["its code and reason", closing(3001, "why"), { code: 3001, reason: "why" }],
      ["its code", closing(1000), { code: 1000, reason: "" }],
      ["nothing", new Uint8Array(0), { code: 1005, reason: "" }],
    ])("the peer's close frame is answered with %s (5.5.1, 7.1.5)", (_, payload, status) => {
      const end = received(role, [make(8, payload)]);
      expect(end.connection.state).toBe("closing");
      expect(names(end)).toEqual([]);
      expect(end.frames().map(({ opcode, payload: answer }) => [opcode, answer])).toEqual([[8, [...payload]]]);
      end.connection.receiveEnd(0);
      expect(end.close).toEqual({ ...status, clean: true, sent: status, received: status, fault: undefined });
      expect(end.connection.state).toBe("closed");
    });

    it("our close frame is awaited an answer, and messages still come until then (5.5.1)", () => {
      const end = new End(role);
      expect(end.connection.close(4000, "done")).toBe(true);
      expect(end.connection.state).toBe("closing");
      expect(sent(end)).toEqual(["8 4000 done"]);
      expect(end.connection.outputEnded).toBe(false);
      end.connection.receive(concat([make(1, "late"), make(8, closing(1000, "ok"))]), 0);
      expect(sent(end)).toEqual([]);
      expect(end.connection.outputEnded).toBe(role === "server");
      end.connection.receiveEnd(0);
      expect(end.heard).toEqual([["text", "late"], ["close", {
        code: 1000, reason: "ok", clean: true, sent: { code: 4000, reason: "done" }, received: { code: 1000, reason: "ok" }, fault: undefined,
      }]]);
    });

    it("without a code sends an empty close frame, known as 1005 (7.1.5)", () => {
      const end = new End(role);
      end.connection.close();
      expect(end.frames()).toMatchObject([{ opcode: 8, payload: [] }]);
      end.connection.receiveEnd(0);
      expect(end.close).toEqual({ code: 1006, reason: "", clean: false, sent: { code: 1005, reason: "" }, received: undefined, fault: undefined });
    });

    it("the peer's end without a close frame is 1006 and not clean (7.1.5)", () => {
      const end = new End(role);
      end.connection.sendText("a");
      end.connection.receiveEnd(0);
      expect(end.close).toEqual({ code: 1006, reason: "", clean: false, sent: undefined, received: undefined, fault: undefined });
      expect(end.connection.state).toBe("closed");
      expect(end.connection.outputEnded).toBe(false);
      expect(sent(end)).toEqual(["1 a"]);
      expect(end.connection.outputEnded).toBe(true);
    });

    it("once ours is sent, nothing more is, and every sender says so (5.5.1)", () => {
      const end = new End(role);
      const { connection } = end;
      connection.close(1000);
      expect([connection.sendText("a"), connection.sendBinary(pattern(1)), connection.sendFragment("a", true), connection.ping(), connection.close(1001)])
        .toEqual([false, false, false, false, false]);
      expect(sent(end)).toEqual(["8 1000"]);
    });

    it("a message sent in fragments may be left unfinished (5.4)", () => {
      const end = new End(role);
      end.connection.sendFragment("a", false);
      end.connection.close(1001);
      expect(sent(end)).toEqual(["1 a", "8 1001"]);
    });

    it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])("the code %i may not be sent, and not received (7.4)", (code) => {
      const end = new End(role);
      expect(thrown(() => end.connection.close(code))).toBeInstanceOf(RangeError);
      expect(end.connection.state).toBe("open");
      end.connection.receive(make(8, closing(code)), 0);
      expect(sent(end)).toEqual([told("invalidCloseCode")]);
      end.connection.receiveEnd(0);
      expect(end.close).toMatchObject({ code: 1006, clean: false, received: undefined, fault: FAULTS.invalidCloseCode });
    });

    it("a code that may not be sent throws even when not open", () => {
      const end = new End(role);
      end.connection.close(1000);
      expect(thrown(() => end.connection.close(1005)).message).toBe("Cannot close with code 1005: reserved for local use");
      expect(thrown(() => end.connection.ping(pattern(126)))).toBeInstanceOf(RangeError);
    });

    it("a reason carries 123 bytes at most (5.5)", () => {
      const end = new End(role);
      expect(thrown(() => end.connection.close(1000, "x".repeat(124))).message).toBe("Cannot close with a reason of 124 bytes: a close frame carries at most 123");
      expect(end.connection.close(1000, "x".repeat(123))).toBe(true);
      expect(sent(end)).toEqual([`8 1000 ${"x".repeat(123)}`]);
    });

    it("nothing behind a close frame is read, in its chunk or later (5.5.1)", () => {
      const end = received(role, [concat([make(1, "a"), make(8, closing(1000)), make(1, "b"), make(9)]), make(1, "c"), frame(3)]);
      expect(end.heard).toEqual([["text", "a"]]);
      expect(sent(end)).toEqual(["8 1000"]);
      end.connection.receiveEnd(0);
      expect(end.close).toMatchObject({ clean: true, fault: undefined });
    });

    it("a broken rule behind a close frame does not count", () => {
      const end = received(role, [concat([make(8), frame(3)])]);
      end.connection.receiveEnd(0);
      expect(end.close).toMatchObject({ clean: true, fault: undefined });
    });

    it("both may close at once (7.1.4)", () => {
      const end = new End(role);
      end.connection.close(1000, "mine");
      end.connection.receive(make(8, closing(1001, "theirs")), 0);
      end.connection.receiveEnd(0);
      expect(sent(end)).toEqual(["8 1000 mine"]);
      expect(end.close).toEqual({
        code: 1001, reason: "theirs", clean: true, sent: { code: 1000, reason: "mine" }, received: { code: 1001, reason: "theirs" }, fault: undefined,
      });
    });

    it("the server ends its output first after both close frames, the client waits for the end (7.1.1)", () => {
      const end = received(role, [make(8)]);
      expect(end.connection.outputEnded).toBe(false);
      end.take();
      expect(end.connection.outputEnded).toBe(role === "server");
      end.connection.receiveEnd(0);
      expect(end.connection.outputEnded).toBe(true);
    });

    it("onClose comes once, whatever comes behind", () => {
      const end = new End(role);
      end.connection.receiveEnd(0);
      end.connection.receiveEnd(0);
      end.connection.receive(make(1, "a"), 0);
      end.connection.resume(0);
      end.connection.handleTimeout(1e9);
      end.connection.handleTimeout(2e9);
      expect(names(end)).toEqual(["close"]);
      expect(end.connection.close()).toBe(false);
      expect(end.connection.deadline).toBe(NEVER);
    });
  });

  describe("faults (7.1.7)", () => {
    it.each<[FaultName, Uint8Array]>([
      ["reservedBits", make(1, "x", { rsv: 0x40 })],
      ["reservedOpcode", make(3)],
      ["fragmentedControl", make(9, "", FIRST)],
      ["longControl", make(9, pattern(126))],
      [role === "client" ? "maskedFrame" : "unmaskedFrame", (role === "client" ? masked : frame)(1, "x")],
      ["longLengthForm", make(2, "abc", { form: 16 })],
      ["longLengthForm", make(2, pattern(200), { form: 64 })],
      ["lengthTopBit", make(2, "", { length: 2n ** 63n })],
      ["strayContinuation", make(0, "x")],
      ["unfinishedMessage", concat([make(1, "x", FIRST), make(1, "y")])],
      ["invalidUtf8", make(1, Uint8Array.of(0xff))],
      ["invalidUtf8", make(8, Uint8Array.of(3, 0xe8, 0xff))],
      ["shortClose", make(8, "x")],
      ["invalidCloseCode", make(8, closing(1006))],
      ["largeMessage", make(2, "", { length: 1_048_577n })],
      ["largeMessage", make(2, "", { length: 2n ** 32n + 5n })],
    ])("%s: what came before is delivered and answered, what comes behind is not read", (fault, bad) => {
      const stream = concat([make(1, "a"), make(9, "p"), bad, make(1, "z"), make(9, "q")]);
      for (const pieces of [[stream], Array.from(stream, (byte) => Uint8Array.of(byte))]) {
        const end = received(role, pieces);
        expect(end.connection.state).toBe("closing");
        expect(end.connection.outputEnded).toBe(false);
        expect(sent(end)).toEqual(["10 p", told(fault)]);
        expect(end.connection.outputEnded).toBe(true);
        expect(end.connection.sendText("x")).toBe(false);
        end.connection.receive(make(8, closing(1000)), 0);
        end.connection.receiveEnd(0);
        expect(end.heard).toEqual([["text", "a"], ["ping", [112]], ["close", {
          code: 1006, reason: "", clean: false, sent: { code: FAULTS[fault].code, reason: FAULTS[fault].message }, received: undefined, fault: FAULTS[fault],
        }]]);
      }
    });

    it("text is refused at its first impossible byte, in the middle of a frame (8.1)", () => {
      const end = new End(role);
      const bytes = make(1, Uint8Array.of(0x61, 0xc0, 0x61, 0x61));
      end.connection.receive(bytes.slice(0, -3), 0);
      expect(end.connection.state).toBe("open");
      end.connection.receive(bytes.slice(-3, -2), 0);
      expect(sent(end)).toEqual([told("invalidUtf8")]);
    });

    it("after our close frame no second one is sent (5.5.1)", () => {
      const end = new End(role);
      end.connection.close(1000);
      end.connection.receive(make(3), 0);
      expect(sent(end)).toEqual(["8 1000"]);
      expect(end.connection.outputEnded).toBe(true);
      end.connection.receiveEnd(0);
      expect(end.close).toEqual({ code: 1006, reason: "", clean: false, sent: { code: 1000, reason: "" }, received: undefined, fault: FAULTS.reservedOpcode });
    });

    it("the latest ping is not answered in front of them when it was put off", () => {
      expect(sent(received(role, [make(9, "a"), make(3)], { maxPendingPongs: 0 }))).toEqual([told("reservedOpcode")]);
    });
  });

  describe("handlers", () => {
    it("may send and close from inside, and a close takes effect on what is sent at once", () => {
      const end = received(role, [concat([make(1, "a"), make(1, "b"), make(9, "p")])], {}, ([, value], { connection }) => {
        connection.sendText(`re ${value as string}`);
        if (value === "a") connection.close(1000);
      });
      expect(sent(end)).toEqual(["1 re a", "8 1000"]);
      expect(names(end)).toEqual(["text", "text", "ping"]);
    });

    it("that throw: what was sent stays, 1011 is sent, the error passes through, and onClose comes once", () => {
      const error = new Error("boom");
      for (const bad of [make(1, "x"), make(2, "x"), make(9, "x"), make(10, "x")]) {
        const end = new End(role, {}, ([name, value], { connection }) => {
          if (value !== "a") throw error;
          connection.sendText(name);
        });
        expect(thrown(() => end.connection.receive(concat([make(1, "a"), bad, make(1, "z")]), 0))).toBe(error);
        expect(end.connection.state).toBe("closing");
        expect(sent(end)).toEqual(["1 text", ...(bad[0] === 0x89 ? ["10 x"] : []), told("handlerError")]);
        expect(end.connection.outputEnded).toBe(true);
        end.connection.receive(make(1, "y"), 0);
        end.connection.receiveEnd(0);
        end.connection.receiveEnd(0);
        expect(end.heard.length).toBe(3);
        expect(end.close).toEqual({
          code: 1006, reason: "", clean: false, sent: { code: 1011, reason: FAULTS.handlerError.message }, received: undefined, fault: FAULTS.handlerError,
        });
      }
    });

    it("that throw: the closing deadline runs from the next call on", () => {
      const end = new End(role, { closeTimeout: 50 }, () => {
        throw new Error("boom");
      });
      thrown(() => end.connection.receive(make(1, "x"), 100));
      expect(end.connection.deadline).toBe(-NEVER);
      end.connection.handleTimeout(100);
      expect(end.connection.deadline).toBe(150);
      end.connection.handleTimeout(150);
      expect(end.close).toMatchObject({ fault: FAULTS.handlerError });
    });

    it("that throw on held input at the end of it hear of the close all the same", () => {
      const error = new Error("boom");
      const end = new End(role, {}, () => {
        throw error;
      });
      end.connection.pause();
      end.connection.receive(concat([make(1, "a"), make(1, "b")]), 0);
      expect(thrown(() => end.connection.receiveEnd(5))).toBe(error);
      expect(names(end)).toEqual(["text", "close"]);
      expect(sent(end, 5)).toEqual([told("handlerError")]);
    });

    it("may not receive from inside", () => {
      let error: unknown;
      const end = received(role, [concat([make(1, "a"), make(1, "b")])], {}, ([, value], { connection }) => {
        if (value === "a") error = thrown(() => connection.receive(make(1, "x"), 0));
      });
      expect((error as Error).message).toBe("Cannot receive from inside a handler: the call before has not returned");
      expect(end.heard).toEqual([["text", "a"], ["text", "b"]]);
      end.connection.receive(make(1, "c"), 0);
      expect(end.connection.state).toBe("open");
      expect(end.heard.length).toBe(3);
    });

    it("hear nothing more once one of them has ended the connection", () => {
      const end = received(role, [concat([make(1, "a"), make(1, "b")])], {}, (_, { connection }) => connection.receiveEnd(0));
      expect(names(end)).toEqual(["text", "close"]);
      const late = received(role, [concat([make(1, "a"), make(1, "b")])], { closeTimeout: 5 }, (_, { connection }) => {
        connection.close(1000);
        connection.handleTimeout(0);
        connection.handleTimeout(5);
      });
      expect(names(late)).toEqual(["text", "close"]);
      const failing = new End(role, {}, (_, { connection }) => {
        connection.receiveEnd(0);
        throw new Error("boom");
      });
      expect(thrown(() => failing.connection.receive(concat([make(1, "a"), make(1, "b")]), 0)).message).toBe("boom");
      expect(names(failing)).toEqual(["text", "close"]);
      expect(sent(failing)).toEqual([]);
      const held = new End(role, {}, (_, { connection }) => connection.receiveEnd(0));
      held.connection.pause();
      held.connection.receive(concat([make(1, "a"), make(1, "b"), make(1, "c")]), 0);
      held.connection.resume(0);
      expect(names(held)).toEqual(["text", "close"]);
    });
  });

  describe("pause", () => {
    const STREAM = concat([make(1, "a"), make(9, "p"), make(1, "b"), make(1, "c")]);

    it("in the middle of a chunk holds the rest, and resume goes on in order", () => {
      const end = received(role, [STREAM], {}, ([, value], { connection }) => {
        if (value === "a") connection.pause();
      });
      expect(end.heard).toEqual([["text", "a"]]);
      expect(end.connection.paused).toBe(true);
      expect(sent(end)).toEqual([]);
      end.connection.receive(make(1, "d"), 0);
      expect(end.heard.length).toBe(1);
      end.connection.resume(0);
      expect(end.connection.paused).toBe(false);
      expect(end.heard).toEqual([["text", "a"], ["ping", [112]], ["text", "b"], ["text", "c"], ["text", "d"]]);
      expect(sent(end)).toEqual(["10 p"]);
      end.connection.receive(make(1, "e"), 0);
      expect(end.heard.length).toBe(6);
    });

    it("at each message delivers them one by one, wherever the chunks were cut", () => {
      for (const pieces of everySplit(STREAM)) {
        const end = new End(role, {}, (_, { connection }) => connection.pause());
        for (const piece of pieces) end.connection.receive(piece, 0);
        const counts = [end.heard.length];
        while (end.connection.paused) {
          end.connection.resume(0);
          counts.push(end.heard.length);
        }
        expect(counts).toEqual([1, 2, 3, 4, 4]);
        expect(end.heard.map(([, value]) => value)).toEqual(["a", [112], "b", "c"]);
      }
    });

    it("holds a copy: the input may be overwritten, and is not written to", () => {
      const end = new End(role);
      end.connection.pause();
      const input = STREAM.slice();
      end.connection.receive(input, 0);
      expect(input).toEqual(STREAM);
      input.fill(0xff);
      end.connection.resume(0);
      expect(end.heard.map(([, value]) => value)).toEqual(["a", [112], "b", "c"]);
    });

    it("may be taken back from inside the handler", () => {
      const end = received(role, [STREAM], {}, (_, { connection }) => {
        connection.pause();
        connection.resume(0);
      });
      expect(end.heard.length).toBe(4);
      expect(end.connection.paused).toBe(false);
      const held = new End(role, {}, (_, { connection }) => {
        connection.pause();
        connection.resume(0);
      });
      held.connection.pause();
      held.connection.receive(STREAM, 0);
      held.connection.resume(0);
      expect(held.heard.length).toBe(4);
    });

    it("between chunks holds all that comes, and a second resume does nothing", () => {
      const end = new End(role);
      end.connection.resume(0);
      end.connection.pause();
      expect(end.connection.paused).toBe(true);
      for (const byte of STREAM) end.connection.receive(Uint8Array.of(byte), 0);
      end.connection.receive(new Uint8Array(0), 0);
      expect(end.heard).toEqual([]);
      end.connection.resume(0);
      end.connection.resume(0);
      expect(end.heard.length).toBe(4);
    });

    it("holds maxHeld bytes and fails past it, with 1008 (10.4)", () => {
      const end = new End(role, { maxHeld: 10 });
      end.connection.pause();
      end.connection.receive(make(2, pattern(100)).slice(0, 4), 0);
      end.connection.receive(pattern(6), 0);
      expect(end.connection.state).toBe("open");
      end.connection.receive(new Uint8Array(0), 0);
      expect(end.connection.state).toBe("open");
      end.connection.receive(pattern(1), 0);
      expect(sent(end)).toEqual([told("heldInput")]);
      expect(end.connection.paused).toBe(false);
      end.connection.resume(0);
      end.connection.receiveEnd(0);
      expect(names(end)).toEqual(["close"]);
      expect(end.close).toMatchObject({ fault: FAULTS.heldInput });
    });

    it("what was parsed since does not count as held", () => {
      const message = make(2, pattern(20));
      const end = new End(role, { maxHeld: message.length * 3 }, (_, { connection }) => connection.pause());
      end.connection.receive(make(1), 0);
      for (let i = 0; i < 3; i++) end.connection.receive(message, 0);
      for (let i = 0; i < 20; i++) {
        end.connection.resume(0);
        end.connection.receive(message, 0);
        expect(end.connection.state).toBe("open");
      }
      end.connection.receive(Uint8Array.of(0), 0);
      expect(sent(end)).toEqual([told("heldInput")]);
      expect(end.heard.length).toBe(21);
    });

    it("the rest of a chunk that was read already is held whatever its size", () => {
      const end = received(role, [concat([make(1, "a"), make(2, pattern(100))])], { maxHeld: 10 }, (_, { connection }) => connection.pause());
      expect(end.connection.state).toBe("open");
      end.connection.resume(0);
      expect(end.heard.length).toBe(2);
    });

    it("the peer's end delivers all that was held, even when each message pauses again", () => {
      const end = new End(role, {}, (_, { connection }) => connection.pause());
      end.connection.receive(concat([STREAM, make(8, closing(1000)), make(1, "z")]), 0);
      expect(end.heard.length).toBe(1);
      end.connection.receiveEnd(0);
      expect(end.heard.map(([, value]) => value).slice(0, -1)).toEqual(["a", [112], "b", "c"]);
      expect(end.close).toMatchObject({ code: 1000, clean: true });
      expect(end.connection.paused).toBe(false);
    });

    it("the peer's end delivers what was held, and then it is over", () => {
      const end = new End(role);
      end.connection.pause();
      end.connection.receive(concat([STREAM, make(8, closing(1000)).slice(0, 1)]), 0);
      end.connection.receiveEnd(0);
      expect(names(end)).toEqual(["text", "ping", "text", "text", "close"]);
      expect(end.close).toMatchObject({ code: 1006, clean: false, fault: undefined });
    });

    it("a fault in what was held is a fault once it is parsed, and stops what is behind", () => {
      const end = new End(role);
      end.connection.pause();
      end.connection.receive(concat([make(1, "a"), make(3), make(1, "b")]), 0);
      expect(end.connection.state).toBe("open");
      end.connection.resume(7);
      expect(end.heard).toEqual([["text", "a"]]);
      expect(sent(end, 7)).toEqual([told("reservedOpcode")]);
    });

    it("at each message copies what is held a few times at most, however many messages it has", () => {
      const bytes = concat(Array.from({ length: 2000 }, () => make(1, "a")));
      const end = new End(role, {}, (_, { connection }) => connection.pause());
      end.connection.pause();
      for (const byte of bytes) end.connection.receive(Uint8Array.of(byte), 0);
      const original = Uint8Array.prototype.slice;
      let copied = 0;
      Uint8Array.prototype.slice = function (...range): Uint8Array<ArrayBuffer> {
        const copy = original.apply(this, range);
        copied += copy.length;
        return copy;
      };
      try {
        while (end.connection.paused) end.connection.resume(0);
      } finally {
        Uint8Array.prototype.slice = original;
      }
      expect(end.heard.length).toBe(2000);
      expect(copied).toBeLessThanOrEqual(bytes.length);
    });

    it("does not stop an ending: once no frame counts it is not paused", () => {
      const end = received(role, [concat([make(1, "a"), make(8), make(1, "b")])]);
      end.connection.pause();
      expect(end.connection.paused).toBe(false);
      end.connection.receive(make(1, "c"), 0);
      end.connection.resume(0);
      end.connection.receiveEnd(0);
      expect(names(end)).toEqual(["text", "close"]);
    });

    it("a close of ours leaves what is held to be heard after resume (5.5.1)", () => {
      const end = new End(role);
      end.connection.pause();
      end.connection.receive(concat([make(1, "a"), make(8, closing(1000))]), 0);
      end.connection.close(1001);
      end.connection.resume(0);
      end.connection.receiveEnd(0);
      expect(names(end)).toEqual(["text", "close"]);
      expect(end.close).toMatchObject({ code: 1000, clean: true, sent: { code: 1001 } });
    });

    it("a close from the handler that paused leaves the rest to be heard after resume", () => {
      const end = received(role, [concat([make(1, "a"), make(1, "b"), make(8, closing(1000))])], {}, ([, value], { connection }) => {
        if (value !== "a") return;
        connection.pause();
        connection.close(1001);
      });
      expect(end.connection.paused).toBe(true);
      end.connection.resume(0);
      end.connection.receiveEnd(0);
      expect(names(end)).toEqual(["text", "text", "close"]);
      expect(end.close).toMatchObject({ code: 1000, clean: true });
    });
  });

  describe("keepalive", () => {
    const LIMITS = { pingInterval: 30, pongTimeout: 20, closeTimeout: 5 };

    function opened(limits: Partial<Limits> = LIMITS): End {
      const end = new End(role, limits);
      end.connection.handleTimeout(100);
      return end;
    }

    it("is due at once, to learn the time; then after the interval", () => {
      const end = new End(role, LIMITS);
      expect(end.connection.deadline).toBe(-NEVER);
      end.connection.handleTimeout(100);
      expect(end.connection.deadline).toBe(130);
      expect(sent(end)).toEqual([]);
    });

    it("pings a peer that was silent for the interval; early and spurious calls do nothing (5.5.2)", () => {
      const end = opened();
      end.connection.handleTimeout(129.9);
      expect(sent(end, 129.9)).toEqual([]);
      expect(end.connection.deadline).toBe(130);
      end.connection.handleTimeout(130);
      expect(end.connection.deadline).toBe(150);
      expect(end.frames(130)).toMatchObject([{ opcode: 9, payload: [] }]);
      end.connection.handleTimeout(140);
      expect(sent(end, 140)).toEqual([]);
    });

    it("gives up a peer that stays silent, exactly at the timeout, and takes back what was queued", () => {
      const end = opened();
      end.connection.handleTimeout(130);
      sent(end, 130);
      end.connection.sendText("never taken");
      end.connection.handleTimeout(149.9);
      expect(end.connection.state).toBe("open");
      end.connection.handleTimeout(150);
      expect(end.close).toEqual({ code: 1006, reason: "", clean: false, sent: undefined, received: undefined, fault: FAULTS.pongTimeout });
      expect(end.connection.state).toBe("closed");
      expect(end.connection.bufferedAmount).toBe(0);
      expect(end.connection.outputEnded).toBe(true);
      expect(end.connection.deadline).toBe(NEVER);
      expect(sent(end, 150)).toEqual([]);
    });

    it("the timeout runs from when the ping was taken", () => {
      const end = opened();
      end.connection.handleTimeout(130);
      expect(sent(end, 145)).toEqual(["9"]);
      expect(end.connection.deadline).toBe(165);
      end.connection.sendText("a");
      sent(end, 160);
      expect(end.connection.deadline).toBe(165);
      end.connection.handleTimeout(165);
      expect(end.close).toMatchObject({ fault: FAULTS.pongTimeout });
    });

    it("anything the peer says is a sign of life", () => {
      for (const bytes of [make(10), make(1, "a"), make(2, pattern(50)).slice(0, 1)]) {
        const end = opened();
        end.connection.handleTimeout(130);
        sent(end, 130);
        end.connection.receive(bytes, 149);
        expect(end.connection.deadline).toBe(179);
        end.connection.handleTimeout(179);
        expect(sent(end, 179)).toEqual(["9"]);
      }
    });

    it("what the application pings does not start the timeout", () => {
      const end = opened();
      end.connection.ping();
      sent(end, 120);
      expect(end.connection.deadline).toBe(130);
    });

    it("does not count our own pause as the peer's silence", () => {
      const end = opened();
      end.connection.pause();
      end.connection.handleTimeout(130);
      expect(sent(end, 130)).toEqual([]);
      expect(end.connection.deadline).toBe(160);
      end.connection.handleTimeout(160);
      expect(sent(end, 160)).toEqual([]);
      end.connection.resume(170);
      expect(end.connection.deadline).toBe(200);
      end.connection.handleTimeout(200);
      expect(sent(end, 200)).toEqual(["9"]);
    });

    it("does not give up a peer whose pong we did not read", () => {
      const end = opened();
      end.connection.handleTimeout(130);
      sent(end, 130);
      end.connection.pause();
      end.connection.handleTimeout(150);
      expect(end.connection.state).toBe("open");
      expect(end.connection.deadline).toBe(180);
      const late = opened();
      late.connection.handleTimeout(130);
      sent(late, 130);
      late.connection.pause();
      late.connection.resume(149);
      late.connection.handleTimeout(150);
      expect(late.connection.state).toBe("open");
      expect(late.connection.deadline).toBe(179);
    });

    it("a resume without a pause is no sign of life", () => {
      const end = opened();
      end.connection.resume(129);
      expect(end.connection.deadline).toBe(130);
    });

    it("never is due without an interval", () => {
      const end = new End(role, { pingInterval: NEVER });
      expect(end.connection.deadline).toBe(NEVER);
      end.connection.handleTimeout(1e12);
      expect(sent(end)).toEqual([]);
      expect(end.connection.state).toBe("open");
    });

    it("a peer that lives but lets nothing be written costs one ping", () => {
      const end = opened();
      for (let now = 100; now < 1000; now += 10) {
        end.connection.receive(make(10), now);
        end.connection.handleTimeout(now);
      }
      expect(end.connection.bufferedAmount).toBe(0);
      end.connection.handleTimeout(1020);
      end.connection.handleTimeout(1030);
      expect(sent(end, 1030)).toEqual(["9"]);
    });
  });

  describe("the closing deadline (7.1.1)", () => {
    const LIMITS = { closeTimeout: 50 };

    it("runs from the first call that tells the time, and again from when the close frame is taken", () => {
      const end = new End(role, LIMITS);
      end.connection.close(1000);
      expect(end.connection.deadline).toBe(-NEVER);
      end.connection.handleTimeout(100);
      expect(end.connection.deadline).toBe(150);
      end.connection.receive(make(1, "a"), 110);
      expect(end.connection.deadline).toBe(150);
      sent(end, 120);
      expect(end.connection.deadline).toBe(170);
      sent(end, 130);
      expect(end.connection.deadline).toBe(170);
    });

    it("does not run from output that was taken before", () => {
      const end = new End(role, LIMITS);
      end.connection.sendText("a");
      sent(end, 100);
      end.connection.close(1000);
      expect(end.connection.deadline).toBe(-NEVER);
      end.connection.receive(make(1, "a"), 1000);
      expect(end.connection.deadline).toBe(1050);
    });

    it.each([
      ["a message", (end: End): void => end.connection.receive(make(1, "a"), 100)],
      ["the output being taken", (end: End): void => void sent(end, 100)],
      ["the peer's close frame", (end: End): void => end.connection.receive(make(8), 100)],
      ["the peer's end", (end: End): void => end.connection.receiveEnd(100)],
      ["a fault", (end: End): void => end.connection.receive(frame(3), 100)],
    ] as const)("is told by %s", (_, act) => {
      const end = new End(role, LIMITS);
      end.connection.close(1000);
      act(end);
      expect(end.connection.deadline).toBe(150);
    });

    it.each([
      ["the peer's close frame", (end: End): void => end.connection.receive(make(8), 100)],
      ["the peer's end", (end: End): void => end.connection.receiveEnd(100)],
      ["a fault", (end: End): void => end.connection.receive(make(3), 100)],
      ["too much held", (end: End): void => {
        end.connection.pause();
        end.connection.receive(pattern(1_048_577), 100);
      }],
      ["a close in what was held", (end: End): void => {
        end.connection.pause();
        end.connection.receive(make(8), 90);
        end.connection.resume(100);
      }],
    ] as const)("is set by %s", (_, act) => {
      const end = new End(role, LIMITS);
      act(end);
      expect(end.connection.deadline).toBe(150);
    });

    it("without an answer ends with a fault, exactly at the deadline (7.1.1)", () => {
      const end = new End(role, LIMITS);
      end.connection.close(1000, "bye");
      sent(end, 100);
      end.connection.handleTimeout(149.9);
      expect(end.heard).toEqual([]);
      end.connection.handleTimeout(150);
      expect(end.close).toEqual({ code: 1006, reason: "", clean: false, sent: { code: 1000, reason: "bye" }, received: undefined, fault: FAULTS.closeTimeout });
      expect(end.connection.state).toBe("closed");
      expect(end.connection.deadline).toBe(NEVER);
      expect(end.connection.outputEnded).toBe(true);
      end.connection.handleTimeout(1000);
      end.connection.receive(make(1, "a"), 1000);
      end.connection.receiveEnd(1000);
      expect(end.heard.length).toBe(1);
    });

    it("with both close frames but no end of TCP ends cleanly", () => {
      const end = received(role, [make(8, closing(1000))], LIMITS);
      sent(end, 100);
      end.connection.handleTimeout(149);
      expect(end.connection.state).toBe("closing");
      end.connection.handleTimeout(150);
      expect(end.close).toMatchObject({ code: 1000, clean: true, fault: undefined });
    });

    it("after a fault keeps that fault", () => {
      const end = received(role, [make(3)], LIMITS);
      sent(end, 100);
      end.connection.handleTimeout(150);
      expect(end.close).toMatchObject({ code: 1006, clean: false, fault: FAULTS.reservedOpcode });
    });

    it("drops what was never taken", () => {
      const end = new End(role, LIMITS);
      end.connection.sendText("a");
      end.connection.close(1000);
      end.connection.handleTimeout(100);
      end.connection.handleTimeout(150);
      expect(end.connection.bufferedAmount).toBe(0);
      expect(sent(end, 150)).toEqual([]);
    });

    it("is over for the transport too once it has passed behind the peer's end", () => {
      const end = new End(role, LIMITS);
      end.connection.sendText("a");
      end.connection.receiveEnd(100);
      expect(names(end)).toEqual(["close"]);
      expect(end.connection.deadline).toBe(150);
      end.connection.handleTimeout(150);
      expect(end.connection.deadline).toBe(NEVER);
      expect(end.connection.outputEnded).toBe(true);
      expect(names(end)).toEqual(["close"]);
      expect(end.close).toMatchObject({ fault: undefined });
    });
  });
});

describe("masking keys", () => {
  it("of a client come from the pool, a new one for each frame (5.3)", () => {
    const end = new End("client");
    end.connection.sendText("a");
    end.connection.ping(utf8("b"));
    end.connection.close(1000);
    expect(end.take()).toEqual(concat([frame(1, "a", { key: 0x01020304 }), frame(9, "b", { key: 0x05060708 }), frame(8, closing(1000), { key: 0x090a0b0c })]));
  });

  it("are drawn by no server (5.1)", () => {
    const end = new End("server");
    end.connection.sendText("a");
    expect(end.take()).toEqual(frame(1, "a"));
  });
});
