import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import { Fields } from "../http/field.ts";
import type { RequestHead } from "../http/head.ts";
import { concat, cut, everySplit, frame, utf8 } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { ClientUpgrade, type UpgradeFailure } from "./client-upgrade.ts";
import { type Accepted, acceptUpgrade, type Offer, offerUpgrade, refuse } from "./handshake.ts";
import type { Limits } from "./limits.ts";
import { TEXT } from "./opcode.ts";
import { ServerUpgrade } from "./server-upgrade.ts";
import type { Upgrade } from "./upgrade.ts";

const REQUEST = [
  "GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: chat, superchat", "Origin: http://server.example.com", "", "",
].join("\r\n");
const ANSWER = [
  "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "Sec-WebSocket-Protocol: chat", "", "",
].join("\r\n");

/** The offer of RFC 6455, section 1.2. */
function sampleOffer(): Offer {
  return offerUpgrade({
    host: "server.example.com",
    target: "/chat",
    protocols: ["chat", "superchat"],
    headers: [["Origin", "http://server.example.com"]],
  }, new RandomPool((target) => target.set(utf8("the sample nonce"))));
}

/** A client's upgrade, how it went, and the connection it becomes. */
class Client {
  readonly accepted: Accepted[] = [];
  readonly failures: UpgradeFailure[] = [];
  readonly end: End = new End("client");
  readonly upgrade: ClientUpgrade;

  constructor(limits: Partial<Limits> = {}, onAccepted: () => void = () => {}) {
    this.upgrade = new ClientUpgrade({
      offer: sampleOffer(),
      limits,
      onAccepted: (accepted) => {
        this.accepted.push(accepted);
        onAccepted();
        return this.end.connection;
      },
      onFailure: (failure) => void this.failures.push(failure),
    });
  }
  receive(text: string, now = 0): void {
    this.upgrade.receive(utf8(text), now);
  }
  take(now = 0): string {
    return String.fromCharCode(...concat(this.upgrade.takeOutput(now)));
  }
  /** The one failure: its reason, message, status and body. */
  get failure(): unknown[] | undefined {
    expect(this.failures.length + this.accepted.length).toBeLessThan(2);
    if (this.failures.length === 0) return undefined;
    const { reason, message, response, body } = this.failures[0];
    return [reason, message, response?.status, new TextDecoder().decode(body)];
  }
  /** True once it is over and nothing is awaited. */
  get over(): boolean {
    return this.upgrade.outputEnded && this.upgrade.deadline === Infinity;
  }
}

/** A client that sent its request and got this. */
function answered(text: string, limits: Partial<Limits> = {}): Client {
  const client = new Client(limits);
  client.take();
  client.receive(text);
  return client;
}

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
  test("is skipped, however many come", () => {
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
});

