import { describe, expect, it } from "vitest";
import { ENDS, names, NEVER, received, sent } from "../testing/connection.ts";
import { concat, frame, masked, pattern } from "../testing/frames.ts";
import { countingPool, End } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { WebSocketConnection } from "./connection.ts";
import type { WebSocketHandler } from "./handler.ts";

describe.each(ENDS)("pings at a %s", (role, make) => {
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

  it("of ours carry bytes and nothing else (CVE-2016-10518)", () => {
    const end = new End(role);
    for (const data of [100, "100", null, {}, [1], new Float32Array(20)] as unknown[]) {
      const error = thrown(() => end.connection.ping(data as Uint8Array));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(`Cannot ping with what is of type ${typeof data}: it must be a Uint8Array`);
    }
    expect(thrown(() => end.connection.ping(Object.defineProperty(new Uint8Array(4), "length", { value: NaN })))).toBeInstanceOf(RangeError);
    expect(end.frames()).toEqual([]);
  });

  it("an unasked pong is heard and not answered (5.5.3)", () => {
    const end = received(role, [make(10, "p")]);
    expect(end.heard).toEqual([["pong", [112]]]);
    expect(sent(end)).toEqual([]);
  });
});
