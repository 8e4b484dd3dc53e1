import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { connect, type ConnectOptions, HandshakeError, serve, type ServeOptions, type Server } from "../index.node.ts";
import { makeCertificates } from "../test/certificate.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
});

async function start(options: ServeOptions = {}): Promise<Server> {
  const server = await serve({ port: 0, hostname: "127.0.0.1", ...options });
  cleanUps.push(() => server.close());
  return server;
}

/** A raw server; its sockets go when the test ends. */
async function raw(onSocket: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function failure(url: string | URL, options: ConnectOptions = {}): Promise<HandshakeError> {
  return connect(url, options).then((socket) => (socket.terminate(), expect.fail("it opened")), (error: HandshakeError) => error);
}

describe("the URL", () => {
  test.each([
    ["ftp://localhost/", `Cannot connect to "ftp:": the scheme must be ws or wss`],
    ["localhost:8080", `Cannot connect to "localhost:": the scheme must be ws or wss`],
    ["/chat", `Cannot connect to "/chat": it is no absolute URL, such as ws://127.0.0.1:8080/`],
    ["ws://localhost/#top", `Cannot connect to "ws://localhost/#top": a WebSocket URL has no fragment`],
  ])("%s is refused with a sentence", async (url, message) => {
    const error = await failure(url);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(message);
  });

  test("http stands for ws, and the query is sent", async () => {
    const { port } = await start({ upgrade: ({ target }) => ({ headers: { "X-Target": target } }) });
    const socket = await connect(`http://127.0.0.1:${port}/a?b=c`);
    expect(socket.response.fields.get("X-Target")).toBe("/a?b=c");
    expect(socket.url).toBe(`ws://127.0.0.1:${port}/a?b=c`);
    await socket.close();
  });

  test("its user and password are sent as Basic credentials, and shown nowhere", async () => {
    const { port } = await start({ upgrade: (request) => ({ headers: { "X-Auth": request.header("Authorization") ?? "" } }) });
    const socket = await connect(`ws://ad%40a:p%C3%A9@127.0.0.1:${port}/`);
    expect(socket.response.fields.get("X-Auth")).toBe(`Basic ${Buffer.from("ad@a:pé").toString("base64")}`);
    expect(socket.url).toBe(`ws://127.0.0.1:${port}/`);
    await socket.close();
    const own = await connect(`ws://a:b@127.0.0.1:${port}/`, { headers: { authorization: "Bearer t" } });
    expect(own.response.fields.get("X-Auth")).toBe("Bearer t");
    await own.close();
    expect((await failure("ws://ada:secret@127.0.0.1:1/")).message).not.toContain("secret");
  });
});

describe("headers and subprotocols", () => {
  test("headers are sent as they are, cookies too", async () => {
    const { url } = await start({ upgrade: (request) => ({ headers: { "X-Seen": `${request.header("cookie")} ${request.header("x-a")}` } }) });
    for (const headers of [{ Cookie: "a=1; b=2", "X-A": "x" }, new Headers({ Cookie: "a=1; b=2", "X-A": "x" }), [["cookie", "a=1; b=2"], ["x-a", "x"]] as const]) {
      const socket = await connect(url, { headers });
      expect(socket.response.fields.get("X-Seen")).toBe("a=1; b=2 x");
      await socket.close();
    }
  });

  test.each([
    [{ "X-A": "a\r\nX-B: b" }, "may not stand in a header"],
    [{ "X A": "a" }, "its name is no token"],
    [{ "Sec-WebSocket-Key": "a" }, "the handshake sets it itself"],
    [{ "Content-Length": "1" }, "the handshake sets it itself"],
  ])("%j is refused before anything is sent", async (headers, message) => {
    const error = await failure("ws://127.0.0.1:1/", { headers: headers as unknown as Record<string, string> });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
  });

  test("subprotocols are tokens, each once", async () => {
    expect((await failure("ws://127.0.0.1:1/", { protocols: ["a", "a"] })).message).toBe(`Cannot offer subprotocol "a" twice`);
    expect((await failure("ws://127.0.0.1:1/", { protocols: "a b" })).message).toBe(`Cannot offer subprotocol "a b": it is no token`);
  });
});

describe("an answer that is no upgrade", () => {
  test("is one error with stage, status, headers and body", async () => {
    const port = await raw((socket) => socket.end("HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 9\r\n\r\ncome back"));
    const error = await failure(`ws://127.0.0.1:${port}/x`);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ name: "HandshakeError", stage: "response", status: 503, body: "come back", url: `ws://127.0.0.1:${port}/x` });
    expect(error.headers?.get("retry-after")).toBe("5");
    expect(error.message).toBe(`Cannot connect to ws://127.0.0.1:${port}/x: the server answered 503 Busy ("come back")`);
  });

  test.each([
    ["closes", "", "the server closed the connection before it answered the handshake"],
    ["speaks something else", "220 mail.example ESMTP\r\n\r\n", `the answer does not begin with "HTTP/1.1" and a status: "220 mail.example ESMTP"`],
    ["has the wrong hash", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", "Sec-WebSocket-Accept does not match the key that was sent"],
  ])("a server that %s is told of in words", async (_, answer, message) => {
    const port = await raw((socket) => socket.once("data", () => socket.end(answer)));
    const error = await failure(`ws://127.0.0.1:${port}/`);
    expect(error.stage).toBe("response");
    expect(error.message.toLowerCase()).toContain(message.toLowerCase());
  });

  test("whose body never ends is told of with its status when the time is up", async () => {
    const errors = await Promise.all(["", "Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"].map(async (field) => {
      const port = await raw((socket) => socket.once("data", () => socket.write(`HTTP/1.1 503 Busy\r\n${field}\r\n`)));
      return failure(`ws://127.0.0.1:${port}/`, { limits: { handshakeTimeout: 1_000 } }); // the head comes before, on a busy machine too
    }));
    for (const error of errors) expect(error).toMatchObject({ name: "HandshakeError", stage: "response", status: 503, body: "" });
  });

  test("a reset while the answer is awaited is an error like any other", async () => {
    const port = await raw((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect((await failure(`ws://127.0.0.1:${port}/`)).message).toContain("closed the connection before it answered");
  });
});

describe("redirects", () => {
  async function redirecting(location: (port: number) => string, status = 302): Promise<{ url: string; seen: http.IncomingHttpHeaders[] }> {
    const seen: http.IncomingHttpHeaders[] = [];
    const server = http.createServer();
    server.on("upgrade", (request, socket) => {
      seen.push(request.headers);
      socket.end(`HTTP/1.1 ${status} Moved\r\nLocation: ${location((server.address() as AddressInfo).port)}\r\nContent-Length: 0\r\n\r\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => server.close());
    return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
  }

  test("are not followed unless asked, and the error says how", async () => {
    const { url } = await redirecting(() => "ws://127.0.0.1:1/");
    const error = await failure(url);
    expect(error).toMatchObject({ stage: "response", status: 302 });
    expect(error.message).toContain(`it points to ws://127.0.0.1:1/; set "redirects" to follow`);
  });

  test("drop credentials and cookies when they leave the origin", async () => {
    let seen: (string | undefined)[] = [];
    const target = await start({ upgrade: (request) => void (seen = ["authorization", "cookie", "x-kept"].map((name) => request.header(name))) });
    const { url, seen: first } = await redirecting(() => `${target.url.replace("ws:", "http:")}new`, 307);
    const socket = await connect(url.replace("ws://", "ws://a:b@"), { redirects: 1, headers: { Cookie: "s=1", "X-Kept": "1" } });
    expect(first[0]).toMatchObject({ cookie: "s=1", authorization: "Basic YTpi" });
    expect(seen).toEqual([undefined, undefined, "1"]);
    expect(socket.url).toBe(`${target.url}new`);
    await socket.close();
  });

  test.each(["file:///etc/passwd", "javascript:alert(1)", "http://["])("to %s are told of as what they are", async (location) => {
    const { url } = await redirecting(() => location);
    const error = await failure(url, { redirects: 3 });
    expect(error).toMatchObject({ stage: "redirect", status: 302 });
    expect(error.message).toContain(`the server redirects to "${location}", which is no WebSocket's URL`);
  });

  test("are bounded", async () => {
    const { url, seen } = await redirecting((port) => `ws://127.0.0.1:${port}/again`);
    expect(await failure(url, { redirects: 3 })).toMatchObject({ stage: "redirect", status: 302 });
    expect(seen.length).toBe(4);
  });
});

describe("waiting", () => {
  test("ends after handshakeTimeout, and says what for", async () => {
    const port = await raw(() => {});
    const limits = { handshakeTimeout: 500 }; // time enough to connect, on a busy machine too
    const [error, secure] = await Promise.all([failure(`ws://127.0.0.1:${port}/`, { limits }), failure(`wss://127.0.0.1:${port}/`, { limits })]);
    expect(error).toMatchObject({ stage: "response", code: "ETIMEDOUT" });
    expect(error.message).toBe(`Cannot connect to ws://127.0.0.1:${port}/: no answer to the handshake within 500 ms`);
    expect(secure).toMatchObject({ stage: "tls", code: "ETIMEDOUT" });
  });

  test("ends when the signal aborts, with the signal's own reason", async () => {
    const closed: string[] = [];
    const controller = new AbortController();
    const port = await raw((socket) => socket.once("data", () => controller.abort()).on("close", () => closed.push("close")));
    const reason = new Error("changed my mind");
    await expect(connect(`ws://127.0.0.1:${port}/`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const attempt = connect(`ws://127.0.0.1:${port}/`, { signal: controller.signal });
    await expect(attempt).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => closed).toEqual(["close"]);
  });

  test("a signal that aborts later leaves the open socket alone", async () => {
    const { url } = await start();
    const controller = new AbortController();
    const socket = await connect(url, { signal: controller.signal });
    controller.abort();
    expect(await socket.ping()).toBeTypeOf("number");
    await socket.close();
  });
});

describe("TLS", () => {
  const certificates = makeCertificates();
  const tls = { key: certificates.key, cert: certificates.cert };

  test("a certificate whose authority is given is trusted, by name and by address", async () => {
    const server = await start({ tls, message: (socket, message) => void socket.send(message) });
    expect(server.url).toBe(`wss://127.0.0.1:${server.port}/`);
    for (const host of ["localhost", "127.0.0.1"]) {
      const socket = await connect(`wss://${host}:${server.port}/`, { tls: { ca: certificates.ca } });
      socket.send("secret");
      for await (const message of socket) {
        expect(message).toBe("secret");
        break;
      }
      expect((await socket.close()).clean).toBe(true);
    }
  });

  test("any other is refused, with the reason and the fix", async () => {
    const server = await start({ tls });
    const unknown = await failure(server.url);
    expect(unknown).toMatchObject({ stage: "tls", code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(unknown.message).toContain("pass it as tls.ca");
    const wrongHost = await failure(server.url, { tls: { ca: certificates.ca, servername: "other.example" } });
    expect(wrongHost).toMatchObject({ stage: "tls", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    const socket = await connect(server.url, { tls: { rejectUnauthorized: false } });
    await socket.close();
  });

  test("a plain server behind wss is a sentence", async () => {
    const { port } = await start();
    expect((await failure(`wss://127.0.0.1:${port}/`)).message).toContain("the other side does not speak TLS there");
  });
});

describe("other ways", () => {
  test("a unix socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "isosocket-"));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    const unix = join(folder, "s");
    const server = await start({ unix, message: (socket, message) => void socket.send(message) });
    expect(server.url).toBe(`ws+unix:${unix}`);
    const socket = await connect("ws://localhost/", { unix });
    expect(await socket.ping()).toBeTypeOf("number");
    await socket.close();
    expect((await failure("ws://localhost/", { unix: `${unix}x` })).message).toContain("no such socket file (ENOENT)");
  });

  test("an HTTP proxy, for ws and for wss, with credentials", async () => {
    const certificates = makeCertificates();
    const plain = await start();
    const secure = await start({ tls: certificates });
    const asked: string[] = [];
    const proxy = http.createServer();
    proxy.on("connect", (request, socket, head) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"]}`);
      if (request.headers["proxy-authorization"] === undefined) return void socket.end("HTTP/1.1 407 Who are you\r\n\r\n");
      const [host, port] = (request.url as string).split(":");
      const onward = net.connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.write(head);
        socket.pipe(onward).pipe(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => proxy.close());
    const at = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    for (const server of [plain, secure]) {
      const socket = await connect(server.url, { proxy: `http://ada:pw@${at}`, tls: { ca: certificates.ca } });
      expect(await socket.ping()).toBeTypeOf("number");
      expect(asked.at(-1)).toBe(`127.0.0.1:${server.port} Basic ${Buffer.from("ada:pw").toString("base64")}`);
      await socket.close();
    }
    const refused = await failure(plain.url, { proxy: `http://${at}` });
    expect(refused).toMatchObject({ stage: "proxy", status: 407, message: `Cannot connect through proxy ${at}: it answered 407 Who are you` });
    expect(await failure(plain.url, { proxy: "http://127.0.0.1:1" })).toMatchObject({ stage: "proxy", code: "ECONNREFUSED" });
  });
});

test("an attempt that fails is never an uncaught error, and leaves nothing open", async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  const port = await raw((socket) => setTimeout(() => socket.resetAndDestroy(), 5));
  await Promise.all(Array.from({ length: 20 }, (_, at) =>
    connect(at % 2 === 0 ? `ws://127.0.0.1:${port}/` : `wss://127.0.0.1:${port}/`, { limits: { handshakeTimeout: 5 + at % 3 } }).catch(() => {})));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  expect(uncaught).toEqual([]);
});
