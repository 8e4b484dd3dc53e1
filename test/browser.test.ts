import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type * as Isosocket from "../index.browser.ts";
import { type Close, serve, type Server, type Socket } from "../index.node.ts";
import { isMissing, launch } from "./chromium.ts";

/** What the page has as a global. */
declare const isosocket: typeof Isosocket;

/** The bundle a page gets, as text. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("../index.browser.ts", import.meta.url).pathname],
    bundle: true, minify: true, platform: "browser", format: "iife", globalName: "isosocket", write: false, logLevel: "error",
  });
  return outputFiles[0].text;
}

test("the bundle for browsers is small and knows no other host", async () => {
  const script = await bundle();
  expect(script).not.toMatch(/node:|cloudflare:|sha-?1/i);
  expect(script.length).toBeLessThan(12_000);
});

describe.skipIf(isMissing)("in Chromium", () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let closes: Close[] = [];

  beforeAll(async () => {
    const script = await bundle();
    server = await serve({
      port: 0,
      hostname: "127.0.0.1",
      protocols: ["chat"],
      limits: { maxMessage: 32 << 20, maxQueued: 64 << 20 },
      request: ({ path }) => path === "/isosocket.js"
        ? { headers: { "Content-Type": "text/javascript" }, body: script }
        : { headers: { "Content-Type": "text/html" }, body: "<!doctype html><link rel=icon href=data:><script src=/isosocket.js></script>" },
      upgrade: ({ path }) => path === "/secret" ? { status: 401 } : path === "/never" ? new Promise<undefined>(() => {}) : undefined,
      message: (socket, message) => {
        if (message === "close me") void socket.close(4002, "as you wish");
        else if (message === "drop me") socket.terminate();
        else if (message === "flood me") void flood(socket);
        else socket.send(message as string);
      },
      close: (_, close) => void closes.push(close),
    });
    browser = await launch();
    page = await browser.newPage();
    await page.goto(server.url.replace("ws:", "http:"));
  }, 60_000);
  beforeEach(() => void (closes = []));
  afterAll(async () => {
    await browser?.close();
    await server.close();
  });

  async function flood(socket: Socket): Promise<void> {
    const piece = new Uint8Array(100_000);
    while (socket.state === "open") if (!socket.send(piece)) await socket.writable();
  }

  test("messages come back, and both sides agree on how it ended", async () => {
    const seen = await page.evaluate(async () => {
      const socket = await isosocket.connect("/room", { protocols: ["other", "chat"] });
      const sent = ["", "ø😀", new Uint8Array(0), new Uint8Array(3_000_000).fill(7), "x".repeat(70_000)];
      for (const message of sent) if (!socket.send(message)) await socket.writable();
      const got: (string | Uint8Array)[] = [];
      for await (const message of socket) if (got.push(message) === sent.length) break;
      const same = got.map((message, at) => typeof message === typeof sent[at] && String(message) === String(sent[at]));
      return { url: socket.url, protocol: socket.protocol, same, close: await socket.close(4000, "enough") };
    });
    expect(seen).toEqual({
      url: `${server.url}room`, protocol: "chat", same: [true, true, true, true, true],
      close: {
        code: 4000, reason: "enough", clean: true, fault: undefined,
        sent: { code: 4000, reason: "enough" }, received: { code: 4000, reason: "enough" },
      },
    });
    await expect.poll(() => closes).toMatchObject([{ code: 4000, reason: "enough", clean: true }]);
  });

  test("the server closes, or drops the connection; what Chromium answered is what `sent` says", async () => {
    const seen = await page.evaluate(async () => {
      const ends = [];
      for (const message of ["close me", "drop me"]) {
        const socket = await isosocket.connect("/");
        socket.send(message);
        ends.push(await socket.closed);
      }
      return ends;
    });
    expect(seen).toMatchObject([{ code: 4002, reason: "as you wish", clean: true, sent: { code: 4002, reason: "as you wish" } }, { code: 1006, clean: false }]);
    await expect.poll(() => closes).toMatchObject([{ received: { code: 4002, reason: "as you wish" } }, { clean: false }]);
  });

  test("what nobody reads is limited", async () => {
    const close = await page.evaluate(async () => {
      const socket = await isosocket.connect("/", { limits: { maxHeld: 1_000_000 } });
      socket.send("flood me");
      return socket.closed;
    });
    expect(close).toMatchObject({ sent: { code: 4008, reason: "Too much is held" } });
    await expect.poll(() => closes).toMatchObject([{ code: 4008 }]);
  });

  test("a sender hears when there is room again", async () => {
    const seen = await page.evaluate(async () => {
      const socket = await isosocket.connect("/");
      const first = socket.send(new Uint8Array(8_000_000));
      const queued = socket.bufferedAmount;
      const later = await socket.writable();
      const left = socket.bufferedAmount;
      await socket.close();
      return { first, queued, later, left };
    });
    expect(seen.first).toBe(false);
    expect(seen.queued).toBeGreaterThan(65_536);
    expect(seen.later).toBe(true);
    expect(seen.left).toBeLessThan(65_536);
  });

  test("what a browser cannot do is refused with a sentence", async () => {
    const seen = await page.evaluate(async () => {
      const failed = async (attempt: () => Promise<unknown>): Promise<string> => {
        try {
          return String(await attempt());
        } catch (error) {
          return String(error);
        }
      };
      const socket = await isosocket.connect("/");
      return Promise.all([
        failed(() => isosocket.connect("/", { headers: {} } as object)),
        failed(() => isosocket.serve()),
        failed(() => socket.ping()),
        failed(async () => socket.close(1001)),
        failed(() => isosocket.connect("/secret")),
        failed(() => isosocket.connect("/never", { limits: { handshakeTimeout: 100 } })),
        failed(() => isosocket.connect("/never", { signal: AbortSignal.abort(new Error("changed my mind")) })),
        failed(() => isosocket.connect("/", { protocols: ["a b"] })),
        failed(() => isosocket.connect("ftp://x/")),
      ]);
    });
    expect(seen).toEqual([
      `TypeError: Cannot use option "headers": a browser sends no headers of its own with a WebSocket; pass a token in the URL or as a subprotocol`,
      "Error: A page cannot listen: serve on Node, Deno, Bun or Workers, and connect to that from here",
      "TypeError: Cannot ping: the platform's WebSocket has no way to; send a message that the peer answers",
      "RangeError: Cannot close with code 1001: the platform allows 1000 and 3000 to 4999 only",
      `HandshakeError: Cannot connect to ${server.url}secret: it did not open, and the platform tells scripts no reason; a browser's console may`,
      `HandshakeError: Cannot connect to ${server.url}never: it did not open within 100 ms`,
      "Error: changed my mind",
      expect.stringMatching(/^TypeError: Cannot connect to .*subprotocol 'a b' is invalid/),
      `TypeError: Cannot connect to "ftp:": the scheme must be ws or wss`,
    ]);
  });
});
