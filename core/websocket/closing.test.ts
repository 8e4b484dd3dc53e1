import { describe, expect, it } from "vitest";
import { Closing } from "./closing.ts";
import { FAULTS } from "./fault.ts";

describe("Closing", () => {
  it("hears the peer until its close frame has come, and is over when its time is up", () => {
    const closing = new Closing("client", 100);
    expect([closing.turn("sendClose"), closing.outputEnded]).toEqual([true, false]);
    expect([closing.turn("receiveClose"), closing.outputEnded]).toEqual([false, false]); // a client waits for the server to end TCP
    expect([closing.turn("end"), closing.outputEnded]).toEqual([false, true]);
    expect([closing.turn("timeout"), closing.outputEnded, closing.deadline]).toEqual([false, true, Number.POSITIVE_INFINITY]);
  });

  it("has its time from the first call that tells it, and again from each that says so", () => {
    const closing = new Closing("server", 100);
    closing.turn("sendClose");
    expect(closing.deadline).toBe(Number.NEGATIVE_INFINITY);
    closing.arm(5);
    closing.arm(7);
    expect(closing.deadline).toBe(105);
    closing.restart(7);
    expect(closing.deadline).toBe(107);
  });

  it("is clean when the peer's close frame came, whose code counts", () => {
    const closing = new Closing("server", 100);
    closing.sent = { code: 1000, reason: "ours" };
    expect(closing.close).toEqual({ code: 1006, reason: "", clean: false, sent: { code: 1000, reason: "ours" }, received: undefined, fault: undefined });
    closing.received = { code: 4000, reason: "theirs" };
    expect(closing.close).toMatchObject({ code: 4000, reason: "theirs", clean: true, received: { code: 4000, reason: "theirs" } });
    closing.fault = FAULTS.closeTimeout;
    expect(closing.close.fault).toBe(FAULTS.closeTimeout);
  });
});
