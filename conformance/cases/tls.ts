/**
 * TLS on both sides.
 * @module
 */
import { type Case, group } from "./case.ts";
import { closeBoth, echo, equal, failing, failsWith, MIB, pattern, pause, sameMessage, next, serveEchoes, serving, SMALL, soon, until } from "./tools.ts";

export const TLS_CASES: readonly Case[] = group("TLS", ["serves"], {
  async "by name and by address, sizes up to 64 KiB"(runtime) {
    const { certificates } = runtime;
    for (const host of ["localhost", "127.0.0.1"]) {
      await serving(runtime, { ...echo, tls: certificates }, async ({ port }) => {
        const socket = await runtime.connect(`wss://${host}:${port}/`, { tls: { ca: certificates.ca } });
        for (const size of SMALL) {
          socket.send(pattern(size));
          sameMessage(await next(socket), pattern(size), `${size} bytes`);
        }
        await closeBoth(socket);
      });
    }
  },
  "1 MiB and 16 MiB": (runtime) => (
    serveEchoes(runtime, [MIB, 16 * MIB], { tls: runtime.certificates }, { tls: { ca: runtime.certificates.ca } })
  ),
  "an unknown authority": {
    needs: ["trusts whom it is told"],
    async run(runtime) {
      const { cert, key } = runtime.certificates;
      await serving(runtime, { tls: { cert, key } }, async (_, url) => {
        await failsWith(
          runtime, runtime.connect(url), "tls", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the certificate's authority is not trusted; pass it as tls.ca",
        );
      });
    },
  },
  async "a certificate for another host"(runtime) {
    await serving(runtime, { tls: runtime.certificates }, async (_, url) => {
      const attempt = runtime.connect(url, { tls: { ca: runtime.certificates.ca, servername: "other.example" } });
      await failsWith(runtime, attempt, "tls", "ERR_TLS_CERT_ALTNAME_INVALID", "the certificate is for another host");
    });
  },
  async "a server without TLS"(runtime) {
    await serving(runtime, {}, async (_, url) => {
      const attempt = runtime.connect(url.replace("ws:", "wss:"));
      await failsWith(runtime, attempt, "tls", "ERR_SSL_WRONG_VERSION_NUMBER", "the other side does not speak TLS there");
    });
  },
  "a client without TLS does not stay": {
    leavesWithout: "gives up a connection",
    async run(runtime) {
      await serving(runtime, { tls: runtime.certificates }, async ({ port }) => {
        await failing(runtime.connect(`ws://127.0.0.1:${port}/`));
      });
    },
  },
  async "a client that leaves during the TLS handshake does not stay"(runtime) {
    await serving(runtime, { tls: runtime.certificates }, async ({ port }) => {
      const client = await runtime.peers.dial(port, false);
      await client.end(Uint8Array.from([22, 3, 1]));
      await until(async () => {
        const { ended, open } = await client.look();
        return ended || open === 0;
      }, "the server lets go");
      await client.tell("destroy");
    });
  },
  async "a client that is silent does not hold up close"(runtime) {
    await serving(runtime, { tls: runtime.certificates }, async (server) => {
      const client = await runtime.peers.dial(server.port, false);
      await pause(20);
      await soon(server.close(), "the server closes", 2_000).finally(() => client.tell("destroy"));
    });
  },
  "a certificate of ours, where the server asks for one": {
    needs: ["presents a certificate"],
    async run(runtime) {
      await runtime.peers.listening("asks for a certificate", async (server) => {
        equal((await failing(runtime.connect(`wss://localhost:${server.port}/`, { tls: runtime.certificates }))).status, 403, "status");
        equal((await server.look()).presented.join(), "true", "certificates presented");
      });
    },
  },
  "asking clients for a certificate": {
    needs: ["asks for a certificate"],
    async run(runtime) {
      const { certificates } = runtime;
      await serving(runtime, { ...echo, tls: { ...certificates, requestCert: true } }, async (_, url) => {
        await closeBoth(await runtime.connect(url, { tls: certificates }));
        await failing(runtime.connect(url, { tls: { ca: certificates.ca } }));
      });
    },
  },
  "taking any certificate": {
    needs: ["takes any certificate"],
    async run(runtime) {
      await serving(runtime, { tls: runtime.certificates }, async (_, url) => (
        closeBoth(await runtime.connect(url, { tls: { rejectUnauthorized: false } }))
      ));
    },
  },
});
