/**
 * Targets on Node.
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attach } from "../../adapters/node-http.ts";
import { connect, serve } from "../../adapters/node.ts";
import type { ServeOptions } from "../../adapters/serve.ts";
import { runTask, type TargetServer, type Task } from "./task.ts";

const task = JSON.parse(process.argv[2]) as Task;
await runTask({ connect, serve: task.role === "server" && task.attached === true ? serveAttached : serve });

/** The same on `node:http`, which has deadlines of its own until it hands a request over. */
function serveAttached({ port, hostname, ...handler }: ServeOptions): Promise<TargetServer> {
  const { handshakeTimeout = 10_000 } = handler.limits ?? {};
  const server = createServer({
    headersTimeout: handshakeTimeout,
    requestTimeout: handshakeTimeout,
    connectionsCheckingInterval: handshakeTimeout / 20,
  }, (_, response) => {
    response.writeHead(426, { Connection: "close", Upgrade: "websocket" }).end("This is a WebSocket server\n");
  });
  const attachment = attach(server, handler);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: port ?? 0, host: hostname ?? "127.0.0.1" }, () => resolve({
      port: (server.address() as AddressInfo).port,
      drain(options) {
        server.close();
        return attachment.drain(options);
      },
    }));
  });
}
