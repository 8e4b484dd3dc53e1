/** Bytes back as they came, on `node:net`: what a WebSocket on Node is measured against. */
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { connectAll, ready, task } from "./control.ts";

function echo(socket: Socket): void {
  socket.on("data", (bytes) => socket.write(bytes));
  socket.on("error", () => {});
}

if (task.port === 0) {
  const server = createServer({ noDelay: true }, echo);
  server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
} else {
  await connectAll(async () => echo(createConnection({ host: "127.0.0.1", port: task.port, noDelay: true })));
}
