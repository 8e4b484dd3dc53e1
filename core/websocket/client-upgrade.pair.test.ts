import { describe, expect, test } from "vitest";
import type { RequestHead } from "../http/head.ts";
import { concat, utf8 } from "../testing/frames.ts";
import { End } from "../testing/pair.ts";
import { Client } from "../testing/upgrades.ts";
import { acceptUpgrade, refuse } from "./handshake.ts";
import { ServerUpgrade } from "./server-upgrade.ts";
import type { Upgrade } from "./upgrade.ts";

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
