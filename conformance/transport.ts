/**
 * What `connect` and `serve` must do on every runtime that has raw sockets, over real sockets of this machine.
 * No test framework: each case runs or throws, and leaves nothing open.
 * @module
 */
import { existsSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import type { Socket } from "../adapters/socket.ts";
import {
  answering, type Case, check, closeBoth, closing, dialling, echo, echoes, equal, failing, failsWith, flood, ignore, KIB, LARGE, listening, MIB,
  next, pattern, pause, type Runtime, sameBytes, serving, soon, textFrame, until,
} from "./transport-tools.ts";

export type { Capability, Case, Runtime } from "./transport-tools.ts";

const SMALL: readonly number[] = [0, 1, 2, 125, 126, 127, 1_000, 4_096, 65_535, 65_536, 65_537];

/** The cases, in the order they run. */
export const TRANSPORT_CASES: readonly Case[] = [
  ...group("echo", {
    "sizes up to 64 KiB": (runtime) => echoes(runtime, SMALL, {}, {}),
    "1 MiB and 16 MiB": (runtime) => echoes(runtime, [MIB, 16 * MIB], {}, {}),
    async "5,000 messages keep their order"(runtime) {
      await serving(runtime, echo, async (_, url) => {
        const socket = await runtime.connect(url);
        for (let at = 0; at < 5_000; at++) socket.send(`${at}`);
        for (let at = 0; at < 5_000; at++) equal(await next(socket), `${at}`, "message");
        await closeBoth(socket);
      });
    },
    async "messages sent from `open` on both sides arrive"(runtime) {
      await serving(runtime, { open: (socket) => void socket.send("from the server") }, async (server, url) => {
        const socket = await runtime.connect(url, { open: (opened) => void opened.send("from the client") });
        equal(await next(socket), "from the server", "message");
        const [other] = server.sockets as Set<Socket>;
        const { value } = await other[Symbol.asyncIterator]().next();
        equal(value, "from the client", "message");
        await closeBoth(socket);
      });
    },
  }),
  ...group("backpressure", {
    "a server's client that does not read": (runtime) => flood(runtime, "server", false),
    "a client's server that does not read": (runtime) => flood(runtime, "client", false),
    "the same over TLS, server to client": (runtime) => flood(runtime, "server", true),
    "the same over TLS, client to server": (runtime) => flood(runtime, "client", true),
    async "8 MiB leave before the close frame, and the close frame before the end"(runtime) {
      const { options, open, closed } = closing();
      await serving(runtime, options, async (server) => {
        const { socket, heard, ended } = await dialling(server.port, true);
        socket.pause();
        (await open).send(pattern(8 * MIB));
        void (await open).close(1000, "done");
        await pause(50);
        socket.resume();
        await until(() => heard().length === 10 + 8 * MIB + 8, "all bytes", 10_000);
        check(sameBytes(heard().subarray(10, 10 + 8 * MIB), pattern(8 * MIB)), "the message came through unchanged");
        socket.write(Uint8Array.from([0x88, 0x82, 0, 0, 0, 0, 3, 232]));
        await until(ended, "the server's end of stream");
        socket.end();
        check((await soon(closed, "the close")).clean, "it closed cleanly");
        socket.destroy();
      });
    },
  }),
  ...group("end of stream", {
    async "a client's half close: what it sent is heard and answered"(runtime) {
      const { options, closed } = closing();
      await serving(runtime, { ...options, ...echo }, async (server) => {
        const { socket, heard, ended } = await dialling(server.port, true);
        socket.end(textFrame("last words", true));
        await until(ended, "the server's end of stream");
        check(new TextDecoder().decode(heard()).includes("last words"), "the answer came");
        equal((await soon(closed, "the close")).code, 1006, "code");
      });
    },
    async "a server's half close: what it sent is heard"(runtime) {
      await listening((socket) => answering(socket, () => socket.end(textFrame("last words", false))), async (port, sockets) => {
        const socket = await runtime.connect(`ws://127.0.0.1:${port}/`);
        equal(await next(socket), "last words", "message");
        equal((await soon(socket.closed, "the close")).code, 1006, "code");
        await until(() => sockets.size === 0, "our end of stream");
      });
    },
    async "a client that resets"(runtime) {
      const { options, closed } = closing();
      await serving(runtime, options, async (server) => {
        const { socket } = await dialling(server.port, true);
        socket.resetAndDestroy();
        equal((await soon(closed, "the close")).code, 1006, "code");
        await until(() => server.sockets.size === 0, "the server forgets it");
      });
    },
    async "a client that resets while it is sent 64 MiB"(runtime) {
      const { options, open, closed } = closing();
      await serving(runtime, options, async (server) => {
        const { socket } = await dialling(server.port, true);
        socket.pause();
        for (let at = 0; at < 63; at++) (await open).send(new Uint8Array(MIB));
        const writable = (await open).writable();
        await pause(30);
        socket.resetAndDestroy();
        equal((await soon(closed, "the close")).code, 1006, "code");
        equal(await soon(writable, "writable"), false, "writable");
      });
    },
    async "a server that resets"(runtime) {
      await listening((socket) => answering(socket, () => setTimeout(() => socket.resetAndDestroy(), 20)), async (port) => {
        const socket = await runtime.connect(`ws://127.0.0.1:${port}/`);
        equal((await soon(socket.closed, "the close")).code, 1006, "code");
      });
    },
  }),
  ...group("refused", {
    async "nothing listens there"(runtime) {
      let free = 0;
      await serving(runtime, {}, async ({ port }) => void (free = port));
      await failsWith(runtime.connect(`ws://127.0.0.1:${free}/`), "connect", "ECONNREFUSED", "nothing listens there (ECONNREFUSED)");
    },
    "no such host": (runtime) => failsWith(runtime.connect("ws://host.invalid/"), "connect", "ENOTFOUND", "no such host name (ENOTFOUND)"),
    "no such unix socket": (runtime) => (
      failsWith(runtime.connect("ws://localhost/", { unix: `${runtime.folder}/none` }), "connect", "ENOENT", "no such socket file (ENOENT)")
    ),
    async "a server that leaves before it answers"(runtime) {
      await listening((socket) => void socket.once("data", () => socket.resetAndDestroy()), async (port) => {
        equal((await failing(runtime.connect(`ws://127.0.0.1:${port}/`))).stage, "response", "stage");
      });
    },
    async "the port is taken"(runtime) {
      await serving(runtime, {}, async ({ port }) => {
        const second = runtime.serve({ port, hostname: "127.0.0.1" });
        const error = await soon(second.then(() => undefined, (thrown: Error & { code?: string }) => thrown), "listening fails");
        equal(error?.message, `Cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE)`, "message");
        equal(error?.code, "EADDRINUSE", "code");
      });
    },
  }),
  ...group("TLS", {
    async "by name and by address, sizes up to 64 KiB"(runtime) {
      const { certificates } = runtime;
      for (const host of ["localhost", "127.0.0.1"]) {
        await serving(runtime, { ...echo, tls: certificates }, async ({ port }) => {
          const socket = await runtime.connect(`wss://${host}:${port}/`, { tls: { ca: certificates.ca } });
          for (const size of SMALL) {
            socket.send(pattern(size));
            check(sameBytes(await next(socket) as Uint8Array, pattern(size)), `${size} bytes come back unchanged`);
          }
          await closeBoth(socket);
        });
      }
    },
    "1 MiB and 16 MiB": (runtime) => (
      echoes(runtime, [MIB, 16 * MIB], { tls: runtime.certificates }, { tls: { ca: runtime.certificates.ca } })
    ),
    async "an unknown authority"(runtime) {
      const { cert, key } = runtime.certificates;
      await serving(runtime, { tls: { cert, key } }, (_, url) => (
        failsWith(runtime.connect(url), "tls", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the certificate's authority is not trusted; pass it as tls.ca")
      ));
    },
    async "a certificate for another host"(runtime) {
      await serving(runtime, { tls: runtime.certificates }, (_, url) => failsWith(
        runtime.connect(url, { tls: { ca: runtime.certificates.ca, servername: "other.example" } }),
        "tls", "ERR_TLS_CERT_ALTNAME_INVALID", "the certificate is for another host",
      ));
    },
    async "a server without TLS"(runtime) {
      await serving(runtime, {}, (_, url) => (
        failsWith(runtime.connect(url.replace("ws:", "wss:")), "tls", "ERR_SSL_WRONG_VERSION_NUMBER", "the other side does not speak TLS there")
      ));
    },
    async "a client without TLS does not stay"(runtime) {
      await serving(runtime, { tls: runtime.certificates }, async ({ port }) => {
        await failing(runtime.connect(`ws://127.0.0.1:${port}/`));
      });
    },
    async "a client that leaves during the TLS handshake does not stay"(runtime) {
      await serving(runtime, { tls: runtime.certificates }, async ({ port }) => {
        const { socket, ended } = await dialling(port, false);
        socket.end(Uint8Array.from([22, 3, 1]));
        await until(() => ended() || socket.destroyed, "the server lets go");
        socket.destroy();
      });
    },
    async "a client that is silent does not hold up close"(runtime) {
      await serving(runtime, { tls: runtime.certificates }, async (server) => {
        const { socket } = await dialling(server.port, false);
        await pause(20);
        await soon(server.close(), "the server closes", 2_000).finally(() => socket.destroy());
      });
    },
    async "a certificate of ours, where the server asks for one"(runtime) {
      const { certificates } = runtime;
      const presented: boolean[] = [];
      const server = tls.createServer({ ...certificates, requestCert: true, rejectUnauthorized: true }, (socket) => {
        presented.push(socket.authorized);
        socket.on("error", ignore).on("data", ignore).end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
      });
      server.on("tlsClientError", ignore);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `wss://localhost:${(server.address() as net.AddressInfo).port}/`;
      equal((await failing(runtime.connect(url, { tls: certificates }))).status, 403, "status");
      equal(presented.join(), "true", "certificates presented");
      await soon(new Promise<void>((resolve) => server.close(() => resolve())), "the plain server closes");
    },
    "asking clients for a certificate": {
      needs: "asks for a certificate",
      async run(runtime) {
        const { certificates } = runtime;
        await serving(runtime, { ...echo, tls: { ...certificates, requestCert: true } }, async (_, url) => {
          await closeBoth(await runtime.connect(url, { tls: certificates }));
          await failing(runtime.connect(url, { tls: { ca: certificates.ca } }));
        });
      },
    },
    "taking any certificate": {
      needs: "takes any certificate",
      async run(runtime) {
        await serving(runtime, { tls: runtime.certificates }, async (_, url) => (
          closeBoth(await runtime.connect(url, { tls: { rejectUnauthorized: false } }))
        ));
      },
    },
  }),
  ...group("waiting", {
    "for an answer that does not come": (runtime) => timesOut(runtime, "ws"),
    "for TLS that does not come": { needs: "gives up a TLS handshake", run: (runtime) => timesOut(runtime, "wss") },
    async "for a request that does not come"(runtime) {
      await serving(runtime, { limits: { handshakeTimeout: 60 } }, async ({ port }) => {
        for (const start of ["", "GET / HT"]) {
          const { heard, ended, socket } = await dialling(port, false);
          socket.write(start);
          await until(ended, "the server's end of stream");
          equal(new TextDecoder().decode(heard()).slice(0, 13), start === "" ? "" : "HTTP/1.1 408 ", "answer");
          socket.destroy();
        }
      });
    },
    "ends with the signal, whenever it aborts": (runtime) => aborts(runtime, "ws"),
    "ends with the signal while TLS is awaited": { needs: "gives up a TLS handshake", run: (runtime) => aborts(runtime, "wss") },
  }),
  ...group("many", {
    async "1,000 connections at once"(runtime) {
      await serving(runtime, echo, async (server, url) => {
        const sockets = await Promise.all(Array.from({ length: 1_000 }, () => runtime.connect(url)));
        equal(server.sockets.size, 1_000, "sockets on the server");
        for (const [at, socket] of sockets.entries()) socket.send(`${at}`);
        for (const [at, socket] of sockets.entries()) equal(await next(socket), `${at}`, "message");
        await Promise.all(sockets.map(closeBoth));
        await until(() => server.sockets.size === 0, "the server forgets them");
      });
    },
    async "100 connections over TLS, one after another in tens"(runtime) {
      const { certificates } = runtime;
      await serving(runtime, { ...echo, tls: certificates }, async (_, url) => {
        for (let round = 0; round < 10; round++) {
          await Promise.all(Array.from({ length: 10 }, async () => {
            const socket = await runtime.connect(url, { tls: { ca: certificates.ca } });
            socket.send("hi");
            equal(await next(socket), "hi", "message");
            await closeBoth(socket);
          }));
        }
      });
    },
  }),
  ...group("close", {
    async "by the client, by the server, and by both at once"(runtime) {
      for (const who of ["client", "server", "both"]) {
        const { options, open, closed } = closing();
        await serving(runtime, options, async (_, url) => {
          const client = await runtime.connect(url);
          const server = await open;
          if (who !== "server") void client.close(4001, "client");
          if (who !== "client") void server.close(4002, "server");
          const ends = [await soon(client.closed, "the client's close"), await soon(closed, "the server's close")];
          check(ends.every(({ clean }) => clean), `both ends are clean when ${who} closes`);
          const [seen] = ends;
          if (who === "server") equal(seen.received?.code, 4002, "the server's code");
          if (who === "both") equal(`${seen.sent?.code} ${seen.received?.code}`, "4001 4002", "both codes");
          equal(client.state, "closed", "state");
          await client.close(); // a closed socket takes it, and does nothing
          client.terminate();
          equal(client.send("late"), false, "send once closed");
        });
      }
    },
    async "without a closing handshake"(runtime) {
      const { options, closed } = closing();
      await serving(runtime, options, async (_, url) => {
        const client = await runtime.connect(url);
        client.terminate();
        equal((await soon(client.closed, "the client's close")).code, 1006, "the client's code");
        equal((await soon(closed, "the server's close")).code, 1006, "the server's code");
      });
    },
    async "of a server with open sockets, and handshakes under way"(runtime) {
      const sockets: Socket<undefined>[] = [];
      let silent: net.Socket | undefined;
      let port = 0;
      await serving(runtime, echo, async (server, url) => {
        port = server.port;
        for (let at = 0; at < 3; at++) sockets.push(await runtime.connect(url));
        silent = (await dialling(server.port, false)).socket;
        await pause(20);
        await soon(server.close(), "the server closes", 2_000);
      });
      for (const socket of sockets) equal((await soon(socket.closed, "a client's close")).code, 1001, "code");
      await until(() => silent?.destroyed === true || silent?.readableEnded === true, "the silent one is let go");
      silent?.destroy();
      equal((await failing(runtime.connect(`ws://127.0.0.1:${port}/`))).code, "ECONNREFUSED", "code afterwards");
      await serving(runtime, { port }, async () => {}); // and the port is free again
    },
  }),
  ...group("other ways", {
    async "a unix socket"(runtime) {
      const unix = `${runtime.folder}/unix`;
      await echoes(runtime, [...SMALL, MIB], { unix }, { unix });
      check(!existsSync(unix), "its file is gone afterwards");
    },
    "a unix socket with TLS": {
      needs: "speaks TLS on unix sockets",
      async run(runtime) {
        const unix = `${runtime.folder}/unix-tls`;
        await serving(runtime, { ...echo, unix, tls: runtime.certificates }, async () => (
          closeBoth(await runtime.connect("wss://localhost/", { unix, tls: { ca: runtime.certificates.ca } }))
        ));
      },
    },
    async "an HTTP proxy, for ws and for wss"(runtime) {
      const { certificates } = runtime;
      const proxy = (socket: net.Socket): void => void socket.once("data", (head: Uint8Array) => {
        const [, port] = /^CONNECT 127\.0\.0\.1:(\d+) /.exec(new TextDecoder().decode(head)) as RegExpExecArray;
        const onward = net.connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true }, () => {
          socket.write("HTTP/1.1 200 Connected\r\n\r\n");
          socket.pipe(onward).pipe(socket);
        });
        onward.on("error", ignore);
      });
      await listening(proxy, async (port) => {
        for (const options of [{}, { tls: certificates }]) {
          await serving(runtime, { ...echo, ...options }, async (_, url) => {
            const socket = await runtime.connect(url, { proxy: `http://127.0.0.1:${port}`, tls: { ca: certificates.ca }, limits: LARGE });
            socket.send(pattern(300 * KIB));
            check(sameBytes(await next(socket) as Uint8Array, pattern(300 * KIB)), "the bytes come back unchanged");
            await closeBoth(socket);
          });
        }
      });
    },
    async "all of the machine's addresses, when none is named"(runtime) {
      const server = await runtime.serve({ port: 0, ...echo });
      await closeBoth(await runtime.connect(`ws://127.0.0.1:${server.port}/`));
      await closeBoth(await runtime.connect(server.url));
      await server.close();
    },
  }),
];

