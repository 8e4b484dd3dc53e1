import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import { Fields } from "../http/field.ts";
import { HeadParser, parseRequest, parseResponse, type RequestHead, type ResponseHead, writeRequest, writeResponse } from "../http/head.ts";
import {
  type Accepted, acceptKey, type AcceptOptions, acceptUpgrade, checkProtocols, checkUpgrade, type Offer, offerUpgrade, type Refused, refuse,
  type Unacceptable,
} from "./handshake.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

type Pairs = readonly (readonly [name: string, value: string])[];

/** RFC 6455, section 1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const PROTOTYPE_NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"];

/** The sample request of section 1.2, with fields replaced (by the name as it stands here), left out (undefined) and added. */
function sampleRequest(changes: Record<string, string | undefined> = {}, added: Pairs = [], line: Partial<RequestHead> = {}): RequestHead {
  const sample: Pairs = [
    ["Host", "server.example.com"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", KEY],
    ["Origin", "http://server.example.com"],
    ["Sec-WebSocket-Protocol", "chat, superchat"],
    ["Sec-WebSocket-Version", "13"],
  ];
  return { method: "GET", target: "/chat", fields: new Fields([...change(sample, changes), ...added]), ...line };
}

function change(pairs: Pairs, changes: Record<string, string | undefined>): Pairs {
  return pairs.flatMap(([name, value]) => {
    const changed = Object.hasOwn(changes, name) ? changes[name] : value;
    return changed === undefined ? [] : [[name, changed] as const];
  });
}

/** Status, body and the fields that say more than type and length. */
function verdict(request: RequestHead, options?: AcceptOptions): unknown {
  const answer = acceptUpgrade(request, options);
  if (answer.accepted) return "accepted";
  const own = [...answer.response.fields].slice(0, -3);
  return own.length === 0 ? [answer.response.status, answer.body] : [answer.response.status, answer.body, own];
}

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

describe("offerUpgrade", () => {
  const pool = (): RandomPool => new RandomPool((target) => target.set(new TextEncoder().encode("the sample nonce")));

  test("makes the request of section 4.1, with 16 random bytes as its key", () => {
    const offer = offerUpgrade({ host: "server.example.com", target: "/chat" }, pool());
    expect(offer).toMatchObject({ key: KEY, protocols: [], request: { method: "GET", target: "/chat" } });
    expect([...offer.request.fields]).toEqual([
      ["Host", "server.example.com"],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Key", KEY],
      ["Sec-WebSocket-Version", "13"],
    ]);
  });

  test("offers subprotocols in order, then further fields as they are", () => {
    const headers = new Map([["Origin", "http://example.com"], ["X-Y", ""], ["__proto__", "z"]]);
    const offer = offerUpgrade({ host: "a", target: "/", protocols: ["chat", "superchat"], headers }, pool());
    expect(offer.protocols).toEqual(["chat", "superchat"]);
    expect([...offer.request.fields].slice(5)).toEqual([["Sec-WebSocket-Protocol", "chat, superchat"], ...headers]);
  });

  test("takes another Host from the further fields, in the first place", () => {
    for (const name of ["Host", "host", "HOST"]) {
      const offer = offerUpgrade({ host: "a", target: "/", headers: [["X", "1"], [name, "b:8080"]] }, pool());
      expect([...offer.request.fields]).toHaveLength(6);
      expect([...offer.request.fields][0]).toEqual(["Host", "b:8080"]);
      expect(offer.request.fields.all("Host")).toEqual(["b:8080"]);
    }
  });

  test("refuses fields that the handshake sets itself, in any case (CVE-2026-1525)", () => {
    const own = [
      "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
      "Sec-WebSocket-Accept", "Content-Length", "Transfer-Encoding",
    ];
    for (const name of [...own, ...own.map((name) => name.toLowerCase())]) {
      expect(() => offerUpgrade({ host: "a", target: "/", headers: [[name, "x"]] }, pool())).toThrow(
        new TypeError(`Cannot send header "${name}": the handshake sets it itself`),
      );
    }
  });

  test("refuses a field that would forge another (CVE-2026-1527)", () => {
    expect(() => offerUpgrade({ host: "a", target: "/", headers: [["X", "a\r\nY: b"]] }, pool())).toThrow(
      new TypeError(`Cannot send header "X": its value "a\\r\\nY: b" may not stand in a header`),
    );
    expect(() => offerUpgrade({ host: "a", target: "/", headers: [["X:", "a"]] }, pool())).toThrow(TypeError);
    for (const bad of [{ host: "a\r\nX: y", target: "/" }, { host: "a", target: "/ HTTP/1.1\r\nX: y" }]) {
      expect(() => writeRequest(offerUpgrade(bad, pool()).request)).toThrow(TypeError);
    }
  });

  test("refuses subprotocols that are no tokens or stand there twice (section 4.1, point 10)", () => {
    for (const protocol of ["", "a b", "a,b", "é", 5, null, undefined]) {
      const error = new TypeError(`Cannot offer subprotocol ${JSON.stringify(protocol)}: it is no token`);
      expect(() => checkProtocols(["ok", protocol as string])).toThrow(error);
      expect(() => offerUpgrade({ host: "a", target: "/", protocols: [protocol as string] }, pool())).toThrow(error);
    }
    expect(() => checkProtocols(["a", "b", "a"])).toThrow(new TypeError(`Cannot offer subprotocol "a" twice`));
    expect(() => checkProtocols([])).not.toThrow();
    expect(() => checkProtocols(["a", "A", ...PROTOTYPE_NAMES])).not.toThrow();
  });

  test("draws another key for each request", () => {
    let next = 0;
    const random = new RandomPool((target) => target.forEach((_, at) => target[at] = next = (next + 89) % 251));
    const keys = Array.from({ length: 100 }, () => offerUpgrade({ host: "a", target: "/" }, random).key);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(Buffer.from(key, "base64")).toHaveLength(16);
  });
});

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
    for (const target of ["/", "/a/../b", "//h/p", "/?a", "http://h/p", "HTTPS://h/p"]) expect([target, verdict(sampleRequest({}, [], { target }))]).toEqual([target, "accepted"]);
    for (const target of ["*", "h:443", "chat", "ftp://h/", "http:/h", "xhttp://h/", "?a", "x/", "ws://h/"]) {
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

  test("answers any request without throwing, and every answer can be written and read", () => {
    const name = fc.constantFrom("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "__proto__", "Content-Length");
    const value = fc.oneof(fc.string(), fc.constantFrom("websocket", "Upgrade", KEY, "13", "a", "a, b", "http://a", "a; b=c", "null"));
    const request = fc.record({ method: fc.constantFrom("GET", "POST"), target: fc.constantFrom("/", "*"), pairs: fc.array(fc.tuple(name, value)) });
    fc.assert(fc.property(request, fc.boolean(), ({ method, target, pairs }, whole) => {
      const fields = new Fields(whole ? [...sampleRequest().fields, ...pairs] : pairs);
      const answer = acceptUpgrade({ method, target, fields }, { protocols: ["a"] });
      const parser = new HeadParser(DEFAULT_LIMITS);
      parser.push(writeResponse(answer.response));
      expect(parseResponse(parser.lines as string[])).toMatchObject({ status: answer.response.status });
    }), { numRuns: 1_000 });
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

describe("checkUpgrade", () => {
  const offer: Pick<Offer, "key" | "protocols"> = { key: KEY, protocols: ["chat", "superchat"] };

  function sampleResponse(changes: Record<string, string | undefined> = {}, added: Pairs = [], line: Partial<ResponseHead> = {}): ResponseHead {
    const sample: Pairs = [["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", ACCEPT], ["Sec-WebSocket-Protocol", "chat"]];
    return { status: 101, reason: "Switching Protocols", fields: new Fields([...change(sample, changes), ...added]), ...line };
  }
  function message(response: ResponseHead, from = offer): string {
    const verdict = checkUpgrade(response, from);
    return verdict.accepted ? "accepted" : verdict.message;
  }

  test("accepts the answer of section 1.3", () => {
    const response = sampleResponse();
    expect(checkUpgrade(response, offer)).toEqual({ accepted: true, protocol: "chat", response });
    expect(checkUpgrade(sampleResponse({ "Sec-WebSocket-Protocol": undefined }), offer)).toMatchObject({ accepted: true, protocol: "" });
  });

  test("takes fields with bytes past ASCII (CVE-2026-55517)", () => {
    expect(message(sampleResponse({}, [["Server", "\x80\xff"]]))).toBe("accepted");
  });

  test("gives the answer it cannot take with what is wrong", () => {
    const response = sampleResponse({}, [], { status: 404, reason: "Not Found" });
    expect(checkUpgrade(response, offer) as Unacceptable).toEqual({ accepted: false, response, message: "The server answered 404 Not Found" });
    expect(message(sampleResponse({}, [], { status: 302, reason: "" }))).toBe("The server answered 302");
    expect(message(sampleResponse({}, [], { status: 200, reason: "OK" }))).toBe("The server answered 200 OK");
  });

  test("wants Upgrade to be websocket alone, in any case (section 4.1, point 2)", () => {
    for (const value of ["WebSocket", "WEBSOCKET"]) expect(message(sampleResponse({ Upgrade: value }))).toBe("accepted");
    for (const value of [undefined, "", "h2c", "websocket, h2c", "websocket/13"]) expect([value, message(sampleResponse({ Upgrade: value }))]).toEqual([value, `Upgrade is not "websocket" in the answer`]);
    expect(message(sampleResponse({}, [["Upgrade", "websocket"]]))).toBe(`Upgrade is not "websocket" in the answer`);
  });

  test("wants Connection to name Upgrade (section 4.1, point 3)", () => {
    for (const value of ["upgrade", "keep-alive, UPGRADE"]) expect(message(sampleResponse({ Connection: value }))).toBe("accepted");
    for (const value of [undefined, "", "close", "upgrade; x"]) expect([value, message(sampleResponse({ Connection: value }))]).toEqual([value, `Connection does not name "Upgrade" in the answer`]);
  });

  test("wants the hash of its own key, exactly and once (section 4.1, point 4)", () => {
    const fault = "Sec-WebSocket-Accept does not match the key that was sent";
    for (const value of [undefined, "", KEY, ACCEPT.toLowerCase(), ACCEPT.slice(0, -1), `"${ACCEPT}"`]) expect([value, message(sampleResponse({ "Sec-WebSocket-Accept": value }))]).toEqual([value, fault]);
    expect(message(sampleResponse({}, [["Sec-WebSocket-Accept", ACCEPT]]))).toBe(fault);
    expect(message(sampleResponse(), { ...offer, key: "AAAAAAAAAAAAAAAAAAAAAA==" })).toBe(fault);
  });

  test("takes no extension, as none was offered (section 4.1, point 5; CVE-2026-2229)", () => {
    const fault = "The server chose an extension that was not offered";
    for (const value of ["permessage-deflate", "constructor", "__proto__", "a b", ";", "a; server_max_window_bits=1000"]) {
      expect([value, message(sampleResponse({}, [["Sec-WebSocket-Extensions", value]]))]).toEqual([value, fault]);
    }
    expect(message(sampleResponse({}, [["Sec-WebSocket-Extensions", ""]]))).toBe("accepted");
  });

  test("takes no subprotocol that was not offered, and not two (section 4.1, point 6)", () => {
    for (const value of ["", "Chat", "other", "chat, superchat", "__proto__", "constructor"]) {
      expect([value, message(sampleResponse({ "Sec-WebSocket-Protocol": value }))]).toEqual([value, `The server chose a subprotocol that was not offered: "${value}"`]);
    }
    expect(message(sampleResponse({ "Sec-WebSocket-Protocol": "superchat" }))).toBe("accepted");
    expect(message(sampleResponse({}, [["Sec-WebSocket-Protocol", "superchat"]]))).toBe(`The server chose a subprotocol that was not offered: "chat, superchat"`);
    expect(message(sampleResponse({}, [["Sec-WebSocket-Protocol", "chat"]]))).toBe(`The server chose a subprotocol that was not offered: "chat, chat"`);
    expect(message(sampleResponse(), { key: KEY, protocols: [] })).toBe(`The server chose a subprotocol that was not offered: "chat"`);
  });

  test("looks at status, Upgrade, Connection, accept value, extensions and subprotocol in this order", () => {
    const changes: Record<string, string | undefined> = { Upgrade: "", Connection: "", "Sec-WebSocket-Accept": "", "Sec-WebSocket-Protocol": "x" };
    const messages = [message(sampleResponse(changes, [], { status: 400, reason: "" }))];
    for (const name of ["", "Upgrade", "Connection", "Sec-WebSocket-Accept"]) {
      delete changes[name];
      messages.push(message(sampleResponse(changes, [["Sec-WebSocket-Extensions", "a"]])));
    }
    messages.push(message(sampleResponse(changes)));
    expect(messages.map((text) => text.split(" ").slice(0, 4).join(" "))).toEqual([
      "The server answered 400", `Upgrade is not "websocket"`, `Connection does not name`, "Sec-WebSocket-Accept does not match", "The server chose an", "The server chose a",
    ]);
  });
});

test("whatever a client offers that a server accepts, the client takes, over heads that were written and read", () => {
  const token = fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/);
  const protocols = fc.uniqueArray(fc.oneof(token, fc.constantFrom(...PROTOTYPE_NAMES)), { maxLength: 4 });
  fc.assert(fc.property(protocols, protocols, fc.uint8Array({ minLength: 16, maxLength: 16 }), (offered, served, nonce) => {
    const offer = offerUpgrade({ host: "example.com", target: "/", protocols: offered }, new RandomPool((target) => target.set(nonce)));
    const request = new HeadParser(DEFAULT_LIMITS);
    request.push(writeRequest(offer.request));
    const answer = acceptUpgrade(parseRequest(request.lines as string[]) as RequestHead, { protocols: served });
    const response = new HeadParser(DEFAULT_LIMITS);
    response.push(writeResponse(answer.response));
    const verdict = checkUpgrade(parseResponse(response.lines as string[]) as ResponseHead, offer);
    expect(verdict.accepted && answer.accepted && verdict.protocol === answer.protocol).toBe(true);
    expect((verdict as Accepted).protocol).toBe(offered.find((name) => served.includes(name)) ?? "");
  }));
});
