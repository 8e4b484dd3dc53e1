import { describe, expect, it } from "vitest";
import { zlibOneShot } from "../testing/codec.ts";
import { ENDS, FIRST, names, sent, told } from "../testing/connection.ts";
import { Inverter, inverted } from "../testing/extension.ts";
import { closing, concat, everySplit, masked, pattern, utf8 } from "../testing/frames.ts";
import { End, Pipe } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import type { Agreement, ExtensionSession } from "./extension.ts";
import { FAULTS } from "./fault.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { PermessageDeflate } from "./permessage-deflate.ts";

const MARKED = { rsv: 0x40 };
const none = (): void => {};

describe.each(ENDS)("a %s with an extension (RFC 7692, 6)", (role, make) => {
  function ready(limits = {}): { end: End; session: Inverter } {
    const session = new Inverter();
    return { session, end: new End(role, limits, none, session) };
  }

  it("sends its messages through it, and not those it is told not to", () => {
    const { end } = ready();
    const { connection } = end;
    expect([connection.sendText("abc"), connection.sendText("abc", false), connection.sendBinary(utf8("abc")), connection.sendBinary(utf8("abc"), false)])
      .toEqual([true, true, true, true]);
    connection.sendFragment("a", false);
    connection.ping(utf8("ping"));
    connection.sendFragment("b", true);
    connection.sendFragment("a", false, false);
    connection.sendFragment("b", true);
    expect(end.frames().map(({ opcode, rsv, fin, payload }) => [opcode, rsv, fin, Buffer.from(payload).toString("latin1")])).toEqual([
      [1, 0x40, true, Buffer.from(inverted(utf8("abc"))).toString("latin1")], [1, 0, true, "abc"],
      [2, 0x40, true, Buffer.from(inverted(utf8("abc"))).toString("latin1")], [2, 0, true, "abc"],
      [1, 0x40, false, Buffer.from(inverted(utf8("a"))).toString("latin1")], [9, 0, true, "ping"], [0, 0, true, Buffer.from(inverted(utf8("b"))).toString("latin1")],
      [1, 0, false, "a"], [0, 0, true, "b"],
    ]);
  });

  it("reads and writes with what is its own: a connection without one gets none of it", () => {
    const end = new End(role, DEFAULT_LIMITS, none, new Inverter());
    const other = new End(role, DEFAULT_LIMITS);
    end.connection.receive(make(1, "a"), 0);
    end.connection.sendText("abc");
    end.take();
    other.connection.sendText("abc");
    expect(other.frames().map(({ rsv }) => rsv)).toEqual([0]);
    other.connection.receive(make(1, "a", MARKED), 0);
    expect(sent(other)).toEqual([told("reservedBits")]);
  });

  it("is patient while it is paused between two messages", () => {
    const { end } = ready({ pingInterval: 30 });
    end.connection.receive(make(1, "a"), 100);
    end.connection.pause();
    end.connection.handleTimeout(130);
    end.connection.resume(140);
    expect([end.connection.state, end.connection.deadline]).toEqual(["open", 170]);
  });

  it("hears messages that went through it and others, however the bytes are cut", () => {
    const bytes = concat([
      make(1, inverted(utf8("Hällo")), MARKED), make(1, "a"), make(2, inverted(pattern(3)), { ...MARKED, ...FIRST }), make(9, "p"), make(0, inverted(pattern(3))),
      make(8, closing(1000)),
    ]);
    for (const pieces of everySplit(bytes)) {
      const { end } = ready();
      for (const piece of pieces) end.connection.receive(piece, 0);
      expect(end.heard).toEqual([["text", "Hällo"], ["text", "a"], ["ping", [112]], ["binary", [...pattern(3), ...pattern(3)]]]);
    }
  });

  it.each([
    ["invalidDeflate", FAULTS.invalidDeflate],
    ["largeMessage", FAULTS.largeMessage],
  ] as const)("fails with %s when it says so", (name, fault) => {
    const { end, session } = ready();
    end.connection.receive(make(1, "abc"), 0);
    session.fault = fault;
    end.connection.receive(concat([make(1, "abc", MARKED), make(1, "z")]), 0);
    expect(sent(end)).toEqual([told(name)]);
    end.connection.receiveEnd(0);
    expect(names(end)).toEqual(["text", "close"]);
    expect(end.close).toMatchObject({ code: 1006, fault });
  });

  it("refuses the bits it does not claim, and all of them without it", () => {
    for (const rsv of [0x10, 0x20, 0x60]) {
      const { end } = ready();
      end.connection.receive(make(1, "abc", { rsv }), 0);
      expect(sent(end)).toEqual([told("reservedBits")]);
    }
    const plain = new End(role);
    plain.connection.receive(make(1, "abc", MARKED), 0);
    expect(sent(plain)).toEqual([told("reservedBits")]);
  });

  it("does not hand it what is past maxQueued", () => {
    const { end, session } = ready({ maxQueued: 10 });
    expect(thrown(() => end.connection.sendText("0123456789a"))).toBeInstanceOf(RangeError);
    expect(session.encoded).toEqual([]);
  });

  it("does not hand it what is sent or comes once the connection is not open", () => {
    const { end, session } = ready();
    end.connection.receive(concat([make(8, closing(1000)), make(1, "abc", MARKED)]), 0);
    expect(end.connection.sendText("abc")).toBe(false);
    expect([session.encoded, session.decoded]).toEqual([[], []]);
  });

  it.each([
    ["the peer's end", {}, (end: End): void => end.connection.receiveEnd(0)],
    ["closing", {}, (end: End): void => {
      end.connection.receive(make(8, closing(1000)), 0);
      end.connection.receiveEnd(0);
    }],
    ["a fault", {}, (end: End): void => {
      end.connection.receive(make(3), 0);
      end.connection.receiveEnd(0);
    }],
    ["a peer that is given up", { pingInterval: 10, pongTimeout: 10 }, (end: End): void => {
      for (const now of [0, 10, 20]) end.connection.handleTimeout(now);
    }],
    ["closing that takes too long", { closeTimeout: 10 }, (end: End): void => {
      end.connection.close(1000);
      for (const now of [0, 10, 20]) end.connection.handleTimeout(now);
    }],
  ])("ends it once, before it tells of the end: %s", (_, limits, act) => {
    const session = new Inverter();
    const ends: number[] = [];
    const end = new End(role, limits, none, session);
    const { heard } = end;
    heard.push = (...items) => {
      ends.push(session.ends);
      return Array.prototype.push.apply(heard, items);
    };
    act(end);
    end.connection.receiveEnd(100);
    end.connection.handleTimeout(100);
    expect(end.connection.state).toBe("closed");
    expect([session.ends, ends]).toEqual([1, [1]]);
  });
});

