/**
 * The cases on Node.
 * @module
 */
import process from "node:process";
import { connect, serve } from "../../adapters/node.ts";
import { NODE_NATIVE } from "./node-native.ts";
import { runProcess, socketFiles } from "./process.ts";

await runProcess({
  name: `node ${process.versions.node}`,
  connect,
  serve,
  native: NODE_NATIVE,
  cannot: {},
  openResources: () => [...socketFiles("self") ?? [], ...process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe/.test(name))],
});
