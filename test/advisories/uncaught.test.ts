import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { webSocketClass } from "../../adapters/websocket.ts";
import { connect } from "../../adapters/node.ts";
import { attach, type AttachOptions, serve, type ServeOptions, type Server } from "../../index.node.ts";
import { concat, frame, masked, utf8 } from "../../core/testing/frames.ts";
import { End } from "../../core/testing/pair.ts";
import { acceptance, latin1, request, tcp, trap, trapped, victim } from "./peer.ts";
import { runApart, uncaughtDuring } from "./watch.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server of ours on a port; an honest client is still served, or `isServing` fails. */
async function listening(options: ServeOptions = {}): Promise<Server> {
  const server = await serve({ hostname: "127.0.0.1", ...options });
  closing.push(() => server.close());
  return server;
}

/** The same on a `node:http` server that is somebody else's. */
async function attached(options: AttachOptions = {}, tune: (server: http.Server) => void = () => {}): Promise<{ port: number; server: http.Server }> {
  const server = http.createServer((_, response) => response.end("a page"));
  tune(server);
  attach(server, options);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as net.AddressInfo).port, server };
}

async function isServing(port: number, path = "/"): Promise<boolean> {
  const client = await connect(`ws://127.0.0.1:${port}${path}`);
  const { clean } = await client.close();
  return clean;
}

/** How many TCP sockets this process has, listening ones apart. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
}

/** Frames that break a rule each, as a client would send them. */
const MALFORMED: readonly Uint8Array[] = [
  masked(1, "x", { rsv: 0x40 }), masked(1, "x", { rsv: 0x20 }), masked(1, "x", { rsv: 0x10 }), masked(3, "x"), masked(11, "x"),
  frame(1, "x"), masked(9, "x", { fin: false }), masked(9, new Uint8Array(126)), masked(0, "x"), concat([masked(1, "x", { fin: false }), masked(1, "y")]),
  masked(1, "x", { form: 16 }), masked(1, "x", { form: 64 }), masked(2, "", { length: 2n ** 63n }), masked(1, Uint8Array.of(0xff)),
  masked(1, Uint8Array.of(0xed, 0xa0, 0x80)), masked(8, "x"), masked(8, Uint8Array.of(3, 237)), masked(8, Uint8Array.of(0, 0)),
  masked(8, Uint8Array.of(3, 232, 0xff)), masked(2, "", { length: 2n ** 40n }), Uint8Array.of(0x00, 0x41, 0x42, 0xff),
];

describe("while a request is decided about", () => {
  async function resets(port: number, count: number): Promise<void> {
    for (let left = count; left > 0; left -= 50) {
      await Promise.all(Array.from({ length: Math.min(left, 50) }, async (_, at) => {
        const { socket, closed } = await tcp(port, request());
        if (at % 2 === 0) await sleep(2);
        socket.resetAndDestroy();
        await closed;
      }));
    }
  }

  test("CVE-2026-126343: 300 clients that reset meanwhile end nothing, and their sockets are let go of", async () => {
    let asked = 0;
    const server = await listening({ upgrade: () => sleep(5).then(() => void asked++) });
    await isServing(server.port);
    await expect.poll(openSockets).toBe(0);
    const errors = await uncaughtDuring(() => resets(server.port, 300));
    expect([errors, await isServing(server.port)]).toEqual([[], true]);
    expect(asked).toBeGreaterThan(20); // a reset may overtake the request
    await expect.poll(() => [openSockets(), server.sockets.size]).toEqual([0, 0]);
  });

  test("Effect-PR-6927: the same where the HTTP server is somebody else's, and nobody hears its sockets' errors", async () => {
    let asked = 0;
    const { port } = await attached({ upgrade: () => sleep(5).then(() => void asked++) });
    const errors = await uncaughtDuring(() => resets(port, 300));
    expect([errors, await isServing(port)]).toEqual([[], true]);
    expect(asked).toBeGreaterThan(20); // a reset may overtake the request
    await expect.poll(openSockets).toBe(0);
  });
});

