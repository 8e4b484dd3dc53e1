import { describe, expect, test } from "vitest";
import { Fields } from "../http/field.ts";
import { concat, frame, utf8 } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { ANSWER, answered, Client, sampleOffer } from "../testing/upgrades.ts";
import { ClientUpgrade } from "./client-upgrade.ts";
import { TEXT } from "./opcode.ts";

const REQUEST = [
  "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: chat, superchat", "Origin: http://server.example.com", "", "",
].join("\r\n");

describe("the request", () => {
  test("is the first output (RFC 6455, section 4.1)", () => {
    const client = new Client();
    expect([client.upgrade.outputEnded, client.upgrade.paused]).toEqual([false, false]);
    expect(client.take()).toBe(REQUEST);
    expect(client.take()).toBe("");
    expect([client.upgrade.outputEnded, client.upgrade.paused]).toEqual([false, false]);
  });

  test("that may not be written throws when the upgrade is made (CVE-2026-1527)", () => {
    const offer = sampleOffer();
    for (const request of [{ ...offer.request, target: "/ HTTP/1.1\r\nX: y" }, { ...offer.request, fields: new Fields([["Host", "a\r\nX: y"]]) }]) {
      expect(() => new ClientUpgrade({ offer: { ...offer, request }, onAccepted: () => new End("client").connection, onFailure: () => {} })).toThrow(TypeError);
    }
  });
});

describe("a 101", () => {
  test("that is right makes the connection, and what is behind it is the connection's (section 4.1)", () => {
    const client = new Client();
    client.take();
    client.upgrade.receive(concat([utf8(ANSWER), frame(TEXT, "one"), frame(TEXT, "two").subarray(0, 3)]), 0);
    expect(client.accepted).toHaveLength(1);
    expect(client.accepted[0]).toMatchObject({ accepted: true, protocol: "chat", response: { status: 101 } });
    client.upgrade.receive(frame(TEXT, "two").subarray(3), 0);
    expect(client.end.heard).toEqual([["text", "one"], ["text", "two"]]);
    expect([client.failure, client.upgrade.outputEnded]).toEqual([undefined, false]);
    client.upgrade.receiveEnd(0);
    expect(client.end.close?.code).toBe(1006);
    expect(client.failure).toBeUndefined();
  });

  test("makes the connection before it hears anything, with the time of its arrival", () => {
    const client = new Client();
    client.take(0);
    client.receive(ANSWER, 5_000);
    expect(client.end.heard).toEqual([]);
    client.receive("", 6_000);
    client.take(6_000);
    expect(client.upgrade.deadline).toBe(36_000);
    const together = new Client();
    together.take(0);
    together.upgrade.receive(concat([utf8(ANSWER), frame(TEXT, "one")]), 7_000);
    together.take(7_000);
    expect(together.upgrade.deadline).toBe(37_000);
  });

  test("gives the connection nothing to hear when nothing is behind it", () => {
    const client = new Client();
    const inputs: number[] = [];
    client.end.connection.receive = (input) => void inputs.push(input.length);
    client.receive(ANSWER);
    expect(inputs).toEqual([]);
    client.receive("a");
    expect(inputs).toEqual([1]);
  });

  test("may come before the request was taken: it leaves all the same", () => {
    const client = new Client();
    client.receive(ANSWER);
    expect(client.take()).toBe(REQUEST);
    expect(client.accepted).toHaveLength(1);
  });

  test("that breaks a rule is invalid", () => {
    const client = answered(ANSWER.replace("s3p", "s3q"));
    expect(client.failure).toEqual(["invalid", "Sec-WebSocket-Accept does not match the key that was sent", 101, ""]);
    expect(client.over).toBe(true);
    expect(answered(ANSWER.replace("Protocol: chat", "Protocol: other")).failure).toEqual(["invalid", `The server chose a subprotocol that was not offered: "other"`, 101, ""]);
    expect(answered(`${ANSWER.replace("Upgrade: websocket", "Upgrade: h2c")}body`).failure).toEqual(["invalid", `Upgrade is not "websocket" in the answer`, 101, ""]);
  });

  test("whose application throws ends the handshake, and is heard once", () => {
    const client = new Client({}, () => {
      throw new Error("mine");
    });
    client.take();
    expect(() => client.receive(`${ANSWER}more`)).toThrow(new Error("mine"));
    expect(client.over).toBe(true);
    client.receive(ANSWER);
    client.upgrade.receiveEnd(0);
    expect([client.accepted.length, client.failures.length]).toEqual([1, 0]);
  });
});

