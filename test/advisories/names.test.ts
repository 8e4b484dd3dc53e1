import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { webSocketClass } from "../../adapters/websocket.ts";
import { Fields, parseExtensions, parseTokens } from "../../core/http/field.ts";
import { acceptUpgrade } from "../../core/websocket/handshake.ts";
import type { RequestHead } from "../../core/http/head.ts";
import { permessageDeflate } from "../../index.deflate.ts";
import { acceptance, request, trap, victim } from "./peer.ts";

/** What every object, function, array, error, symbol table or module may have: names that a careless map finds. */
const NAMES = [
  "__proto__", "constructor", "prototype", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toString", "toLocaleString", "valueOf",
  "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "toJSON", "then", "catch", "finally", "length", "name", "caller",
  "callee", "arguments", "apply", "call", "bind", "get", "set", "has", "size", "keys", "values", "entries", "forEach", "splice", "indexOf", "concat",
  "default", "message", "stack", "cause", "inspect", "nodeType", "undefined", "null", "NaN",
];

/** The server's answer to a request with further lines or another target, and what its hook saw. */
async function ask(options: Parameters<typeof request>[0], protocols: readonly string[] = [], deflate = false) {
  const seen: { fields: Fields; query: URLSearchParams; path: string; header(name: string): string | undefined }[] = [];
  const { clock, dial, isServing } = victim({
    protocols, upgrade: (asked) => void seen.push(asked), ...(deflate ? { extensions: [permessageDeflate()] } : {}),
  });
  const peer = dial();
  peer.write(request(options));
  await clock.advance(0);
  expect(await isServing()).toBe(true);
  return { peer, seen: seen[0] };
}

