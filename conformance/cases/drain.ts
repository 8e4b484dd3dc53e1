/**
 * A server that lets everybody go: what it has processed is acknowledged first.
 * @module
 */
import type { ServeOptions } from "../../adapters/serve.ts";
import type { SocketLike } from "../../adapters/socket.ts";
import { type Case, group, type Runtime } from "./case.ts";
import { check, closing, equal, failing, pause, serving, soon, until } from "./tools.ts";

export const DRAIN_CASES: readonly Case[] = group("drain", ["serves"], {
  "under load: every message processed is acknowledged, and everybody is told": (runtime) => underLoad(runtime, "handler"),
  "the same where a loop reads the messages": (runtime) => underLoad(runtime, "loop"),
  "nobody gets in any more": {
    needs: ["listens"],
    async run(runtime) {
      await serving(runtime, { message: () => pause(200) }, async (server, url) => {
        const socket = await runtime.connect(url);
        socket.send("takes a while");
        await pause(50);
        const silent = await runtime.peers.dial(server.port, false);
        await pause(50);
        const drained = server.drain({ window: 0 });
        const { code = "" } = await failing(runtime.connect(url));
        check(["ECONNREFUSED", "ECONNRESET"].includes(code), `code of a late one: ${code}`); // reset where it was in the system's queue
        await until(async () => (await silent.look()).heard > 0, "the one that had said nothing is answered");
        check((await silent.look()).start.startsWith("HTTP/1.1 503 "), `its answer: ${(await silent.look()).start}`);
        await silent.end();
        equal((await soon(drained, "the end of it", 3_000)).clean, 1, "clean ends");
        await silent.tell("destroy");
      });
    },
  },
  "who does not answer the close frame is torn down": {
    needs: ["listens"],
    async run(runtime) {
      const { options, closed } = closing();
      await serving(runtime, options, async (server) => {
        const silent = await runtime.peers.dial(server.port, true);
        await until(() => server.sockets.size === 1, "it is there");
        const summary = await soon(server.drain({ window: 0, timeout: 100 }), "the end of it", 4_000);
        equal(`${summary.closed} ${summary.clean} ${summary.forced}`, "1 0 1", "the summary");
        equal(JSON.stringify((await closed()).sent), `{"code":1001,"reason":""}`, "what it was told");
        await silent.tell("destroy");
      });
    },
  },
});

/** Clients keep messages in flight, some of which take their time, and the server drains. */
async function underLoad(runtime: Runtime, how: "handler" | "loop"): Promise<void> {
  const clients = 20;
  const inFlight = 8;
  let processed = 0;
  const work = (number: number): Promise<void> | undefined => number % 3 === 0 ? pause(number % 7) : undefined;
  const options: ServeOptions = how === "handler" ? {
    message(socket, message) {
      const working = work(++processed);
      if (working === undefined) return void socket.send(`done ${message as string}`);
      return working.then(() => void socket.send(`done ${message as string}`));
    },
  } : {
    async open(socket) {
      for await (const message of socket) {
        await work(++processed);
        socket.send(`done ${message as string}`);
      }
    },
  };
  let acknowledged = 0;
  await serving(runtime, options, async (server, url) => {
    const sockets: SocketLike<undefined>[] = [];
    for (let id = 0; id < clients; id++) {
      let next = 0;
      let due = 0;
      const socket = await runtime.connect(url, {
        message(self, message) {
          check(message === `done ${id}/${due++}`, `client ${id} hears ${message as string} for ${due - 1}`);
          acknowledged++;
          self.send(`${id}/${next++}`);
        },
      });
      sockets.push(socket);
      while (next < inFlight) socket.send(`${id}/${next++}`);
    }
    await until(() => acknowledged > clients * inFlight * 3, "the load is there", 20_000);
    const { closed, clean, forced } = await soon(server.drain({ code: 1012, reason: "back soon", window: 100 }), "the server drains", 10_000);
    equal(`${closed} ${clean} ${forced}`, `${clients} ${clients} 0`, "closed, clean and forced");
    for (const socket of sockets) {
      const end = await soon(socket.closed, "a client's close");
      equal(`${end.code} ${end.reason} ${end.clean}`, "1012 back soon true", "what a client was told");
    }
    equal(acknowledged, processed, "messages acknowledged");
  });
}
