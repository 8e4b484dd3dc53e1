import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { FrameRecord } from "../core/websocket/frame-tap.ts";
import { permessageDeflate } from "../index.deflate.ts";
import { attach, connect, serve, type ServeHandler, type Socket, WebSocket } from "../index.node.ts";

const LONG = "isosocket ".repeat(50);

/** Serves with an echo while the body runs. */
async function serving(handler: ServeHandler, body: (url: string) => Promise<void>): Promise<void> {
  const server = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(message), ...handler });
  try {
    await body(server.url);
  } finally {
    await server.close();
  }
}

async function next(socket: Socket<undefined>): Promise<unknown> {
  return (await socket[Symbol.asyncIterator]().next()).value;
}

test("what is agreed on stands at both sockets, and messages are compressed both ways", async () => {
  const frames: Pick<FrameRecord, "direction" | "opcode" | "rsv" | "length">[] = [];
  let agreed = "";
  await serving({ extensions: [permessageDeflate()], open: ({ extensions }) => void (agreed = extensions) }, async (url) => {
    const socket = await connect(url, {
      extensions: [permessageDeflate({ clientMaxWindowBits: 10 })],
      frame: (_, { direction, opcode, rsv, length }) => void frames.push({ direction, opcode, rsv, length }),
    });
    expect([socket.extensions, agreed]).toEqual(Array(2).fill("permessage-deflate; client_max_window_bits=10"));
    socket.send(LONG);
    expect(await next(socket)).toBe(LONG);
    socket.send(new TextEncoder().encode(LONG));
    await next(socket);
    await socket.close();
  });
  expect(frames.map(({ direction, opcode, rsv, length }) => [direction, opcode, rsv, length < 40])).toEqual([
    ["sent", 1, 0x40, true], ["received", 1, 0x40, true], ["sent", 2, 0x40, true], ["received", 2, 0x40, true], ["sent", 8, 0, true], ["received", 8, 0, true],
  ]);
});

test("compress: false sends a message or a fragmented one as it is, and short ones are sent so anyway", async () => {
  const sent: [opcode: number, rsv: number][] = [];
  await serving({ extensions: [permessageDeflate()] }, async (url) => {
    const socket = await connect(url, {
      extensions: [permessageDeflate()],
      frame: (_, { direction, opcode, rsv }) => void (direction === "sent" && sent.push([opcode, rsv])),
    });
    socket.send(LONG, { compress: false });
    socket.send("short");
    socket.send(LONG, {});
    socket.sendFragment(LONG, false, { compress: false });
    socket.sendFragment(LONG, true);
    socket.sendFragment("short", false);
    socket.sendFragment("", true, { compress: false });
    for (const message of [LONG, "short", LONG, LONG + LONG, "short"]) expect(await next(socket)).toBe(message);
    await socket.close();
  });
  expect(sent).toEqual([[1, 0], [1, 0], [1, 0x40], [1, 0], [0, 0], [1, 0x40], [0, 0], [8, 0]]);
});

test("the hook that grants an upgrade changes nothing of it, whatever it names", async () => {
  for (const upgrade of [() => undefined, () => ({}), async () => ({ protocol: "b", headers: { "X-Y": "z" } })] as const) {
    await serving({ extensions: [permessageDeflate()], protocols: ["a", "b"], upgrade }, async (url) => {
      const socket = await connect(url, { protocols: ["b"], extensions: [permessageDeflate()] });
      expect([socket.extensions, socket.protocol]).toEqual(["permessage-deflate; client_max_window_bits=12", "b"]);
      await socket.close();
    });
  }
});

test("a server on an HTTP server of somebody else's agrees too", async () => {
  const http = createServer();
  const attached = attach(http, { extensions: [permessageDeflate()], message: (socket, message) => void socket.send(message) });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const socket = await connect(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/`, { extensions: [permessageDeflate()] });
  expect(socket.extensions).toBe("permessage-deflate; client_max_window_bits=12");
  socket.send(LONG);
  expect(await next(socket)).toBe(LONG);
  await socket.close();
  await attached.close();
  await new Promise((resolve) => http.close(resolve));
});

test("the class of the web offers what it is given, and tells what is agreed on", async () => {
  await serving({ extensions: [permessageDeflate()] }, async (url) => {
    const socket = new WebSocket(url, { extensions: [permessageDeflate()] });
    expect(socket.extensions).toBe("");
    await new Promise((resolve) => socket.onopen = resolve);
    expect(socket.extensions).toBe("permessage-deflate; client_max_window_bits=12");
    socket.send(LONG);
    const { data } = await new Promise<{ data: unknown }>((resolve) => socket.onmessage = resolve as never);
    expect(data).toBe(LONG);
    socket.close();
    await new Promise((resolve) => socket.onclose = resolve);
  });
});

test("an answer that was not asked for fails the handshake, and says so", async () => {
  await serving({ extensions: [permessageDeflate({ serverMaxWindowBits: 15 })] }, async (url) => {
    const strange = { name: "permessage-deflate", offers: permessageDeflate().offers.bind(permessageDeflate()), accept: () => undefined, check: () => "That is not what I meant" };
    await expect(connect(url, { extensions: [strange] })).rejects.toThrow("That is not what I meant");
  });
});

test("a message that restores to more than maxMessage ends the connection with 1009, in either direction", async () => {
  const limits = { maxMessage: 1000 };
  await serving({ extensions: [permessageDeflate()], limits, message: (socket) => void socket.send(new Uint8Array(1001)) }, async (url) => {
    const up = await connect(url, { extensions: [permessageDeflate()] });
    up.send(new Uint8Array(1001));
    expect((await up.closed).received?.code).toBe(1009);
    const down = await connect(url, { extensions: [permessageDeflate()], limits });
    down.send(new Uint8Array(1000));
    expect((await down.closed).fault?.name).toBe("largeMessage");
  });
});