describe("names that every object has", () => {
  test("GHSA-5v72-xg48-5rpm: as an extension or a parameter they are declined, and the connection opens", async () => {
    for (const deflate of [false, true]) {
      for (const name of NAMES) {
        for (const value of [name, `${name}; ${name}`, `${name}; a=${name}`, `permessage-deflate; ${name}`, `permessage-deflate; ${name}=8`, `permessage-deflate; client_max_window_bits=${name}`]) {
          const { peer } = await ask({ lines: [`Sec-WebSocket-Extensions: ${value}`] }, [], deflate);
          expect([value, peer.status, peer.text.includes("Sec-WebSocket-Extensions")]).toEqual([value, 101, false]);
        }
      }
    }
  }, 60_000);

  test("CVE-2026-59724: as header names they are found where they came, and nowhere else", async () => {
    for (const name of NAMES) {
      const { seen } = await ask({ lines: [`${name}: given`] });
      expect([seen.header(name), seen.fields.get(name.toUpperCase()), seen.fields.all(name)]).toEqual(["given", "given", ["given"]]);
      for (const other of NAMES.filter((it) => it.toLowerCase() !== name.toLowerCase())) expect([other, seen.header(other), seen.fields.has(other)]).toEqual([other, undefined, false]);
    }
  }, 60_000);

  test("CVE-2026-102600: as query keys and parts of the path they are found where they came, and nowhere else", async () => {
    for (const name of NAMES) {
      const { seen, peer } = await ask({ target: `/${name}/x?${name}=given` });
      expect([peer.status, seen.path, seen.query.get(name)]).toEqual([101, `/${name}/x`, "given"]);
      const { seen: bare } = await ask({ target: "/?sid=1" });
      expect([name, bare.query.get(name), bare.header(name)]).toEqual([name, null, undefined]);
    }
  }, 60_000);

  test("as subprotocols they are chosen when served, and only then", async () => {
    for (const name of NAMES) {
      const lines = [`Sec-WebSocket-Protocol: ${name}`];
      expect((await ask({ lines })).peer.text).not.toContain("Sec-WebSocket-Protocol");
      expect((await ask({ lines }, NAMES.filter((other) => other !== name))).peer.text).not.toContain("Sec-WebSocket-Protocol");
      expect((await ask({ lines }, ["chat", name])).peer.text).toContain(`Sec-WebSocket-Protocol: ${name}\r\n`);
      const { attempt, clock } = trap((text) => acceptance(text, lines), { protocols: ["chat"] });
      await clock.advance(0);
      await expect(attempt).rejects.toThrow("subprotocol");
      const good = trap((text) => acceptance(text, lines), { protocols: ["chat", name] });
      expect((await good.attempt).protocol).toBe(name);
    }
  });

  test("as what a server answers they fail a client or are found, and nothing else", async () => {
    for (const name of NAMES) {
      const header = trap((text) => acceptance(text, [`${name}: given`]));
      const { response } = await header.attempt;
      expect([response.fields.get(name), response.fields.length]).toEqual(["given", 4]);
      for (const value of [name, `permessage-deflate; ${name}`, `permessage-deflate; server_max_window_bits=${name}`]) {
        const bad = trap((text) => acceptance(text, [`Sec-WebSocket-Extensions: ${value}`]), { extensions: [permessageDeflate()] });
        await expect(bad.attempt).rejects.toMatchObject({ name: "HandshakeError", stage: "response" });
      }
      const elsewhere = trap(() => `HTTP/1.1 302 Found\r\nLocation: ${name}\r\nContent-Length: 0\r\n\r\n`);
      await expect(elsewhere.attempt).rejects.toMatchObject({ status: 302 });
    }
  });

  test("a header object's own properties are sent, and nothing that it inherits", async () => {
    for (const name of NAMES) {
      const inherited = Object.create({ [name === "__proto__" ? "x-inherited" : name]: "leaked" }) as Record<string, string>;
      inherited["X-Own"] = "sent";
      const { attempt, peer } = trap((text) => acceptance(text), { headers: inherited });
      await attempt;
      expect([peer.text.includes("X-Own: sent"), peer.text.includes("leaked")]).toEqual([true, false]);
      const own = Object.create(null) as Record<string, string>;
      Object.defineProperty(own, name, { value: "given", enumerable: true });
      const second = trap((text) => acceptance(text), { headers: own });
      await second.attempt;
      expect(second.peer.text).toContain(`\r\n${name}: given\r\n`);
      const { clock, dial } = victim({ upgrade: () => ({ headers: own }) });
      const peerOf = dial();
      peerOf.write(request());
      await clock.advance(0);
      expect(peerOf.text).toContain(`\r\n${name}: given\r\n`);
    }
  });

  test("as host, user, path and query of a URL they are what is asked for", async () => {
    const Class = webSocketClass((url) => {
      dialled.push(url as string);
      return Promise.reject(new Error("Nobody is dialled here"));
    });
    const dialled: string[] = [];
    const closed: Promise<unknown>[] = [];
    for (const name of NAMES) {
      const url = `ws://${name}:${name}@${name}/${name}?${name}=${name}`;
      const { attempt, peer } = trap((text) => acceptance(text), {}, url);
      const socket = await attempt;
      expect(peer.text.split("\r\n").slice(0, 2)).toEqual([`GET /${name}?${name}=${name} HTTP/1.1`, `Host: ${name.toLowerCase()}`]);
      expect(peer.text).toContain(`Authorization: Basic ${btoa(`${name}:${name}`)}\r\n`);
      expect(socket.url).toBe(`ws://${name.toLowerCase()}/${name}?${name}=${name}`);
      const object = new Class(`ws://${name}/`); // one at a time for each host, by name
      closed.push(new Promise((resolve) => object.addEventListener("close", resolve)));
    }
    await Promise.all(closed);
    expect(dialled.length).toBe(NAMES.length);
  });

  test("lists, fields and requests made of them alone hold only what is in them", () => {
    const name = fc.constantFrom(...NAMES);
    fc.assert(fc.property(fc.array(fc.tuple(name, name), { maxLength: 6 }), fc.array(name, { maxLength: 4 }), fc.array(name, { maxLength: 3 }), (pairs, protocols, extensions) => {
      const fields = new Fields(pairs);
      for (const each of NAMES) {
        const values = pairs.filter(([key]) => key.toLowerCase() === each.toLowerCase()).map(([, value]) => value);
        expect([fields.all(each), fields.has(each), fields.get(each)]).toEqual([values, values.length > 0, values.length > 0 ? values.join(", ") : undefined]);
      }
      expect(parseTokens([protocols.join(",")])).toEqual(protocols);
      expect(parseExtensions([extensions.map((each) => `${each}; ${each}=${each}`).join(",")])).toEqual(extensions.map((each) => ({ name: each, parameters: [[each, each]] })));
      const head: RequestHead = { method: "GET", target: "/", fields: new Fields([
        ["Host", "h"], ["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Version", "13"], ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
        ...pairs, ...(protocols.length > 0 ? [["Sec-WebSocket-Protocol", protocols.join(", ")] as const] : []),
      ]) };
      const answer = acceptUpgrade(head, { protocols: ["chat"] });
      if (new Set(protocols).size < protocols.length) expect(answer).toMatchObject({ accepted: false, response: { status: 400 } });
      else expect(answer).toMatchObject({ accepted: true, protocol: "" });
    }), { numRuns: 2_000 });
    expect(({} as Record<string, unknown>)["given"]).toBeUndefined(); // and nothing was put on every object
  });
});
