/**
 * TCP connections of Node, for tests.
 * @module
 */
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Both ends of a TCP connection, of which the second reads nothing until it is asked. They go with the test. */
export async function connected(): Promise<readonly [net.Socket, net.Socket]> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<net.Socket>((resolve) => server.once("connection", resolve));
  const reader = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  reader.pause();
  const writer = await accepted;
  writer.on("error", () => {});
  reader.on("error", () => {});
  onTestFinished(() => {
    server.close();
    writer.destroy();
    reader.destroy();
  });
  return [writer, reader];
}
