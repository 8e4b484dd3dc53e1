import http from "node:http";
import { once } from "node:events";
import type net from "node:net";
import { describe, expect, test } from "vitest";
import { webSocketClass } from "../../adapters/websocket.ts";
import { attach, connect } from "../../index.node.ts";
import { received, sent, told } from "../../core/testing/connection.ts";
import { frame, masked, pattern } from "../../core/testing/frames.ts";
import { End } from "../../core/testing/pair.ts";
import { acceptance, request, tcp, trap, victim } from "./peer.ts";

/** What a text that would forge a line may look like. */
const FORGING = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\nGET /evil HTTP/1.1", "\r\n", "a\0", "a\u010aX-Evil: 1", "a\u0d0aX", "a\u2028b"];

/** What a client with these arguments does: the error it gives, and the request that left, if one did. */
async function asked(url: string | URL, options: object): Promise<{ error: unknown; request: string }> {
  const { attempt, clock, peer } = trap((text) => acceptance(text), options, url as string);
  const error = await Promise.race([attempt.then((socket) => void socket.terminate(), (reason: unknown) => reason), clock.advance(0).then(() => attempt.then(() => undefined, (reason: unknown) => reason))]);
  return { error, request: peer.text };
}

/** Status of the answer to a request, none when it was taken. */
async function refused(...options: Parameters<typeof request>): Promise<number | undefined> {
  return answered(request(...options));
}

async function answered(text: string): Promise<number | undefined> {
  const { clock, dial } = victim();
  const peer = dial();
  peer.write(text);
  await clock.advance(0);
  return peer.status === 101 ? undefined : peer.status;
}

describe("what a program passes on", () => {
  test("CVE-2026-1527: a line end in a header, a subprotocol or an Origin is a TypeError, and nothing leaves", async () => {
    for (const text of FORGING) {
      for (const options of [
        { headers: { Upgrade: text } }, { headers: { Origin: text } }, { headers: { "X-A": text } }, { headers: [[text, "x"]] }, { protocols: [text] }, { protocols: text },
        { headers: { Host: text } }, { headers: { Cookie: text } }, { headers: new Map([["X-A", text]]) },
      ]) {
        const { error, request: said } = await asked("ws://localhost/", options);
        expect(error).toBeInstanceOf(TypeError);
        expect(said).toBe("");
      }
    }
    for (const name of ["Upgrade", "upgrade", "Connection", "SEC-WEBSOCKET-KEY", "Sec-WebSocket-Version"]) {
      expect((await asked("ws://localhost/", { headers: { [name]: "websocket" } })).error).toBeInstanceOf(TypeError); // they are the handshake's
    }
  });

  test("CVE-2026-47072: a line end in any part of a URL never is one on the wire", async () => {
    for (const text of FORGING) {
      const urls = [`ws://localhost/${text}`, `ws://localhost/?q=${text}`, `ws://${text}@localhost/`, `ws://u:${text}@localhost/`, `ws://local${text}host/`, `ws://localhost:80${text}/`, `${text}ws://localhost/`];
      for (const url of urls) {
        const { error, request: said } = await asked(url, {});
        if (error === undefined) {
          const lines = said.slice(0, -4).split("\r\n"); // the URL standard drops or escapes it
          expect(lines.filter((line) => /^(?:GET|Host|Upgrade|Connection|Authorization|Sec-WebSocket-\w+)\b/.test(line))).toEqual(lines);
          expect(said.match(/\r\n\r\n/g)?.length).toBe(1);
          expect(said.split("\r\n").join("")).not.toMatch(/[\r\n]/);
        } else {
          expect([error instanceof TypeError, said]).toEqual([true, ""]);
        }
      }
    }
    const WebSocket = webSocketClass(connect); // the class throws before it connects
    for (const text of FORGING) {
      expect(() => new WebSocket("ws://localhost/", [text])).toThrow(DOMException);
      expect(() => new WebSocket("ws://localhost/", { headers: { "X-A": text } })).toThrow(TypeError);
    }
  });

  test("CVE-2026-1525: Content-Length, in whatever case and however often, is refused before anything leaves", async () => {
    for (const headers of [
      [["Content-Length", "0"]], [["Content-Length", "0"], ["content-length", "5"]], [["cOnTeNt-LeNgTh", "5"]], { "content-length": "5" },
      [["Transfer-Encoding", "chunked"]], [["transfer-encoding", "identity"]],
    ]) {
      const { error, request: said } = await asked("ws://localhost/", { headers });
      expect(error).toBeInstanceOf(TypeError);
      expect(said).toBe("");
    }
    // and a server refuses them from others, that no proxy sees another end of the request
    expect(await refused({ lines: ["Content-Length: 0", "content-length: 5"] })).toBe(400);
    expect(await refused({ lines: ["Content-Length: 0", "Content-Length: 0"] })).toBe(400);
    expect(await refused({ lines: ["Content-Length: 5"] })).toBe(400);
    expect(await refused({ lines: ["Transfer-Encoding: chunked"] })).toBe(400);
    expect(await refused({ lines: ["Content-Length: 0"] })).toBe(undefined);
  });

  test("CVE-2020-35678: a line end in the headers of a refusal, a redirect or a grant is told to the program and sent to nobody", async () => {
    for (const text of FORGING) {
      for (const verdict of [
        { status: 302, headers: { Location: `/?${text}` } }, { status: 403, headers: [[text, "x"]] as [string, string][] }, { headers: { "Set-Cookie": text } }, { protocol: text },
      ]) {
        const errors: unknown[] = [];
        const { clock, dial, isServing } = victim({ upgrade: ({ path }) => path === "/evil" ? verdict : undefined, error: (error) => void errors.push(error) });
        const peer = dial();
        peer.write(request({ target: "/evil" }));
        await clock.advance(0);
        expect([peer.status, peer.text.includes("X-Evil"), errors.length]).toEqual([500, false, 1]);
        expect(await isServing()).toBe(true);
      }
    }
  });
});