describe("sockets that fail", () => {
  test("CVE-2022-41940: a reset at any moment ends nothing", async () => {
    const server = await listening({ message: (socket, message) => void socket.send(message) });
    const moments: (string | Uint8Array)[] = [
      "", "GET", "GET / HTTP/1.1\r\nHost: x\r\n", request(), latin1(`${request()}\x81`), concat([latin1(request()), masked(2, new Uint8Array(70_000)).slice(0, 500)]),
      concat([latin1(request()), masked(1, "x")]), concat([latin1(request()), masked(8)]), "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    const errors = await uncaughtDuring(async () => {
      for (const first of moments) {
        for (const pause of [0, 3]) {
          const { socket, closed } = await tcp(server.port, first);
          await sleep(pause);
          socket.resetAndDestroy();
          await closed;
        }
      }
    });
    expect([errors, await isServing(server.port)]).toEqual([[], true]);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test("CVE-2026-129500: a socket that fails while it is written to, before and behind a refusal, ends nothing", async () => {
    const { port } = await attached({
      path: "/chat", upgrade: ({ path }) => path === "/chat" ? { status: 403, body: "x".repeat(200_000) } : undefined,
    });
    const server = await listening({ open: (socket) => void socket.send(new Uint8Array(1_000_000)) });
    const errors = await uncaughtDuring(async () => {
      for (const [to, target] of [[port, "/chat"], [port, "/elsewhere"], [server.port, "/"]] as const) {
        for (let count = 0; count < 10; count++) {
          const { socket, closed } = await tcp(to, request({ target }));
          await once(socket, "data");
          socket.resetAndDestroy();
          await closed;
        }
      }
    });
    expect(errors).toEqual([]);
    expect(await isServing(server.port)).toBe(true);
  });

  test("CVE-2024-38355: an error event that nobody hears ends nothing", async () => {
    const WebSocket = webSocketClass(connect);
    const states: number[] = [];
    const errors = await uncaughtDuring(async () => {
      const refused = new WebSocket("ws://127.0.0.1:1/"); // nothing listens there, or the port is blocked
      const { port } = await attached({ upgrade: () => ({ status: 403 }) });
      const denied = new WebSocket(`ws://127.0.0.1:${port}/`);
      for (const socket of [refused, denied]) {
        await new Promise((resolve) => socket.addEventListener("close", resolve)); // and none for "error"
        states.push(socket.readyState);
      }
    });
    expect([errors, states]).toEqual([[], [3, 3]]);
  });
});

describe("malformed frames", () => {
  test("CVE-2022-39386: none ends a process whose application registered nothing", async () => {
    const { clock, open, isServing: serves, acceptor } = victim();
    const errors = await uncaughtDuring(async () => {
      for (const bytes of MALFORMED) {
        const { peer } = await open();
        peer.write(bytes);
        await clock.advance(0);
        expect(peer.closeCode).toBeGreaterThanOrEqual(1002);
      }
    });
    expect([errors, await serves()]).toEqual([[], true]);
    await clock.advance(60_000);
    expect(acceptor.sockets.size).toBe(0);

    const server = await listening(); // over TCP, too
    const { port } = await attached();
    for (const to of [server.port, port]) {
      const more = await uncaughtDuring(async () => {
        await Promise.all(MALFORMED.map(async (bytes) => {
          const { socket, closed, heard } = await tcp(to, concat([latin1(request()), bytes]));
          await expect.poll(() => heard.ended).toBe(true);
          socket.end();
          await closed;
        }));
      });
      expect([more, await isServing(to)]).toEqual([[], true]);
    }
  });

  test("CVE-2020-13935: a length with its top bit set comes back at once", () => {
    expect(runApart(`
      import { End } from "./core/testing/pair.ts";
      import { masked } from "./core/testing/frames.ts";
      for (const length of [2n ** 63n, 2n ** 64n - 1n]) {
        const end = new End("server");
        for (const byte of [...masked(2, "payload", { length })]) end.connection.receive(Uint8Array.of(byte), 0);
        end.connection.receive(new Uint8Array(100_000), 0);
        end.connection.receiveEnd(0);
        console.log(end.close.fault.name);
      }
    `)).toBe("lengthTopBit\nlengthTopBit");
  });

  test("CVE-2025-5399: no packet keeps an end busy for ever, paused or not", () => {
    expect(runApart(`
      import { End } from "./core/testing/pair.ts";
      const pings = { client: [0x89, 0], server: [0x89, 0x80, 0, 0, 0, 0] };
      let count = 0;
      for (const role of ["client", "server"]) {
        const tail = Array.from({ length: 6 }, () => pings[role]).flat();
        for (let head = 0; head < 65_536; head++) {
          const end = new End(role, {}, (_, { connection }) => head % 3 === 0 && connection.pause());
          end.connection.receive(Uint8Array.of(head >> 8, head & 255, ...tail), 0);
          for (let turns = 0; end.connection.paused; turns++) {
            if (turns > 50) throw new Error("no progress");
            end.connection.resume(0);
          }
          end.connection.receiveEnd(0);
          if (end.close === undefined) throw new Error("no end");
          count++;
        }
      }
      console.log(count);
    `, 60_000)).toBe("131072");
  }, 70_000);
});

describe("requests", () => {
  test("CVE-2024-37890: more headers than are kept, before Upgrade, are refused and end nothing", async () => {
    const many = Array.from({ length: 2_000 }, () => "a:");
    const text = request().replace("Upgrade: websocket", [...many, "Upgrade: websocket"].join("\r\n"));
    const server = await listening();
    const { port } = await attached({}, (it) => it.maxHeadersCount = 100);
    const { port: usual } = await attached();
    const statuses: (number | undefined)[] = [];
    const errors = await uncaughtDuring(async () => {
      for (const to of [server.port, port, usual]) {
        const { socket, heard, closed } = await tcp(to, text);
        await expect.poll(() => heard.ended || socket.destroyed).toBe(true);
        statuses.push(heard.status);
        socket.destroy();
        await closed;
      }
    });
    expect(errors).toEqual([]);
    for (const status of statuses) expect([400, 426, 431]).toContain(status);
    expect([await isServing(server.port), await isServing(port), await isServing(usual)]).toEqual([true, true, true]);
  });

  test("CVE-2026-61666: a Host that is none is answered 400", async () => {
    const { clock, dial, isServing: serves } = victim({ origins: "same" });
    for (const host of ["[", "]", "[::1", "[::1]x", "::1", "[g::1]", "a b", "a/b", "a?b", "a#b", "a@b", "a:b", "a:1:2", "a:999999", "", "\\", "<", "%", "[]:"]) {
      const peer = dial();
      peer.write(request({ without: ["Host"], lines: [`Host: ${host}`, "Origin: http://localhost"] }));
      await clock.advance(0);
      expect([host, peer.status]).toEqual([host, host === "%" ? 403 : 400]); // "%" may stand in a name, and is not the page's
    }
    expect(await serves()).toBe(true);
  });

  test("CVE-2026-130647: a second upgrade behind the first is read as frames, and fails as such", async () => {
    const server = await listening();
    const { port } = await attached();
    for (const to of [server.port, port]) {
      const errors = await uncaughtDuring(async () => {
        const { heard, socket, closed } = await tcp(to, request() + request({ target: "/second" }));
        await expect.poll(() => heard.ended).toBe(true);
        expect(heard.text.match(/HTTP\/1\.1/g)?.length).toBe(1);
        expect([heard.status, heard.closeCode]).toEqual([101, 1002]);
        socket.end();
        await closed;
      });
      expect([errors, await isServing(to)]).toEqual([[], true]);
    }
  });

  test("CVE-2026-129502: a fragment in the request target is answered 400", async () => {
    const { clock, dial, isServing: serves } = victim();
    for (const target of ["/#f", "#", "/a?b#c", "/%23#"]) {
      const peer = dial();
      peer.write(request({ target }));
      await clock.advance(0);
      expect([target, peer.status]).toEqual([target, 400]);
    }
    expect(await serves()).toBe(true);
    const { port } = await attached({ path: "/#f" });
    const errors = await uncaughtDuring(async () => {
      const { heard, socket } = await tcp(port, request({ target: "/#f" }));
      await expect.poll(() => heard.status).toBe(400);
      socket.destroy();
    });
    expect(errors).toEqual([]);
  });

  test("CVE-2020-7693: an Upgrade on a path without WebSocket is answered 404, and ends nothing", async () => {
    const { port } = await attached({ path: "/chat" });
    const errors = await uncaughtDuring(async () => {
      for (const target of ["/", "/chat/", "/chat/1", "/info", "/iframe.html", "/000/abc/xhr", "/chatty", "*"]) {
        const { heard, socket, closed } = await tcp(port, request({ target }));
        await expect.poll(() => heard.ended).toBe(true);
        expect([target, heard.status]).toEqual([target, 404]);
        socket.destroy();
        await closed;
      }
    });
    expect([errors, await isServing(port, "/chat")]).toEqual([[], true]);
  });
});

describe("answers", () => {
  test("CVE-2026-55517: bytes from 80 on in the fields of a 101 reach the program as they came", async () => {
    const value = String.fromCharCode(...Array.from({ length: 128 }, (_, at) => 0x80 + at));
    const { attempt, clock } = trap((text) => latin1(acceptance(text, [`X-Bytes: a${value}z`, `Set-Cookie: ${value}=1`])));
    await clock.advance(0);
    const socket = await attempt;
    expect(socket.response.fields.get("X-Bytes")).toBe(`a${value}z`);
    const odd = trap((text) => latin1(acceptance(text).replace("101 Switching Protocols", `101 ${value}`)));
    await odd.clock.advance(0);
    expect((await odd.attempt).response.reason).toBe(value);
  });

  test("OSV-2021-414: what was read may be written over at once: nothing of it is used behind the call", () => {
    const bytes = concat([masked(1, "text"), masked(2, "bytes"), masked(9, "ping"), masked(1, "in ", { fin: false }), masked(0, "two"), masked(2, new Uint8Array(40_000).fill(7)), masked(8, concat([Uint8Array.of(3, 232), utf8("bye")]))]);
    for (const size of [1, 3, 7, 64, 4_096, bytes.length]) {
      const { story, reused } = readInto(bytes, size);
      expect([size, reused]).toEqual([size, story]);
      for (const heard of ["text", "in two"]) expect(story).toContain(`["text","${heard}"]`);
    }
  });

  test("OSV-2020-2217: an end behind bytes that go on reads none of them", async () => {
    const { peer, socket, clock } = await trapped();
    const pool = new Uint8Array(4_096).fill(0x82);
    const bytes = frame(1, "hello");
    pool.set(bytes, 100);
    for (let at = 0; at < bytes.length; at++) peer.write(pool.subarray(100 + at, 101 + at));
    await clock.advance(0);
    const messages: unknown[] = [];
    void (async () => {
      for await (const message of socket) messages.push(message);
    })();
    await clock.advance(0);
    expect([messages, socket.state]).toEqual([["hello"], "open"]);
  });
});


/** What an end hears of bytes that come in a buffer of their own each, and in one buffer that is written over. */
function readInto(bytes: Uint8Array, size: number): { story: string; reused: string } {
  const tell = (read: (piece: Uint8Array, end: End) => void): string => {
    const end = new End("server");
    end.connection.pause(); // some is held, too
    for (let at = 0; at < bytes.length; at += size) {
      read(bytes.subarray(at, at + size), end);
      if (at > bytes.length / 3) end.connection.resume(0);
    }
    end.connection.resume(0);
    const output = [...end.take()];
    end.connection.receiveEnd(0);
    return JSON.stringify([end.heard, output]);
  };
  const buffer = new Uint8Array(size);
  return {
    story: tell((piece, end) => end.connection.receive(piece.slice(), 0)),
    reused: tell((piece, end) => {
      buffer.set(piece);
      end.connection.receive(buffer.subarray(0, piece.length), 0);
      buffer.fill(0xff);
    }),
  };
}