describe("an interim answer (RFC 9110, section 15.2)", () => {
  test("is skipped, and so are those that follow", () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 199 x\r\n\r\n";
    const client = answered(interim.repeat(50) + ANSWER);
    expect(client.accepted[0].response.status).toBe(101);
    expect(answered(`${interim}HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno`).failure).toEqual(["refused", "The server answered 404 Not Found", 404, "no"]);
  });

  test("is not the answer: without another there is none", () => {
    const client = answered("HTTP/1.1 103 Early Hints\r\n\r\n");
    expect([client.failure, client.upgrade.outputEnded]).toEqual([undefined, false]);
    client.upgrade.receiveEnd(0);
    expect(client.failure).toEqual(["ended", "The server closed the connection before it answered the handshake", undefined, ""]);
    expect(answered("HTTP/1.1 100 Continue\r\n\r\n\0").failure?.slice(0, 3)).toEqual([
      "malformed",
      "The server's answer is malformed: The head has a control byte: is this a TLS client at a plain port?",
      undefined,
    ]);
  });

  test("has the limits of a head, each one anew", () => {
    const client = answered("HTTP/1.1 100 Continue\r\n\r\n".repeat(4), { maxHead: 30 });
    expect(client.failure).toBeUndefined();
  });

  test("may not come without end: all together are no larger than four heads", () => {
    const client = answered("HTTP/1.1 100 Continue\r\n\r\n".repeat(4), { maxHead: 25 });
    expect(client.failure).toBeUndefined();
    client.receive("HTTP/1.1 100 Continue\r\n\r\n");
    expect(client.failure).toEqual(["malformed", "The server sends interim answers without end", undefined, ""]);
    expect(client.over).toBe(true);
  });
});

describe("what is no answer", () => {
  test("is malformed", () => {
    const table: [text: string, message: string][] = [
      ["SSH-2.0-OpenSSH\r\n\r\n", `The answer does not begin with "HTTP/1.1" and a status: "SSH-2.0-OpenSSH"`],
      ["HTTP/1.1 101 Switching Protocols\r\nUpgrade : websocket\r\n\r\n", `A header line is not "Name: value": "Upgrade : websocket"`],
      ["HTTP/1.1 101 x\n", "The server's answer is malformed: A line does not end with CR LF"],
      [`HTTP/1.1 101 ${"a".repeat(9_000)}`, "The server's answer is malformed: The start line is longer than the limit"],
      [`HTTP/1.1 101 x\r\na: ${"a".repeat(9_000)}`, "The server's answer is malformed: A header line is longer than the limit"],
      [`HTTP/1.1 101 x\r\n${"a: b\r\n".repeat(101)}`, "The server's answer is malformed: The head has more fields than the limit"],
    ];
    for (const [text, message] of table) {
      const client = answered(text);
      expect(client.failure).toEqual(["malformed", message, undefined, ""]);
      expect(client.over).toBe(true);
      client.receive(ANSWER);
      client.upgrade.receiveEnd(0);
      client.upgrade.handleTimeout(100_000);
      expect(client.failures).toHaveLength(1);
    }
  });

  test("is an end before it: the failure is heard once", () => {
    for (const text of ["", "HTTP/1.1 101 Sw", ANSWER.slice(0, -1)]) {
      const client = answered(text);
      client.upgrade.receiveEnd(0);
      client.upgrade.receiveEnd(0);
      expect(client.failure).toEqual(["ended", "The server closed the connection before it answered the handshake", undefined, ""]);
      expect(client.over).toBe(true);
    }
  });
});

describe("the deadline", () => {
  test("is 10 seconds from the first call when nothing else is said, whatever trickles in", () => {
    const client = new Client();
    client.take(1_000);
    expect(client.upgrade.deadline).toBe(11_000);
    client.receive("HTTP/1.1 100 Continue\r\n\r\nHTTP", 10_000);
    client.upgrade.handleTimeout(10_999);
    expect(client.failure).toBeUndefined();
    client.upgrade.handleTimeout(11_000);
    expect(client.failure).toEqual(["timeout", "The server did not answer the handshake within 10000 ms", undefined, ""]);
    expect(client.over).toBe(true);
    client.receive(ANSWER, 11_001);
    expect(client.accepted).toEqual([]);
  });

  test("shows a refusal whose body does not end", () => {
    const client = new Client({ handshakeTimeout: 50 });
    client.take(0);
    client.receive("HTTP/1.1 404 Not Found\r\n\r\nhello", 49);
    client.upgrade.handleTimeout(50);
    expect(client.failure).toEqual(["refused", "The server answered 404 Not Found", 404, "hello"]);
    expect(client.over).toBe(true);
  });

  test("is the connection's own once it is accepted", () => {
    const client = new Client({ handshakeTimeout: 50 });
    client.take(0);
    client.receive(ANSWER, 10);
    client.upgrade.handleTimeout(50);
    expect([client.failure, client.end.heard]).toEqual([undefined, []]);
  });
});
