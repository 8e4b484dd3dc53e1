import { describe, expect, test } from "vitest";
import { Fields } from "../http/field.ts";
import { concat, masked, utf8 } from "../testing/frames.ts";
import { ANSWER, refusal, REQUEST, Server } from "../testing/upgrades.ts";
import { refuse } from "./handshake.ts";
import { TEXT } from "./opcode.ts";

describe("a request", () => {
  test("is heard once, when its head is whole, and answered with the 101 of RFC 6455, section 1.3", () => {
    const server = new Server();
    server.receive(REQUEST.slice(0, -1));
    expect([server.requests.length, server.upgrade.paused, server.take()]).toEqual([0, false, ""]);
    server.receive(REQUEST.slice(-1));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: "GET", target: "/chat" });
    expect(server.requests[0].fields.length).toBe(7);
    expect(server.upgrade.paused).toBe(true);
    expect(server.accept()).toBe(true);
    expect(server.take()).toBe(ANSWER);
    expect([server.upgrade.paused, server.upgrade.outputEnded]).toEqual([false, false]);
  });

  test("may be handed over by a host that parsed it", () => {
    const server = new Server();
    server.upgrade.request({ method: "GET", target: "/chat", fields: new Fields([["Sec-WebSocket-Key", "x"]]) });
    expect(server.requests).toHaveLength(1);
    expect(server.upgrade.paused).toBe(true);
    server.upgrade.receive(masked(TEXT, "early"), 0);
    expect(server.requests).toHaveLength(1);
    const response = { status: 101, reason: "", fields: new Fields() };
    expect(server.upgrade.accept({ accepted: true, protocol: "", extension: undefined, response }, server.end.connection, 0)).toBe(true);
    expect(server.end.heard).toEqual([["text", "early"]]);
    expect(server.take()).toBe("HTTP/1.1 101 \r\n\r\n");
  });

  test("that is malformed is refused and not heard", () => {
    const table: [text: string, answer: string][] = [
      ["GET / HTTP/1.1\nHost: a\r\n\r\n", refusal("400 Bad Request", "A line does not end with CR LF")],
      ["\x16\x03\x01", refusal("400 Bad Request", "The head has a control byte: is this a TLS client at a plain port?")],
      ["GET /\r\n\r\n", refusal("400 Bad Request", `The request line is not "METHOD target HTTP/1.1"`)],
      ["GET / HTTP/1.0\r\n\r\n", refusal("505 HTTP Version Not Supported", "HTTP/1.0 is not served here: use HTTP/1.1")],
      ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", refusal("400 Bad Request", `A header line is not "Name: value": "Host : a"`)],
      ["\r\n\r\n", refusal("400 Bad Request", `The request line is not "METHOD target HTTP/1.1"`)],
      [`GET /${"a".repeat(8_192)}`, refusal("414 URI Too Long", "The start line is longer than the limit")],
      [`GET / HTTP/1.1\r\n${"a: b\r\n".repeat(101)}\r\n`, refusal("431 Request Header Fields Too Large", "The head has more fields than the limit")],
    ];
    for (const [text, answer] of table) {
      const server = new Server();
      server.receive(text);
      expect(server.requests).toEqual([]);
      expect(server.take()).toBe(answer);
      expect([server.upgrade.outputEnded, server.upgrade.paused]).toEqual([true, false]);
      server.receive(REQUEST);
      expect([server.requests, server.take()]).toEqual([[], ""]);
    }
  });

  test("keeps what an option's limits say", () => {
    const server = new Server({ maxHead: 30 });
    server.receive(REQUEST);
    expect(server.take()).toBe(refusal("431 Request Header Fields Too Large", "The head is larger than the limit"));
  });

  test("behind another is not a request but early bytes (CVE-2026-130647)", () => {
    const server = new Server();
    server.receive(REQUEST + REQUEST);
    expect(server.requests).toHaveLength(1);
    server.accept();
    expect(server.end.connection.state).toBe("closing"); // "G" is no frame
  });
});

describe("a decision", () => {
  test("may be made while the request is heard", () => {
    const server = new Server({}, (self) => void self.accept());
    server.receive(REQUEST);
    expect(server.take()).toBe(ANSWER);
    expect(server.upgrade.paused).toBe(false);
  });

  test("counts once: what comes later is told that it is too late", () => {
    for (const first of ["accept", "refuse"]) {
      const server = new Server();
      server.receive(REQUEST);
      if (first === "accept") expect(server.accept()).toBe(true);
      else expect(server.upgrade.refuse(refuse(404, ""))).toBe(true);
      const answer = server.take();
      expect(server.accept()).toBe(false);
      expect(server.upgrade.refuse(refuse(404, ""))).toBe(false);
      expect(server.take()).toBe("");
      expect(answer.slice(9, 12)).toBe(first === "accept" ? "101" : "404");
    }
  });

  test("to refuse is answered with its head and its body, text or bytes", () => {
    for (const body of ["Nö", utf8("Nö")]) {
      const server = new Server();
      server.receive(REQUEST);
      expect(server.upgrade.refuse(refuse(401, body, [["WWW-Authenticate", "Basic"]]))).toBe(true);
      expect(server.take()).toBe(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: close\r\n\r\nN\xc3\xb6",
      );
      expect([server.upgrade.outputEnded, server.upgrade.paused]).toEqual([true, false]);
    }
  });

  test("with a header that may not be sent throws, and leaves the request undecided", () => {
    const server = new Server();
    server.receive(REQUEST);
    expect(() => server.upgrade.refuse(refuse(302, "", [["Location", "/\r\nSet-Cookie: a"]]))).toThrow(TypeError);
    const response = { status: 101, reason: "", fields: new Fields([["X", "\n"]]) };
    expect(() => server.upgrade.accept({ accepted: true, protocol: "", extension: undefined, response }, server.end.connection, 0)).toThrow(TypeError);
    expect([server.upgrade.paused, server.take()]).toEqual([true, ""]);
    expect(server.accept()).toBe(true);
    expect(server.take()).toBe(ANSWER);
  });

  test("that throws while the request is heard passes through, and the client is told 500", () => {
    const server = new Server({}, () => {
      throw new Error("mine");
    });
    expect(() => server.receive(REQUEST)).toThrow(new Error("mine"));
    expect(server.take()).toBe(refusal("500 Internal Server Error", "The server failed"));
    expect(server.upgrade.outputEnded).toBe(true);
    const handed = new Server({}, () => {
      throw new Error("mine");
    });
    expect(() => handed.upgrade.request({ method: "GET", target: "/", fields: new Fields() })).toThrow(new Error("mine"));
    expect(handed.take()).toBe(refusal("500 Internal Server Error", "The server failed"));
  });
});

