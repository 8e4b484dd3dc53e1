/**
 * Closing, by each side, with each code, and of a whole server.
 * @module
 */
import type { SocketLike } from "../../adapters/socket.ts";
import { type Case, group } from "./case.ts";
import { withHouse } from "./house.ts";
import { check, closeBoth, echo, equal, failing, pause, serving, soon, until } from "./tools.ts";

export const CLOSE_CASES: readonly Case[] = group("close", [], {
  async "by the client, by the server, and by both at once"(runtime) {
    await withHouse(runtime, async (house) => {
      for (const who of ["client", "server", "both"]) {
        const url = house.url();
        const client = await runtime.connect(url);
        if (who !== "client") client.send("close 4002 server");
        if (who !== "server") void client.close(4001, "client"); // on the heels of what has the server close
        const seen = await soon(client.closed, "the client's close");
        const other = await house.ending(url);
        check(seen.clean && other.clean, `both ends are clean when ${who} closes`);
        equal(seen.received?.code, who === "client" ? 4001 : 4002, "what the client received");
        equal(other.received?.code, who === "server" ? 4002 : 4001, "what the server received");
        if (who === "both") equal(`${seen.sent?.code} ${other.sent?.code}`, "4001 4002", "what both sent");
        equal(client.state, "closed", "state");
        await client.close(); // a closed socket takes it, and does nothing
        client.terminate();
        equal(client.send("late"), false, "send once closed");
      }
    });
  },
  async "with each code a server may send, and a reason of 123 bytes"(runtime) {
    await withHouse(runtime, async (house) => {
      for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4999]) {
        const url = house.url();
        const client = await runtime.connect(url);
        const reason = code === 3000 ? "é".repeat(61) + "x" : `reason ${code}`;
        client.send(`close ${code} ${reason}`);
        const seen = await soon(client.closed, "the client's close");
        equal(`${seen.code} ${seen.reason} ${seen.clean}`, `${code} ${reason} true`, "the client's close");
        check((await house.ending(url)).clean, `the server's end is clean with ${code}`);
      }
    });
  },
  async "with codes of the application's, and a reason of 123 bytes"(runtime) {
    await withHouse(runtime, async (house) => {
      for (const [code, reason] of [[1000, ""], [3000, "é".repeat(61) + "x"], [4999, "bye"]] as const) {
        const url = house.url();
        const client = await runtime.connect(url);
        check((await soon(client.close(code, reason), "the client's close")).clean, `the client's end is clean with ${code}`);
        const { received, clean } = await house.ending(url);
        equal(`${received?.code} ${received?.reason} ${clean}`, `${code} ${reason} true`, "the server's close");
      }
    });
  },
  async "without a code, by either side"(runtime) {
    await withHouse(runtime, async (house) => {
      const url = house.url();
      const one = await runtime.connect(url);
      void one.close(null);
      equal((await soon(one.closed, "the client's close")).clean, true, "clean");
      equal((await house.ending(url)).code, 1005, "the server's code");
      const other = await runtime.connect(house.url());
      other.send("close none");
      equal((await soon(other.closed, "the client's close")).code, 1005, "the client's code");
    });
  },
  async "the server drops the connection"(runtime) {
    await withHouse(runtime, async (house) => {
      const url = house.url();
      const client = await runtime.connect(url);
      client.send("drop");
      const { code, clean } = await soon(client.closed, "the client's close");
      equal(`${code} ${clean}`, "1006 false", "the client's close");
      equal((await house.ending(url)).code, 1006, "the server's code");
    });
  },
  "the client drops the connection": {
    needs: ["drops a connection", "gives up a connection"],
    async run(runtime) {
      await withHouse(runtime, async (house) => {
        const url = house.url();
        const client = await runtime.connect(url);
        client.terminate();
        equal((await soon(client.closed, "the client's close")).code, 1006, "the client's code");
        equal((await house.ending(url)).code, 1006, "the server's code");
      });
    },
  },
  "of a server with open sockets, and handshakes under way": {
    needs: ["serves"],
    async run(runtime) {
      const sockets: SocketLike<undefined>[] = [];
      await serving(runtime, echo, async (server, url) => {
        for (let at = 0; at < 3; at++) sockets.push(await runtime.connect(url));
        const silent = await runtime.peers.dial(server.port, false);
        await pause(20);
        await soon(server.close(), "the server closes", 2_000);
        for (const socket of sockets) equal((await soon(socket.closed, "a client's close")).code, 1001, "code");
        await until(async () => {
          const { ended, open } = await silent.look();
          return ended || open === 0;
        }, "the silent one is let go");
        await silent.tell("destroy");
      });
    },
  },
  "a server that was closed leaves its port": {
    needs: ["serves", "listens"],
    async run(runtime) {
      let port = 0;
      await serving(runtime, echo, async (server, url) => {
        port = server.port;
        await closeBoth(await runtime.connect(url));
      });
      equal((await failing(runtime.connect(`ws://127.0.0.1:${port}/`))).code, "ECONNREFUSED", "code afterwards");
      await serving(runtime, { port }, async () => {}); // and the port is free again
    },
  },
});
