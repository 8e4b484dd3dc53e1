import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Message, serve, type Server, type Socket } from "../index.node.ts";
import { type Certificates, makeCertificates } from "./certificate.ts";
import { startWorkerd, type Workerd } from "./workerd/start.ts";

let certificates: Certificates;
let workerd: Workerd;

beforeAll(async () => {
  certificates = makeCertificates();
  workerd = await startWorkerd(new URL("workerd/worker.ts", import.meta.url).pathname, certificates);
}, 60_000);
afterAll(() => workerd.stop());

async function take(socket: Socket<undefined>, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of socket) if (messages.push(message) === count) break;
  return messages;
}

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

  async function report(url: string, options: object = {}): Promise<Record<string, unknown>> {
    const query = new URLSearchParams({ url, options: JSON.stringify(options) });
    const answer = await fetch(`http://127.0.0.1:${workerd.ports.http}/connect?${query}`);
    return await answer.json() as Record<string, unknown>;
  }

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
});
