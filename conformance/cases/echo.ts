/**
 * Messages come back as they went, in order.
 * @module
 */
import { type Case, group } from "./case.ts";
import { withHouse } from "./house.ts";
import { closeBoth, echoes, equal, LARGE, MIB, next, SMALL } from "./tools.ts";

export const ECHO_CASES: readonly Case[] = group("echo", [], {
  async "sizes up to 64 KiB"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url());
      await echoes(socket, SMALL);
      await closeBoth(socket);
    });
  },
  async "1 MiB and 16 MiB"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url(), { limits: LARGE });
      await echoes(socket, [MIB, 16 * MIB]);
      await closeBoth(socket);
    });
  },
  async "5,000 messages keep their order"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url());
      for (let at = 0; at < 5_000; at++) socket.send(`${at}`);
      for (let at = 0; at < 5_000; at++) equal(await next(socket), `${at}`, "message");
      await closeBoth(socket);
    });
  },
  async "messages sent from `open` on both sides arrive"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url("/welcome"), { open: (opened) => void opened.send("from the client") });
      equal(await next(socket), "from the server", "message");
      equal(await next(socket), "from the client", "message");
      await closeBoth(socket);
    });
  },
  async "a subprotocol is agreed on"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url(), { protocols: ["other", "chat"] });
      equal(socket.protocol, "chat", "subprotocol");
      await closeBoth(socket);
    });
  },
  async "fragments of the server's come as one message"(runtime) {
    await withHouse(runtime, async (house) => {
      const socket = await runtime.connect(house.url());
      socket.send("fragments");
      equal(await next(socket), "fragments", "message");
      await closeBoth(socket);
    });
  },
});
