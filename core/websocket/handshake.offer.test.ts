import { describe, expect, test } from "vitest";
import { RandomPool } from "../bytes/random-pool.ts";
import { writeRequest } from "../http/head.ts";
import { KEY, PROTOTYPE_NAMES } from "../testing/handshake.ts";
import { checkProtocols, offerUpgrade } from "./handshake.ts";

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
    for (const protocol of ["", "a b", "a,b", "é", 5, null, undefined, 1n, Symbol("x")]) {
      const error = new TypeError(`Cannot offer subprotocol ${typeof protocol === "string" ? JSON.stringify(protocol) : `of type ${typeof protocol}`}: it is no token`);
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
