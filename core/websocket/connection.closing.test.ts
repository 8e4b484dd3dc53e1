import { describe, expect, it } from "vitest";
import { ENDS, names, NEVER, received, sent, told } from "../testing/connection.ts";
import { closing, concat, frame, pattern } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { FAULTS } from "./fault.ts";

describe.each(ENDS)("closing at a %s", (role, make) => {
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
