import fc from "fast-check";
import { expect, test } from "vitest";
import { concat, cut, everySplit, frame, utf8 } from "../testing/frames.ts";
import { ANSWER, Client } from "../testing/upgrades.ts";
import { TEXT } from "./opcode.ts";

/** Everything there is to tell of a client that was given these pieces. */
function story(pieces: readonly Uint8Array[], ended: boolean): unknown {
  const client = new Client({ maxHead: 300, maxLine: 100, maxFields: 8, maxBody: 10 });
  for (const piece of pieces) client.upgrade.receive(piece, 0);
  if (ended) client.upgrade.receiveEnd(0);
  const output = client.take();
  const { outputEnded, paused, deadline } = client.upgrade;
  const accepted = client.accepted.map(({ protocol, response }) => [protocol, [...response.fields]]);
  return { output, outputEnded, paused, deadline, accepted, failure: client.failure, heard: client.end.heard, state: client.end.connection.state };
}

test("the same bytes tell the same story however they are cut", () => {
  const samples = [
    concat([utf8(`HTTP/1.1 100 Continue\r\n\r\n${ANSWER}`), frame(TEXT, "one"), frame(TEXT, "two")]),
    utf8("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello, world"),
    utf8("HTTP/1.1 404 Not Found\r\n\r\nhello, world"),
    utf8("HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\n123456789\r\n0\r\n\r\n"),
    utf8(`HTTP/1.1 200 ${"a".repeat(120)}\0`),
    utf8(ANSWER.replace("chat", "b")),
  ];
  for (const bytes of samples) {
    for (const ended of [false, true]) {
      const whole = story([bytes], ended);
      for (const pieces of everySplit(bytes)) expect(story(pieces, ended)).toEqual(whole);
    }
  }
});

test("no input makes it throw, and any input tells the same story however it is cut", () => {
  const samples = [ANSWER, `HTTP/1.1 100 x\r\n\r\n${ANSWER}`, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 500\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"];
  const edit = fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.oneof(fc.uint8Array({ maxLength: 5 }), fc.constantFrom("\r\n", "\r\n\r\n", ": ", ",", "\0").map(utf8)));
  const mutated = fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 3 })).map(([sample, edits]) => edits.reduce(
    (bytes, [at, removed, added]) => concat([bytes.subarray(0, at % bytes.length), added, bytes.subarray(at % bytes.length + removed)]),
    concat([utf8(sample), frame(TEXT, "hello")]),
  ));
  const input = fc.oneof({ weight: 3, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) });
  fc.assert(fc.property(input, fc.array(fc.nat(), { maxLength: 6 }), fc.boolean(), (bytes, offsets, ended) => {
    expect(story(cut(bytes, offsets), ended)).toEqual(story([bytes], ended));
  }), { numRuns: 1_500 });
});
