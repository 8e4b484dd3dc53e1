/** What the class adds to the standard, what it needs of a socket, and what it does to its process. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type HandshakeError, serve, type Server, type Socket, WebSocket, type WebSocketInit } from "../index.node.ts";
import { next, raw, story } from "./testing/events.ts";

let server: Server;
let url: string;
const peers: Socket[] = [];

beforeAll(async () => {
  server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    origins: "any",
    open: (socket) => {
      peers.push(socket);
      if (socket.request.target === "/headers") socket.send(JSON.stringify([...socket.request.fields]));
    },
  });
  url = server.url;
});
afterAll(() => server.close());

describe("what is added to the standard", () => {
  test("options: headers, subprotocols and a time limit", async () => {
    const socket = new WebSocket(`${url}headers`, { headers: { Authorization: "Bearer x", "X-Mine": "1" }, protocols: new Set(["a", "b"]) });
    socket.onerror = () => {};
    const told = story(socket); // this server chooses none of them
    expect((await told).slice(-3)).toEqual([1006, "", false]);
    const other = new WebSocket(`${url}headers`, { headers: new Headers({ "X-Mine": "1" }) });
    expect(JSON.parse((await next(other)).data)).toContainEqual(["x-mine", "1"]);
    other.close();
    const late = new WebSocket(await raw(""), { limits: { handshakeTimeout: 20 } });
    expect((await next<Event & { error: HandshakeError }>(late, "error")).error.code).toBe("ETIMEDOUT");
  });

  test("a signal ends the attempt, and means nothing to an open socket", async () => {
    const controller = new AbortController();
    const socket = new WebSocket(url, { signal: controller.signal });
    await next(socket, "open");
    const attempt = new WebSocket(await raw(""), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 10);
    expect((await next<Event & { error: Error }>(attempt, "error")).error.message).toBe("enough");
    expect((await story(new WebSocket(url, { signal: controller.signal }))).at(-3)).toBe(1006);
    expect(socket.readyState).toBe(1);
    socket.close();
  });

  test("an Origin is sent where the host has a location, unless the program gives its own", async () => {
    const origin = async (init?: WebSocketInit): Promise<unknown> => {
      const socket = new WebSocket(`${url}headers`, init);
      const fields = new Map<string, string>(JSON.parse((await next(socket)).data));
      socket.close();
      return fields.get("Origin");
    };
    expect(await origin()).toBe(undefined);
    Object.defineProperty(globalThis, "location", { value: { href: "http://page.example/a", origin: "http://page.example" }, configurable: true });
    try {
      expect(await origin()).toBe("http://page.example");
      expect(await origin({ headers: { Origin: "http://mine.example" } })).toBe("http://mine.example");
    } finally {
      Reflect.deleteProperty(globalThis, "location");
    }
  });
});

describe("what the class needs of a socket", () => {
  test("close(null) sends a close frame without a code, and then a reason has no place", async () => {
    const socket = await connect(url);
    const peer = peers.at(-1) as Socket;
    expect(() => socket.close(null, "why")).toThrow(TypeError);
    await socket.close(null);
    expect(await peer.closed).toMatchObject({ code: 1005, received: { code: 1005, reason: "" } });
  });

  test.each([["here", true], ["there", false]])("a handler hears once that closing began %s", async (_, here) => {
    const states: string[] = [];
    const socket = await connect(url, { closing: ({ state }) => states.push(state), close: () => states.push("end") });
    if (here) await socket.close();
    else await (peers.at(-1) as Socket).close();
    await socket.closed;
    expect(states).toEqual(["closing", "end"]);
  });
});

test("an open WebSocket keeps the process alive, a closed one does not, and nobody listening harms nothing", async () => {
  const program = `
    import { WebSocket } from ${JSON.stringify(new URL("../index.node.ts", import.meta.url).href)};
    new WebSocket("ws://127.0.0.1:1/");
    new WebSocket("ws://127.0.0.1:2/");
    const socket = new WebSocket(process.argv[1]);
    socket.addEventListener("message", ({ data }) => { console.log(data); socket.close(); });`;
  const waiting = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, url], { timeout: 60_000 });
  const count = peers.length;
  while (peers.length === count) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  (peers.at(-1) as Socket).send("still there");
  expect((await waiting).stdout).toBe("still there\n");
}, 60_000); // a machine that is busy takes its time to start a process
