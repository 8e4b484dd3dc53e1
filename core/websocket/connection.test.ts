import { describe, expect, it } from "vitest";
import { ENDS, FIRST, names, NEVER, received, sent, told } from "../testing/connection.ts";
import { closing, concat, frame, masked, pattern } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { FAULTS, type FaultName } from "./fault.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

describe.each(ENDS)("a %s", (role, make) => {
  it("is open at first, with nothing to send and nothing wrong", () => {
    const { connection } = new End(role);
    const { state, bufferedAmount, outputEnded, paused } = connection;
    expect({ state, bufferedAmount, outputEnded, paused }).toEqual({ state: "open", bufferedAmount: 0, outputEnded: false, paused: false });
    expect(connection.takeOutput(0)).toEqual([]);
    expect(connection.takeOutput(0)).toBe(connection.takeOutput(0));
  });

  it("tells which end it is, and all its limits", () => {
    const { connection } = new End(role, { maxFragments: 7 });
    expect(connection.role).toBe(role);
    expect(connection.limits).toEqual({ ...DEFAULT_LIMITS, maxFragments: 7 });
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
});
