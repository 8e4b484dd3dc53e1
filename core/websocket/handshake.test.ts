import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import { HeadParser, parseRequest, parseResponse, type RequestHead, type ResponseHead, writeRequest, writeResponse } from "../http/head.ts";
import { ACCEPT, KEY, PROTOTYPE_NAMES } from "../testing/handshake.ts";
import { type Accepted, acceptKey, acceptUpgrade, checkUpgrade, offerUpgrade, type Refused, refuse } from "./handshake.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

describe("acceptKey", () => {
  test("gives the hash of RFC 6455, section 1.3", () => {
    expect(acceptKey(KEY)).toBe(ACCEPT);
  });

  test("gives what the host's own SHA-1 gives, for any key", async () => {
    await fc.assert(fc.asyncProperty(fc.string(), async (key) => {
      const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
      expect(acceptKey(key)).toBe(Buffer.from(hash).toString("base64"));
    }));
  });
});

describe("refuse", () => {
  test("says its length, its type and that the connection ends", () => {
    const { response, body, accepted } = refuse(404, "Nöt here");
    expect({ ...response, fields: [...response.fields] }).toEqual({
      status: 404,
      reason: "Not Found",
      fields: [["Content-Type", "text/plain; charset=utf-8"], ["Content-Length", "9"], ["Connection", "close"]],
    });
    expect([body, accepted]).toEqual(["Nöt here", false]);
  });

  test("counts the bytes of a binary body", () => {
    const body = new Uint8Array(7);
    const refused: Refused = refuse(200, body, [["content-type", "image/png"]]);
    expect([...refused.response.fields]).toEqual([["content-type", "image/png"], ["Content-Length", "7"], ["Connection", "close"]]);
    expect(refused.body).toBe(body);
  });

  test("keeps the fields it is given but those that say where the message ends", () => {
    const { response } = refuse(302, "", [["Location", "/"], ["Content-Length", "5"], ["transfer-encoding", "chunked"], ["CONNECTION", "keep-alive"], ["Set-Cookie", "a"], ["Set-Cookie", "b"]]);
    expect([...response.fields]).toEqual([
      ["Location", "/"], ["Set-Cookie", "a"], ["Set-Cookie", "b"], ["Content-Type", "text/plain; charset=utf-8"], ["Content-Length", "0"], ["Connection", "close"],
    ]);
  });

  test("knows the reasons of the statuses it may need, and no others", () => {
    const reasons = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at + 100, refuse(at + 100, "").response.reason]).filter(([, reason]) => reason !== ""));
    expect(reasons).toEqual({
      101: "Switching Protocols", 200: "OK", 301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect", 308: "Permanent Redirect",
      400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 414: "URI Too Long",
      426: "Upgrade Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
      505: "HTTP Version Not Supported",
    });
  });
});

test("whatever a client offers that a server accepts, the client takes, over heads that were written and read", () => {
  const token = fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/);
  const protocols = fc.uniqueArray(fc.oneof(token, fc.constantFrom(...PROTOTYPE_NAMES)), { maxLength: 4 });
  fc.assert(fc.property(protocols, protocols, fc.uint8Array({ minLength: 16, maxLength: 16 }), (offered, served, nonce) => {
    const offer = offerUpgrade({ host: "example.com", target: "/", protocols: offered }, new RandomPool((target) => target.set(nonce)));
    const request = new HeadParser(DEFAULT_LIMITS);
    request.push(writeRequest(offer.request));
    const answer = acceptUpgrade(parseRequest(request.text as string) as RequestHead, { protocols: served });
    const response = new HeadParser(DEFAULT_LIMITS);
    response.push(writeResponse(answer.response));
    const verdict = checkUpgrade(parseResponse(response.text as string) as ResponseHead, offer);
    expect(verdict.accepted && answer.accepted && verdict.protocol === answer.protocol).toBe(true);
    expect((verdict as Accepted).protocol).toBe(offered.find((name) => served.includes(name)) ?? "");
  }));
});