/** A server that says nothing; our socket must be gone when the time is up. */
async function timesOut(runtime: Runtime, scheme: "ws" | "wss"): Promise<void> {
  await listening(letting, async (port, sockets) => {
    const limits = { handshakeTimeout: 150 };
    const attempt = runtime.connect(`${scheme}://127.0.0.1:${port}/`, { limits });
    if (scheme === "ws") await failsWith(attempt, "response", "ETIMEDOUT", "no answer to the handshake within 150 ms");
    else await failsWith(attempt, "tls", "ETIMEDOUT", "no TLS connection within 150 ms");
    await until(() => sockets.size === 0, "our socket is gone");
  });
}

async function aborts(runtime: Runtime, scheme: "ws" | "wss"): Promise<void> {
  const reason = new Error("changed my mind");
  await listening(letting, async (port, sockets) => {
    for (const wait of [-1, 0, 1, 20]) { // before, during and after the TCP connection
      const controller = new AbortController();
      if (wait < 0) controller.abort(reason);
      const attempt = runtime.connect(`${scheme}://127.0.0.1:${port}/`, { signal: controller.signal });
      attempt.catch(ignore);
      if (wait === 0) controller.abort(reason);
      if (wait > 0) setTimeout(() => controller.abort(reason), wait);
      const thrown = await soon(attempt.then((socket) => socket.terminate(), (error: unknown) => error), "the attempt ends");
      equal(thrown, reason, "what it rejects with");
    }
    await until(() => sockets.size === 0, "our sockets are gone");
  });
}

/** Reads, says nothing, and leaves when the other side does. */
function letting(socket: net.Socket): void {
  socket.resume().on("end", () => socket.end());
}

type Body = (runtime: Runtime) => Promise<void>;

function group(name: string, cases: Readonly<Record<string, Body | Pick<Case, "needs" | "run">>>): Case[] {
  return Object.entries(cases).map(([title, body]) => ({ group: name, name: title, ...(typeof body === "function" ? { run: body } : body) }));
}
