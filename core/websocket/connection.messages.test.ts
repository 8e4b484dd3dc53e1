import { describe, expect, it } from "vitest";
import { ENDS, FIRST, received, sent } from "../testing/connection.ts";
import { closing, concat, everySplit, frame, pattern, utf8 } from "../testing/frames.ts";
import { countingPool, End } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { WebSocketConnection } from "./connection.ts";
import type { WebSocketHandler } from "./handler.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

describe.each(ENDS)("messages of a %s", (role, make) => {
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

  it("may leave one fragment after the other, while others send theirs", () => {
    const [end, other] = [new End(role, DEFAULT_LIMITS), new End(role, DEFAULT_LIMITS)];
    const left = ["a", "b", "c"].map((piece, at) => {
      end.connection.sendFragment(piece, at === 2);
      const [{ opcode, fin }] = end.frames();
      other.connection.sendText("whole");
      expect(other.frames().map((each) => [each.opcode, each.fin])).toEqual([[1, true]]);
      return [opcode, fin];
    });
    expect(left).toEqual([[1, false], [0, false], [0, true]]);
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
