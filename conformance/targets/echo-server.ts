/**
 * `node conformance/targets/echo-server.ts --port 9001`: our echo server on Node.
 * @module
 */
import { parseArgs } from "node:util";
import { serveEcho } from "./node-echo.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const server = await serveEcho(Number(values.port));
console.log(`Echo server at ${server.url}`);
