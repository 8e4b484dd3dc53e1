import { describe, expect, test } from "vitest";
import { concat, masked, utf8 } from "../testing/frames.ts";
import { ANSWER, refusal, REQUEST, Server } from "../testing/upgrades.ts";
import { refuse } from "./handshake.ts";
import { TEXT } from "./opcode.ts";

describe("early bytes", () => {
  test("behind the head go to the connection, once it is accepted", () => {
    const server = new Server();
    server.upgrade.receive(concat([utf8(REQUEST), masked(TEXT, "one"), masked(TEXT, "two").subarray(0, 4)]), 0);
    server.upgrade.receive(masked(TEXT, "two").subarray(4), 0);
    expect(server.end.heard).toEqual([]);
    server.accept();
    expect(server.end.heard).toEqual([["text", "one"], ["text", "two"]]);
    server.upgrade.receive(masked(TEXT, "three"), 0);
    expect(server.end.heard.at(-1)).toEqual(["text", "three"]);
  });

  test("are not made up: a connection hears nothing when nothing came", () => {
    for (const atOnce of [true, false]) {
      const server = new Server({}, (self) => void (atOnce && self.accept()));
      const inputs: number[] = [];
      server.end.connection.receive = (input) => void inputs.push(input.length);
      server.receive(REQUEST);
      server.accept();
      expect(inputs).toEqual([]);
      server.receive("a");
      expect(inputs).toEqual([1]);
    }
  });

  test("are heard with the time of the decision", () => {
    const server = new Server();
    server.upgrade.receive(concat([utf8(REQUEST), masked(TEXT, "one")]), 0);
    server.accept(7_000);
    server.take(7_000);
    expect(server.upgrade.deadline).toBe(37_000); // the ping's
  });

  test("of a connection accepted at once are not held, and have no limit", () => {
    const server = new Server({ maxHeld: 5 }, (self) => void self.accept());
    server.upgrade.receive(concat([utf8(REQUEST), masked(TEXT, "more than five")]), 0);
    expect(server.end.heard).toEqual([["text", "more than five"]]);
    expect(server.take()).toBe(ANSWER);
  });

  test("of a connection refused at once are ignored", () => {
    const server = new Server({ maxHeld: 5 }, (self) => void self.upgrade.refuse(refuse(404, "")));
    server.upgrade.receive(concat([utf8(REQUEST), masked(TEXT, "more than five")]), 0);
    expect(server.take().slice(9, 12)).toBe("404");
  });

  test("are held up to maxHeld, and refused with the byte behind", () => {
    const server = new Server({ maxHeld: 10 });
    server.receive(`${REQUEST}12345`);
    server.receive("67890");
    expect([server.upgrade.paused, server.take()]).toEqual([true, ""]);
    server.receive("1");
    expect(server.take()).toBe(refusal("400 Bad Request", "Too much was sent before the answer"));
    expect([server.requests.length, server.accept(), server.upgrade.outputEnded]).toEqual([1, false, true]);
    const atOnce = new Server({ maxHeld: 10 });
    atOnce.receive(`${REQUEST}12345678901`);
    expect(atOnce.take().slice(9, 12)).toBe("400");
  });

  test("are copied: the input is lent", () => {
    const server = new Server();
    const bytes = concat([utf8(REQUEST), masked(TEXT, "one")]);
    server.upgrade.receive(bytes, 0);
    bytes.fill(0);
    server.accept();
    expect(server.end.heard).toEqual([["text", "one"]]);
  });
});
