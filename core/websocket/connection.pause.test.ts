import { describe, expect, it } from "vitest";
import { ENDS, names, received, sent, told } from "../testing/connection.ts";
import { closing, concat, everySplit, pattern } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { FAULTS } from "./fault.ts";

describe.each(ENDS)("pause at a %s", (role, make) => {
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
