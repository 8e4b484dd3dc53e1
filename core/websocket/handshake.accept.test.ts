import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fields } from "../http/field.ts";
import { HeadParser, parseResponse, type RequestHead, writeResponse } from "../http/head.ts";
import { ACCEPT, KEY, type Pairs, PROTOTYPE_NAMES, sampleRequest } from "../testing/handshake.ts";
import { type Accepted, type AcceptOptions, acceptUpgrade, type Refused, writeAnswer } from "./handshake.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

/** Status, body and the fields that say more than type and length. */
function verdict(request: RequestHead, options?: AcceptOptions): unknown {
  const answer = acceptUpgrade(request, options);
  if (answer.accepted) return "accepted";
  const own = [...answer.response.fields].slice(0, -3);
  return own.length === 0 ? [answer.response.status, answer.body] : [answer.response.status, answer.body, own];
}

describe("acceptUpgrade", () => {
  test("accepts the sample of section 1.2 with the answer of section 1.3", () => {
    const answer = acceptUpgrade(sampleRequest(), { protocols: ["chat"] }) as Accepted;
    expect(answer).toMatchObject({ accepted: true, protocol: "chat", response: { status: 101, reason: "Switching Protocols" } });
    expect([...answer.response.fields]).toEqual([
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", ACCEPT],
      ["Sec-WebSocket-Protocol", "chat"],
    ]);
  });

  test("chooses the first of the client's subprotocols that it serves, with regard to case", () => {
    const chosen = (protocols?: readonly string[]): string => (acceptUpgrade(sampleRequest(), protocols === undefined ? {} : { protocols }) as Accepted).protocol;
    expect(chosen(["superchat", "chat"])).toBe("chat");
    expect(chosen(["superchat"])).toBe("superchat");
    expect(chosen(["Chat", "other"])).toBe("");
    expect(chosen([])).toBe("");
    expect(chosen()).toBe("");
  });

  test("names no subprotocol in its answer when there is none in common", () => {
    const answer = acceptUpgrade(sampleRequest({ "Sec-WebSocket-Protocol": undefined }), { protocols: ["chat"] }) as Accepted;
    expect(answer.protocol).toBe("");
    expect([...answer.response.fields]).toHaveLength(3);
  });

  test("adds further fields behind its own, and refuses those that would forge or repeat one", () => {
    const answer = acceptUpgrade(sampleRequest(), { headers: [["Set-Cookie", "a=b"], ["Server", "x"]] }) as Accepted;
    expect([...answer.response.fields].slice(3)).toEqual([["Set-Cookie", "a=b"], ["Server", "x"]]);
    expect(() => acceptUpgrade(sampleRequest(), { headers: [["upgrade", "x"]] })).toThrow(new TypeError(`Cannot send header "upgrade": the handshake sets it itself`));
    expect(() => acceptUpgrade(sampleRequest(), { headers: [["Sec-WebSocket-Protocol", "x"]] })).toThrow(TypeError);
    expect(() => acceptUpgrade(sampleRequest(), { headers: [["X", "\n"]] })).toThrow(new TypeError(`Cannot send header "X": its value "\\n" may not stand in a header`));
  });

  test("wants GET (section 4.2.1, point 1)", () => {
    expect(verdict(sampleRequest({}, [], { method: "POST" }))).toEqual([405, "A WebSocket is opened with GET, not POST", [["Allow", "GET"]]]);
    expect(verdict(sampleRequest({}, [], { method: "get" }))).toEqual([405, "A WebSocket is opened with GET, not get", [["Allow", "GET"]]]);
  });

  test("wants a target that is a path or an http URI (section 4.2.1, point 1)", () => {
    for (const target of ["/", "/a/../b", "//h/p", "/?a", "http://h/p", "HTTPS://h/p", "http://h?a", "http://[::1]:80"]) expect([target, verdict(sampleRequest({}, [], { target }))]).toEqual([target, "accepted"]);
    for (const target of ["*", "h:443", "chat", "ftp://h/", "http:/h", "xhttp://h/", "?a", "x/", "ws://h/", "http://", "http:///p", "http://?a", "http://}/", "http://u@h/", "/#f", "/a b", "/\u00e4", "/\n"]) {
      expect([target, verdict(sampleRequest({}, [], { target }))]).toEqual([target, [400, "The request target is neither a path nor an http URI"]]);
    }
  });

  test("wants exactly one Host (section 4.2.1, point 2; RFC 9112, section 3.2)", () => {
    const fault = [400, "The request needs exactly one Host"];
    expect(verdict(sampleRequest({ Host: undefined }))).toEqual(fault);
    expect(verdict(sampleRequest({}, [["host", "server.example.com"]]))).toEqual(fault);
  });

  test("wants a Host that is a host and port (CVE-2026-61666)", () => {
    const good = ["a", "a.b-c_d~e:80", "127.0.0.1", "[::1]", "[::1]:8080", "[1:2::ffff:1.2.3.4]", "[ABCDEF::abcdef]:1", "a:", "a:65535", "a%20b", "!$&'()*+,;=", "AZ09"];
    for (const host of good) expect([host, verdict(sampleRequest({ Host: host, Origin: undefined }))]).toEqual([host, "accepted"]);
    const bad = [
      "", "[", "]", "[]", "[::1", "::1", "[::1]x", "x[::1]", "[g]", "a:b", "a:1:2", "a:123456", "user@a", "a/b", "a b", "a?b", "a#b", "a\\b", "<a>", "é", ":80", "[::1]:a", "a:80 ", "\"a\"", "a,b c", "a:8a",
    ];
    for (const host of bad) expect([host, verdict(sampleRequest({ Host: host }))]).toEqual([host, [400, "Host is not a host and port"]]);
  });

  test("wants no body: behind the head come frames (X-HDR)", () => {
    const fault = [400, "A request to upgrade has no body"];
    for (const added of [
      [["Content-Length", "5"]], [["Content-Length", ""]], [["content-length", "00"]], [["Content-Length", "0"], ["Content-Length", "0"]],
      [["Transfer-Encoding", "chunked"]], [["Transfer-Encoding", ""]], [["Transfer-Encoding", "xchunked"]], [["Content-Length", "0"], ["Transfer-Encoding", "identity"]],
    ] as Pairs[]) expect(verdict(sampleRequest({}, added))).toEqual(fault);
    expect(verdict(sampleRequest({}, [["Content-Length", "0"]]))).toBe("accepted");
  });

  test("wants Upgrade to name websocket in any case, among others too (section 4.2.1, point 3)", () => {
    for (const value of ["WebSocket", "WEBSOCKET", "h2c, websocket", "websocket, h2c"]) expect(verdict(sampleRequest({ Upgrade: value }))).toBe("accepted");
    expect(verdict(sampleRequest({ Upgrade: "h2c" }, [["upgrade", "websocket"]]))).toBe("accepted");
    for (const value of [undefined, "", "h2c", "websocket2", "web socket", "websocket/13", "websocket;", "websocket, a b"]) {
      expect([value, verdict(sampleRequest({ Upgrade: value }))]).toEqual([value, [426, "This is a WebSocket server: connect with ws:// or wss://", [["Upgrade", "websocket"]]]]);
    }
  });

  test("wants Connection to name Upgrade in any case (section 4.2.1, point 4; CVE-2026-59898)", () => {
    for (const value of ["upgrade", "UPGRADE", "keep-alive, Upgrade"]) expect(verdict(sampleRequest({ Connection: value }))).toBe("accepted");
    for (const value of [undefined, "", "keep-alive", "upgrades", "close", `"upgrade"`]) {
      expect([value, verdict(sampleRequest({ Connection: value }))]).toEqual([value, [400, `Connection does not name "Upgrade": did a proxy drop it?`]]);
    }
  });

  test("wants version 13, and says so (section 4.4; CVE-2026-54463)", () => {
    for (const value of [undefined, "", "8", "013", "13, 13", "13, 8", "0", "13 "]) {
      expect([value, verdict(sampleRequest({ "Sec-WebSocket-Version": value }))]).toEqual([
        value,
        [426, "Only version 13 of the protocol is spoken here", [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]]],
      ]);
    }
    expect(acceptUpgrade(sampleRequest({}, [["sec-websocket-version", "13"]])).response.status).toBe(426);
  });

  test("wants one key of 16 bytes (section 4.2.1, point 5)", () => {
    const fault = [400, "Sec-WebSocket-Key is not one value of 16 bytes in base64"];
    const bad = [
      undefined, "", "x", KEY.slice(1), `A${KEY}`, KEY.slice(0, -1), `${KEY}=`, KEY.replace("=", "A"), KEY.replace("==", ""), KEY.replace("d", "-"), KEY.replace("d", "_"), `${KEY}, ${KEY}`, `"${KEY}"`,
    ];
    for (const key of bad) expect([key, verdict(sampleRequest({ "Sec-WebSocket-Key": key }))]).toEqual([key, fault]);
    expect(verdict(sampleRequest({}, [["SEC-WEBSOCKET-KEY", KEY]]))).toEqual(fault);
    for (const key of ["+/+/+/+/+/+/+/+/+/+/+A==", "zzzzzzzzzzzzzzzzzzzzzA==", "0123456789ZZZZZZZZZZZw=="]) expect(verdict(sampleRequest({ "Sec-WebSocket-Key": key }))).toBe("accepted");
  });

  test("lets only pages of the same host in when nothing else is said (section 10.2)", () => {
    const fault = [403, `A page of origin "http://evil.com" may not connect to this host. To allow it, list it in the server's "origins" option`];
    const foreign = sampleRequest({ Origin: "http://evil.com" });
    expect(verdict(foreign)).toEqual(fault);
    expect(verdict(foreign, { origins: ["http://good.com"] })).toEqual(fault);
    expect(verdict(foreign, { origins: ["http://evil.com"] })).toBe("accepted");
    expect(verdict(foreign, { origins: "any" })).toBe("accepted");
    expect(verdict(sampleRequest({ Origin: undefined }))).toBe("accepted");
    expect(verdict(sampleRequest({ Origin: undefined }), { origins: () => false })).toEqual([
      403,
      `A page of origin "none" may not connect to this host. To allow it, list it in the server's "origins" option`,
    ]);
  });

  test("wants subprotocols that are distinct tokens (section 4.2.1, point 8)", () => {
    const fault = [400, "Sec-WebSocket-Protocol is not a list of distinct tokens"];
    for (const value of ["a b", "a, a", "a;b", `"a"`, "é"]) expect([value, verdict(sampleRequest({ "Sec-WebSocket-Protocol": value }))]).toEqual([value, fault]);
    expect(verdict(sampleRequest({}, [["Sec-WebSocket-Protocol", "chat"]]))).toEqual(fault);
    const spread = acceptUpgrade(sampleRequest({}, [["Sec-WebSocket-Protocol", "third"]]), { protocols: ["third"] }) as Accepted;
    expect(spread.protocol).toBe("third");
  });

  test("wants extensions that follow the grammar (section 9.1), and accepts none", () => {
    const fault = [400, "Sec-WebSocket-Extensions is not a list of extensions"];
    for (const value of ["a b", "a;", "a; b=", "a; b=\"c", ";"]) expect([value, verdict(sampleRequest({}, [["Sec-WebSocket-Extensions", value]]))]).toEqual([value, fault]);
    const answer = acceptUpgrade(sampleRequest({}, [["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"]])) as Accepted;
    expect(answer.accepted).toBe(true);
    expect(answer.response.fields.has("Sec-WebSocket-Extensions")).toBe(false);
  });

  test("takes the names every object has as names (GHSA-5v72-xg48-5rpm)", () => {
    for (const name of PROTOTYPE_NAMES) {
      const request = sampleRequest({ "Sec-WebSocket-Protocol": name }, [["Sec-WebSocket-Extensions", `${name}; ${name}=${name}`], [name, name]]);
      expect((acceptUpgrade(request, { protocols: ["chat"] }) as Accepted).protocol).toBe("");
      expect((acceptUpgrade(request, { protocols: [name] }) as Accepted).protocol).toBe(name);
    }
  });

  test("looks at method, target, Host, body, Upgrade, Connection, version, key, origin and lists in this order", () => {
    const wrong: Pairs = [
      ["Host", "["], ["Content-Length", "1"], ["Upgrade", ""], ["Connection", ""], ["Sec-WebSocket-Version", ""], ["Sec-WebSocket-Key", ""],
      ["Origin", "null"], ["Sec-WebSocket-Protocol", "a b"], ["Sec-WebSocket-Extensions", ";"],
    ];
    const right = new Map([...sampleRequest().fields, ["Content-Length", "0"], ["Sec-WebSocket-Extensions", "a"]] as const);
    const heard = [{ method: "PUT", target: "*" }, { target: "*" }].map((line) => acceptUpgrade(sampleRequest({}, [], { ...line, fields: new Fields(wrong) })));
    for (let count = 0; count < wrong.length; count++) {
      const fields = new Fields(wrong.map(([name, value], at) => [name, at < count ? right.get(name) as string : value]));
      heard.push(acceptUpgrade(sampleRequest({}, [], { fields })));
    }
    expect(heard.map((answer) => ((answer as Refused).body as string).split(" ").slice(0, 3).join(" "))).toEqual([
      "A WebSocket is", "The request target", "Host is not", "A request to", "This is a", "Connection does not", "Only version 13", "Sec-WebSocket-Key is not",
      "A page of", "Sec-WebSocket-Protocol is not", "Sec-WebSocket-Extensions is not",
    ]);
  });

  test("an answer that says nothing but its key is written as any other, with any hash, and says the same behind that", () => {
    for (const options of [{}, { protocols: ["chat"] }, { headers: [["X", "y"]] as const }, { sha1: (text: string) => `hash of ${text.slice(0, 24)}` }]) {
      const { response } = acceptUpgrade(sampleRequest(), options) as Accepted;
      expect(writeAnswer(response)).toEqual(writeResponse({ status: 101, reason: "Switching Protocols", fields: response.fields }));
      expect(response.fields.get("Sec-WebSocket-Accept")).toBe("sha1" in options ? `hash of ${KEY}` : ACCEPT);
    }
  });

  test("answers any request without throwing, and every answer can be written and read", () => {
    const name = fc.constantFrom("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "__proto__", "Content-Length");
    const value = fc.oneof(fc.string(), fc.constantFrom("websocket", "Upgrade", KEY, "13", "a", "a, b", "http://a", "a; b=c", "null"));
    const request = fc.record({ method: fc.constantFrom("GET", "POST"), target: fc.constantFrom("/", "*"), pairs: fc.array(fc.tuple(name, value)) });
    fc.assert(fc.property(request, fc.boolean(), ({ method, target, pairs }, whole) => {
      const fields = new Fields(whole ? [...sampleRequest().fields, ...pairs] : pairs);
      const answer = acceptUpgrade({ method, target, fields }, { protocols: ["a"] });
      const parser = new HeadParser(DEFAULT_LIMITS);
      parser.push(writeResponse(answer.response));
      expect(parseResponse(parser.text as string)).toMatchObject({ status: answer.response.status });
    }), { numRuns: 1_000 });
  });
});
