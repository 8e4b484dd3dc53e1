/**
 * Connections that end without a word, and those that never open.
 * @module
 */
import type { ServeOptions } from "../../adapters/serve.ts";
import { type Case, group, type Runtime } from "./case.ts";
import { withHouse } from "./house.ts";
import {
  check, closing, echo, equal, failsWith, ignore, MIB, next, pause, serving, soon, textFrame, until,
} from "./tools.ts";

export const ENDING_CASES: readonly Case[] = [
  ...group("end of stream", [], {
    "a client's half close: what it sent is heard and answered": {
      needs: ["serves"],
      async run(runtime) {
        const { options, closed } = closing();
        await serving(runtime, { ...options, ...echo }, async (server) => {
          const client = await runtime.peers.dial(server.port, true);
          await client.end(textFrame("last words", true));
          await client.ended("the server's end of stream");
          check(new TextDecoder().decode(await client.heard()).includes("last words"), "the answer came");
          equal((await closed()).code, 1006, "code");
          await client.tell("destroy");
        });
      },
    },
    async "a server's half close: what it sent is heard"(runtime) {
      await runtime.peers.listening("says last words", async (server) => {
        const socket = await runtime.connect(`ws://127.0.0.1:${server.port}/`);
        equal(await next(socket), "last words", "message");
        equal((await soon(socket.closed, "the close")).code, 1006, "code");
        await server.empty("our end of stream");
      });
    },
    "a client that resets": {
      needs: ["serves"],
      async run(runtime) {
        const { options, closed } = closing();
        await serving(runtime, options, async (server) => {
          const client = await runtime.peers.dial(server.port, true);
          await client.tell("reset");
          equal((await closed()).code, 1006, "code");
          await until(() => server.sockets.size === 0, "the server forgets it");
        });
      },
    },
    "a client that resets while it is sent 64 MiB": {
      needs: ["serves"],
      async run(runtime) {
        const { options, closed } = closing();
        let writable: boolean | undefined;
        const open: ServeOptions["open"] = async (socket) => {
          await pause(20); // the client is asked not to read
          for (let at = 0; at < 63; at++) socket.send(new Uint8Array(MIB));
          writable = await socket.writable();
        };
        await serving(runtime, { ...options, open }, async (server) => {
          const client = await runtime.peers.dial(server.port, true);
          await client.tell("pause");
          await pause(100);
          await client.tell("reset");
          equal((await closed()).code, 1006, "code");
          await until(() => writable !== undefined, "the sender hears of it");
          equal(writable, false, "writable");
        });
      },
    },
    "a server that resets": {
      leavesWithout: "lets go of what was reset",
      async run(runtime) {
        await runtime.peers.listening("resets", async (server) => {
          const socket = await runtime.connect(`ws://127.0.0.1:${server.port}/`);
          equal((await soon(socket.closed, "the close")).code, 1006, "code");
        });
      },
    },
  }),
  ...group("refused", [], {
    async "nothing listens there"(runtime) {
      const url = `ws://127.0.0.1:${await runtime.peers.freePort()}/`;
      await failsWith(runtime, runtime.connect(url), "connect", "ECONNREFUSED", "nothing listens there (ECONNREFUSED)");
    },
    "no such host": (runtime) => fails(runtime, "ws://host.invalid/", "ENOTFOUND", "no such host name (ENOTFOUND)"),
    "no such unix socket": {
      needs: ["has unix sockets"],
      async run(runtime) {
        const attempt = runtime.connect("ws://localhost/", { unix: `${runtime.folder}/none` });
        await failsWith(runtime, attempt, "connect", "ENOENT", "no such socket file (ENOENT)");
      },
    },
    "a server that leaves before it answers": {
      leavesWithout: "lets go of what was reset",
      async run(runtime) {
        await runtime.peers.listening("leaves", async (server) => {
          await failsWith(runtime, runtime.connect(`ws://127.0.0.1:${server.port}/`), "response");
        });
      },
    },
    "a server that answers 403": {
      leavesWithout: "gives up a connection",
      async run(runtime) {
        await withHouse(runtime, async (house) => {
          const { status, body } = await failsWith(runtime, runtime.connect(house.url("/refuse")), "response", undefined, "403");
          if (runtime.cannot["tells why a connection failed"] !== undefined && runtime.cannot["tells how far a handshake came"] !== undefined) return;
          equal(`${status} ${body}`, "403 not you", "answer");
        });
      },
    },
    "the port is taken": {
      needs: ["serves", "listens"],
      async run(runtime) {
        await serving(runtime, {}, async ({ port }) => {
          const second = runtime.serve({ port, hostname: "127.0.0.1" });
          const error = await soon(second.then(() => undefined, (thrown: Error & { code?: string }) => thrown), "listening fails");
          equal(error?.message, `Cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE)`, "message");
          equal(error?.code, "EADDRINUSE", "code");
        });
      },
    },
  }),
  ...group("waiting", [], {
    "for an answer that does not come": { needs: ["gives up a connection"], run: (runtime) => timesOut(runtime, "ws") },
    "for TLS that does not come": { needs: ["gives up a TLS handshake"], run: (runtime) => timesOut(runtime, "wss") },
    "for a server of ours that does not decide": {
      leavesWithout: "gives up a connection",
      async run(runtime) {
        await withHouse(runtime, async (house) => {
          await failsWith(runtime, runtime.connect(house.url("/never"), { limits: { handshakeTimeout: 150 } }), "response", "ETIMEDOUT");
        });
      },
    },
    "for a request that does not come": {
      needs: ["serves"],
      async run(runtime) {
        await serving(runtime, { limits: { handshakeTimeout: 60 } }, async ({ port }) => {
          for (const start of ["", "GET / HT"]) {
            const client = await runtime.peers.dial(port, false);
            if (start !== "") await client.write(start);
            await client.ended("the server's end of stream");
            equal((await client.look()).start.slice(0, 13), start === "" ? "" : "HTTP/1.1 408 ", "answer");
            await client.tell("destroy");
          }
        });
      },
    },
    "ends with the signal, whenever it aborts": { needs: ["gives up a connection"], run: (runtime) => aborts(runtime, "ws") },
    "ends with the signal while TLS is awaited": { needs: ["gives up a TLS handshake"], run: (runtime) => aborts(runtime, "wss") },
  }),
];

