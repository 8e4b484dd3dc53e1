import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { take } from "../adapters/testing/sockets.ts";
import { connect, type Message, serve, type Server, type Socket } from "../index.node.ts";
import { type Certificates, makeCertificates } from "./certificate.ts";
import WebSocket from "ws";
import { startWorkerd, type Workerd } from "./workerd/start.ts";

const WORKER = new URL("workerd/worker.ts", import.meta.url).pathname;
let certificates: Certificates;
let workerd: Workerd;

beforeAll(async () => {
  certificates = makeCertificates();
  workerd = await startWorkerd(WORKER, certificates);
}, 60_000);
afterAll(() => workerd.stop());

describe.each(["ws", "wss"] as const)("our client on Node against accept in workerd, %s:", (scheme) => {
  const open = (path = "/"): Promise<Socket<undefined>> => connect(
    `${scheme}://localhost:${workerd.ports[scheme === "ws" ? "raw" : "rawtls"]}${path}`,
    { protocols: "chat", tls: { ca: certificates.ca }, limits: { maxMessage: 32 << 20, maxQueued: 32 << 20 } },
  );

  test("messages of all sizes come back, and both close cleanly", async () => {
    const socket = await open();
    expect(socket.protocol).toBe("chat");
    expect(socket.response.fields.get("X-Seen")).toBe("false 127.0.0.1"); // it does not tell that workerd ended TLS
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 5_000_000];
    for (const size of sizes) socket.send(new Uint8Array(size).fill(size));
    socket.send("ø😀");
    const messages = await take(socket, sizes.length + 1);
    for (const [at, size] of sizes.entries()) expect(Buffer.compare(messages[at] as Uint8Array, Buffer.alloc(size, size & 255))).toBe(0);
    expect(messages.at(-1)).toBe("ø😀");
    expect(await socket.ping()).toBeTypeOf("number");
    expect(await socket.close(4000, "done")).toMatchObject({ code: 4000, reason: "done", clean: true });
  });

  test("it is closed by the Worker, which may also end it at once or fail", async () => {
    for (const [message, code, clean] of [["close me", 4002, true], ["drop me", 1006, false], ["fail", 1011, true]] as const) {
      const socket = await open();
      socket.send(message);
      expect(await socket.closed).toMatchObject({ code, clean });
    }
  });

  test("it is refused by the hook", async () => {
    await expect(open("/secret")).rejects.toMatchObject({ status: 401, body: "no" });
  });

  test("a slow reader slows the Worker", async () => {
    const socket = await open();
    const piece = new Uint8Array(100_000);
    let sent = 0;
    const writing = (async () => {
      for (; sent < 300; sent++) if (!socket.send(piece)) await socket.writable();
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(300); // the echoes are not read yet, and what lies between is full
    expect((await take(socket, 300)).length).toBe(300);
    await writing;
    expect((await socket.close()).clean).toBe(true);
  });
});

/** What a client inside workerd met. */
async function report(url: string, options: object = {}, way = "connect"): Promise<Record<string, unknown>> {
  const query = new URLSearchParams({ url, options: JSON.stringify(options) });
  return await (await fetch(`http://127.0.0.1:${workerd.ports.http}/${way}?${query}`)).json() as Record<string, unknown>;
}

describe("connect in workerd against our server on Node", () => {
  let plain: Server;
  let secure: Server;
  const closes: unknown[] = [];

  beforeAll(async () => {
    const handler = {
      port: 0,
      hostname: "127.0.0.1",
      protocols: ["chat"],
      upgrade: ({ path }: { path: string }) => path === "/secret" ? { status: 403, body: "not you" } : undefined,
      message: (socket: Socket, message: Message) => void socket.send(message as string),
      close: (_: Socket, close: unknown) => void closes.push(close),
    };
    plain = await serve(handler);
    secure = await serve({ ...handler, tls: { cert: certificates.cert, key: certificates.key } });
  });
  afterAll(() => Promise.all([plain.close(), secure.close()]));

  test.each(["ws", "wss"])("%s: messages come back, and both agree on how it ended", async (scheme) => {
    closes.length = 0;
    const { port } = scheme === "ws" ? plain : secure;
    const seen = await report(`${scheme}://localhost:${port}/`, { protocols: ["chat"] });
    expect(seen).toMatchObject({ same: true, protocol: "chat", close: { code: 4001, reason: "enough", clean: true } });
    await expect.poll(() => closes).toMatchObject([{ code: 4001, reason: "enough", clean: true }]);
  });

  test.each(["ws", "wss"])("%s: through a proxy", async (scheme) => {
    const proxy = http.createServer().on("connect", (request, client, head) => {
      const upstream = net.connect({ port: Number(request.url?.split(":")[1]), host: "127.0.0.1" }, () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = scheme === "ws" ? plain : secure;
    const seen = await report(`${scheme}://localhost:${port}/`, { proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    expect(seen).toMatchObject({ same: true, close: { code: 4001, clean: true } });
    proxy.close();
  });

  test("what goes wrong is told in a sentence", async () => {
    const cases: [url: string, options: object, expected: object][] = [
      [`ws://127.0.0.1:1/`, {}, { name: "HandshakeError", stage: "connect" }],
      [`ws://localhost:${plain.port}/secret`, {}, { name: "HandshakeError", stage: "response", status: 403 }],
      [`wss://localhost:${plain.port}/`, {}, { name: "HandshakeError", stage: "tls", message: expect.stringContaining("the TLS handshake failed") }],
      [`wss://localhost:${secure.port}/`, { tls: { servername: "wrong.example" } }, { name: "HandshakeError", stage: "tls" }],
      [`wss://localhost:${secure.port}/`, { tls: { ca: "x" } }, { name: "TypeError", message: expect.stringContaining(`"tls.ca"`) }],
      [`ws://localhost:${plain.port}/`, { unix: "/x" }, { name: "TypeError", message: `Cannot use option "unix": a Worker reaches no file system` }],
      [`ws://192.0.2.1:1/`, { limits: { handshakeTimeout: 200 } }, { name: "HandshakeError", stage: "connect" }],
    ];
    for (const [url, options, expected] of cases) expect(await report(url, options)).toMatchObject(expected);
  });

  test("through fetch, as the platform frames it", async () => {
    closes.length = 0;
    const seen = await report(`ws://localhost:${plain.port}/`, { protocols: ["chat"], headers: { "X-Any": "thing" } }, "fetch");
    expect(seen).toMatchObject({ same: true, protocol: "chat", close: { code: 4001, reason: "enough", clean: true } });
    await expect.poll(() => closes).toMatchObject([{ code: 4001, reason: "enough", clean: true }]);
    expect(await report(`ws://localhost:${plain.port}/secret`, {}, "fetch")).toMatchObject({
      name: "HandshakeError", status: 403, message: `Cannot connect to ws://localhost:${plain.port}/secret: the server answered 403`,
    });
    expect(await report(`ws://localhost:${plain.port}/`, { proxy: "http://x/" }, "fetch")).toMatchObject({ message: `Cannot use option "proxy": fetch decides that` });
  });
});

test("a service binding reaches accept, and upgradeRequest", async () => {
  expect(await report("ws://self/", { protocols: ["chat"] }, "bound/raw")).toMatchObject({ same: true, protocol: "chat", close: { code: 4001, clean: true } });
  expect(await report("ws://self/ws/quiet", { protocols: ["chat"] }, "bound/fetch")).toMatchObject({ same: true, protocol: "chat", close: { code: 4001, clean: true } });
});

test("a Worker cannot listen, and says what it can", async () => {
  expect(await report("", {}, "serve")).toBe(
    "Error: A Worker cannot listen: answer `fetch` with `upgradeRequest`, or give `accept` the socket of a `connect` handler",
  );
});

describe("upgradeRequest in workerd", () => {
  const address = (path: string): string => `ws://127.0.0.1:${workerd.ports.http}${path}`;
  let closes: unknown[] = [];
  const ended = async (): Promise<unknown> => {
    closes.push(...await (await fetch(address("/closes").replace("ws", "http"))).json() as unknown[]);
    return closes;
  };
  beforeEach(async () => {
    await ended();
    closes = [];
  });
  const open = async (): Promise<Socket<undefined>> => {
    const socket = await connect(address("/ws"), { protocols: ["other", "chat"] });
    expect(await take(socket, 1)).toEqual(["welcome"]);
    return socket;
  };

  test("messages come back to ws, and both agree on how it ended", async () => {
    const socket = new WebSocket(address("/ws?name=me"), ["other", "chat"]);
    const seen = new Promise((resolve) => socket.on("upgrade", ({ headers }) => resolve(headers["x-seen"])));
    const got: Message[] = [];
    const sent = ["", "ø😀", new Uint8Array(0), new Uint8Array(900_000).fill(7), "x".repeat(70_000)];
    socket.on("open", () => sent.forEach((message) => socket.send(message)));
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (data: Buffer, isBinary) => {
        if (got.push(isBinary ? new Uint8Array(data) : String(data)) > sent.length) resolve();
      });
    });
    expect(got).toEqual(["welcome", ...sent]);
    expect([socket.protocol, await seen]).toEqual(["chat", "me"]);
    socket.close(4000, "enough");
    expect(await new Promise((resolve) => socket.on("close", (code, reason) => resolve([code, String(reason)])))).toEqual([4000, "enough"]);
    await expect.poll(ended).toMatchObject([{ code: 4000, reason: "enough", clean: true, received: { code: 4000 } }]);
  });

  test("our client is closed by the Worker, with any code, or dropped", async () => {
    for (const [message, expected] of [
      ["close me", { code: 4002, reason: "as you wish", clean: true }],
      ["go away", { code: 1001, clean: true }],
      ["fail", { code: 1011, reason: "The application failed", clean: true }],
      ["drop me", { code: 1005, clean: true }], // the platform cannot drop it, and closes it instead
    ] as const) {
      const socket = await open();
      socket.send(message);
      expect(await socket.closed).toMatchObject(expected);
    }
    await expect.poll(ended).toMatchObject([
      { code: 4002, clean: true, sent: { code: 4002 } }, { code: 1001, clean: true }, { code: 1011, clean: true }, { code: 1006, clean: false },
    ]);
  });

  test("a client that vanishes ends it with 1006", async () => {
    const socket = await open();
    socket.terminate();
    await expect.poll(ended).toMatchObject([{ code: 1006, reason: "", clean: false }]);
  });

  test("hooks refuse, and answer what is no upgrade", async () => {
    await expect(connect(address("/ws/secret"))).rejects.toMatchObject({ status: 401, body: "no" });
    await expect(connect(address("/ws/broken"))).rejects.toMatchObject({ status: 500 });
    await expect(connect(address("/ws"), { headers: { Origin: "https://evil.example" } })).rejects.toMatchObject({ status: 403 });
    const page = await fetch(address("/index").replace("ws", "http"));
    expect([page.status, await page.text()]).toEqual([200, "page /index"]);
    const socket = await connect(address("/ws"), { headers: { Origin: address("").replace("ws", "http") } });
    await socket.close();
  });
});

test("with an older compatibility date the answer to a close frame is left to us, and sent", async () => {
  const older = await startWorkerd(WORKER, certificates, "2025-10-01");
  try {
    const socket = await connect(`ws://127.0.0.1:${older.ports.http}/ws`);
    expect(await socket.close(4000, "enough")).toMatchObject({ code: 4000, reason: "enough", clean: true });
  } finally {
    await older.stop();
  }
});
