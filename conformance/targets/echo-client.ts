/**
 * `node conformance/targets/echo-client.ts --url ws://127.0.0.1:9001 --agent NAME`: our echo client on Node.
 * @module
 */
import { parseArgs } from "node:util";
import { runEchoClient } from "./node-echo.ts";

const { values } = parseArgs({
  options: { url: { type: "string", default: "ws://127.0.0.1:9001" }, agent: { type: "string", default: "isosocket" } },
});
await runEchoClient(values.url, values.agent);