async function fails(runtime: Runtime, url: string, code: string, words: string): Promise<void> {
  await failsWith(runtime, runtime.connect(url), "connect", code, words);
}

/** A server that says nothing; our socket must be gone when the time is up. */
async function timesOut(runtime: Runtime, scheme: "ws" | "wss"): Promise<void> {
  await runtime.peers.listening("is silent", async (server) => {
    const attempt = runtime.connect(`${scheme}://127.0.0.1:${server.port}/`, { limits: { handshakeTimeout: 150 } });
    if (scheme === "ws") await failsWith(runtime, attempt, "response", "ETIMEDOUT", "no answer to the handshake within 150 ms");
    else await failsWith(runtime, attempt, "tls", "ETIMEDOUT", "no TLS connection within 150 ms");
    await server.empty("our socket is gone");
  });
}

async function aborts(runtime: Runtime, scheme: "ws" | "wss"): Promise<void> {
  const reason = new Error("changed my mind");
  await runtime.peers.listening("is silent", async (server) => {
    for (const wait of [-1, 0, 1, 20]) { // before, during and after the TCP connection
      const controller = new AbortController();
      if (wait < 0) controller.abort(reason);
      const attempt = runtime.connect(`${scheme}://127.0.0.1:${server.port}/`, { signal: controller.signal });
      attempt.catch(ignore);
      if (wait === 0) controller.abort(reason);
      if (wait > 0) setTimeout(() => controller.abort(reason), wait);
      const thrown = await soon(attempt.then((socket) => socket.terminate(), (error: unknown) => error), "the attempt ends");
      equal(thrown, reason, "what it rejects with");
    }
    await server.empty("our sockets are gone");
  });
}

