import { describe, expect, it } from "vitest";
import { ENDS, FIRST, names, NEVER, received, sent, told } from "../testing/connection.ts";
import { closing, frame, pattern } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { FAULTS } from "./fault.ts";
import type { Limits } from "./limits.ts";

describe.each(ENDS)("a %s", (role, make) => {
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

    it("a ping that is taken when none is waited on any more moves nothing", () => {
      const end = opened();
      end.connection.handleTimeout(130);
      end.connection.receive(make(1, "a"), 131);
      expect(sent(end, 140)).toEqual(["9"]);
      expect(end.connection.deadline).toBe(161);
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

  describe("a message in progress (10.4)", () => {
    const LIMITS = { pingInterval: NEVER, messageTimeout: 30, closeTimeout: 5 };

    it("fails exactly at the timeout when it does not go on, and not before", () => {
      const end = new End(role, LIMITS);
      expect(end.connection.deadline).toBe(NEVER);
      end.connection.receive(make(1, "a", FIRST), 100);
      expect(end.connection.deadline).toBe(130);
      end.connection.handleTimeout(129.9);
      expect(end.connection.state).toBe("open");
      end.connection.handleTimeout(130);
      expect(end.connection.deadline).toBe(135);
      expect(sent(end, 131)).toEqual([told("messageTimeout")]);
      expect(end.connection.outputEnded).toBe(true);
      expect(end.connection.deadline).toBe(136);
      end.connection.handleTimeout(136);
      expect(end.close).toMatchObject({ code: 1006, clean: false, fault: FAULTS.messageTimeout, sent: { code: 1008 } });
    });

    it("in the middle of a frame too", () => {
      const end = new End(role, LIMITS);
      const bytes = make(2, pattern(100));
      end.connection.receive(bytes.slice(0, 20), 100);
      end.connection.receive(bytes.slice(20, 21), 120);
      expect(end.connection.deadline).toBe(150);
      end.connection.handleTimeout(150);
      expect(sent(end, 150)).toEqual([told("messageTimeout")]);
    });

    it("has the whole timeout for each next piece, and the next message too", () => {
      const end = new End(role, LIMITS);
      for (const [now, bytes, deadline] of [
        [100, make(1, "a", FIRST), 130], [129, make(0, "b", FIRST), 159], [150, make(0, "c"), NEVER], [500, make(1, "whole"), NEVER], [600, make(2, "d", FIRST), 630],
      ] as const) {
        end.connection.receive(bytes, now);
        expect(end.connection.deadline).toBe(deadline);
      }
      expect(end.connection.state).toBe("open");
    });

    it("is not put off by control frames between its fragments", () => {
      const end = new End(role, { ...LIMITS, pingInterval: 100 });
      end.connection.receive(make(1, "a", FIRST), 100);
      for (const now of [110, 120, 129]) end.connection.receive(make(9), now);
      expect(end.connection.deadline).toBe(130);
      end.connection.handleTimeout(130);
      expect(sent(end, 130)).toEqual(["10", "10", "10", told("messageTimeout")]);
    });

    it("waits for the ping first when that is due first", () => {
      const end = new End(role, { pingInterval: 10, pongTimeout: 100, messageTimeout: 30 });
      end.connection.receive(make(1, "a", FIRST), 100);
      expect(end.connection.deadline).toBe(110);
      end.connection.handleTimeout(110);
      expect(sent(end, 110)).toEqual(["9"]);
      expect(end.connection.deadline).toBe(130);
    });

    it("is not late while it is our reading that is paused", () => {
      const end = new End(role, LIMITS);
      end.connection.receive(make(1, "a", FIRST), 100);
      end.connection.pause();
      end.connection.handleTimeout(130);
      expect([end.connection.state, end.connection.deadline]).toEqual(["open", 160]);
      end.connection.resume(159);
      expect(end.connection.deadline).toBe(189);
      end.connection.handleTimeout(160);
      expect(end.connection.state).toBe("open");
      end.connection.handleTimeout(189);
      expect(sent(end, 189)).toEqual([told("messageTimeout")]);
    });

    it("is put off by as long as reading was paused, and no longer: who makes us pause for an instant gains nothing", () => {
      const end = new End(role, LIMITS);
      end.connection.receive(make(1, "a", FIRST), 100);
      end.connection.takeOutput(101); // not paused yet
      end.connection.pause();
      end.connection.takeOutput(110);
      end.connection.takeOutput(115);
      end.connection.resume(125);
      expect(end.connection.deadline).toBe(145);
      for (let count = 0; count < 10; count++) {
        end.connection.pause();
        end.connection.takeOutput(126);
        end.connection.resume(126);
        end.connection.pause();
        end.connection.resume(127); // nobody told the time in between
      }
      expect(end.connection.deadline).toBe(145);
      end.connection.handleTimeout(145);
      expect(sent(end, 145)).toEqual([told("messageTimeout")]);
    });

    it("is not late either where what we send waits, too", () => {
      const end = new End(role, LIMITS);
      end.connection.receive(make(1, "a", FIRST), 100);
      end.connection.sendText("not taken");
      end.connection.pause();
      end.connection.handleTimeout(130);
      expect([end.connection.state, end.connection.deadline]).toEqual(["open", 160]);
    });

    it("that was held while reading was paused begins when it is read", () => {
      const end = new End(role, LIMITS);
      end.connection.pause();
      end.connection.receive(make(1, "a", FIRST), 100);
      expect(end.connection.deadline).toBe(NEVER);
      end.connection.resume(200);
      expect(end.connection.deadline).toBe(230);
      end.connection.receive(make(0, "b"), 210);
      expect([end.heard, end.connection.deadline]).toEqual([[["text", "ab"]], NEVER]);
    });

    it("does not count once the connection is not open", () => {
      const end = new End(role, LIMITS);
      end.connection.receive(make(1, "a", FIRST), 100);
      end.connection.close(1000);
      end.connection.handleTimeout(101);
      expect(end.connection.deadline).toBe(106);
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
