import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket as UndiciWebSocket } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WsWebSocket, { WebSocketServer } from "ws";
import { connect, type Close, type Message, serve, type Server, type Socket } from "../index.node.ts";

/** What each exchange below sends: every length form, both types, text beyond ASCII. */
const MESSAGES: readonly Message[] = [
  "", "a", "ø€😀", "x".repeat(125), "x".repeat(126), "é".repeat(40_000),
  new Uint8Array(0), new Uint8Array(127).fill(1), new Uint8Array(65_536).map((_, at) => at), new Uint8Array(900_000).map((_, at) => at * 7),
];

let server: Server;
const closes: Close[] = [];

beforeAll(async () => {
  server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    protocols: ["chat"],
    message: (socket, message) => {
      if (message === "close me") void socket.close(4002, "as you wish");
      else if (message === "fragments") for (const piece of ["fr", "ag", "ments"]) socket.sendFragment(piece, piece === "ments");
      else socket.send(message as string);
    },
    close: (_, close) => void closes.push(close),
  });
});
afterAll(() => server.close());

/** The next event of a WHATWG-like socket: `ws` is an emitter as well, whose own events look otherwise. */
function next<Kind extends keyof WebSocketEventMap>(socket: WebSocket, kind: Kind): Promise<WebSocketEventMap[Kind]> {
  return new Promise((resolve) => socket.addEventListener(kind, resolve as (event: Event) => void, { once: true }));
}

/** A WHATWG-like client that somebody else wrote. */
const clients = {
  ws: (url: string, protocols: string[]) => new WsWebSocket(url, protocols) as unknown as WebSocket,
  undici: (url: string, protocols: string[]) => new UndiciWebSocket(url, protocols) as unknown as WebSocket,
  "Node's global": (url: string, protocols: string[]) => new WebSocket(url, protocols),
};

describe.each(Object.entries(clients))("the client of %s against our server", (_, make) => {
  async function open(): Promise<WebSocket> {
    const socket = make(server.url, ["other", "chat"]);
    socket.binaryType = "arraybuffer";
    await next(socket, "open");
    return socket;
  }

  test("gets back every message as it was", async () => {
    const socket = await open();
    expect(socket.protocol).toBe("chat");
    const got: Message[] = [];
    const all = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        got.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
        if (got.length === MESSAGES.length) resolve();
      };
    });
    for (const message of MESSAGES) socket.send(message as string);
    await all;
    for (const [at, message] of MESSAGES.entries()) {
      expect(typeof got[at]).toBe(typeof message);
      expect(Buffer.compare(Buffer.from(got[at]), Buffer.from(message))).toBe(0);
    }
    socket.close();
    await next(socket, "close");
  });

  test("gets our fragments as one message", async () => {
    const socket = await open();
    socket.send("fragments");
    const event = await next(socket, "message");
    expect(event.data).toBe("fragments");
    socket.close();
    await next(socket, "close");
  });

  test("closes, and we agree on code and reason", async () => {
    const socket = await open();
    closes.length = 0;
    socket.close(4001, "enough ø");
    const event = await next(socket, "close");
    expect(event).toMatchObject({ code: 4001, wasClean: true });
    await expect.poll(() => closes).toMatchObject([{ code: 4001, reason: "enough ø", clean: true, fault: undefined }]);
  });

  test("is closed by us, and agrees on code and reason", async () => {
    const socket = await open();
    closes.length = 0;
    socket.send("close me");
    const event = await next(socket, "close");
    expect(event).toMatchObject({ code: 4002, reason: "as you wish", wasClean: true });
    await expect.poll(() => closes).toMatchObject([{ code: 4002, clean: true, sent: { code: 4002, reason: "as you wish" } }]);
  });

  test("closes without a code", async () => {
    const socket = await open();
    closes.length = 0;
    socket.close();
    await next(socket, "close");
    await expect.poll(() => closes).toMatchObject([{ code: 1005, reason: "", clean: true }]);
  });
});

describe("our client against the server of ws", () => {
  let peers: WebSocketServer;
  let peer: WsWebSocket;

  beforeAll(async () => {
    peers = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true, handleProtocols: (offered) => [...offered][0] });
    peers.on("connection", (socket) => {
      peer = socket;
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await once(peers, "listening");
  });
  afterAll(() => new Promise((resolve) => peers.close(resolve)));

  const open = (): Promise<Socket<undefined>> => connect(`ws://127.0.0.1:${(peers.address() as AddressInfo).port}/`, { protocols: "chat" });

  test("gets back every message as it was", async () => {
    const socket = await open();
    expect(socket.protocol).toBe("chat");
    for (const message of MESSAGES) socket.send(message as string);
    let at = 0;
    for await (const message of socket) {
      expect(typeof message).toBe(typeof MESSAGES[at]);
      expect(Buffer.compare(Buffer.from(message), Buffer.from(MESSAGES[at]))).toBe(0);
      if (++at === MESSAGES.length) break;
    }
    await socket.close();
  });

  test("gets its fragments as one message, and its pings are answered", async () => {
    const socket = await open();
    const ponged = once(peer, "pong");
    peer.send("fra", { fin: false });
    peer.ping("alive?");
    peer.send("gments", { fin: true });
    for await (const message of socket) {
      expect(message).toBe("fragments");
      break;
    }
    expect(String((await ponged)[0])).toBe("alive?");
    expect(await socket.ping()).toBeTypeOf("number");
    await socket.close();
  });

  test("agrees with it on how it ended, whoever closes", async () => {
    const ours = await open();
    const heard = once(peer, "close");
    expect(await ours.close(4001, "bye ø")).toMatchObject({ code: 4001, clean: true });
    expect((await heard).map(String)).toEqual(["4001", "bye ø"]);
    const theirs = await open();
    peer.close(4003, "no more");
    expect(await theirs.closed).toMatchObject({ code: 4003, reason: "no more", clean: true });
    const dropped = await open();
    peer.terminate();
    expect(await dropped.closed).toMatchObject({ code: 1006, clean: false });
  });
});
