/**
 * Our end and the runtime's own: their clients against our server, our client against their server.
 * @module
 */
import type { SocketLike } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import { type Case, group, type Runtime } from "./case.ts";
import { type House, withHouse } from "./house.ts";
import { NativeClient, type NativeServer } from "./native.ts";
import { check, closeBoth, equal, KIB, next, pattern, sameMessage, soon, until, words } from "./tools.ts";

/** Both types, in every length form. */
const MESSAGES: readonly Message[] = [0, 1, 125, 126, 127, 65_535, 65_536, 900 * KIB].flatMap((size) => [pattern(size), words(size)]);

export const INTEROP_CASES: readonly Case[] = [
  ...group("their client, our server", [], {
    "text and bytes of every length form come back": (runtime) => eachClient(runtime, async (open) => {
      const client = await open();
      for (const message of MESSAGES) client.send(message);
      for (const message of MESSAGES) sameMessage(await client.next(), message, "echo");
      client.close(1000);
      await soon(client.closed, "their close");
    }),
    "a subprotocol is agreed on": (runtime) => eachClient(runtime, async (open) => {
      const client = await open();
      equal(client.protocol, "chat", "subprotocol");
      client.close(1000);
      await soon(client.closed, "their close");
    }),
    "our fragments come as one message": (runtime) => eachClient(runtime, async (open) => {
      const client = await open();
      client.send("fragments");
      equal(await client.next(), "fragments", "message");
      client.close(1000);
      await soon(client.closed, "their close");
    }),
    "our ping is answered": (runtime) => eachClient(runtime, async (open) => {
      const client = await open();
      client.send("ping");
      equal(await client.next(), "pong", "what our server says of it");
      client.close(1000);
      await soon(client.closed, "their close");
    }),
    "they close, and we agree on code and reason": (runtime) => eachClient(runtime, async (open, house, url) => {
      for (const [code, reason] of [[1000, ""], [4001, "enough ø"]] as const) {
        const client = await open();
        client.close(code, reason);
        equal((await soon(client.closed, "their close")).code, code, "their code");
        const seen = await house.ending(url());
        equal(`${seen.received?.code} ${seen.received?.reason} ${seen.clean} ${seen.fault?.name}`, `${code} ${reason} true undefined`, "our close");
      }
    }),
    "they close without a code": (runtime) => eachClient(runtime, async (open, house, url) => {
      const client = await open();
      client.close();
      await soon(client.closed, "their close");
      const { code, clean } = await house.ending(url());
      equal(`${code} ${clean}`, "1005 true", "our close");
    }),
    "we close, and they agree on code and reason": (runtime) => eachClient(runtime, async (open, house, url) => {
      for (const [code, reason] of [[1000, ""], [1001, "away"], [1011, "broken"], [4002, "as you wish"]] as const) {
        const client = await open();
        client.send(`close ${code} ${reason}`);
        const seen = await soon(client.closed, "their close");
        equal(`${seen.code} ${seen.reason}`, `${code} ${reason}`, "their close");
        check((await house.ending(url())).clean, "our end is clean");
      }
    }),
    "a connection that drops": (runtime) => eachClient(runtime, async (open, house, url) => {
      await runtime.peers.listening("relays", async (relay) => {
        const client = await open(relay.port);
        client.send("a");
        equal(await client.next(), "a", "message");
        await relay.tell("drop");
        equal((await house.ending(url())).code, 1006, "our code");
        // RFC 6455, section 7.1.5, and the web's own standard say 1006; one client is known to say something else
        equal((await soon(client.closed, "their close")).code, runtime.native.droppedCode ?? 1006, "their code");
      }, house.port);
    }),
  }),
  ...group("our client, their server", ["has a server of its own"], {
    "text and bytes of every length form come back": (runtime) => withServer(runtime, async ({ url }) => {
      const client = await runtime.connect(url, { protocols: ["chat"] });
      equal(client.protocol, "chat", "subprotocol");
      for (const message of MESSAGES) {
        client.send(message as string);
        sameMessage(await next(client), message, "echo");
      }
      await closeBoth(client);
    }),
    "our fragments come as one message": (runtime) => withServer(runtime, async ({ url }) => {
      const client = await runtime.connect(url);
      for (const piece of ["fr", "ag", "ments"]) client.sendFragment(piece, piece === "ments");
      equal(await next(client), "fragments", "message");
      await closeBoth(client);
    }),
    "our ping is answered": (runtime) => withServer(runtime, async ({ url }) => {
      const client = await runtime.connect(url);
      check(typeof await soon(client.ping(), "a pong") === "number", "the ping has a pong");
      await closeBoth(client);
    }),
    "we close, and they agree on code and reason": (runtime) => withServer(runtime, async ({ url, ends }) => {
      for (const [code, reason] of [[1000, ""], [1001, "away"], [4001, "enough ø"]] as const) {
        const client = await runtime.connect(url);
        await exchange(client);
        ends.length = 0;
        check((await soon(client.close(code, reason), "our close")).clean, `our end is clean with ${code}`);
        await until(() => ends.length > 0, "their close");
        equal(`${ends[0].code} ${ends[0].reason}`, `${code} ${reason}`, "their close");
      }
    }),
    "they close, and we agree on code and reason": (runtime) => withServer(runtime, async ({ url, bareCode = 1005 }) => {
      for (const [message, code, reason] of [["close me", 4002, "as you wish"], ["close", bareCode, ""]] as const) {
        const client = await runtime.connect(url);
        client.send(message);
        const seen = await soon(client.closed, "our close");
        equal(`${seen.code} ${seen.reason} ${seen.clean}`, `${code} ${reason} true`, `our close at "${message}"`);
      }
    }),
    "a connection that drops": (runtime) => withServer(runtime, async ({ url }) => {
      await runtime.peers.listening("relays", async (relay) => {
        const client = await runtime.connect(url.replace(/:\d+/, `:${relay.port}`));
        await exchange(client);
        await relay.tell("drop");
        const { code, clean } = await soon(client.closed, "our close");
        equal(`${code} ${clean}`, "1006 false", "our close");
      }, Number(new URL(url).port));
    }),
  }).map((each) => each.name === "a connection that drops" ? { ...each, leavesWithout: "lets go of what was reset" as const } : each),
];

/** Opens a native client; behind that port instead of the server's own. */
export type Open = (port?: number) => Promise<NativeClient>;

/** Runs the body with each client the runtime has; `url` tells the last one's. The server compresses when `compresses` is true. */
export async function eachClient(
  runtime: Runtime,
  body: (open: Open, house: House, url: () => string, name: string) => Promise<void>,
  compresses = false,
): Promise<void> {
  const clients = Object.entries(runtime.native.clients);
  check(clients.length > 0, "there is a client to try");
  for (const [name, make] of clients) {
    try {
      await withHouse(runtime, async (house) => {
        let url = "";
        const open: Open = (port) => {
          url = house.url();
          return NativeClient.open(make(port === undefined ? url : url.replace(/:\d+/, `:${port}`), ["other", "chat"]));
        };
        await body(open, house, () => url, name);
      }, compresses);
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Runs the body with the server the runtime has. */
export async function withServer(runtime: Runtime, body: (server: NativeServer) => Promise<void>): Promise<void> {
  const server = await (runtime.native.serve as () => Promise<NativeServer>)();
  try {
    await body(server);
  } finally {
    await soon(Promise.resolve(server.close()), "their server closes");
  }
}

async function exchange(client: SocketLike<undefined>): Promise<void> {
  client.send("a");
  equal(await next(client), "a", "message");
}
