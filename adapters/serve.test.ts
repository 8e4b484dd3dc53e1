import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Protocol } from "../core/protocol.ts";
import { connect, serve, type ServeOptions, type Server, type Socket } from "../index.node.ts";
import { Driver, type Transport } from "./driver.ts";
import type { Pipe } from "./pipe.ts";
import { Acceptor } from "./serve.ts";
import { failure } from "./testing/sockets.ts";

const servers: Server<never>[] = [];

async function start<Data = unknown>(options: ServeOptions<Data> = {}): Promise<Server<Data>> {
  const server = await serve<Data>({ port: 0, hostname: "127.0.0.1", ...options });
  servers.push(server as Server<never>);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Sends bytes and gives back all that comes until the server ends. */
function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (piece) => text += piece.toString("latin1"));
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

describe("the handshake", () => {
  test("a page of another origin is refused, and the answer says how to allow it (10.2)", async () => {
    const { url } = await start();
    const error = await failure(connect(url, { headers: { Origin: "https://evil.example" } }));
    expect(error).toMatchObject({ name: "HandshakeError", stage: "response", status: 403 });
    expect(error.body).toContain(`"origins"`);
  });

  test("a page of the same host, one that is listed, and a client that is no page may connect", async () => {
    const same = await start();
    await (await connect(same.url, { headers: { Origin: `http://127.0.0.1:${same.port}` } })).close();
    await (await connect(same.url)).close();
    const listed = await start({ origins: ["https://good.example"] });
    await (await connect(listed.url, { headers: { Origin: "https://good.example" } })).close();
    expect((await failure(connect(listed.url, { headers: { Origin: `http://127.0.0.1:${listed.port}` } }))).status).toBe(403);
  });

  test("the hook sees the request and may grant it with more to say", async () => {
    const server = await start<{ user: string }>({
      upgrade(request) {
        expect(request).toMatchObject({ method: "GET", path: "/chat", target: "/chat?name=ada", secure: false });
        expect(request.remoteAddress).toBe("127.0.0.1");
        return { protocol: "b", headers: { "Set-Cookie": "a=1" }, data: { user: request.query.get("name") ?? "" } };
      },
      open: (socket) => void socket.send(socket.data.user),
    });
    const socket = await connect(`${server.url}chat?name=ada`, { protocols: ["a", "b"] });
    expect(socket.protocol).toBe("b");
    expect(socket.response.fields.get("set-cookie")).toBe("a=1");
    for await (const message of socket) {
      expect(message).toBe("ada");
      break;
    }
  });

  test("the hook may refuse, later, with status, headers and body", async () => {
    const { url } = await start({
      async upgrade() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { status: 401, headers: { "WWW-Authenticate": "Basic" }, body: "who are you?" };
      },
    });
    const error = await failure(connect(url));
    expect(error).toMatchObject({ status: 401, body: "who are you?" });
    expect(error.headers?.get("www-authenticate")).toBe("Basic");
    expect(error.message).toContain("401 Unauthorized (\"who are you?\")");
  });

  test("a hook that throws refuses with 500, and its error is told", async () => {
    const errors: unknown[] = [];
    const { url } = await start({
      upgrade() {
        throw new Error("no database");
      },
      error: (error) => void errors.push(error),
    });
    expect((await failure(connect(url))).status).toBe(500);
    expect(errors).toEqual([new Error("no database")]);
  });

  test("a hook that chooses what was not offered fails the request, not the process", async () => {
    const errors: unknown[] = [];
    const { url } = await start({ upgrade: () => ({ protocol: "c" }), error: (error) => void errors.push(error) });
    expect((await failure(connect(url, { protocols: "a" }))).status).toBe(500);
    expect(String(errors[0])).toContain(`"c"`);
  });

  test("messages sent behind the request before it was granted are kept", async () => {
    const got: unknown[] = [];
    const server = await start({
      upgrade: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
      message(socket, message) {
        got.push(message);
        void socket.close();
      },
    });
    const head = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    const answer = await exchange(server.port, Buffer.concat([Buffer.from(head), frame, Buffer.from([0x88, 0x80, 0, 0, 0, 0])]));
    expect(answer).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(got).toEqual(["hi"]);
  });

  test("what asks for no upgrade gets 426, or the answer of the `request` hook", async () => {
    const bare = await start();
    const refused = await fetch(bare.url.replace("ws:", "http:"));
    expect(refused.status).toBe(426);
    expect(refused.headers.get("upgrade")).toBe("websocket");
    const page = await start({ request: ({ path }) => ({ headers: { "Content-Type": "text/html" }, body: `<p>${path}` }) });
    const answer = await fetch(`${page.url.replace("ws:", "http:")}a`);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([200, "text/html", "<p>/a"]);
    const head = await fetch(page.url.replace("ws:", "http:"), { method: "HEAD" });
    expect(head.status).toBe(200);
  });

  test("what is no HTTP at all gets 400 at once", async () => {
    const { port } = await start();
    expect(await exchange(port, Buffer.from([0x16, 0x03, 0x01, 0x02]))).toMatch(/^HTTP\/1\.1 400 .*plain port\?$/s);
  });

  test("a client that does not finish its request is cut off with 408", async () => {
    const { port } = await start({ limits: { handshakeTimeout: 500 } }); // what is sent comes before that, on a busy machine too
    const [answer, none] = await Promise.all([exchange(port, "GET / HTTP/1.1\r\n"), exchange(port, "")]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(none).toBe("");
  });
});