describe("heads that two parsers read in two ways", () => {
  test("CVE-2026-44546: VT, FF, FS, GS, RS and a lone CR or LF are refused, and U+0085 stays where it is", async () => {
    for (const character of ["\v", "\f", "\x1c", "\x1d", "\x1e", "\r", "\n", "\0", "\x7f"]) {
      expect([character, await refused({ lines: [`X-A: a${character}Origin: http://evil.example`] })]).toEqual([character, 400]);
      expect([character, await refused({ target: `/${character}x` })]).toEqual([character, 400]);
      expect([character, await answered(request().replace("\r\nUpgrade", `${character}Upgrade`))]).toEqual([character, 400]);
    }
    let seen: string[] = [];
    const { clock, dial } = victim({ upgrade: ({ fields }) => void (seen = [...fields].map((pair) => pair.join("="))) });
    const peer = dial();
    peer.write(request({ lines: ["X-A: a\x85X-B: b"] }));
    await clock.advance(0);
    expect([peer.status, seen.filter((field) => field.startsWith("X-"))]).toEqual([101, ["X-A=a\x85X-B: b"]]);
  });

  test("CVE-2026-59898: no version is accepted without Connection: Upgrade, and none but 13", async () => {
    for (const version of ["7", "8", "13", "0", "12", "14", "013", "+13", "13, 8", "1e1"]) {
      const lines = [`Sec-WebSocket-Version: ${version}`];
      for (const connection of [undefined, "close", "keep-alive", "upgrades", "\"upgrade\""]) {
        const more = connection === undefined ? [] : [`Connection: ${connection}`];
        expect(await refused({ without: ["Sec-WebSocket-Version", "Connection"], lines: [...lines, ...more] })).toBe(400);
      }
      expect([version, await refused({ without: ["Sec-WebSocket-Version"], lines })]).toEqual([version, version === "13" ? undefined : 426]);
    }
  });

  test("CVE-2026-54463: the handshakes of old drafts are answered 4xx", async () => {
    const draft76 = ["Upgrade: WebSocket", "Connection: Upgrade", "Origin: http://localhost", "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5", "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00"];
    const without = ["Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"];
    expect(await refused({ without, lines: draft76 })).toBe(426);
    expect(await answered(`${request({ without, lines: draft76 })}^n:ds[4U`)).toBe(426);
    expect(await refused({ without, lines: draft76.slice(0, 3) })).toBe(426); // draft 75
    expect(await refused({ without: ["Sec-WebSocket-Version"], lines: ["Sec-WebSocket-Version: 4", "Sec-WebSocket-Origin: http://localhost"] })).toBe(426);
  });

  test("CVE-2026-54466: a length of an old draft's frame is no length: endless ones are refused at the second byte", () => {
    for (const [role, first] of [["server", 0x80], ["client", 0x80], ["server", 0xff], ["client", 0xff], ["server", 0x00]] as const) {
      const end = new End(role);
      let bytes = 0;
      for (; end.connection.state === "open" && bytes < 1_000; bytes++) end.connection.receive(Uint8Array.of(bytes === 0 ? first : 0xff), 0);
      expect(bytes).toBeLessThanOrEqual(14);
      expect(sent(end).length).toBe(1);
      expect(end.heard).toEqual([]);
    }
  });

  test("CVE-2026-15631: dot segments reach the program as they came, and match no path they would lead to", async () => {
    const targets = ["/chat/../admin", "/chat/%2e%2e/admin", "/chat/..%2fadmin", "//chat", "/./chat", "/chat/.", "/chat;x", "/%63hat", "/chat%00", "/CHAT"];
    let seen = "";
    const { clock, dial } = victim({ upgrade: ({ path }) => void (seen = path) });
    for (const target of targets) {
      const peer = dial();
      peer.write(request({ target: `${target}?a=/../b` }));
      await clock.advance(0);
      expect([peer.status, seen]).toEqual([101, target]);
    }
    const server = http.createServer();
    attach(server, { path: "/chat" });
    attach(server, { path: "/admin" });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    for (const target of targets) {
      const { heard, socket } = await tcp((server.address() as net.AddressInfo).port, request({ target }));
      await expect.poll(() => heard.status).toBe(404);
      socket.destroy();
    }
    server.close();
  });
});

describe("frames that only one side understands", () => {
  test("GHSA-mq44-7p77-q5h7: a reserved bit that nobody negotiated is refused, on every frame", () => {
    for (const [role, make] of [["server", masked], ["client", frame]] as const) {
      for (const rsv of [0x40, 0x20, 0x10, 0x70]) {
        for (const opcode of [1, 2, 8, 9, 10]) {
          const end = received(role, [make(opcode, "x", { rsv })]);
          expect([sent(end), end.heard]).toEqual([[told("reservedBits")], []]);
        }
        const continued = received(role, [make(2, pattern(3), { fin: false }), make(0, pattern(3), { rsv })]);
        expect([sent(continued), continued.heard]).toEqual([[told("reservedBits")], []]);
      }
    }
  });
});
