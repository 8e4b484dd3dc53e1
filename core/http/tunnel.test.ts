import { describe, expect, it } from "vitest";
import type { ResponseHead } from "./head.ts";
import { Tunnel } from "./tunnel.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const OK = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";

function open(headers: [string, string][] = []): { tunnel: Tunnel; heard: (string | [message: string, status: number | undefined])[] } {
  const heard: (string | [string, number | undefined])[] = [];
  const tunnel = new Tunnel("example.com:443", headers, {
    onOpen: () => void heard.push("open"),
    onFailure: (message: string, response: ResponseHead | undefined) => void heard.push([message, response?.status]),
  });
  return { tunnel, heard };
}

/** An answer that opens it with its last byte, wherever it is cut in two. */
function opensHowever(answer: string): void {
  for (let cut = 0; cut <= answer.length; cut++) {
    const { tunnel, heard } = open();
    tunnel.receive(bytes(answer.slice(0, cut)));
    expect(heard).toEqual(cut < answer.length ? [] : ["open"]);
    tunnel.receive(bytes(answer.slice(cut)));
    expect(heard).toEqual(["open"]);
    expect(tunnel.outputEnded).toBe(false);
  }
}

describe("Tunnel", () => {
  it("asks with CONNECT, once, and awaits nothing by itself", () => {
    const { tunnel } = open([["Proxy-Authorization", "Basic x"]]);
    const output = tunnel.takeOutput();
    expect(output.map((piece) => String.fromCharCode(...piece))).toEqual([
      "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic x\r\n\r\n",
    ]);
    expect(tunnel.takeOutput()).toEqual([]);
    expect([tunnel.paused, tunnel.deadline, tunnel.outputEnded]).toEqual([false, Infinity, false]);
    tunnel.handleTimeout();
    expect(tunnel.takeOutput()).toEqual([]);
  });

  it("reads past interim answers (RFC 9110, section 15.2)", () => {
    opensHowever(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`);
  });

  it.each([200, 204, 299])("opens with any 2xx, however it is cut (%i)", (status) => {
    opensHowever(OK.replace("200", String(status)));
  });

  it("says nothing more once it is open: another protocol has the transport", () => {
    const { tunnel, heard } = open();
    tunnel.receive(bytes(OK));
    tunnel.receive(bytes("anything"));
    tunnel.receiveEnd();
    expect(heard).toEqual(["open"]);
  });

  it.each([
    ["HTTP/1.1 407 Who are you\r\n\r\n", "it answered 407 Who are you", 407],
    ["HTTP/1.1 300\r\n\r\n", "it answered 300", 300],
    ["HTTP/1.1 101 x\r\n\r\n", "it answered 101 x", 101],
    [`${OK}x`, "it sent more than its answer", 200],
    ["SSH-2.0\r\n\r\n", `The answer does not begin with "HTTP/1.1" and a status: "SSH-2.0"`, undefined],
    ["\u0016\u0003", "The head has a control byte: is this a TLS client at a plain port?", undefined],
  ])("fails with the proxy's answer %j, and ends", (answer, message, status) => {
    const { tunnel, heard } = open();
    tunnel.receive(bytes(answer));
    expect(heard).toEqual([[message, status]]);
    expect(tunnel.outputEnded).toBe(true);
    tunnel.receive(bytes(OK));
    tunnel.receiveEnd();
    expect(heard.length).toBe(1);
  });

  it("fails when the proxy closes before it answered", () => {
    const { tunnel, heard } = open();
    tunnel.receive(bytes("HTTP/1.1 2"));
    tunnel.receiveEnd();
    expect(heard).toEqual([["it closed the connection", undefined]]);
    expect(tunnel.outputEnded).toBe(true);
  });
});
