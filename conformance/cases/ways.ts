/**
 * Many connections, and other ways to connect.
 * @module
 */
import { type Case, group } from "./case.ts";
import { withHouse } from "./house.ts";
import { check, closeBoth, echo, equal, KIB, LARGE, MIB, next, pattern, sameMessage, serveEchoes, serving, SMALL, until } from "./tools.ts";

export const WAY_CASES: readonly Case[] = [
  ...group("many", [], {
    async "10 connections at once"(runtime) {
      await withHouse(runtime, async (house) => {
        const sockets = await Promise.all(Array.from({ length: 10 }, () => runtime.connect(house.url())));
        for (const [at, socket] of sockets.entries()) socket.send(`${at}`);
        for (const [at, socket] of sockets.entries()) equal(await next(socket), `${at}`, "message");
        await Promise.all(sockets.map(closeBoth));
      });
    },
    "1,000 connections at once": {
      needs: ["serves"],
      async run(runtime) {
        await serving(runtime, echo, async (server, url) => {
          const sockets = await Promise.all(Array.from({ length: 1_000 }, () => runtime.connect(url)));
          await until(() => server.sockets.size === 1_000, `${server.sockets.size} sockets on the server become 1,000`);
          for (const [at, socket] of sockets.entries()) socket.send(`${at}`);
          for (const [at, socket] of sockets.entries()) equal(await next(socket), `${at}`, "message");
          await Promise.all(sockets.map(closeBoth));
          await until(() => server.sockets.size === 0, "the server forgets them");
        });
      },
    },
    "100 connections over TLS, one after another in tens": {
      needs: ["serves"],
      async run(runtime) {
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
    },
  }),
  ...group("other ways", [], {
    "a unix socket": {
      needs: ["has unix sockets"],
      async run(runtime) {
        const unix = `${runtime.folder}/unix`;
        await serveEchoes(runtime, [...SMALL, MIB], { unix }, { unix });
        check(!(await runtime.peers.exists(unix)), "its file is gone afterwards");
      },
    },
    "a unix socket with TLS": {
      needs: ["has unix sockets", "speaks TLS on unix sockets"],
      async run(runtime) {
        const unix = `${runtime.folder}/unix-tls`;
        await serving(runtime, { ...echo, unix, tls: runtime.certificates }, async () => (
          closeBoth(await runtime.connect("wss://localhost/", { unix, tls: { ca: runtime.certificates.ca } }))
        ));
      },
    },
    "an HTTP proxy, for ws and for wss": {
      needs: ["has proxies"],
      async run(runtime) {
        const { certificates } = runtime;
        await runtime.peers.listening("forwards", async (proxy) => {
          for (const options of [{}, { tls: certificates }]) {
            await serving(runtime, { ...echo, ...options }, async (_, url) => {
              const socket = await runtime.connect(url, { proxy: `http://127.0.0.1:${proxy.port}`, tls: { ca: certificates.ca }, limits: LARGE });
              socket.send(pattern(300 * KIB));
              sameMessage(await next(socket), pattern(300 * KIB), "300 KiB");
              await closeBoth(socket);
            });
          }
        });
      },
    },
    "all of the machine's addresses, when none is named": {
      needs: ["serves", "listens"],
      async run(runtime) {
        const server = await runtime.serve({ port: 0, ...echo });
        await closeBoth(await runtime.connect(`ws://127.0.0.1:${server.port}/`));
        await closeBoth(await runtime.connect(server.url));
        await server.close();
      },
    },
  }),
];
