import fc from "fast-check";
import { expect, test } from "vitest";
import { concat, cut, everySplit, masked, utf8 } from "../testing/frames.ts";
import { REQUEST, Server } from "../testing/upgrades.ts";
import { acceptUpgrade, refuse } from "./handshake.ts";
import type { Limits } from "./limits.ts";
import { TEXT } from "./opcode.ts";

/** Everything there is to tell of a server that was given these pieces, accepted or refused at once, later or never. */
function story(pieces: readonly Uint8Array[], decision: string, ended: boolean, limits: Partial<Limits> = {}): unknown {
  const decide = (server: Server): void => {
    if (decision.startsWith("accept")) {
      const answer = acceptUpgrade(server.requests[0], { origins: "any" });
      if (answer.accepted) server.upgrade.accept(answer, server.end.connection, 0);
      else server.upgrade.refuse(answer);
    } else if (decision.startsWith("refuse")) {
      server.upgrade.refuse(refuse(404, "no"));
    }
  };
  const server = new Server({ maxHead: 400, maxLine: 100, maxHeld: 40, ...limits }, decision.endsWith("now") ? decide : () => {});
  for (const piece of pieces) server.upgrade.receive(piece, 0);
  if (ended) server.upgrade.receiveEnd(0);
  if (decision.endsWith("later") && server.requests.length > 0) decide(server);
  const output = server.take();
  const { outputEnded, paused, deadline } = server.upgrade;
  const requests = server.requests.map(({ method, target, fields }) => [method, target, [...fields]]);
  return { requests, output, outputEnded, paused, deadline, heard: server.end.heard, state: server.end.connection.state };
}

const DECISIONS = ["accept now", "accept later", "refuse now", "refuse later", "never"];

test("the same bytes tell the same story however they are cut", () => {
  const samples = [
    concat([utf8(REQUEST), masked(TEXT, "one"), masked(TEXT, "two")]),
    concat([utf8(REQUEST), masked(TEXT, "x".repeat(50))]),
    utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"),
    utf8(`GET /${"a".repeat(120)}\0`),
    utf8("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
  ];
  for (const bytes of samples) {
    for (const decision of DECISIONS) {
      const whole = story([bytes], decision, false);
      for (const pieces of everySplit(bytes)) expect(story(pieces, decision, false)).toEqual(whole);
    }
  }
});

test("no input makes it throw, and any input tells the same story however it is cut", () => {
  const valid = concat([utf8(REQUEST), masked(TEXT, "hello")]);
  const edit = fc.tuple(fc.nat({ max: valid.length }), fc.nat({ max: 5 }), fc.oneof(fc.uint8Array({ maxLength: 5 }), fc.constantFrom("\r\n", "\r\n\r\n", ": ", ",", "\0").map(utf8)));
  const mutated = fc.array(edit, { maxLength: 3 }).map((edits) => edits.reduce(
    (bytes, [at, removed, added]) => concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]),
    valid,
  ));
  const input = fc.oneof({ weight: 3, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) });
  fc.assert(fc.property(input, fc.array(fc.nat(), { maxLength: 6 }), fc.constantFrom(...DECISIONS), fc.boolean(), (bytes, offsets, decision, ended) => {
    expect(story(cut(bytes, offsets), decision, ended)).toEqual(story([bytes], decision, ended));
  }), { numRuns: 1_500 });
});

test("a client that sends for ever is cut off at the limits (CVE-2026-54465)", () => {
  const server = new Server();
  const line = `a: ${"b".repeat(1_000)}\r\n`;
  server.receive("GET / HTTP/1.1\r\n");
  for (let count = 0; count < 1_000; count++) server.receive(line);
  expect(server.take().slice(9, 12)).toBe("431");
  const early = new Server({ maxHeld: 1_000 });
  early.receive(REQUEST);
  for (let count = 0; count < 1_000; count++) early.receive(line);
  expect(early.take().slice(9, 12)).toBe("400");
});
