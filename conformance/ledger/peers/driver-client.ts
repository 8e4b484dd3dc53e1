/**
 * The client of `websocket-driver`. Not as by default: messages may have 64 MiB (one byte less is its default). Its permessage-deflate is a package of its own
 * that it does not bring along.
 * @module
 */
import net from "node:net";
import websocket from "websocket-driver";
import { runCases } from "./client.ts";
import { drive, OPTIONS } from "./driver.ts";
import { tester } from "./program.ts";

await runCases(...tester(), (url, hear) => new Promise((resolve) => {
  const { hostname, port } = new URL(url);
  const driver = websocket.client(url, OPTIONS);
  const connection = net.connect(Number(port), hostname, () => driver.start());
  connection.on("close", resolve);
  drive(driver, connection, hear);
}));
