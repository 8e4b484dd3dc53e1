/**
 * `npm run target:client -- --runtime R --url ws://127.0.0.1:9001 --agent NAME [--deflate takeover|no-takeover|off]
 * [--max-message BYTES] [--ca FILE]`: our client on a runtime, for anybody's tester that speaks Autobahn's control protocol. It ends with 0 when it went through every case.
 * @module
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runCommand, toDeflate, toMaxMessage, toRuntime, withDeflate } from "./arguments.ts";

await runCommand(async () => {
  const { values } = parseArgs({
    args: withDeflate(process.argv.slice(2)),
    options: {
      runtime: { type: "string", default: "node" },
      url: { type: "string", default: "ws://127.0.0.1:9001" },
      agent: { type: "string" },
      deflate: { type: "string" },
      "max-message": { type: "string" },
      ca: { type: "string" },
    },
  });
  const { runtime, url, agent = `isosocket-${runtime}`, ca } = values;
  return {
    runtime: toRuntime(runtime),
    task: {
      role: "client",
      url,
      agent,
      deflate: toDeflate(values.deflate),
      maxMessage: toMaxMessage(values["max-message"]),
      ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
    },
  };
});