describe("a refusal", () => {
  test("is shown with its head and its body of Content-Length bytes", () => {
    const client = answered("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\nX: y\r\n\r\nhell");
    expect([client.failure, client.over]).toEqual([undefined, false]);
    client.receive("o, world");
    expect(client.failure).toEqual(["refused", "The server answered 403 Forbidden", 403, "hello"]);
    expect(client.failures[0].response?.fields.get("x")).toBe("y");
    expect(client.over).toBe(true);
    client.receive(ANSWER);
    expect(client.failures).toHaveLength(1);
  });

  test("may have a chunked body", () => {
    const client = answered("HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    expect(client.failure).toBeUndefined();
    client.receive("2\r\nde\r\n0\r\n\r\n");
    expect(client.failure).toEqual(["refused", "The server answered 500 Internal Server Error", 500, "abcde"]);
  });

  test("may have a body that ends with the stream", () => {
    const client = answered("HTTP/1.0 200 OK\r\n\r\n<html>");
    client.receive("</html>");
    expect(client.failure).toBeUndefined();
    client.upgrade.receiveEnd(0);
    expect(client.failure).toEqual(["refused", "The server answered 200 OK", 200, "<html></html>"]);
    expect(client.over).toBe(true);
  });

  test("may have none", () => {
    for (const head of ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"]) {
      expect(answered(head).failure).toEqual(["refused", "The server answered 204 No Content", 204, ""]);
    }
  });

  test("is a redirect's too: where to is the application's to judge", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const client = answered(`HTTP/1.1 ${status}\r\nLocation: ws://other/\r\nContent-Length: 0\r\n\r\n`);
      expect(client.failure).toEqual(["refused", `The server answered ${status}`, status, ""]);
      expect(client.failures[0].response?.fields.get("Location")).toBe("ws://other/");
    }
  });

  test("is any status but 101 from 200 on", () => {
    for (const status of [200, 401, 407, 426, 503, 999]) expect(answered(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`).failure?.[0]).toBe("refused");
  });

  test("is cut off at maxBody", () => {
    const client = answered("HTTP/1.1 404 Not Found\r\n\r\nhello", { maxBody: 6 });
    expect(client.failure).toBeUndefined();
    client.receive(", world");
    expect(client.failure).toEqual(["refused", "The server answered 404 Not Found", 404, "hello,"]);
    const endless = answered("HTTP/1.1 404 Not Found\r\n\r\n");
    for (let count = 0; count < 100; count++) endless.receive("x".repeat(1_000));
    expect((endless.failure?.[3] as string).length).toBe(65_536);
  });

  test("whose body is cut short by the peer's end is shown as far as it came", () => {
    const client = answered("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nhello");
    client.upgrade.receiveEnd(0);
    expect(client.failure).toEqual(["refused", "The server answered 404 Not Found", 404, "hello"]);
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

describe("a client's and a server's upgrade back to back", () => {
  type Decision = (server: ServerUpgrade, request: RequestHead, end: End) => void;
  const accept: Decision = (server, request, end) => {
    const answer = acceptUpgrade(request, { protocols: ["superchat"] });
    if (answer.accepted) server.accept(answer, end.connection, 0);
    else server.refuse(answer);
  };

  /** Both roles; `move` carries what each says to the other, in pieces of a size, until neither says anything. */
  class Pair {
    readonly client: Client = new Client();
    readonly end: End = new End("server");
    readonly requests: RequestHead[] = [];
    readonly server: ServerUpgrade;

    constructor(decision: Decision = () => {}) {
      this.server = new ServerUpgrade({
        onRequest: (request) => {
          this.requests.push(request);
          decision(this.server, request, this.end);
        },
      });
    }
    move(size = 1_000): this {
      while (this.#carry(this.client.upgrade, this.server, size) || this.#carry(this.server, this.client.upgrade, size));
      return this;
    }
    #carry(from: Upgrade, to: Upgrade, size: number): boolean {
      const bytes = concat(from.takeOutput(0));
      for (let at = 0; at < bytes.length; at += size) to.receive(bytes.slice(at, at + size), 0);
      return bytes.length > 0;
    }
  }

  test("agree, and carry messages both ways, in pieces of any size", () => {
    for (const size of [1, 2, 7, 1_000]) {
      const { client, end, requests } = new Pair(accept).move(size);
      expect(requests).toHaveLength(1);
      expect(client.accepted[0].protocol).toBe("superchat");
      expect([client.end.connection.state, end.connection.state]).toEqual(["open", "open"]);
    }
    const pair = new Pair(accept).move();
    pair.client.end.connection.sendText("to the server");
    pair.end.connection.sendText("to the client");
    pair.move(1);
    expect([pair.end.heard, pair.client.end.heard]).toEqual([[["text", "to the server"]], [["text", "to the client"]]]);
    pair.client.end.connection.close(1000, "bye");
    pair.move(1);
    pair.client.upgrade.receiveEnd(0);
    pair.server.receiveEnd(0);
    for (const close of [pair.end.close, pair.client.end.close]) expect(close).toMatchObject({ code: 1000, reason: "bye", clean: true });
  });

  test("agree when the server decides later", () => {
    const pair = new Pair().move(3);
    expect([pair.client.accepted.length, pair.server.paused]).toEqual([0, true]);
    accept(pair.server, pair.requests[0], pair.end);
    pair.end.connection.sendText("welcome");
    pair.move();
    expect(pair.client.end.heard).toEqual([["text", "welcome"]]);
  });

  test("tell the client of a refusal, with its body", () => {
    for (const body of ["No room", utf8("No room")]) {
      const pair = new Pair((server) => void server.refuse(refuse(503, body, [["Retry-After", "5"]]))).move(1);
      expect(pair.client.failure).toEqual(["refused", "The server answered 503 Service Unavailable", 503, "No room"]);
      expect(pair.client.failures[0].response?.fields.get("retry-after")).toBe("5");
      expect([pair.client.over, pair.server.outputEnded]).toEqual([true, true]);
    }
  });

  test("tell the client why its time was up", () => {
    const pair = new Pair().move();
    pair.server.handleTimeout(10_000);
    expect(pair.move().client.failure).toEqual(["refused", "The server answered 503 Service Unavailable", 503, "The server took too long to decide"]);
  });
});
