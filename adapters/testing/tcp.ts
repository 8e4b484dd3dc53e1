/**
 * TCP connections of Node, for tests.
 * @module
 */
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/**
 * Both ends of a TCP connection, of which the second ends by itself, and reads nothing until it is asked. They go with the test.
 * @param accept gives what the first is, of a server that listens
 */
export async function connected<Accepted extends { destroy(): unknown } = net.Socket>(
  accept: (server: net.Server) => Promise<Accepted> = acceptSocket as never,
): Promise<readonly [Accepted, net.Socket]> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = accept(server);
  const client = dial(server);
  const other = await accepted;
  onTestFinished(() => {
    server.close();
    other.destroy();
  });
  return [other, client];
}

/** One more client of a server that listens, as that of `connected`. */
export function dial(server: net.Server): net.Socket {
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  client.pause();
  client.on("error", () => {});
  onTestFinished(() => void client.destroy());
  return client;
}

function acceptSocket(server: net.Server): Promise<net.Socket> {
  return new Promise((resolve) => server.once("connection", (socket) => resolve(socket.on("error", () => {}))));
}

/** All that it reads until the other side ends. Unlike `node:stream/consumers`, it leaves the socket as it is. */
export function readAll(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => resolve(Buffer.concat(chunks)));
    socket.resume();
  });
}
