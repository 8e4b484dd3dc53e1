/**
 * permessage-deflate over real sockets: ours at both ends, their clients against our server, our client against their server.
 * @module
 */
import type { SocketLike } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import { type DeflateOptions, PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { type Case, group } from "./case.ts";
import { eachClient, withServer } from "./interop.ts";
import { check, closeBoth, equal, KIB, LARGE, next, pattern, sameMessage, serving, soon, words } from "./tools.ts";

/** Both types, in sizes from nothing to 300 KB; bytes that compress and bytes that do not; at the end what was there before. */
const MESSAGES: readonly Message[] = [
  ...[0, 1, 5, 63, 64, 127, 1000, 4096, 65_535, 65_537, 300 * KIB].flatMap((size) => [pattern(size), words(size), noise(size)]), words(1000), noise(1000), pattern(0),
];

/** With takeover and without, each way; windows small and large. */
const OPTIONS: readonly DeflateOptions[] = [
  { threshold: 0 },
  { serverNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
  { clientNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 },
];

export const COMPRESSION_CASES: readonly Case[] = [
  ...group("compression", ["serves"], {
    async "messages of all sizes come back, whatever is agreed on"(runtime) {
      for (const [at, options] of OPTIONS.entries()) {
        const server = new PermessageDeflate(options);
        await serving(runtime, { extensions: [server], message: answerInTurn() }, async (_, url) => {
          for (const client of [options, OPTIONS[(at + 1) % OPTIONS.length]]) {
            const socket = await runtime.connect(url, { limits: LARGE, extensions: [new PermessageDeflate(client), new PermessageDeflate()] });
            check(agreed(socket).startsWith("permessage-deflate"), "compression is agreed on");
            await exchange(socket);
            await closeBoth(socket);
          }
        });
        equal(server.memory, 0, "bytes of history that are kept for nobody");
      }
    },
    async "100 connections take turns, and each refers to its own messages"(runtime) {
      const extensions = [new PermessageDeflate()];
      await serving(runtime, { extensions, message: (socket, message) => void socket.send(message) }, async (_, url) => {
        const sockets = await Promise.all(Array.from({ length: 100 }, () => runtime.connect(url, { extensions })));
        for (let round = 0; round < 3; round++) {
          await Promise.all(sockets.map(async (socket, at) => {
            const message = `${at} says the same again, `.repeat(10 + round);
            socket.send(message);
            equal(await next(socket), message, "message");
          }));
        }
        await Promise.all(sockets.map(closeBoth));
      });
    },
    async "without agreement messages go as they are"(runtime) {
      const extensions = [new PermessageDeflate()];
      const answer = answerInTurn();
      for (const [offers, serves] of [[[], extensions], [extensions, []]] as const) {
        await serving(runtime, { extensions: serves, message: answer }, async (_, url) => {
          const socket = await runtime.connect(url, { limits: LARGE, extensions: offers });
          equal(agreed(socket), "", "extensions");
          await exchange(socket);
          await closeBoth(socket);
        });
      }
    },
    async "a message that restores to more than the limit ends the connection with 1009"(runtime) {
      const extensions = [new PermessageDeflate()];
      const limits = { maxMessage: 64 * KIB };
      await serving(runtime, { extensions, limits, message: (socket, message) => void socket.send(message) }, async (_, url) => {
        const socket = await runtime.connect(url, { extensions });
        socket.send(new Uint8Array(64 * KIB));
        equal((await next(socket)).length, 64 * KIB, "length at the limit");
        socket.send(new Uint8Array(64 * KIB + 1));
        const { received } = await soon(socket.closed, "the end");
        equal(received?.code, 1009, "code");
      });
    },
  }),
  ...group("their client, our server, compressed", [], {
    "text and bytes of all sizes come back": (runtime) => eachClient(runtime, async (open, _, __, name) => {
      const client = await open();
      client.send("extensions");
      const plain = runtime.native.plainClients?.includes(name) ?? false;
      equal(String(await client.next()).split(";")[0], plain ? "" : "permessage-deflate", "extension");
      for (const message of MESSAGES) client.send(message);
      for (const message of MESSAGES) sameMessage(await client.next(), message, "echo");
      client.send("fragments");
      equal(await client.next(), "fragments", "message");
      client.send("ping");
      equal(await client.next(), "pong", "what our server says of it");
      client.close(1000);
      equal((await soon(client.closed, "their close")).code, 1000, "their code");
    }, true),
  }),
  ...group("our client, their server, compressed", ["has a server of its own"], {
    "text and bytes of all sizes come back": (runtime) => withServer(runtime, async ({ url, compresses = false }) => {
      for (const options of OPTIONS) {
        // an offer that asks for something may be declined: then the second is taken
        const extensions = [new PermessageDeflate(options), new PermessageDeflate()];
        const socket = await runtime.connect(url, { limits: LARGE, extensions });
        equal(agreed(socket).split(";")[0], compresses ? "permessage-deflate" : "", "extension");
        await exchange(socket);
        await closeBoth(socket);
      }
    }),
  }),
];

/** Sends everything, some of it not compressed and some in fragments, and wants all of it back. */
async function exchange(socket: SocketLike<undefined>): Promise<void> {
  for (const [at, message] of MESSAGES.entries()) sendAs(socket, message, at % 5);
  for (const message of MESSAGES) sameMessage(await next(socket), message, "echo");
}

/** Echoes, each message in another way than the one before. */
function answerInTurn(): (socket: SocketLike, message: Message) => void {
  let count = 0;
  return (socket, message) => sendAs(socket, message, count++ % 7);
}

/** Sends a message in one of a few ways: 3 as it is, 4 in fragments. */
function sendAs(socket: SocketLike<undefined> | SocketLike, message: Message, way: number): void {
  if (way !== 4) return void socket.send(message, { compress: way !== 3 });
  const cut = Math.floor(message.length / 5) * 2; // between two code points of `words`
  socket.sendFragment(message.slice(0, cut) as string, false);
  socket.sendFragment(message.slice(cut, cut) as string, false);
  socket.sendFragment(message.slice(cut) as string, true);
}

/** What is agreed on, where the connection is ours. */
function agreed(socket: SocketLike<undefined>): string {
  return (socket as { readonly extensions?: string }).extensions ?? "unknown";
}

/** Bytes that do not get shorter. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = size + 1;
  for (let at = 0; at < size; at++) bytes[at] = (state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 24;
  return bytes;
}