describe("the peer's end", () => {
  test("before its request is whole ends the handshake with nothing said", () => {
    for (const text of ["", "GET / HT"]) {
      const server = new Server();
      server.receive(text);
      server.upgrade.receiveEnd(0);
      expect([server.take(), server.upgrade.outputEnded, server.upgrade.deadline]).toEqual(["", true, Infinity]);
      server.receive(REQUEST);
      expect(server.requests).toEqual([]);
    }
  });

  test("while the decision is open is handed to the connection, behind the early bytes", () => {
    const server = new Server();
    server.upgrade.receive(concat([utf8(REQUEST), masked(TEXT, "one")]), 0);
    server.upgrade.receiveEnd(0);
    expect([server.upgrade.outputEnded, server.upgrade.paused]).toEqual([false, true]);
    expect(server.accept()).toBe(true);
    expect(server.end.heard.map(([name]) => name)).toEqual(["text", "close"]);
    expect(server.take()).toBe(ANSWER);
    expect(server.upgrade.outputEnded).toBe(true);
  });

  test("does not keep a refusal from being sent: it may have ended one side only", () => {
    const server = new Server();
    server.receive(REQUEST);
    server.upgrade.receiveEnd(0);
    expect(server.upgrade.refuse(refuse(404, "gone"))).toBe(true);
    expect(server.take()).toBe(refusal("404 Not Found", "gone"));
  });

  test("is not handed to a connection that was accepted before it came, but by itself", () => {
    const server = new Server({}, (self) => void self.accept());
    server.receive(REQUEST);
    expect(server.end.heard).toEqual([]);
    server.upgrade.receiveEnd(0);
    expect(server.end.heard.map(([name]) => name)).toEqual(["close"]);
  });
});

describe("the deadline", () => {
  test("is 10 seconds from the first call when nothing else is said, whatever trickles in", () => {
    const server = new Server();
    server.take(500);
    expect(server.upgrade.deadline).toBe(10_500);
    server.receive("G", 9_000);
    expect(server.upgrade.deadline).toBe(10_500);
    server.upgrade.handleTimeout(10_499);
    expect(server.take(10_499)).toBe("");
    server.upgrade.handleTimeout(10_500);
    expect(server.take(10_500)).toBe(refusal("408 Request Timeout", "The request took too long"));
    expect([server.upgrade.outputEnded, server.upgrade.deadline]).toEqual([true, 11_500]);
    server.upgrade.handleTimeout(11_500);
    expect(server.upgrade.deadline).toBe(Infinity);
  });

  test("says nothing to a client that said nothing", () => {
    const server = new Server({ handshakeTimeout: 50 });
    server.upgrade.handleTimeout(0);
    server.upgrade.handleTimeout(50);
    expect([server.take(50), server.upgrade.outputEnded, server.upgrade.deadline]).toEqual(["", true, Infinity]);
  });

  test("answers 503 for an application that has not decided, which is then too late", () => {
    const server = new Server({ handshakeTimeout: 50 });
    server.receive(REQUEST);
    expect(server.upgrade.deadline).toBe(50);
    server.upgrade.handleTimeout(50);
    expect(server.accept(50)).toBe(false);
    expect(server.take(50)).toBe(refusal("503 Service Unavailable", "The server took too long to decide"));
    expect(server.end.heard).toEqual([]);
  });

  test("is the connection's own once it is accepted", () => {
    const server = new Server({ handshakeTimeout: 50 });
    server.receive(REQUEST);
    server.accept();
    server.take(10);
    server.upgrade.handleTimeout(50);
    expect(server.take(50)).toBe("");
    expect(server.end.heard).toEqual([]);
  });

  test("of a refusal is one second for the peer to read it", () => {
    const server = new Server();
    server.receive(REQUEST, 100);
    server.upgrade.refuse(refuse(404, ""));
    expect(server.upgrade.deadline).toBe(-Infinity);
    server.take(200);
    expect(server.upgrade.deadline).toBe(1_200);
    server.receive("more", 300);
    server.upgrade.receiveEnd(400);
    expect(server.upgrade.deadline).toBe(1_200);
    server.upgrade.handleTimeout(1_200);
    expect([server.upgrade.deadline, server.upgrade.outputEnded, server.take(1_200)]).toEqual([Infinity, true, ""]);
  });
});