describe("a client that leaves", () => {
  /** A pipe without a socket, that counts how often it is destroyed. */
  class FakePipe implements Pipe, Transport<Uint8Array> {
    readonly remoteAddress = undefined;
    readonly remotePort = undefined;
    readonly secure = false;
    driver!: Driver<Uint8Array, Uint8Array>;
    destroyed = 0;

    run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
      return this.driver = new Driver(protocol, this);
    }
    startTls(): Promise<Pipe> {
      return Promise.reject(new Error("no TLS"));
    }
    write(): boolean {
      return true;
    }
    end(): void {}
    destroy(): void {
      this.destroyed++;
    }
  }

  test.each(["GET / HTTP/1.1\n", "GET /", ""])("before its request is whole is forgotten (%j)", async (head) => {
    const acceptor = new Acceptor({});
    const [gone, there] = [new FakePipe(), new FakePipe()];
    for (const pipe of [gone, there]) acceptor.accept(pipe);
    if (head !== "") gone.driver.received(Buffer.from(head));
    gone.driver.closed();
    const before = gone.destroyed;
    await acceptor.close(1001, "");
    expect([gone.destroyed - before, there.destroyed]).toEqual([0, 1]);
    there.driver.closed();
  });

  test("while the hook decides is opened and then closed, in that order", async () => {
    const heard: string[] = [];
    let grant!: () => void;
    const controller = new AbortController();
    const { url, sockets } = await start({
      upgrade: () => new Promise<undefined>((resolve) => {
        grant = () => resolve(undefined);
        controller.abort();
      }),
      open: () => void heard.push("open"),
      close: () => void heard.push("close"),
    });
    await failure(connect(url, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 50)); // the server hears that it left
    grant();
    await expect.poll(() => [heard, sockets.size]).toEqual([["open", "close"], 0]);
  });
});

describe("messages", () => {
  test("a handler that returns a promise gets one message at a time, in order", async () => {
    const order: string[] = [];
    const { url } = await start({
      async message(socket, message) {
        order.push(`start ${message}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        order.push(`end ${message}`);
        if (message === "3") void socket.close();
      },
    });
    const socket = await connect(url);
    for (const message of ["1", "2", "3"]) socket.send(message);
    await socket.closed;
    expect(order).toEqual(["start 1", "end 1", "start 2", "end 2", "start 3", "end 3"]);
  });

  test.each(["throws", "rejects"])("a handler that %s ends its own connection with 1011, and nothing else", async (how) => {
    const errors: unknown[] = [];
    const { url } = await start({
      message(socket, message) {
        if (message !== "boom") return void socket.send(message);
        const error = new Error("boom");
        if (how === "throws") throw error;
        return Promise.reject(error);
      },
      error: (error) => void errors.push(error),
    });
    const [bad, good] = await Promise.all([connect(url), connect(url)]);
    bad.send("boom");
    expect(await bad.closed).toMatchObject({ code: 1011, clean: true });
    good.send("still here");
    for await (const message of good) {
      expect(message).toBe("still here");
      break;
    }
    expect(errors).toEqual([new Error("boom")]);
  });

  test("a peer that breaks a rule is told which, and the server knows too", async () => {
    const closes: unknown[] = [];
    const { url } = await start({ limits: { maxMessage: 10 }, close: (_, close) => void closes.push(close) });
    const socket = await connect(url);
    socket.send("12345678901");
    expect(await socket.closed).toMatchObject({ code: 1009, reason: "The message is larger than the limit", clean: true });
    await expect.poll(() => closes).toMatchObject([{ code: 1006, clean: false, fault: { name: "largeMessage" }, sent: { code: 1009 } }]);
  });

  test("a peer that is not read from is not read into memory", async () => {
    let opened!: Socket;
    const { url } = await start({ open: (socket) => void (opened = socket) });
    const socket = await connect(url);
    const message = new Uint8Array(65_536);
    let sent = 0;
    while (sent < 400 && socket.send(message)) {
      sent++;
      await Promise.race([socket.writable(), new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    expect(sent).toBeLessThan(400); // what the system's buffers take is some megabytes
    let got = 0;
    for await (const piece of opened) {
      got += piece.length;
      if (got === (sent + 1) * message.length) break; // nothing that was taken is lost
    }
    socket.terminate();
  });

  test("a dropped connection is 1006 for the other side, and no error", async () => {
    const closes: unknown[] = [];
    const { url, sockets } = await start({ close: (_, close) => void closes.push(close) });
    const socket = await connect(url);
    expect(sockets.size).toBe(1);
    socket.terminate();
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false });
    await expect.poll(() => closes).toMatchObject([{ code: 1006, clean: false, fault: undefined }]);
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("close settles when every socket is gone, and nobody can connect any more", async () => {
    const server = await start();
    const sockets = await Promise.all([connect(server.url), connect(server.url)]);
    await server.close(1012, "back soon");
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1012, reason: "back soon", clean: true });
    expect((await failure(connect(server.url))).code).toBe("ECONNREFUSED");
  });
});

test("a port that is taken is one sentence, with its code", async () => {
  const { port } = await start();
  await expect(serve({ port, hostname: "127.0.0.1" })).rejects.toMatchObject({
    message: `Cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE)`,
    code: "EADDRINUSE",
  });
});