describe("bytesHeld", () => {
  it.each(ENDS)("of a %s counts what is held of input, of the message in progress, of output, and by the extension", (role, make) => {
    const session = new Inverter();
    const end = new End(role, {}, none, session);
    const { connection } = end;
    const held = (): number => connection.bytesHeld;
    expect(held()).toBe(0);
    session.bytesHeld = 1000;
    expect(held()).toBe(1000);
    connection.receive(make(2, pattern(100), FIRST), 0);
    const partial = held() - 1000;
    expect(partial).toBeGreaterThanOrEqual(100);
    expect(partial).toBeLessThanOrEqual(400);
    connection.sendText("ab");
    expect(held()).toBe(1000 + partial + connection.bufferedAmount);
    end.take();
    connection.pause();
    connection.receive(make(0, pattern(200)), 0);
    expect(held()).toBeGreaterThanOrEqual(1000 + partial + 202);
    connection.resume(0);
    expect(held()).toBe(1000);
    session.bytesHeld = 0;
    expect(held()).toBe(0);
  });

  it("of a connection without an extension is its own", () => {
    const end = new End("server");
    end.connection.sendText("abc");
    expect(end.connection.bytesHeld).toBe(5);
  });
});

describe("two ends with permessage-deflate", () => {
  function pair(): { near: End; far: End; up: Pipe; down: Pipe; sessions: ExtensionSession[] } {
    const client = new PermessageDeflate({}, zlibOneShot);
    const server = new PermessageDeflate({}, zlibOneShot);
    const answer = server.accept(client.offers()[0]) as Agreement;
    const sessions = [(client.check(answer.chosen) as Agreement).start(), answer.start()];
    const [near, far] = [new End("client", {}, none, sessions[0]), new End("server", {}, none, sessions[1])];
    return { near, far, up: new Pipe(near, far), down: new Pipe(far, near), sessions };
  }

  it("talk, both ways, with and without compression, in whole messages and fragments, in pieces of any size", () => {
    for (const size of [1, 7, 1000]) {
      const { near, far, up, down } = pair();
      const long = "isosocket ".repeat(100);
      for (const [from, to, pipe] of [[near, far, up], [far, near, down], [near, far, up]] as const) {
        const { connection } = from;
        connection.sendText(long);
        connection.sendText(long, false);
        connection.sendBinary(utf8(long));
        connection.sendText("short");
        connection.sendFragment(long, false);
        connection.ping();
        connection.sendFragment("", false);
        connection.sendFragment("end", true);
        const queued = connection.bufferedAmount;
        expect(queued).toBeLessThan(1400);
        to.heard.length = 0;
        while (pipe.move(size));
        expect(to.heard).toEqual([["text", long], ["text", long], ["binary", [...utf8(long)]], ["text", "short"], ["ping", []], ["text", `${long}end`]]);
        from.take();
        to.take();
      }
    }
  });

  it("keep no more than the two windows each, once messages have gone by", () => {
    const { near, far, up } = pair();
    for (let round = 0; round < 20; round++) near.connection.sendBinary(pattern(1000, round));
    while (up.move(10_000));
    expect([near.connection.bytesHeld, far.connection.bytesHeld]).toEqual([4096, 4096]);
  });
});

it("the RFC's example of two messages, on the wire (7.2.3.1, 7.2.3.2)", () => {
  const extension = new PermessageDeflate({ threshold: 0 }, zlibOneShot);
  const session = (extension.accept({ name: "permessage-deflate", parameters: [] }) as Agreement).start();
  const end = new End("server", {}, none, session);
  end.connection.sendText("Hello");
  end.connection.sendText("Hello");
  expect(Buffer.from(end.take()).toString("hex")).toBe("c107f248cdc9c90700c105f200110000");
  end.connection.receive(masked(1, Uint8Array.of(0xf2, 0x48, 0xcd), { ...MARKED, ...FIRST }), 0);
  end.connection.receive(masked(0, Uint8Array.of(0xc9, 0xc9, 0x07, 0x00)), 0);
  end.connection.receive(masked(1, Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00), MARKED), 0);
  expect(end.heard).toEqual([["text", "Hello"], ["text", "Hello"]]);
});
