/**
 * Run by `deno test`: a server on handles and its twin on `Deno.listen`, side by side.
 * @module
 */
import { findInternals } from "../../adapters/deno-handle.ts";
import { connect, type Socket, serve, type Server } from "../../index.deno.ts";
import { withoutHandles } from "./without-handles.ts";

interface Conn {
  readonly localAddr: { readonly hostname: string; readonly port: number };
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}
declare const Deno: {
  test(name: string, body: () => Promise<void> | void): void;
  connect(options: object): Promise<Conn>;
};

function same(got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`);
}

/** A client that has asked to be let in, and was. */
async function shaken(port: number): Promise<Conn> {
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  await client.write(new TextEncoder().encode([
    "GET / HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", "",
  ].join("\r\n")));
  await client.read(new Uint8Array(4_096));
  return client;
}

Deno.test("this Deno's handles are known", () => same(findInternals() !== undefined, true));

for (const where of ["handles", "Deno.listen"]) {
  const start = (options: object): Promise<Server<unknown>> => where === "handles" ? serve(options) : withoutHandles(() => serve(options));

  Deno.test(`on ${where}, everything sent arrives although the client has ended its side and reads late`, async () => {
    const size = 16_000_000;
    const server = await start({
      port: 0, hostname: "127.0.0.1", limits: { maxQueued: 2 * size },
      message: (socket: Socket<unknown>) => void (socket.send(new Uint8Array(size).fill(7)), socket.close(1000)),
    });
    const client = await shaken(server.port);
    await client.write(Uint8Array.of(0x81, 0x80, 0, 0, 0, 0, 0x88, 0x80, 0, 0, 0, 0)); // an empty text and a close
    await client.closeWrite();
    await new Promise((resolve) => setTimeout(resolve, 100));
    let [count, sum] = [0, 0];
    const bytes = new Uint8Array(65_536);
    for (let read; (read = await client.read(bytes)) !== null; count += read) for (const byte of bytes.subarray(0, read)) sum += byte;
    same([count > size, sum >= 7 * size], [true, true]);
    client.close();
    await server.close();
  });

  Deno.test(`on ${where}, a client that resets the connection is gone`, async () => {
    let closed: (close: unknown) => void;
    const told = new Promise((resolve) => closed = resolve);
    const server = await start({ port: 0, hostname: "127.0.0.1", open: (socket: Socket<unknown>) => void socket.send("unread"), close: (_: unknown, close: { code: number }) => closed(close.code) });
    const client = await shaken(server.port);
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.close(); // with something unread: a reset
    same(await told, 1006);
    await server.close();
  });

  Deno.test(`on ${where}, a slow reader of much gets all of it in order`, async () => {
    const server = await start({
      port: 0, hostname: "127.0.0.1",
      async message(socket: Socket<unknown>) {
        for (let part = 0; part < 64; part++) {
          socket.send(new Uint8Array(300_000).fill(part));
          await socket.writable();
        }
        void socket.close(1000);
      },
    });
    const socket = await connect(server.url);
    socket.send("go");
    const got: number[] = [];
    for await (const message of socket) {
      const bytes = message as Uint8Array;
      if (bytes.every((byte) => byte === bytes[0]) && bytes.length === 300_000) got.push(bytes[0]);
      if (got.length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    same(got, Array.from({ length: 64 }, (_, part) => part));
    await server.close();
  });

  Deno.test(`on ${where}, each side's address is told`, async () => {
    for (const hostname of ["127.0.0.1", "localhost", undefined]) {
      let peer: unknown;
      const server = await start({ port: 0, ...(hostname === undefined ? {} : { hostname }), open: (socket: Socket<unknown>) => void (peer = [socket.remoteAddress?.replace("::ffff:", ""), socket.remotePort]) });
      const client = await shaken(server.port);
      same(peer, [client.localAddr.hostname, client.localAddr.port]);
      client.close();
      await server.close();
    }
  });

  Deno.test(`on ${where}, a port is free once its server is closed, and until then it is not`, async () => {
    const first = await start({ port: 0, hostname: "127.0.0.1" });
    const { port } = first;
    const code = (error: { code?: string }): unknown => error.code;
    same(await start({ port, hostname: "127.0.0.1" }).catch(code), "EADDRINUSE");
    await first.close();
    const second = await start({ port, hostname: "127.0.0.1" });
    same(second.port, port);
    await second.close();
  });

  Deno.test(`on ${where}, what is no address is refused as Deno does`, async () => {
    const code = (error: { code?: string }): unknown => error.code;
    same(await start({ port: 0, hostname: "192.0.2.1" }).catch(code), "EADDRNOTAVAIL");
  });
}
